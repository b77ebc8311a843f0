"""The vocabulary of landed cost: its lines and who pays them, the way, and what customs will ask."""

from typing import Final

LINES: Final = {
    "goods": "Goods at the agreed price",
    "carriage": "Carriage",
    "insurance": "Cargo insurance",
    "duty": "Import duty",
    "import_tax": "Import tax",
    "brand_fee": "Fee of the brand",
}
STATES: Final = {
    "due": "you pay it",
    "within": "within the price",
    "unknown": "unknown",
    "not-told": "within the price, between the seller and the brand",
}
MODES: Final = {"road": "Road", "rail": "Rail", "sea": "Sea", "air": "Air"}
SHARES: Final = {
    "good": "Good: carriage is a small part of the price",
    "fair": "Fair: more than a tenth of the price",
    "high": "High: carriage takes much of the price",
    "unknown": "The share is unknown, because the carriage is",
}
REGIONS: Final = {"north": "Northern China", "east": "Eastern China", "south": "Southern China"}
LEAD_TIMES: Final = {
    "in-time": "Within the promise",
    "late": "Later than promised",
    "unknown": "Nobody can say whether the promise is kept",
}
LEVELS: Final = {
    "draft": "Facts are missing",
    "complete": "All facts are there, and one of them stops the goods",
    "customs-ready": "Ready for customs, as far as our rules know",
}
OUTCOMES: Final = {"pass": "Answered", "fail": "Stops or hinders", "unknown": "Not known yet"}
SEVERITIES: Final = {"block": "Needed", "warn": "To be looked at", "info": "Advice"}
STATUSES: Final = {
    "own": "our own rule",
    "verified": "read in the law itself or at the authority",
    "secondary": "as others tell it",
    "unverified": "nobody has checked it",
}

RULES: Final = {
    "VN-USED-IT": "No used or refurbished IT goods may enter Viet Nam.",
    "VN-USED-CONSUMER": "No used consumer goods may enter Viet Nam.",
    "VN-USED-CONSUMER-2018": "No used consumer goods may enter Viet Nam.",
    "NG-USED-REFRIGERATOR": "No used refrigerators or air conditioners may enter Nigeria.",
    "NG-USED-CLOTHING": "No used clothing or shoes may enter Nigeria.",
    "HS2022-VALID": "A code of the Harmonized System of 2022, of six digits or more.",
    "ORIGIN-STATED": "The country of origin has to be stated.",
    "ORIGIN-EVIDENCE": "The producer declares the origin, where a lower duty is claimed.",
    "WEIGHT-RECON": "Net and gross mass have to be stated, and to fit each other.",
    "INCOTERM-MODE": "The delivery term has to fit the way the goods travel.",
    "INCOTERM-CONTAINER": "In containers, FCA, CPT and CIP fit better than FOB, CFR and CIF.",
    "INCOTERM-EXW-EXPORT": "Under EXW the buyer would have to export from China itself.",
    "INCOTERM-DDP-IMPORTER": "Under DDP the seller needs somebody who imports in its name.",
    "VN-CRYPTO-LICENCE": "Devices that encrypt may need a licence in Viet Nam.",
    "KE-PVOC": "A certificate of conformity (PVoC) before the goods leave.",
    "NG-SONCAP": "SONCAP: product certificate and certificate of conformity.",
    "GH-USED-COLD": "No used refrigerators or air conditioners may enter Ghana.",
    "GH-USED-PERSONAL": "No used mattresses or underwear may enter Ghana.",
    "ASEAN-USED-CLOTHING": "Used clothing is restricted there: a person has to look at it.",
    "EU-GPSR-RP": "A responsible person in the European Union.",
    "EU-GPSR-OFFER": "Maker and responsible person have to be named in the offer.",
    "ICS2-DESC": "A description that says what the goods are, with an HS code.",
    "US-141.86": "What an invoice for the United States has to say.",
    "US-APPAREL-FIBRE": "Fibres by weight, and whether a garment is knitted or woven.",
    "US-UFLPA-TRACE": "Records of the supply chain, down to the raw material.",
    "ISF-10": "The ten elements of the Importer Security Filing, before loading.",
    "EWASTE-FUNCTION": "Electrical goods work; what does not is waste.",
    "BASEL-REUSE-EVIDENCE": "Evidence that used electrical goods are no waste.",
    "EU-REUSE-EVIDENCE": "Evidence for each used appliance that it works, and a declaration.",
    "UN383-SUMMARY": "The test summary of the lithium batteries, UN 38.3.",
    "IATA-PI965-SOC": "Batteries alone fly charged to at most 30%.",
    "IATA-PI966-SOC-2025": "Batteries packed beside their devices are better charged to at most 30%.",
    "IATA-PI966-SOC": "Batteries packed beside their devices fly charged to at most 30%.",
    "IATA-PI967-SOC": "Batteries inside their devices are better charged to at most 30%.",
}

FIXES: Final = {
    "hs_code": "State an HS code of 2022 for each product.",
    "condition": "State the condition of each piece; used goods cannot go where they are banned.",
    "origin_country": "State the country of origin.",
    "origin_evidence": "Ask the producer for a declaration of origin.",
    "weights_agree": "State net and gross mass of each piece; gross is not below net.",
    "incoterm": "Choose a delivery term that fits: FCA, CPT or CIP.",
    "mode": "Say how the goods will travel.",
    "importer_of_record": "Name who imports the goods at the destination.",
    "containerised": "Say whether the goods travel in containers.",
    "crypto_licence": "Ask the authority or a broker whether a licence is needed.",
    "conformity_certificate": "Have the goods certified before they leave.",
    "soncap_certificate": "Apply for the product certificate before the goods leave.",
    "responsible_person": "Name a responsible person in the European Union.",
    "manufacturer_contact": "State the maker's name, postal address and e-mail.",
    "description": "Describe the goods in plain words.",
    "seller": "Name the seller.",
    "buyer": "Name the buyer.",
    "quantity": "State the quantity.",
    "unit_price": "State the price of a piece.",
    "currency": "State the currency.",
    "fibre": "State the fibres of each part by weight.",
    "knit_or_woven": "Say whether the garment is knitted or woven.",
    "supply_chain_records": "Collect the records of all who made and sold the goods.",
    "importer_number": "State the importer's number.",
    "consignee_number": "State the consignee's number.",
    "manufacturer": "Name the maker of the goods.",
    "ship_to": "Say where the goods are delivered.",
    "stuffing_location": "Say where the container is loaded.",
    "consolidator": "Name who loads the container.",
    "functional": "Test each device, and record the result.",
    "test_date": "Record the day of the test.",
    "tester": "Name who tested the goods.",
    "holder_declaration": "Sign a declaration that nothing of it is waste.",
    "contract_states_function": "Say in the contract that the goods work and are used again.",
    "battery": "Say whether the goods hold a lithium battery.",
    "battery_packing": "Say whether batteries are in, beside or without their devices.",
    "battery_soc_percent": "Measure the charge of the batteries, and bring it to 30% or less.",
    "battery_wh": "State the energy of the battery in watt-hours.",
    "un38_3": "Ask the maker for the UN 38.3 test summary.",
}

CITIES: Final = {
    "Yantian": "Yantian",
    "Ningbo": "Ningbo",
    "Tianjin": "Tianjin",
    "Xingang": "Xingang",
    "Hai Phong": "Hai Phong",
    "Ha Noi": "Ha Noi",
    "Cat Lai": "Cat Lai",
    "Ho Chi Minh City": "Ho Chi Minh City",
    "Lagos Apapa": "Lagos Apapa",
    "Los Angeles": "Los Angeles",
}

LOT_CARD: Final = {"proof": "Scan or open: its history, signed and provable"}

TABLES: Final = {
    "lot_card": LOT_CARD,
    "landed_lines": LINES,
    "landed_states": STATES,
    "transport_modes": MODES,
    "freight_shares": SHARES,
    "warehouse_regions": REGIONS,
    "lead_times": LEAD_TIMES,
    "customs_levels": LEVELS,
    "customs_outcomes": OUTCOMES,
    "rule_severities": SEVERITIES,
    "rule_statuses": STATUSES,
    "customs_rules": RULES,
    "customs_fixes": FIXES,
}
