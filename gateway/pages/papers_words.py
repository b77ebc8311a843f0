"""The words of a shipment's papers: what they are, how far they are, and what people state for them."""

from typing import Final

DOCUMENT_KINDS: Final = {
    "despatch-advice": "Despatch advice",
    "certificate-of-origin": "Application for a certificate of origin",
    "origin-declaration": "Declaration of origin",
    "functionality-protocol": "Functionality protocol",
    "reuse-declaration": "Re-use declaration",
    "battery-declaration": "Battery declaration",
    "brand-authorization": "Brand authorization",
    "cn-export-draft": "Chinese export declaration, draft for the broker",
    "shipping-instruction": "Shipping instruction",
    "package-labels": "Labels of packages",
    "serials": "List of serial numbers",
    "dossier": "The dossier itself",
}

STATES: Final = {
    "none": "No papers yet",
    "draft": "Drafts only",
    "issued": "Issued",
    "changed": "Issued; facts have changed since",
    "revoked": "Revoked",
}

VERSIONS: Final = {
    "current": "counts",
    "superseded": "superseded",
    "revoked": "revoked",
    "draft": "drafts",
}

FACTS: Final = {
    "holder_declaration": "We declare that nothing in this shipment is waste",
    "contract_states_function": "The contract says that the goods work and are used again",
    "soncap_certificate": "Number of the SONCAP certificate",
    "conformity_certificate": "Number of the certificate of conformity",
    "crypto_licence": "Number of the licence for devices that encrypt",
    "supply_chain_records": "Records of the whole supply chain are at hand",
    "responsible_person": "Responsible person in the European Union: name and address",
    "manufacturer_contact": "Maker: name, postal address and e-mail",
    "battery_packing": "How batteries are packed",
    "battery_soc_percent": "Charge of the batteries, in percent",
    "battery_soc_on": "Charge measured on",
    "vessel": "Vessel, flight, train or lorry",
    "voyage": "Voyage or flight number",
    "booking": "Booking number of the carrier",
    "bill": "Transport document",
    "bill_of_lading": "Number of the transport document",
    "cn_codes": "Chinese tariff codes",
}

FACT_HINTS: Final = {
    "cn_codes": "Six digits, an equals sign and the whole code, for example 851713=8517130000.",
}

CHOICES: Final = {
    "contained_in_equipment": "inside their devices",
    "packed_with_equipment": "beside their devices",
    "alone": "without devices",
    "original": "original bill of lading",
    "sea_waybill": "sea waybill",
    "telex_release": "telex release",
    "air_waybill": "air waybill",
}

FORM_ERRORS: Final = {
    "papers-refused": "The rules forbid these goods on this way. Each broken rule stands below.",
    "papers-not-issued": "There are no papers that count at the moment.",
    "documents-failed": "A paper breaks a rule of its own format, so none was issued.",
    "documents-contradict": "Facts of the shipment contradict each other, so no paper was issued.",
    "fact-unreadable": "That does not look like what is asked for here.",
}

FLASHES: Final = {
    "papers-begun": "The papers are being made; here you see how far they are.",
    "papers-drafted": "Drafts were made: customs will ask for a fact that nobody stated yet.",
    "papers-stated": "Kept. Issue the papers again where they should say so.",
    "papers-revoked": "The papers are revoked; whoever checks one of them is told.",
}

EVENTS: Final = {
    "drafts-made": "Drafts of the documents made",
    "documents-amended": "New version of the documents issued",
    "documents-revoked": "Documents revoked",
    "papers-facts-stated": "Facts for the papers entered",
}

TABLES: Final = {
    "paper_states": STATES,
    "paper_versions": VERSIONS,
    "paper_facts": FACTS,
    "paper_fact_hints": FACT_HINTS,
    "paper_choices": CHOICES,
}
