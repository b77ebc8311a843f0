"""A form whose fields a table decides: read as lists of texts and at most a few files, with its token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from gateway.deps import Visit, VisitDep, check_token
from gateway.errors import RequestRefused
from gateway.files.receive import FILE_BYTES_MAX
from gateway.shell.queries import FORM_TYPES, check_typed

FIELDS_MAX: Final = 600
FILES_MAX: Final = 2
FIELD_BYTES_MAX: Final = 32 * 1024


@dataclass(frozen=True, slots=True)
class SentAnswers:
    """values: field -> texts as typed. files: field -> bytes of a file that was chosen."""

    visit: Visit
    values: Mapping[str, list[str]]
    files: Mapping[str, bytes]

    def one(self, name: str) -> str:
        found = self.values.get(name, [])
        return found[0] if found else ""


async def sent_answers(request: Request, visit: VisitDep) -> SentAnswers:
    """Not before ``visit`` let the caller in is a byte read, and nothing is kept without the token."""
    media_type = request.headers.get("content-type", FORM_TYPES[0]).partition(";")[0].strip().lower()
    if media_type not in FORM_TYPES:
        raise HTTPException(415)
    values: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    try:
        async with request.form(
            max_files=FILES_MAX, max_fields=FIELDS_MAX, max_part_size=FIELD_BYTES_MAX
        ) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    data = await value.read(FILE_BYTES_MAX + 1)
                    if data:
                        files[name] = data
                else:
                    values.setdefault(name, []).append(value)
    except UnicodeError as error:
        raise RequestRefused("bad-encoding") from error
    check_token(visit, next(iter(values.pop("csrf_token", [])), ""))
    check_typed((name, text) for name, texts in values.items() for text in texts)
    return SentAnswers(visit, values, files)


AnswersDep = Annotated[SentAnswers, Depends(sent_answers)]
