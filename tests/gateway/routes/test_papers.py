"""The papers of a shipment for people and programs: issued as a job, had in one file, checked by anybody."""

import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.tasks.catalogue import DUTIES
from gateway.tasks.runner import Runner
from tests.gateway.web import Caller, ask


@pytest.fixture
def shipment(home: Path) -> str:
    """The one that left for Viet Nam with the story's papers; the bare id, as addresses have it."""
    return str(ask(home, "SELECT id FROM shipments WHERE company = 'cmp_vn'")).partition(":")[2]


def _api(caller: Caller, path: str, body: Any, key: str) -> Any:
    headers = {"content-type": "application/json", "idempotency-key": key, "x-csrf-token": caller.token}
    return caller.request("POST", path, content=json.dumps(body), headers=headers)


def _done(caller: Caller) -> None:
    while Runner(caller.installation, DUTIES).run_next() != "nothing":
        pass


def test_a_program_states_facts_has_the_papers_issued_and_revokes_them(caller: Caller, shipment: str) -> None:
    staff = caller.signed_in("operator")
    path = f"/v1/shipments/{shipment}"
    first = staff.get(f"{path}/papers").json()
    assert (first["state"], first["version"], first["level"]) == ("issued", 1, "customs-ready")
    unread = {"cn_codes": "851713", "colour": "red", "battery_soc_percent": "9" * 5_000}
    wrong = _api(staff, f"{path}/facts", {"facts": unread}, "facts-00001")
    assert wrong.status_code == 422
    assert {one["pointer"] for one in wrong.json()["errors"]} == {f"/facts/{name}" for name in unread}
    stated = {"facts": {"cn_codes": "851713=8517130000", "vessel": "Nanhai 7"}}
    assert _api(staff, f"{path}/facts", stated, "facts-00002").status_code == 200
    begun = _api(staff, f"{path}/dossier", {}, "issue-00001")
    assert (begun.status_code, begun.headers["location"]) == (202, f"{path}/papers")
    assert _api(staff, f"{path}/dossier", {}, "issue-00001").json() == begun.json(), "sent twice, begun once"
    assert staff.get(f"{path}/papers").json()["job_state"] == "waiting"
    _done(caller)
    after = staff.get(f"{path}/papers").json()
    assert (after["version"], after["job_state"]) == (2, "done")
    made = {(one["kind"], one["format"]): one["recorded"] for one in after["files"]}
    assert made["cn_export_draft", "pdf"], "it says all that the broker asks for by now"
    taken = _api(staff, f"{path}/dossier/revocation", {"reason": "wrong vessel"}, "revoke-0001")
    assert (taken.json()["state"], taken.json()["revoked_reason"]) == ("revoked", "wrong vessel")
    again = _api(staff, f"{path}/dossier/revocation", {"reason": "twice"}, "revoke-0002")
    assert (again.status_code, again.json()["slug"]) == (409, "papers-not-issued")


def test_the_zip_is_for_those_it_belongs_to_and_never_changes(caller: Caller, shipment: str) -> None:
    path = f"/shipments/{shipment}/dossier.zip"
    assert caller.get(path).status_code == 403
    assert caller.signed_in("buyer", "cmp_ng").get(path).status_code == 404
    assert caller.get(f"/v1/shipments/{shipment}/papers").status_code == 404
    buyer = caller.signed_in("buyer", "cmp_vn")
    one, two = buyer.get(path), buyer.get(path)
    assert (one.status_code, one.headers["content-type"]) == (200, "application/zip")
    assert one.content == two.content
    assert path in buyer.get(f"/shipments/{shipment}").text
    seen = buyer.get(f"/v1/shipments/{shipment}/papers").json()
    assert seen["job"] == "", "how the house works is not told to buyers"
    assert all(one["recorded"] for one in seen["files"] if one["kind"] == "cn_export_draft")
    with zipfile.ZipFile(io.BytesIO(one.content)) as archive:
        hashes = {sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
        assert b"sha256sum -c SHA256SUMS" in archive.read("VERIFY.txt")
    assert {one["sha256"] for one in seen["files"] if one["recorded"]} <= hashes


def test_a_paper_says_whether_it_counts_and_what_its_file_has_to_be(
    caller: Caller, home: Path, shipment: str
) -> None:
    find = "SELECT code FROM documents WHERE shipment = ? AND kind = 'commercial_invoice' ORDER BY rowid"
    code = ask(home, find, f"shipment:{shipment}")
    page = caller.get(f"/d/{code}/1").text
    assert "Issued and current" in page
    xml = caller.signed_in("buyer", "cmp_vn").get(f"/documents/{code}/ubl")
    assert (xml.status_code, xml.content[:5]) == (200, b"<?xml")
    assert sha256(xml.content).hexdigest() in page, "each form of it, not the PDF alone"
    assert caller.get(f"/documents/{code}/docx").status_code == 404
    assert caller.signed_in("buyer", "cmp_ng").get(f"/documents/{code}/ubl").status_code == 404
    staff = caller.signed_in("operator")
    papers = f"/operator/shipments/{shipment}/papers"
    empty = staff.send(f"{papers}/revoke", reason="  ")
    assert (empty.status_code, "Say why" in empty.text) == (422, True)
    assert staff.send(f"{papers}/revoke", reason="wrong <container>").status_code == 303
    page = staff.get(f"/d/{code}/1").text
    assert "Issued, but revoked since" in page
    assert "wrong &lt;container&gt;" in page
    assert "Revoked" in staff.get(papers).text
    assert staff.send(papers).status_code == 303
    assert 'data-live="1"' in staff.get(papers).text, "the page tells how far it is"
    assert staff.send(papers).status_code == 303, "who asks twice follows the first"
    assert ask(home, "SELECT count(*) FROM jobs WHERE kind = 'issue_papers'") == 1
    _done(caller)
    page = staff.get(f"/d/{code}/1").text
    assert "Issued, but replaced since" in page
    newer = ask(home, "SELECT superseded_by FROM documents WHERE code = ?", code)
    assert f'href="/d/{newer}/1"' in page
    assert "Issued and current" in staff.get(f"/d/{newer}/1").text


def test_the_page_of_the_papers_tells_what_is_missing_and_takes_it(caller: Caller, shipment: str) -> None:
    staff = caller.signed_in("operator")
    papers = f"/operator/shipments/{shipment}/papers"
    page = staff.get(papers).text
    for words in ("What customs will ask", "carriage.booking", "Validators that were not run", "UBL XSD"):
        assert words in page
    draft = staff.get(f"{papers}/1/shipping_instruction.pdf")
    assert (draft.status_code, draft.content[:5]) == (200, b"%PDF-")
    assert staff.get(f"{papers}/1/nothing.pdf").status_code == 404
    wrong = staff.send(f"{papers}/facts", battery_soc_percent="130", vessel="Nanhai 7")
    assert (wrong.status_code, "Nanhai 7" in wrong.text, "does not look like" in wrong.text) == (
        422,
        True,
        True,
    )
    assert staff.send(f"{papers}/facts", battery_soc_percent="30", vessel="Nanhai 7").status_code == 303
    page = staff.get(papers).text
    assert "facts have changed since" in page
    assert 'value="Nanhai 7"' in page
