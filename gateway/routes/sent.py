"""Forms with a file in them, read only for whoever may send one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from gateway.deps import Visit, VisitDep, check_token
from gateway.errors import RequestRefused
from gateway.files.receive import FILE_BYTES_MAX
from gateway.shell.queries import check_typed

FIELDS_MAX: Final = 8
FIELD_BYTES_MAX: Final = 4_096


@dataclass(frozen=True, slots=True)
class SentForm:
    """data: the file's bytes, up to one more than are taken; empty when none was chosen.

    Its name and the media type that the browser gave it are not read.
    """

    visit: Visit
    fields: Mapping[str, str]
    data: bytes


async def sent_form(request: Request, visit: VisitDep) -> SentForm:
    """Not before ``visit`` let the caller in is a byte of the form read, and none without its token kept.

    The shell ends a form that is too long; while it comes, a large file lies on disk, not in memory.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise HTTPException(415)
    try:
        async with request.form(max_files=1, max_fields=FIELDS_MAX, max_part_size=FIELD_BYTES_MAX) as form:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            check_token(visit, fields.pop("csrf_token", ""))
            check_typed(fields.items())
            files = [value for value in form.values() if isinstance(value, UploadFile)]
            data = await files[0].read(FILE_BYTES_MAX + 1) if files else b""
    except UnicodeError as error:  # the sender names a charset in which nothing can be written
        raise RequestRefused("bad-encoding") from error
    return SentForm(visit, fields, data)


SentDep = Annotated[SentForm, Depends(sent_form)]
