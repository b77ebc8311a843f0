"""Declaring a lot: where it comes from, and by whose leave; narrowing that leave."""

from ledger.core.envelope import made
from ledger.errors import InvalidRecord
from ledger.lots import authorization
from ledger.lots.rules.step import Rules, States, Step
from ledger.lots.state import UNTOLD, LotState
from ledger.records.origin import AuthorizationNarrowed, LotDeclared


def _declared(step: Step) -> States:
    step.only("lot")
    name, data = step.one("lot"), step.typed.data
    assert isinstance(data, LotDeclared)
    step.new(name)
    if data.produced_from > data.produced_until:
        raise InvalidRecord("ends before it begins", pointer="/data/produced_until")
    if data.manifest and data.unit == "H87" and data.manifest.count > data.quantity:
        raise InvalidRecord("more rows than units", pointer="/data/manifest/count")
    if data.consigned_until is not None:
        _check_consignment(data, step.day)
    author = step.author.party
    chain = authorization.links(step.typed.record.body.refs, step.view)
    if chain:
        authorization.check_covers(
            chain, holder=author, brand=data.brand, category=data.category, day=step.day, view=step.view
        )
    if data.depth_max is not None:
        authorization.check_depth(chain, data.depth_max)
    told = {
        "title": author,
        "custody": author,
        "category": data.category,
        "goods": data.goods,
        "brand": data.brand,
        "model": data.model,
        "condition": data.condition,
        "unit": data.unit,
        "produced_from": data.produced_from,
        "produced_until": data.produced_until,
        "origin_channel": data.origin_channel,
        "origin_country": data.origin_country,
        "surplus_cause": data.surplus_cause,
        "supply_mode": data.supply_mode,
        "quantity": data.quantity,
        "declared": data.quantity,
        "authorizations": [name for name, _ in chain],
        "manifest": data.manifest,
        "manifest_event": step.typed.record.event_id if data.manifest else None,
        "supplier": author,
        "agent": data.agent,
        "consigned_until": data.consigned_until,
    }
    return {name: made(LotState, UNTOLD.__dict__ | told)}


def _check_consignment(data: LotDeclared, day: str) -> None:
    assert data.consigned_until is not None
    if data.supply_mode != "consign":
        raise InvalidRecord("only a consignment has a last day", pointer="/data/consigned_until")
    if data.consigned_until < day:
        raise InvalidRecord("is over before it begins", pointer="/data/consigned_until")


def _narrowed(step: Step) -> States:
    step.only("authorization")
    name, data = step.one("authorization"), step.data
    assert isinstance(data, AuthorizationNarrowed)
    body = step.typed.record.body
    state = authorization.narrowed(step.state(name), data, step.typed.record.event_id, body, step.opened)
    return {name: state}


RULES: Rules = {
    "authorization.narrowed": _narrowed,
    "lot.declared": _declared,
}
