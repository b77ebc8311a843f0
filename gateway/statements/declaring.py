"""A supplier or a brand declares goods: without a file, for a lot of one kind."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, get_args

from stdnum import luhn

from exporters.codes import COUNTRIES
from gateway.permissions import roles
from gateway.policies import load
from gateway.statements import hands
from gateway.statements.action import HIDDEN, Action, Ask, Field, FieldRefused, Option, Proposal
from gateway.store import goods, waiting
from gateway.store.goods import Item
from gateway.workflows.chains import chains_of
from gateway.workflows.import_consignment import DECLARED_ROWS
from gateway.workflows.prepare import Facts, Wanted
from gateway.workflows.work import Work
from ledger.author import new_id
from ledger.core.canonical import JsonValue
from ledger.errors import InvalidRecord
from ledger.lots.state import PartyState
from ledger.record import Entry
from ledger.records.model import Condition
from ledger.records.origin import SupplyMode, SurplusCause
from ledger.store import log

ARTICLES_MAX: Final = 400  # typed or scanned one by one; more come in a file
IMEI: Final = re.compile(r"[0-9]{15}")
HS_CODE: Final = re.compile(r"[0-9]{6,10}")
PIECE: Final = "C62"
DECLARED: Final = "declared"
_NOTHING: Final = (
    "gtin", "over_age", "label_state", "dimensions_mm", "un38_3", "battery_wh", "repair",
)  # fmt: skip


def _may(ask: Ask) -> str:
    own = log.subject(ask.connection, ask.party)
    state = own.state if own is not None else None
    kinds = ("supplier", "brand")
    if not isinstance(state, PartyState) or state.kind not in kinds:
        return HIDDEN
    return "" if hands.may_sign(ask.connection, ask.party, "lot.declared", "supplier") else "no-key-of-yours"


def _words(values: Sequence[str], table: str) -> Any:
    def options(_ask: Ask) -> list[Option]:
        return [Option(value, value, table) for value in values]

    return options


def _propose(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    """One lot, declared under the best chain of permissions that the supplier has for these goods."""
    lot = new_id("lot")
    _check(ask, answers)
    rows = _rows(answers)
    schema = "imei" if "imei" in rows[0] else "serial" if "serial" in rows[0] else "style"
    direct = answers["supply_mode"] == "direct"
    wanted = Wanted(
        type="lot.declared",
        subjects=(lot,),
        refs=tuple(_chain(ask, answers)),
        signers=(hands.place(ask.connection, ask.party, "lot.declared", "supplier"),),
        data={
            "category": answers["category"],
            "goods": "finished",
            "brand": answers["brand"],
            "model": answers["model"],
            "condition": answers["condition"],
            "quantity": answers["quantity"],
            "unit": PIECE,
            "produced_from": answers["produced_from"].isoformat(),
            "produced_until": answers["produced_until"].isoformat(),
            "origin_country": answers["origin_country"],
            "surplus_cause": answers["surplus_cause"],
            "supply_mode": answers["supply_mode"],
            "depth_max": load.permission().depth_max,
            "agent": ask.installation.config.operator if direct else None,
            "consigned_until": _day(answers["consigned_until"]),
        },
        committed=_committed(answers),
        rows=(Facts("", DECLARED_ROWS[schema], tuple(rows)),),
    )
    told: dict[str, JsonValue] = {"lot": lot, "items": [*_items(answers, rows)]}
    return Proposal(wanted, then=DECLARED, told=told)


def _check(ask: Ask, answers: Mapping[str, Any]) -> None:
    if answers["produced_until"] < answers["produced_from"]:
        raise FieldRefused("produced_until", "ends-before-it-begins")
    if answers["origin_country"] not in COUNTRIES:
        raise FieldRefused("origin_country", "country-unknown")
    if answers["hs_code"] and HS_CODE.fullmatch(answers["hs_code"]) is None:
        raise FieldRefused("hs_code", "hs-code-unreadable")
    if answers["produced_until"] > ask.today:
        raise FieldRefused("produced_until", "day-ahead")
    if answers["supply_mode"] == "consign" and answers["consigned_until"] is None:
        raise FieldRefused("consigned_until", "text-missing")
    if answers["supply_mode"] != "consign" and answers["consigned_until"] is not None:
        raise FieldRefused("consigned_until", "only-on-consignment")
    articles = answers["articles"]
    if articles and len(articles) != answers["quantity"]:
        raise FieldRefused("articles", "articles-miscounted")
    if answers["category"] == "phone" and any(not _is_imei(one) for one in articles):
        raise FieldRefused("articles", "imei-wrong")
    standing = goods.known(ask.connection, articles) or waiting.known(ask.connection, articles)
    if standing:
        raise FieldRefused("articles", "articles-known")


def _is_imei(text: str) -> bool:
    """3GPP TS 23.003 §6.2.1: fifteen digits, the last by Luhn."""
    return IMEI.fullmatch(text) is not None and luhn.is_valid(text)


def _chain(ask: Ask, answers: Mapping[str, Any]) -> list[str]:
    key = (answers["brand"], answers["category"])
    depth_max = load.permission().depth_max
    found = chains_of(ask.connection, ask.party, [key], day=ask.today.isoformat(), depth_max=depth_max)
    return found.get("/".join(key), [])


def _committed(answers: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        "supplier_reference": answers["reference"],
        "price": answers["price"],
        "face_value": answers["face_value"],
        "cause_evidence": answers["evidence"],
    }
    return {name: value for name, value in found.items() if value is not None}


def _rows(answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row an article; goods without numbers of their own are one row of so many."""
    shared = {
        "brand": answers["brand"],
        "model": answers["model"],
        "condition": answers["condition"],
        "produced_on": answers["produced_from"].isoformat(),
        "origin_country": answers["origin_country"],
        **({"hs_code": answers["hs_code"]} if answers["hs_code"] else {}),
    }
    name = "imei" if answers["category"] == "phone" else "serial"
    if answers["articles"]:
        return [{name: one, **shared} for one in answers["articles"]]
    row = {"style": answers["reference"] or answers["model"], **shared}
    return [row | ({"quantity": answers["quantity"]} if answers["quantity"] > 1 else {})]


def _items(answers: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[JsonValue]:
    price = answers["list_price"]
    known: dict[str, Any] = {
        "brand": answers["brand"],
        "model": answers["model"],
        "goods": {"zh": answers["model"], "en": answers["model"]},
        "condition": answers["condition"],
        "produced_on": answers["produced_from"].isoformat(),
        "origin_channel": None,
        "origin_country": answers["origin_country"],
        "hs_code": answers["hs_code"],
        "net_mass_g": answers["net_mass"],
        "gross_mass_g": answers["gross_mass"],
        "list_price_minor": price["amount_minor"] if price else None,
        "attributes": {},
        "measurement": {},
        **dict.fromkeys(_NOTHING),
        "over_age": False,
    }
    return [
        {
            **known,
            "category": answers["category"],
            "identifier": row.get("imei") or row.get("serial") or row["style"],
            "imei": row.get("imei"),
            "serialised": "style" not in row,
            "quantity": row.get("quantity", 1),
        }
        for row in rows
    ]


def _declared(work: Work, entry: Entry, told: Mapping[str, JsonValue]) -> None:
    """The articles as the warehouse works on them. Their consignment is the record itself."""
    lot, found = told["lot"], told["items"]
    assert isinstance(lot, str)
    assert isinstance(found, list)
    serials = [str(one["identifier"]) for one in found if isinstance(one, dict) and one["serialised"]]
    if goods.known(work.connection, serials):  # declared anew while this one waited for its signature
        raise InvalidRecord("some of its articles stand in another lot by now", pointer="/rows")
    own = sha256(f"declared {entry.event_id}".encode()).hexdigest()
    items = []
    for n, one in enumerate(found):
        assert isinstance(one, dict)
        facts: dict[str, Any] = dict(one)
        category, serialised, quantity = (facts.pop(key) for key in ("category", "serialised", "quantity"))
        items.append(Item(0, own, lot, entry.event_id, n, quantity, category, "ungraded", serialised, facts))
    goods.add(work.connection, items)


def _day(value: Any) -> str | None:
    return None if value is None else value.isoformat()


FIELDS: Final = (
    Field("category", "choice", "Category", options=_words(sorted(load.schemes()), "categories")),
    Field("brand", "text", "Brand", "As it stands on the goods and in the brand's permission."),
    Field("model", "text", "Model or description"),
    Field("condition", "choice", "Condition", options=_words(get_args(Condition), "conditions")),
    Field("quantity", "count", "Pieces"),
    Field(
        "articles", "lines", "Numbers of the articles",
        "One a line: the IMEI of phones, the serial number of other devices. Empty where they have none.",
        required=False, maximum=ARTICLES_MAX,
    ),
    Field("produced_from", "day", "Made from"),
    Field("produced_until", "day", "Made until"),
    Field("origin_country", "text", "Country of origin", "Two letters, for example CN."),
    Field(
        "surplus_cause", "choice", "Why it is left over",
        options=_words(get_args(SurplusCause), "surplus_causes"),
    ),
    Field("evidence", "file", "Evidence of the cause", required=False),
    Field("supply_mode", "choice", "How you supply", options=_words(get_args(SupplyMode), "supply_modes")),
    Field("consigned_until", "day", "On consignment until", required=False),
    Field("reference", "text", "Your own reference", required=False),
    Field("price", "money", "Price of the whole lot", "Only a fingerprint of it is public.", required=False),
    Field("face_value", "money", "Value at list prices", required=False),
    Field("list_price", "money", "List price of a piece", required=False),
    Field("hs_code", "text", "HS code", "Six digits or more, for customs.", required=False),
    Field("net_mass", "mass", "Net mass of a piece", required=False),
    Field("gross_mass", "mass", "Gross mass of a piece", required=False),
)  # fmt: skip
ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "declare", "lot.declared", roles("supplier", "brand"), "nothing", FIELDS, offered=_may,
        propose=_propose,
    ),
)  # fmt: skip
AFTER: Final = {DECLARED: _declared}
