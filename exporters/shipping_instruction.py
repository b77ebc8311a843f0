"""The shipping instruction: what the carrier prints on the bill of lading. It shows no price."""

from exporters import codes
from exporters.arithmetic import cubic_metres, kilograms
from exporters.dossier import ShipmentDossier
from exporters.origin_declaration import goods_said
from exporters.paper import Paper
from exporters.parts import Place
from exporters.sheet import Column, Fields, FixedWord, Gap, Reader, Row, Sheet, Statement, Table, Value

KIND = "shipping_instruction"
_CARGO = (
    Column("marks", 3), Column("packages", 2), Column("description", 6), Column("hs", 2),
    Column("gross", 2, number=True, unit="kg"), Column("volume", 2, number=True, unit="m³"),
)  # fmt: skip
_CONTAINERS = (
    Column("container", 3), Column("container_type", 2), Column("seal", 2),
    Column("vgm", 2, number=True, unit="kg"),
)  # fmt: skip


def sheet(dossier: ShipmentDossier) -> Sheet:
    it = Reader(dossier)
    containers = tuple(
        (
            container.number,
            container.type or Gap(f"containers.{n}.type"),
            container.seal or Gap(f"containers.{n}.seal"),
            FixedWord("not_known") if container.vgm_g is None else kilograms(container.vgm_g),
        )
        for n, container in enumerate(dossier.containers)
    )
    return Sheet(
        (
            Statement("note", FixedWord("instruction_note")),
            Fields("carriage", tuple(_carriage(it))),
            Table("cargo", _CARGO, tuple(_cargo(it))),
            *([Table("containers", _CONTAINERS, containers)] if containers else []),
        )
    )


def _carriage(it: Reader) -> list[Row]:
    return [
        it.row("carrier", "carriage.carrier"),
        it.row("booking", "carriage.booking"),
        it.row("bill_type", "carriage.bill", lambda kind: FixedWord(f"bill_{kind}")),
        *it.optional("originals", "carriage.originals"),
        it.row("freight", "carriage.freight", lambda kind: FixedWord(f"freight_{kind}")),
        *it.optional("pre_carriage", "carriage.pre_carriage"),
        *it.optional("receipt", "carriage.receipt", _place),
        it.row("loading", "route.loading", _place),
        it.row("discharge", "route.discharge", _place),
        *it.optional("delivery", "carriage.delivery", _place),
    ]


def _cargo(it: Reader) -> list[tuple[Value, ...]]:
    """One row for each group of packages, with all that lies in it."""
    dossier = it.dossier
    volumes, _ = cubic_metres([_volume(dossier, n) for n in range(len(dossier.packages))])
    rows: list[tuple[Value, ...]] = []
    for n, group in enumerate(dossier.packages):
        first = dossier.lines[group.contents[0].line - 1]
        more = len(group.contents) - 1
        described = goods_said(it, first, f"lines.{group.contents[0].line - 1}")
        hs = sorted({dossier.lines[content.line - 1].hs6 or "" for content in group.contents})
        rows.append(
            (
                group.marks or "N/M",
                f"{group.count} {codes.package(group.type)['en']}",
                described if not more else f"{_text(described)} (+{more})",
                ", ".join(hs) if all(hs) else Gap("lines.*.hs6"),
                Gap(f"packages.{n}.gross_mass_g")
                if group.gross_mass_g is None
                else kilograms(group.count * group.gross_mass_g),
                volumes[n] if group.dimensions else Gap(f"packages.{n}.dimensions"),
            )
        )
    return rows


def _text(value: Value) -> str:
    return value if isinstance(value, str) else getattr(value, "en", "")


def _volume(dossier: ShipmentDossier, n: int) -> int:
    group = dossier.packages[n]
    size = group.dimensions
    return group.count * size.length_mm * size.width_mm * size.height_mm if size else 0


def _place(place: Place) -> str:
    return f"{place.name} ({place.locode})" if place.locode else place.name


PAPER = Paper(
    kind=KIND,
    title="Shipping instruction",
    version=1,
    required_facts=(
        "documents.shipping_instruction",
        "parties.seller",
        "parties.consignee",
        "lines",
        "packages",
        "route",
    ),
    sheet=sheet,
)
