"""What several UBL documents share: parties, goods, terms, stages and the units that are handled."""

from collections.abc import Iterator, Sequence

from exporters import codes
from exporters.arithmetic import kilograms, plain_money
from exporters.dossier import ShipmentDossier, dossier_hash
from exporters.goods import Dimensions, Line, PackageGroup
from exporters.parts import DocumentEntry, Party, Place, Registration, Wording
from exporters.totals import totals
from exporters.ubl.elements import VERSION, Child, aggregate, basic

# UN/ECE Recommendation 19, first digit.
MODES = {
    "sea": "1", "rail": "2", "road": "3", "air": "4", "mail": "5", "multimodal": "6", "inland_water": "8",
}  # fmt: skip
DOSSIER_TYPE = "Shipment dossier, SHA-256 of its canonical JSON"
GROSS, NET, LENGTH, WIDTH, HEIGHT = "AAB", "AAA", "LN", "WD", "HT"  # UN/EDIFACT 6313


def amount(name: str, amount_minor: int | None, currency: str) -> Child:
    return (
        None
        if amount_minor is None
        else basic(name, plain_money(amount_minor, currency), currencyID=currency)
    )


def mass(name: str, mass_g: int | None) -> Child:
    return None if mass_g is None else basic(name, kilograms(mass_g), unitCode="KGM")


def heading(entry: DocumentEntry, *, customization: str | None = None) -> list[Child]:
    """UBLVersionID, CustomizationID, ID: what stands first in each document."""
    return [
        basic("UBLVersionID", VERSION),
        basic("CustomizationID", customization),
        basic("ID", entry.number),
    ]


def dossier_reference(dossier: ShipmentDossier, name: str = "AdditionalDocumentReference") -> Child:
    """The dossier behind the document: what a reader hashes to check it."""
    return aggregate(
        name,
        basic("ID", dossier_hash(dossier).hex()),
        basic("DocumentType", DOSSIER_TYPE),
        basic("VersionID", dossier.version) if name != "AdditionalDocumentReference" else None,
    )


def references(dossier: ShipmentDossier, name: str, *, leave: Sequence[str] = ()) -> Iterator[Child]:
    for paper in dossier.references:
        if paper.kind not in leave:
            yield aggregate(
                name,
                basic("ID", paper.number),
                basic("IssueDate", paper.issued_on),
                basic("DocumentType", paper.kind.replace("_", " ").capitalize()),
            )


def party(name: str, who: Party | None, *outer: str, identifications: int | None = None) -> Child:
    """A party in element ``name``; ``outer`` wraps it, from the inside out.

    identifications: how many of its numbers may stand there; None for all.
    """
    if who is None:
        return None
    made = aggregate(name, *party_members(who, identifications))
    for wrapper in outer:
        made = aggregate(wrapper, made)
    return made


def numbers(who: Party) -> list[Registration]:
    """What a party is known by at authorities, that of the customs first; a Chinese company's own apart."""
    known = [registration for registration in who.registrations if registration.scheme != "uscc"]
    return sorted(known, key=lambda registration: registration.scheme != "eori")


def party_members(who: Party, identifications: int | None = None) -> list[Child]:
    contact = who.contact
    return [
        *(
            aggregate("PartyIdentification", basic("ID", known.value))
            for known in numbers(who)[:identifications]
        ),
        aggregate("PartyName", basic("Name", who.name)),
        aggregate(
            "PostalAddress",
            basic("StreetName", who.address[0]),
            basic("AdditionalStreetName", " ".join(who.address[1:3]) or None),
            *(aggregate("AddressLine", basic("Line", line)) for line in who.address[3:4]),
            country(who.country),
        ),
        aggregate(
            "PartyLegalEntity",
            basic("RegistrationName", who.name_local or who.name),
            *(basic("CompanyID", known.value) for known in who.registrations if known.scheme == "uscc"),
        ),
        aggregate(
            "Contact",
            basic("Name", contact and contact.name),
            basic("Telephone", contact and contact.phone),
            basic("ElectronicMail", contact and contact.email),
        ),
    ]


def country(code: str | None, name: str = "Country") -> Child:
    return None if code is None else aggregate(name, basic("IdentificationCode", code))


def location(name: str, place: Place | None) -> Child:
    if place is None:
        return None
    return aggregate(
        name,
        basic("ID", place.locode, schemeID="UN/LOCODE" if place.locode else None),
        basic("Name", place.name),
        aggregate("Address", country(place.country)),
    )


def delivery_terms(dossier: ShipmentDossier, name: str = "DeliveryTerms") -> Child:
    terms = dossier.terms
    if terms is None:
        return None
    return aggregate(
        name,
        basic("ID", terms.incoterm, schemeID="INCOTERMS", schemeVersionID=str(terms.incoterms_year)),
        aggregate(
            "DeliveryLocation",
            basic("ID", terms.place_locode),  # no scheme: that of locations is ISO 6523 in EN 16931
            basic("Name", terms.place),
        ),
    )


def item(line: Line, dossier: ShipmentDossier, *tax: Child) -> Child:
    """The goods of a line. English stands in Name, the document's other language in Description."""
    assert line.description is not None
    local = spoken(line.description, dossier.language)
    danger = line.dangerous_goods
    return aggregate(
        "Item",
        basic("Description", local, languageID=dossier.language) if local else None,
        basic("Name", line.description.en),
        basic("BrandName", line.brand),
        basic("ModelName", line.model),
        aggregate("SellersItemIdentification", basic("ID", line.lot)),
        aggregate(
            "StandardItemIdentification", basic("ID", line.gtin, schemeID="0160" if line.gtin else None)
        ),
        country(line.origin, "OriginCountry"),
        aggregate("CommodityClassification", basic("ItemClassificationCode", line.hs6, listID="HS")),
        *(
            aggregate("CommodityClassification", basic("ItemClassificationCode", code.code, listID="ZZZ"))
            for code in line.national_codes
            if dossier.route and code.country == dossier.route.destination_country
        ),
        aggregate(
            "HazardousItem",
            basic("UNDGCode", danger.un_number),
            basic("TechnicalName", danger.shipping_name),
        )
        if danger
        else None,
        *tax,
        *(
            aggregate("AdditionalItemProperty", basic("Name", name), basic("Value", value))
            for name, value in (
                ("Condition", line.condition),
                ("Grade", line.grade),
                ("Labels", line.label_state),
                ("Serial list SHA-256", line.serials and line.serials.sha256),
            )
            if value is not None
        ),
    )


def spoken(text: Wording, language: codes.Language) -> str | None:
    local: str | None = None if language == "en" else getattr(text, language)
    return local


def stage(dossier: ShipmentDossier) -> Child:
    route = dossier.route
    if route is None:
        return None
    sea = route.mode in {"sea", "inland_water"}
    return aggregate(
        "ShipmentStage",
        basic("ID", "1"),
        basic("TransportModeCode", route.mode and MODES[route.mode]),
        aggregate(
            "TransportMeans",
            basic("JourneyID", route.voyage),
            aggregate("MaritimeTransport", basic("VesselName", route.vessel)) if sea else None,
        ),
        location("LoadingPortLocation", route.loading),
        location("UnloadingPortLocation", route.discharge),
    )


def measured(group: PackageGroup) -> list[Child]:
    """Masses and sides of one package of the group."""
    sides = group.dimensions
    return [
        *(
            aggregate("MeasurementDimension", basic("AttributeID", code), mass("Measure", grams))
            for code, grams in ((GROSS, group.gross_mass_g), (NET, group.net_mass_g))
            if grams is not None
        ),
        *([] if sides is None else _sides(sides)),
    ]


def _sides(sides: Dimensions) -> list[Child]:
    return [
        aggregate("MeasurementDimension", basic("AttributeID", code), basic("Measure", side, unitCode="MMT"))
        for code, side in ((LENGTH, sides.length_mm), (WIDTH, sides.width_mm), (HEIGHT, sides.height_mm))
    ]


def handling_units(dossier: ShipmentDossier) -> Iterator[Child]:
    """One for each group of equal packages; its quantity says of how many, its measures are of one."""
    for group in dossier.packages:
        last = group.first + group.count - 1
        numbers = str(group.first) if last == group.first else f"{group.first}-{last}"
        yield aggregate(
            "TransportHandlingUnit",
            basic("ID", group.sscc or numbers, schemeID="SSCC" if group.sscc else None),
            basic("TransportHandlingUnitTypeCode", group.type),
            basic("TotalPackageQuantity", group.count),
            basic("ShippingMarks", group.marks),
            aggregate(
                "TransportEquipment",
                basic("ID", group.container),
                *(
                    aggregate("TransportEquipmentSeal", basic("ID", container.seal))
                    for container in dossier.containers
                    if container.number == group.container and container.seal
                ),
            ),
            measured(group),
            [
                aggregate(
                    "GoodsItem",
                    basic("ID", content.line),
                    basic("Quantity", content.quantity, unitCode=dossier.lines[content.line - 1].unit),
                    basic("TraceID", dossier.lines[content.line - 1].lot),
                )
                for content in group.contents
            ],
        )


def pallets(dossier: ShipmentDossier) -> Iterator[Child]:
    """One for each pallet, with the packages that stand on it; its masses hold theirs."""
    for pallet in dossier.pallets or ():
        last = pallet.first + pallet.count - 1
        yield aggregate(
            "TransportHandlingUnit",
            basic("ID", pallet.sscc or f"pallet {pallet.number}", schemeID="SSCC" if pallet.sscc else None),
            basic("TransportHandlingUnitTypeCode", "PX"),
            aggregate("TransportEquipment", basic("ID", pallet.container)),
            aggregate(
                "MeasurementDimension", basic("AttributeID", GROSS), mass("Measure", pallet.gross_mass_g)
            )
            if pallet.gross_mass_g is not None
            else None,
            _sides(pallet.dimensions) if pallet.dimensions else None,
            aggregate(
                "Package",
                basic("ID", str(last) if pallet.count == 1 else f"{pallet.first}-{last}"),
                basic("Quantity", pallet.count, unitCode="C62"),
            ),
        )


def goods_items(dossier: ShipmentDossier) -> Iterator[Child]:
    """Each line as cargo: what it is, how much, how heavy. No price."""
    for number, line in enumerate(dossier.lines, start=1):
        yield aggregate(
            "GoodsItem",
            basic("ID", number),
            mass("GrossWeightMeasure", line.gross_mass_g),
            mass("NetWeightMeasure", line.net_mass_g),
            basic("Quantity", line.quantity, unitCode=line.unit),
            basic("PreferenceCriterionCode", None),
            basic("TraceID", line.lot),
            item(line, dossier),
            aggregate("OriginAddress", country(line.origin)),
        )


def shipment(dossier: ShipmentDossier, *, goods: bool = True) -> Child:
    """The whole consignment, without prices."""
    sums = totals(dossier)
    consignee = dossier.party("consignee") or dossier.party("buyer")
    return aggregate(
        "Shipment",
        basic("ID", dossier.shipment),
        mass("GrossWeightMeasure", sums.gross_mass_g),
        mass("NetWeightMeasure", sums.net_mass_g),
        basic("TotalTransportHandlingUnitQuantity", sums.packages),
        list(goods_items(dossier)) if goods else None,
        stage(dossier),
        aggregate(
            "Delivery",
            aggregate(
                "DeliveryAddress", country(dossier.route.destination_country if dossier.route else None)
            ),
            party("DeliveryParty", consignee),
            delivery_terms(dossier),
        ),
        [*handling_units(dossier), *pallets(dossier)],
        country(dossier.route.export_country if dossier.route else None, "ExportCountry"),
    )
