"""The sample consignments: three suppliers' files as they came, and the description of each.

Each description is a ``consignment.toml`` (records.md section 7); brands, people and companies are
invented, and the check digits of their numbers are real.
"""

from importlib import resources

from gateway.consignments.spec import ConsignmentSpec, InvalidSpec, parse_spec

SAMPLES = ("phones", "apparel", "appliances")


def load_spec(name: str) -> ConsignmentSpec:
    """Read the description of one sample. Raises InvalidSpec when ``name`` is not in SAMPLES."""
    if name not in SAMPLES:
        raise InvalidSpec(f"no description {name!r}: it is one of {', '.join(SAMPLES)}, or a .toml file")
    return parse_spec((resources.files(__name__) / f"{name}.toml").read_bytes())


def load_file(name: str) -> bytes:
    """Read a supplier's file that comes with this package, by its file name."""
    return (resources.files(__name__) / "files" / name).read_bytes()
