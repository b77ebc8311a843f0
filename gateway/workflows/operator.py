"""Who runs an installation of real goods: a file says so, and the registrar writes it down once."""

import tomllib
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select

from gateway.consignments.spec import Country, InvalidSpec
from gateway.wiring import Installation
from gateway.workflows.parties import PARTIES, register_operator
from ledger.errors import StorageError

Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class OperatorSpec(BaseModel):
    """As it stands on papers. city: the place named behind an Incoterm; address: street and region.

    registration_number: in China the Unified Social Credit Code, 18 characters.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name_zh: Line
    name_en: Line
    country: Country
    city: Annotated[Line, Field(max_length=60)]
    address: Line
    registration_number: Annotated[Line, Field(max_length=40)]


def parse_operator(data: bytes) -> OperatorSpec:
    """Read an ``operator.toml``. Raises InvalidSpec, which names each member that is wrong."""
    try:
        return OperatorSpec.model_validate(tomllib.loads(data.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidSpec(f"the operator's file is not TOML: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise InvalidSpec(f"the operator's file: {wrong}") from error


def name_operator(installation: Installation, spec: OperatorSpec) -> None:
    """Register the operator with the keys ``warehouse`` and ``sales``; durable on return, once.

    Raises StorageError when the log knows the operator under other facts: what was registered stands.
    """
    known = operator_of(installation)
    if known is None:
        register_operator(installation, spec.model_dump())
    elif known != spec:
        raise StorageError(
            f"this log's operator is registered as {known.name_en} ({known.registration_number}); "
            "what was registered is not registered again"
        )


def operator_of(installation: Installation) -> OperatorSpec | None:
    """None while nobody has said who the operator is."""
    columns = [PARTIES.c[name] for name in OperatorSpec.model_fields]
    with installation.database.reading() as connection:
        row = connection.execute(
            select(*columns).where(PARTIES.c.party == installation.config.operator)
        ).one_or_none()
    return None if row is None else OperatorSpec.model_construct(**row._mapping)  # noqa: SLF001 - its public name
