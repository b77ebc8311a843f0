"""XML against the schemas of UBL 2.4, which are not ours to carry: a configured folder holds them."""

from functools import cache
from pathlib import Path

from lxml import etree

from exporters.ubl.elements import VERSION, parse
from exporters.validation.manifest import Check, Finding, not_run, passed_or_failed

NAME = "UBL XSD"


def check(content: bytes, root: str, schemas_dir: Path | None) -> Check:
    """Validate against ``UBL-{root}-2.4.xsd``. schemas_dir: holds ``maindoc`` and ``common``."""
    if schemas_dir is None:
        return not_run(NAME, VERSION, "no folder of schemas is configured (schemas_dir)")
    path = schemas_dir / "maindoc" / f"UBL-{root}-{VERSION}.xsd"
    if not path.is_file():
        return not_run(NAME, VERSION, f"the folder of schemas has no {path.name}")
    try:
        document = parse(content)
    except ValueError as error:
        return passed_or_failed(NAME, VERSION, [Finding("xml", "/", str(error))])
    schema = _schema(path)
    if schema.validate(document):
        return passed_or_failed(NAME, VERSION, [])
    findings = [Finding("xsd", f"line {entry.line}", entry.message) for entry in schema.error_log] or [
        Finding("xsd", "/", "refused without a message")
    ]
    return passed_or_failed(NAME, VERSION, findings)


@cache
def _schema(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True)))
