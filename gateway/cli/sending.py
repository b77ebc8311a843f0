"""Send a signed record to a gateway over HTTP."""

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

from gateway.errors import Refused
from ledger.errors import StorageUnavailable
from ledger.pending import submission_json
from ledger.record import Submission

TIMEOUT_S = 30
ANSWER_BYTES_MAX = 1 << 16


def send(url: str, submission: Submission) -> dict[str, Any]:
    """POST to ``url``/v1/records. Returns the entry, with ``created``.

    Raises Refused with the gateway's own reason, StorageUnavailable when there is no answer: then the
    very same file may be sent again.
    """
    if not url.startswith(("http://", "https://")):
        raise Refused("bad-request", f"{url!r} is no http address")
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked
        f"{url.rstrip('/')}/v1/records",
        data=json.dumps(submission_json(submission)).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "lotproof"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return {
                **json.loads(answer.read(ANSWER_BYTES_MAX)),
                "created": answer.status == http.HTTPStatus.CREATED,
            }
    except urllib.error.HTTPError as error:
        raise _refused(url, error.code, error.read(ANSWER_BYTES_MAX)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise StorageUnavailable(f"{url}: {error}; the same file may be sent again") from error


def _refused(url: str, status: int, body: bytes) -> Refused | StorageUnavailable:
    try:
        problem = json.loads(body)
        slug, text = (
            str(problem["slug"]),
            str(problem.get("reason") or problem.get("detail") or problem["title"]),
        )
        place = str(problem.get("pointer", ""))
    except (ValueError, KeyError, TypeError):
        slug, text, place = "bad-answer", "it gave no reason", ""
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return StorageUnavailable(f"{url} answered {status} {slug}; the same file may be sent again")
    return Refused(slug, f"{url} answered {status} {slug}: {place + ': ' if place else ''}{text}")
