"""A supplier's file as it was uploaded: read by the description that was chosen, nothing recorded."""

from gateway.consignments import SAMPLES, load_file, load_spec
from gateway.consignments.consignment import Consignment
from gateway.consignments.spec import ConsignmentSpec
from gateway.files.errors import FileRefused
from gateway.files.intake import sheet_in
from gateway.sheets import SheetError
from gateway.wiring import Installation
from gateway.workflows.read_consignment import read_consignment


def specs() -> list[ConsignmentSpec]:
    """The descriptions that this installation knows."""
    return [load_spec(name) for name in SAMPLES]


def spec_named(name: str) -> ConsignmentSpec:
    """Raises FileRefused for one that is not known."""
    if name not in SAMPLES:
        raise FileRefused("spec-unknown", "no description of sheets has that name")
    return load_spec(name)


def read_upload(installation: Installation, spec: ConsignmentSpec, data: bytes) -> Consignment:
    """data: the sheet, or an archive that holds it alone. Raises FileRefused, in a form's own words."""
    catalogue = load_file(spec.file.catalogue) if spec.file.catalogue else None
    try:
        return read_consignment(
            spec, sheet_in(data), catalogue=catalogue, story_date=installation.clock.now().date()
        )
    except SheetError as error:
        raise FileRefused(error.code, str(error)) from error
