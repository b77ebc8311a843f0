"""The demo story: three supplier files from the warehouse door to shipped orders.

Every step is done once and noted in its own transaction, so a story that was cut off goes on.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from typing import Any

from gateway import policies
from gateway.clock import STORY_BEGINS
from gateway.consignments import load_file, load_spec
from gateway.consignments.consignment import Consignment
from gateway.consignments.spec import ConsignmentSpec, PartySpec
from gateway.policies import load
from gateway.store import goods, trade
from gateway.store.trade import Company
from gateway.trade.eligibility import Market
from gateway.wiring import Installation
from gateway.workflows import inspect_lot
from gateway.workflows.gate import Verdict, judge_lot, today, verdict_on
from gateway.workflows.import_consignment import Told, import_consignment
from gateway.workflows.issue_codes import issue_codes
from gateway.workflows.list_lot import list_lot
from gateway.workflows.parties import grant, open_log, register, register_operator
from gateway.workflows.read_consignment import read_consignment
from gateway.workflows.sell import Terms, confirm, reserve
from gateway.workflows.ship_order import ship_order
from gateway.workflows.work import Work, note_of, once
from ledger.author import new_id
from ledger.lots.schemes import load_schemes
from ledger.lots.state import LotState
from ledger.store import log

Progress = Callable[[str, float], None]  # (what is being done, share of the whole 0..1)
FIRST_CITIES = {"phones": "Shenzhen", "apparel": "Guangzhou", "appliances": "Hangzhou"}


@dataclass(frozen=True, slots=True)
class Cast:
    """The parties of one consignment by their key in its file, and its permission chains."""

    parties: dict[str, str]
    chains: dict[str, list[str]]

    def with_role(self, spec: ConsignmentSpec, role: str) -> str:
        return next(self.parties[party.key] for party in spec.parties if party.role == role)


def tell(installation: Installation, progress: Progress) -> None:
    """Play the story to its end, or to the end from where it stopped."""
    story = tomllib.loads(resources.files(policies).joinpath("story.toml").read_text())
    names: list[str] = story["consignments"]
    progress("opening the log", 0.0)
    open_log(installation)
    register_operator(installation, dict(story["operator"]))
    second = register(installation, PartySpec.model_validate(story["second_inspector"]), "Shanghai")
    for number, name in enumerate(names):
        _consignment(installation, name, story, second, _at(progress, 0.02 + 0.5 * number / len(names)))
        installation.publisher.publish()
    progress("issuing codes", 0.55)
    for lot, _ in _leaves(installation):
        once(installation, f"code:{lot}", partial(issue_codes, lot=lot))
    installation.publisher.publish()
    _companies(installation, story)
    _list_all(installation, progress)
    installation.publisher.publish()
    for number, order in enumerate(story["orders"]):
        progress(f"order {order['po_number']}", 0.8 + 0.2 * number / len(story["orders"]))
        _order(installation, order)
    installation.publisher.publish()
    progress("done", 1.0)


def _at(progress: Progress, share: float) -> Callable[[str], None]:
    return lambda what: progress(what, share)


def example_code(installation: Installation) -> str:
    """A code worth scanning first: a phone with a new battery, else any article."""
    with installation.database.reading() as connection:
        for item in goods.repaired(connection):
            for link in goods.codes_of(connection, item.lot):
                if link.article == item.id:
                    return link.code
        return goods.any_code(connection)


def current_lots(installation: Installation) -> list[tuple[str, LotState]]:
    """The lots that are not split into others, by id."""
    return list(_leaves(installation))


def _consignment(
    installation: Installation,
    name: str,
    story: dict[str, Any],
    second_inspector: str,
    progress: Callable[[str], None],
) -> None:
    spec, day = load_spec(name), STORY_BEGINS.date()
    progress(f"reading {spec.file.name}")
    catalogue = load_file(spec.file.catalogue) if spec.file.catalogue else None
    consignment = read_consignment(spec, load_file(spec.file.name), catalogue=catalogue, story_date=day)
    cast = _cast(installation, spec)
    lots = _record(installation, spec, consignment, cast, {})
    workers = once(installation, f"workers:{name}", lambda _work: [new_id("worker") for _ in range(3)])
    inspector = cast.with_role(spec, "inspector")
    progress(f"inspecting {spec.title.en}")
    children: list[str] = []
    for lot in lots:
        children += _inspect_and_split(installation, spec, lot, inspector, workers[0])
    if name == "phones":
        progress("refurbishing worn phones")
        refurbisher = cast.with_role(spec, "refurbisher")
        for lot in _worth_mending(installation, children)[: story["refurbished_lots_max"]]:
            report = _once_outside(
                installation, f"wiped:{lot}", partial(inspect_lot.wipe_report, installation, lot, refurbisher)
            )
            mend = partial(
                inspect_lot.refurbish, lot=lot, refurbisher=refurbisher, worker=workers[1], certificate=report
            )
            once(installation, f"refurbish:{lot}", mend)
            _inspect_and_split(installation, spec, lot, second_inspector, workers[2])


def record_consignment(
    installation: Installation,
    spec: ConsignmentSpec,
    consignment: Consignment,
    *,
    report: Mapping[str, Any] | None = None,
) -> list[str]:
    """Register the parties of a supplier's file, record their grants and the file's lots.

    report: what else the file's report names.
    """
    return _record(installation, spec, consignment, _cast(installation, spec), report or {})


def _record(
    installation: Installation,
    spec: ConsignmentSpec,
    consignment: Consignment,
    cast: Cast,
    report: Mapping[str, Any],
) -> list[str]:
    return import_consignment(
        installation,
        spec,
        consignment,
        Told(
            supplier=cast.with_role(spec, "supplier"),
            chains=cast.chains,
            site=FIRST_CITIES.get(spec.id, "Shenzhen").lower(),
            report=report,
        ),
    )


def _cast(installation: Installation, spec: ConsignmentSpec) -> Cast:
    parties = {
        party.key: register(installation, party, FIRST_CITIES.get(spec.id, "Shenzhen"))
        for party in spec.parties
    }
    granted: dict[str, list[str]] = {}
    chains: dict[str, list[str]] = {}
    for authorization in spec.authorizations:
        granted[authorization.key] = grant(installation, authorization, parties, granted)
        if parties[authorization.grantee] == Cast(parties, {}).with_role(spec, "supplier"):
            for brand in authorization.brands:
                for category in authorization.categories:
                    chains[f"{brand}/{category}"] = granted[authorization.key]
    return Cast(parties, chains)


def _inspect_and_split(
    installation: Installation, spec: ConsignmentSpec, lot: str, inspector: str, worker: str
) -> list[str]:
    with installation.database.reading() as connection:
        subject = log.subject(connection, lot)
    assert subject is not None
    scheme = load_schemes()[spec.categories[subject.state.category].scheme]
    day = today(installation)

    def inspect(work: Any) -> bool:
        inspect_lot.inspect(work, lot, inspector=inspector, worker=worker, scheme=scheme, today=day)
        return True

    once(installation, f"inspect:{inspector[-6:]}:{lot}", inspect)
    children: list[str] = once(installation, f"split:{lot}", lambda work: inspect_lot.split(work, lot))
    return children


def _worth_mending(installation: Installation, lots: list[str]) -> list[str]:
    """Used phones that a worn battery made grade C."""
    chosen = []
    for lot in lots:
        with installation.database.reading() as connection:
            subject = log.subject(connection, lot)
            items = goods.of_lot(connection, lot)
        assert subject is not None
        state: LotState = subject.state
        worn = state.condition in ("used", "refurbished") and (state.key and state.key.grade == "C")
        if worn and not state.overage:
            chosen.append((sum(item.quantity for item in items), lot))
    return [lot for _, lot in sorted(chosen, reverse=True)]


def _leaves(installation: Installation) -> Iterator[tuple[str, LotState]]:
    with installation.database.reading() as connection:
        lots = list(log.subjects_of_kind(connection, "lot"))
    yield from ((name, subject.state) for name, subject in lots if subject.state.is_leaf)


def _companies(installation: Installation, story: dict[str, Any]) -> None:
    def unit(work: Any) -> bool:
        for company in story["companies"]:
            trade.add_company(work.connection, Company(status="approved", **company))
        return True

    once(installation, "companies", unit)


def _list_all(installation: Installation, progress: Progress) -> None:
    leaves = current_lots(installation)
    for number, (lot, _) in enumerate(leaves):
        if not number % 10:
            progress("asking the gate for every lot and market", 0.6 + 0.2 * number / len(leaves))
        with installation.database.reading() as connection:
            verdict = verdict_on(installation, connection, lot)
            judged = judge_lot(installation, connection, lot, verdict)
        assert judged is not None
        for market in load.markets().markets:
            if judged.reasons(market, today(installation)) or judged.quote(market) is None:
                continue
            offer = partial(_offer, lot=lot, market=market, verdict=verdict)
            once(installation, f"list:{market.code}:{lot}", offer)


def _offer(work: Work, *, lot: str, market: Market, verdict: Verdict) -> str:
    return list_lot(work, lot, market, verdict).id


def _order(installation: Installation, wanted: dict[str, Any]) -> None:
    step = f"order:{wanted['po_number']}"

    def choose(work: Any) -> str:
        company = trade.company(work.connection, wanted["company"])
        assert company is not None
        for listing in trade.listings(work.connection):
            subject = log.subject(work.connection, listing.lot)
            assert subject is not None
            state: LotState = subject.state
            stock = trade.stock(work.connection, listing.lot)
            if (
                listing.market == company.country
                and state.category == wanted["category"]
                and state.grade == wanted.get("grade", state.grade)
                and state.condition == wanted.get("condition", state.condition)
                and stock is not None
                and stock.available >= wanted["quantity"] >= listing.moq
            ):
                return listing.id
        return ""

    listing = once(installation, f"choose:{wanted['po_number']}", choose)
    if not listing:
        return
    hold = _once_outside(
        installation, f"reserve:{wanted['po_number']}",
        lambda: reserve(installation, listing, wanted["company"], wanted["quantity"]).id,
    )  # fmt: skip
    terms = Terms(wanted["po_number"], wanted["incoterm"], wanted["place"])
    order = confirm(installation, hold, wanted["company"], terms)
    once(installation, step, lambda _work: order.id)
    ship_order(installation, order.id, wanted.get("papers"))


def _once_outside(installation: Installation, step: str, act: Callable[[], str]) -> str:
    """As ``once``, for an act with a transaction of its own.

    A crash between the act and its note leaves a hold that runs out by itself, or a file kept twice.
    """
    done = note_of(installation, step)
    if done is not None:
        return str(done)
    result = act()
    once(installation, step, lambda _work: result)
    return result
