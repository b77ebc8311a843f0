"""The jobs pages tell what waits and why, and do what an operator may do about it."""

import io
import re
import zipfile
from datetime import timedelta

import pytest

from gateway.store import jobs, schedules, trade
from gateway.store.jobs import Job
from gateway.tasks.catalogue import DUTIES
from gateway.tasks.runner import Runner
from gateway.wiring import Installation
from tests.gateway.tasks.house import DUTIES as TEST_DUTIES
from tests.gateway.tasks.house import FAIL, WRITE, cause
from tests.gateway.web import Caller, errors, heading


@pytest.fixture
def operator(copied: Installation) -> Caller:
    while Runner(copied, DUTIES).run_next() != "nothing":
        pass  # what the story left behind
    return Caller(copied).signed_in("operator")


def newest(installation: Installation) -> Job:
    with installation.database.reading() as connection:
        return jobs.listed(connection, limit=1)[0]


def parked(installation: Installation, subject: str) -> str:
    job = cause(installation, FAIL, 1, subject=subject)
    past = installation.clock.now() - timedelta(seconds=1)
    runner = Runner(installation, TEST_DUTIES)
    while (outcome := runner.run_next(job)) != "parked":
        assert outcome == "retrying"
        installation.writer.do(
            lambda ledger: jobs.update(ledger.connection, job, ("retrying",), run_after=past)
        )
    return job


def test_the_page_tells_what_was_done_and_what_waits(copied: Installation, operator: Caller) -> None:
    page = operator.get("/operator/jobs")
    assert page.status_code == 200
    assert heading(page) == "Jobs"
    assert "Plan the shipment of an order" in page.text
    assert 'data-live=""' in page.text, "nothing changes by itself now"
    cause(copied, WRITE, 1)
    page = operator.get("/operator/jobs?state=waiting")
    assert "no worker of this version knows this kind of job" in page.text
    assert 'data-live="5"' in page.text


def test_a_page_of_jobs_leads_to_the_next(copied: Installation, operator: Caller) -> None:
    for number in range(60):
        cause(copied, WRITE, number)
    first = operator.get("/operator/jobs?kind=&state=waiting")
    following = re.search(r'href="(/operator/jobs\?[^"]*before=\d+)" rel="next"', first.text)
    assert following
    second = operator.get(following[1].replace("&amp;", "&"))
    links = [set(re.findall(r"/operator/jobs/([0-9a-f]{32})", page.text)) for page in (first, second)]
    assert (len(links[0]), len(links[1])) == (50, 10)
    assert links[0].isdisjoint(links[1])


def test_a_parked_job_tells_why_and_can_be_tried_again_or_given_up(
    copied: Installation, operator: Caller
) -> None:
    job = parked(copied, "lot:a")
    page = operator.get(f"/operator/jobs/{job}")
    assert "It failed:" in page.text
    assert "number 1 always fails" in page.text
    assert operator.send(f"/operator/jobs/{job}/retry").status_code == 303
    assert "The job begins anew." in operator.get(f"/operator/jobs/{job}").text
    with copied.database.reading() as connection:
        again = jobs.get(connection, job)
    assert again is not None
    assert (again.state, again.attempts) == ("waiting", 0)
    other = parked(copied, "lot:b")
    assert operator.send(f"/operator/jobs/{other}/cancel").status_code == 303
    assert operator.send(f"/operator/jobs/{other}/cancel").status_code == 303
    page = operator.get(f"/operator/jobs/{other}")
    assert "The job has moved on meanwhile" in page.text
    assert "Cancelled" in page.text


def test_a_lot_pack_is_made_by_a_job_and_handed_out_on_its_page(
    copied: Installation, operator: Caller
) -> None:
    with copied.database.reading() as connection:
        lot = trade.listings(connection)[0].lot
    answer = operator.send("/operator/jobs/exports", what="lot", lot=lot, receiver="operator")
    path = answer.headers["location"]
    assert operator.get(f"{path}/file").status_code == 404, "not yet"
    Runner(copied, DUTIES).run_next()
    assert f'href="{path}/file"' in operator.get(path).text
    file = operator.get(f"{path}/file")
    assert zipfile.ZipFile(io.BytesIO(file.content)).testzip() is None
    assert file.headers["content-disposition"].startswith("attachment")
    assert newest(copied).started_by.startswith(("user:", "login:"))


def test_the_whole_log_is_zipped_by_a_job(copied: Installation, operator: Caller) -> None:
    path = operator.send("/operator/jobs/exports", what="log").headers["location"]
    Runner(copied, DUTIES).run_next()
    file = operator.get(f"{path}/file")
    assert "checkpoint" in zipfile.ZipFile(io.BytesIO(file.content)).namelist()


@pytest.mark.parametrize(
    ("lot", "receiver"),
    [("nothing", "operator"), ("0" * 20, "operator"), ("", "operator"), ("x" * 90, "you")],
)
def test_a_lot_that_is_none_is_asked_for_again(
    copied: Installation, operator: Caller, lot: str, receiver: str
) -> None:
    before = newest(copied).id
    answer = operator.send("/operator/jobs/exports", what="lot", lot=lot, receiver=receiver)
    assert answer.status_code == 422
    assert "No lot has this id." in answer.text
    assert errors(answer) or "aria-invalid" in answer.text
    assert newest(copied).id == before


def test_the_page_tells_since_when_the_broker_is_away(copied: Installation) -> None:
    """The server was started with a broker that does not answer; what was refused there is counted."""
    settings = copied.settings.model_copy(
        update={"broker_url": type(copied.settings)(broker_url="amqp://guest@127.0.0.1:1//").broker_url}
    )
    copied.settings = settings
    now = copied.clock.now()

    def broken(ledger) -> None:
        schedules.hold_relay(ledger.connection, "somebody", now, timedelta(minutes=1))
        schedules.broker_answers(ledger.connection, now)
        jobs.count_refused(ledger.connection, "undecodable", now)

    copied.writer.do(broken)
    operator = Caller(copied).signed_in("operator")
    page = operator.get("/operator/jobs?state=waiting")
    assert "The broker is away." in page.text
    assert "waits for the broker, which does not answer since" in page.text
    assert "1 message was refused and never run: not readable as JSON" in page.text


@pytest.mark.parametrize("path", ["?state=nonsense", "?kind=nonsense", "/" + "0" * 32, "/x/file"])
def test_what_does_not_exist_is_not_found(operator: Caller, path: str) -> None:
    assert operator.get(f"/operator/jobs{path}").status_code == 404


def test_jobs_are_none_of_a_buyers_business(copied: Installation) -> None:
    buyer = Caller(copied).signed_in("buyer", "cmp_vn")
    job = newest(copied).id
    assert buyer.get("/operator/jobs").status_code == 404
    assert buyer.get(f"/operator/jobs/{job}").status_code == 404
    assert buyer.send(f"/operator/jobs/{job}/cancel").status_code == 404
