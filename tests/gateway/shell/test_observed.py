"""What the operator sees of a request: logs without secrets, figures, and whether the process is well."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.clock import StoryClock
from gateway.shell import logs
from gateway.shell.redaction import REDACTED, scrub
from gateway.store import trade
from gateway.wiring import Installation
from tests.gateway.scanning import Phones
from tests.gateway.shell.conftest import Program
from tests.gateway.web import Caller, repaired_code

SECRET = "correct-horse-battery-staple"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """All logs of the process, as production writes them."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = list(root.handlers), root.level
    logs.configure("json", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def _read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_request_is_one_line_with_its_route_and_never_its_address(
    buyer: Program, lines: io.StringIO, shop: Installation
) -> None:
    code = repaired_code(shop.home)
    answer = buyer.get(
        f"/q/{code}", headers={"user-agent": 'x\n{"level":"info"}\x1b[31m', "traceparent": "x"}
    )
    (line,) = [one for one in _read(lines) if one["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/q/{code}", 200)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["principal"].startswith("user:")
    assert line["took_ms"] > 0
    assert code not in lines.getvalue()


def test_of_a_stranger_the_network_alone_is_logged(shop: Installation, lines: io.StringIO) -> None:
    Phones(shop).open(f"/q/{repaired_code(shop.home)}", "203.0.113.77")
    (line,) = [one for one in _read(lines) if one["event"] == "request"]
    assert line["principal"] == "address:203.0.113.0/24"
    assert "203.0.113.77" not in lines.getvalue()


def test_a_strangers_id_stands_beside_ours(stranger: Caller, lines: io.StringIO) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    sent = {"x-request-id": "their-1", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    answer = stranger.get("/livez", headers=sent)
    (line,) = [one for one in _read(lines) if one["event"] == "request"]
    assert (line["caller_request_id"], line["trace_id"]) == ("their-1", trace)
    assert line["request_id"] == answer.headers["x-request-id"] != "their-1"
    lines.truncate(0)
    stranger.get("/livez", headers={"x-request-id": 'a"b{}', "traceparent": "0" * 600})
    assert "caller_request_id" not in lines.getvalue()


def test_a_log_line_cannot_be_forged(lines: io.StringIO) -> None:
    text = 'lot\n{"level":"critical","event":"forged"}\x1b[2J\u202e\u2028'
    logs.logger("lotproof.test").warning(text, lot=text)
    logging.getLogger("lotproof.other").error("%s", text)
    assert len(lines.getvalue().splitlines()) == 2
    assert lines.getvalue().isascii()
    for line in _read(lines):
        assert "\n" not in line["event"]
        assert "\x1b" not in line["event"]


@pytest.mark.parametrize(
    "text",
    [
        f"authorization: Bearer {SECRET}",
        f"password={SECRET}",
        f'{{"passphrase": "{SECRET}"}}',
        f"postgresql://lotproof:{SECRET}@db/lotproof",
        f"GET /login/{SECRET}",
        f"lp_abcd1234_{SECRET}",
        f"csrf_token={SECRET}&x=1",
    ],
)
def test_what_looks_like_a_secret_is_not_written(text: str) -> None:
    assert SECRET not in scrub(text)
    assert REDACTED in scrub(text)


def test_what_is_called_a_secret_is_not_written(lines: io.StringIO) -> None:
    names = ("authorization", "Cookie", "new_password", "api_key", "csrf", "passphrase", "metrics_token")
    logs.logger("lotproof.test").info("x", facts=dict.fromkeys(names, SECRET), password=SECRET)
    (line,) = _read(lines)
    assert set(line["facts"].values()) == {REDACTED}
    assert SECRET not in lines.getvalue()


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
def test_a_500_tells_nobody_what_was_sent(
    buyer: Program,
    lines: io.StringIO,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    form: bool,
) -> None:
    """A62: the exception itself repeats the password; neither the answer nor any log does."""

    def breaks(_installation: Any, listing: str, *_: Any) -> None:
        raise ValueError(f"cannot do {listing}, {SECRET}")

    monkeypatch.setattr("gateway.workflows.sell.reserving", breaks)
    if form:
        answer = buyer.send("/offers/lst_x/reserve", quantity="5", password=SECRET)
    else:
        answer = buyer.once("/v1/reservations", {"listing": SECRET, "quantity": 5})
    assert answer.status_code == 500
    told = answer.text + str(answer.headers)
    failed = next(line for line in _read(lines) if line["event"] == "request failed")
    assert failed["error"]["kind"] == "ValueError"
    assert any("breaks" in place for place in failed["error"]["at"])
    assert failed["request_id"] in told
    for place in (told, lines.getvalue(), *capsys.readouterr()):
        assert SECRET not in place
        assert "Traceback" not in place


def test_our_own_errors_keep_their_words(lines: io.StringIO) -> None:
    from ledger.errors import StorageError

    error = StorageError("the disk says no")
    error.__cause__ = OSError(SECRET)
    logs.logger("lotproof.test").error("failed", exc_info=error)
    (line,) = _read(lines)
    assert line["error"]["text"] == "the disk says no"
    assert line["error"]["caused_by"]["kind"] == "OSError"
    assert SECRET not in lines.getvalue()


def test_a_job_is_logged_under_the_request_that_caused_it(lines: io.StringIO) -> None:
    assert logs.request_id() == ""
    with logs.carrying("0f3a", job="job_1"):
        assert logs.request_id() == "0f3a"
        logging.getLogger("lotproof.jobs").warning("working")
    assert logs.request_id() == ""
    (line,) = _read(lines)
    assert (line["request_id"], line["job"]) == ("0f3a", "job_1")


def test_a_terminal_gets_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    root, stream = logging.getLogger(), Terminal()
    handlers, level = list(root.handlers), root.level
    try:
        logs.configure("auto", stream=stream)
        logs.logger("lotproof.test").warning("a\nb", password=SECRET)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert len(stream.getvalue().splitlines()) == 1
    assert not stream.getvalue().startswith("{")
    assert SECRET not in stream.getvalue()


def test_figures_are_for_this_machine_alone(stranger: Caller) -> None:
    assert stranger.get("/metrics").status_code == 200
    for headers in ({"x-forwarded-for": "192.0.2.1"}, {"via": "1.1 proxy"}, {"forwarded": "for=x"}):
        assert stranger.get("/metrics", headers=headers).status_code == 404


def test_a_token_opens_the_figures_and_nothing_else_does(
    stranger: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = stranger.installation.settings.model_copy(update={"metrics_token": SecretStr(SECRET)})
    monkeypatch.setattr(stranger.installation, "settings", settings)
    for sent in ({}, {"authorization": SECRET}, {"authorization": f"Bearer {SECRET}x"}):
        assert stranger.get("/metrics", headers=sent).status_code == 404
    assert stranger.get("/metrics", headers={"authorization": f"Bearer {SECRET}"}).status_code == 200


def _figure(caller: Caller, name: str) -> float:
    text = caller.get("/metrics").text
    return next(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


def test_the_figures_are_those_of_the_installation(stranger: Caller, shop: Installation) -> None:
    with shop.database.reading() as connection:
        assert trade.orders(connection)
    code = repaired_code(shop.home)
    stranger.get(f"/q/{code}")
    stranger.get("/nowhere/" + SECRET)
    text = stranger.get("/metrics").text
    assert SECRET not in text
    assert code not in text
    assert 'lotproof_scans_total{state="' in text
    assert _figure(stranger, 'lotproof_http_requests_total{method="GET",route="/q/{code}",status="200"}') == 1
    assert _figure(stranger, 'lotproof_http_requests_total{method="GET",route="-",status="404"}') == 1
    assert _figure(stranger, "lotproof_appends_total") > 400
    assert _figure(stranger, "lotproof_oldest_unsealed_seconds") >= 0
    assert _figure(stranger, "lotproof_witness_lag") == 0
    assert _figure(stranger, "lotproof_outbox_age_seconds") >= 0
    assert _figure(stranger, "lotproof_disk_free_bytes") > 0
    for part in ("log", "outbox", "disk"):
        assert _figure(stranger, f'lotproof_up{{part="{part}"}}') == 1


def test_a_scan_and_a_failed_proof_are_counted(stranger: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _figure(stranger, "lotproof_verify_failures_total")
    monkeypatch.setattr(stranger.installation, "verifier", _failing)
    assert stranger.get("/v1/entries/0").status_code == 503
    assert _figure(stranger, "lotproof_verify_failures_total") == before + 1


def _failing() -> None:
    from ledger.errors import ProofError

    raise ProofError("leads elsewhere")


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("gateway.workflows.readiness.FREE_NONE_BYTES", "disk"),
        ("gateway.workflows.readiness.check", "schema"),
    ],
)
def test_readiness_names_what_does_not_work(
    stranger: Caller, monkeypatch: pytest.MonkeyPatch, where: str, name: str
) -> None:
    def fails(*_: Any) -> None:
        raise OSError(SECRET)

    monkeypatch.setattr(where, sys.maxsize if name == "disk" else fails)
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, [name])
    assert SECRET not in answer.text


def test_a_log_that_stays_invisible_is_not_ready(shop: Installation, stranger: Caller) -> None:
    """Receipts promise a published checkpoint: long after, others should give them."""
    real = shop.clock
    buyer = Program(shop, "cmp_ng")
    offer = buyer.offer()
    hold = buyer.once("/v1/reservations", {"listing": offer["id"], "quantity": offer["moq"]}).json()
    terms = {"reservation": hold["id"], "po_number": "PO-R", "incoterm": "FCA", "place": "Yantian"}
    assert buyer.once("/v1/orders", terms).status_code == 201

    class Later(StoryClock):
        def now(self) -> Any:
            from datetime import timedelta

            return real.now() + timedelta(hours=1)

    try:
        shop.clock = Later(real._offset)
        answer = stranger.get("/readyz").json()
        assert answer["failing"] == ["unpublished"]
        assert _figure(stranger, "lotproof_oldest_unsealed_seconds") >= 3_600
    finally:
        shop.clock = real
