"""Pick what a shipment takes, fill cartons, weigh them, stack them: all before anybody signs for it.

Every step is a transaction of its own and can be taken back until the shipment is packed.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from gateway.errors import NotFound, Refused
from gateway.policies import load
from gateway.store import goods, shipments
from gateway.store.goods import Item
from gateway.store.shipments import Container, Part, Shipment
from gateway.trade import packing
from gateway.trade.packing import Carton, Content, Pallet
from gateway.trade.shipping import is_container_number
from gateway.wiring import Installation
from gateway.workflows.shipment_moves import moved, not_now, standing
from gateway.workflows.shipment_papers import Loaded, carton_kinds, load_of, pieces_of
from gateway.workflows.work import Work
from ledger.record import Ledger
from qrcodes.scan import CodeReference, GoodsReference, scan

MASS_MAX_G: Final = 30_000_000  # what a container carries
CARTONS_MAX: Final = 5_000


def pick(installation: Installation, shipment_id: str, number: int, *, by: str) -> Part:
    """All pieces of a part are there. Again changes nothing. Raises NotFound, Refused (shipment-not-now)."""

    def unit(ledger: Ledger) -> Part:
        work, shipment = _planned(installation, ledger, shipment_id)
        part = _part(work, shipment, number)
        return part if part.picked == part.quantity else _set(work, shipment, part, part.quantity, by)

    return installation.writer.do(unit)


def pick_by_code(installation: Installation, shipment_id: str, text: str, *, by: str) -> Part:
    """Pick what the scanned code stands for: an article of the shipment, or a whole lot's part in it.

    Raises Refused: code-unreadable, code-not-in-shipment, picked-already.
    """

    def unit(ledger: Ledger) -> Part:
        work, shipment = _planned(installation, ledger, shipment_id)
        fitting = _scanned(installation, work, shipment, text)
        part = next((one for one in fitting if one.picked < one.quantity), None)
        if part is None:
            raise Refused("picked-already", "all that this code stands for was picked already")
        return _set(work, shipment, part, part.quantity, by)

    return installation.writer.do(unit)


def put_back(installation: Installation, shipment_id: str, number: int, *, by: str) -> Part:
    """The part is not picked after all, and lies in no carton."""

    def unit(ledger: Ledger) -> Part:
        work, shipment = _planned(installation, ledger, shipment_id)
        part = _part(work, shipment, number)
        _empty(work, shipment, shipments.cartons(work.connection, shipment.id), without=number)
        return _set(work, shipment, part, 0, by)

    return installation.writer.do(unit)


def pick_all(installation: Installation, shipment_id: str, *, by: str, lot: str = "") -> None:
    """lot: only what it takes of that one, "" for all lots."""

    def unit(ledger: Ledger) -> None:
        work, shipment = _planned(installation, ledger, shipment_id)
        now = installation.clock.now()
        for part in shipments.parts(work.connection, shipment.id):
            if part.picked < part.quantity and lot in ("", part.lot):
                shipments.set_picked(work.connection, shipment.id, part.number, part.quantity, by=by, at=now)
        moved(work, shipment, "planned", by=by, what="picked-all")

    installation.writer.do(unit)


def propose(installation: Installation, shipment_id: str, *, by: str) -> tuple[Carton, ...]:
    """Fill cartons as the packing policy says; what was filled or weighed before is forgotten.

    Only picked pieces are filled in. Raises Refused (shipment-not-now, nothing-picked).
    """

    def unit(ledger: Ledger) -> tuple[Carton, ...]:
        work, shipment = _planned(installation, ledger, shipment_id)
        picked = [one for one in load_of(work.connection, shipment.id) if one.picked]
        if not picked:
            raise Refused("nothing-picked", "nothing was picked yet")
        cartons = packing.propose(pieces_of(picked), carton_kinds())
        if len(cartons) > CARTONS_MAX:
            raise Refused("too-many-cartons", f"more than {CARTONS_MAX} cartons", limit=CARTONS_MAX)
        ssccs = _ssccs(work, len(cartons))
        numbered = [replace(one, sscc=sscc) for one, sscc in zip(cartons, ssccs, strict=True)]
        shipments.set_packages(work.connection, shipment.id, numbered, ())
        moved(work, shipment, "planned", by=by, what="cartons-filled")
        return tuple(numbered)

    return installation.writer.do(unit)


def fill(
    installation: Installation, shipment_id: str, cartons: Sequence[Carton], *, by: str
) -> tuple[Carton, ...]:
    """Cartons as somebody really filled them: contents, gross mass and size; net mass is computed.

    Raises Refused: part-unknown; whether all adds up is judged when the shipment is packed.
    """

    def unit(ledger: Ledger) -> tuple[Carton, ...]:
        work, shipment = _planned(installation, ledger, shipment_id)
        by_part = {one.number: one for one in load_of(work.connection, shipment.id)}
        for carton in cartons:
            for content in carton.contents:
                if content.part not in by_part:
                    raise Refused("part-unknown", f"there is no part {content.part}", part=content.part)
        ssccs = _ssccs(work, len(cartons))
        made = [
            replace(one, number=n, net_mass_g=_net(one.contents, by_part), pallet=0, sscc=sscc)
            for n, (one, sscc) in enumerate(zip(cartons, ssccs, strict=True), start=1)
        ]
        shipments.set_packages(work.connection, shipment.id, made, ())
        moved(work, shipment, "planned", by=by, what="cartons-filled")
        return tuple(made)

    return installation.writer.do(unit)


def weigh(installation: Installation, shipment_id: str, number: int, gross_mass_g: int, *, by: str) -> Carton:
    """What the scale said of one carton. Raises Refused: carton-unknown, gross-below-net, mass-missing.

    Pallets are stacked anew after it: their masses come from their cartons.
    """

    def change(carton: Carton) -> Carton:
        if not 1 <= gross_mass_g <= MASS_MAX_G:
            raise Refused("mass-missing", "a carton has a mass", carton=number)
        if gross_mass_g < carton.net_mass_g:
            raise Refused(
                "gross-below-net",
                f"carton {number}: {gross_mass_g} g gross, {carton.net_mass_g} g net",
                carton=number,
                net_mass_g=carton.net_mass_g,
            )
        return replace(carton, gross_mass_g=gross_mass_g, is_weighed=True)

    def unit(ledger: Ledger) -> Carton:
        work, shipment = _planned(installation, ledger, shipment_id)
        cartons = shipments.cartons(work.connection, shipment.id)
        if not any(one.number == number for one in cartons):
            raise Refused("carton-unknown", f"there is no carton {number}", carton=number)
        changed = [change(one) if one.number == number else one for one in cartons]
        _restack(work, shipment, changed)
        moved(work, shipment, "planned", by=by, what="carton-weighed", reason=str(number))
        return next(one for one in changed if one.number == number)

    return installation.writer.do(unit)


def stack(installation: Installation, shipment_id: str, *, on_pallets: bool, by: str) -> tuple[Pallet, ...]:
    """Put the cartons on pallets in their order, or take them off again. Raises Refused (nothing-filled)."""

    def unit(ledger: Ledger) -> tuple[Pallet, ...]:
        work, shipment = _planned(installation, ledger, shipment_id)
        cartons = shipments.cartons(work.connection, shipment.id)
        if not cartons:
            raise Refused("nothing-filled", "no carton was filled yet")
        if on_pallets:
            pallets = _stacked(work, shipment, cartons)
        else:
            pallets = ()
            bare = [replace(one, pallet=0) for one in cartons]
            shipments.set_packages(work.connection, shipment.id, bare, ())
        moved(work, shipment, "planned", by=by, what="pallets-stacked" if on_pallets else "pallets-cleared")
        return pallets

    return installation.writer.do(unit)


def contain(
    installation: Installation, shipment_id: str, containers: Sequence[Container], *, by: str
) -> None:
    """Containers and their seals, before the papers are made. Raises Refused (container-number-wrong)."""
    for one in containers:
        if not is_container_number(one.number):
            raise Refused(
                "container-number-wrong", f"{one.number} is no number of ISO 6346", container=one.number
            )
    if len({one.number for one in containers}) < len(containers):
        raise Refused("container-twice", "a container stands there twice")

    def unit(ledger: Ledger) -> None:
        work = Work(installation, ledger)
        shipment = standing(work, shipment_id)
        if shipment.state not in ("planned", "packed") or shipment.waits_for:
            raise not_now(shipment)
        shipments.set_containers(work.connection, shipment.id, containers)
        moved(work, shipment, shipment.state, by=by, what="containers-named")

    installation.writer.do(unit)


def _planned(installation: Installation, ledger: Ledger, shipment_id: str) -> tuple[Work, Shipment]:
    work = Work(installation, ledger)
    shipment = standing(work, shipment_id)
    if shipment.state != "planned" or shipment.waits_for:
        raise not_now(shipment)
    return work, shipment


def _part(work: Work, shipment: Shipment, number: int) -> Part:
    found = [part for part in shipments.parts(work.connection, shipment.id) if part.number == number]
    if not found:
        raise NotFound(str(number))
    return found[0]


def _set(work: Work, shipment: Shipment, part: Part, picked: int, by: str) -> Part:
    now = work.installation.clock.now() if picked else None
    who = by if picked else ""
    shipments.set_picked(work.connection, shipment.id, part.number, picked, by=who, at=now)
    what = "picked" if picked else "put-back"
    moved(work, shipment, "planned", by=by, what=what, reason=str(part.number))
    return replace(part, picked=picked, picked_by=who, picked_at=now)


def _scanned(installation: Installation, work: Work, shipment: Shipment, text: str) -> list[Part]:
    """The parts of the shipment that a code, a link or a number of the goods stands for."""
    typed = " ".join(text.split())
    if not typed:
        raise Refused("code-unreadable", "nothing was scanned")
    fits = _meaning(installation, work, typed)
    parts = shipments.parts(work.connection, shipment.id)
    items = goods.with_ids(work.connection, {part.article for part in parts})
    found = [part for part in parts if fits(items[part.article])]
    if not found:
        raise Refused("code-not-in-shipment", "nothing of this shipment carries that code")
    return found


def _meaning(installation: Installation, work: Work, text: str) -> Callable[[Item], bool]:
    """An article is meant by its own code or number alone; a style also by its lot's code or its GTIN."""
    reference = scan(text, bases=[installation.public_url])
    if isinstance(reference, CodeReference):
        link = goods.code(work.connection, reference.code)
        if link is not None and link.article is not None:
            article = link.article
            return lambda item: item.id == article
        lot = link.lot if link is not None else ""
        return lambda item: item.lot == lot and not item.serialised
    wanted = {text}
    if isinstance(reference, GoodsReference):
        wanted |= {one for one in (reference.serial, None if reference.serial else reference.gtin) if one}
    return lambda item: not wanted.isdisjoint(_numbers(item))


def _numbers(item: Item) -> set[str]:
    facts = item.facts
    if item.serialised:
        return {str(facts["identifier"]), str(facts["imei"])}
    return {str(facts["identifier"]), str(facts["gtin"]), str(facts["model"])}


def _net(contents: Sequence[Content], by_part: dict[int, Loaded]) -> int:
    return sum(one.quantity * int(by_part[one.part].item.facts["net_mass_g"]) for one in contents)


def _empty(work: Work, shipment: Shipment, cartons: Sequence[Carton], *, without: int) -> None:
    """Cartons that held the part are filled anew by the next proposal: none is left half empty."""
    if any(content.part == without for carton in cartons for content in carton.contents):
        shipments.set_packages(work.connection, shipment.id, (), ())


def _restack(work: Work, shipment: Shipment, cartons: Sequence[Carton]) -> None:
    if any(carton.pallet for carton in cartons):
        _stacked(work, shipment, cartons)
    else:
        shipments.set_packages(work.connection, shipment.id, cartons, ())


def _stacked(work: Work, shipment: Shipment, cartons: Sequence[Carton]) -> tuple[Pallet, ...]:
    """Pallets that stood there already keep their SSCC."""
    kind = load.shipping().pallet
    placed, pallets = packing.stack(
        cartons,
        per_pallet=kind.cartons,
        tare_g=kind.tare_g,
        footprint=kind.footprint_mm,
        base_mm=kind.base_mm,
    )
    known = {one.number: one.sscc for one in shipments.pallets(work.connection, shipment.id)}
    fresh = iter(_ssccs(work, sum(one.number not in known for one in pallets)))
    numbered = [replace(one, sscc=known.get(one.number) or next(fresh)) for one in pallets]
    shipments.set_packages(work.connection, shipment.id, placed, numbered)
    return tuple(numbered)


def _ssccs(work: Work, count: int) -> list[str]:
    if not count:
        return []
    numbering = load.shipping().sscc
    prefix = f"{numbering.extension}{numbering.company_prefix}"
    first = shipments.take_serials(work.connection, prefix, count)
    return [numbering.sscc(first + n) for n in range(count)]
