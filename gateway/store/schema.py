"""Every table of the gateway, in the order in which migrations make them."""

from typing import Final

from sqlalchemy import Table

from gateway.store.catalogue_tables import CATALOGUE
from gateway.store.dossier_tables import DOSSIERS
from gateway.store.file_tables import FILES
from gateway.store.job_tables import JOBS
from gateway.store.label_tables import LABELS
from gateway.store.measuring_tables import MEASURING
from gateway.store.offer_state_tables import OFFER_STATES
from gateway.store.people_tables import PEOPLE
from gateway.store.price_tables import PRICES
from gateway.store.profile_tables import PROFILES
from gateway.store.purchase_tables import PURCHASES
from gateway.store.report_tables import REPORTS
from gateway.store.request_tables import REQUESTS
from gateway.store.scan_tables import SCANS
from gateway.store.shipment_tables import SHIPMENTS
from gateway.store.statement_tables import STATEMENTS
from gateway.store.tables import GOODS_AND_TRADE
from gateway.store.waiting_tables import WAITING

GATEWAY_TABLES: Final[list[Table]] = [
    *GOODS_AND_TRADE,
    *PEOPLE,
    *REQUESTS,
    *JOBS,
    *FILES,
    *STATEMENTS,
    *PROFILES,
    *SCANS,
    *LABELS,
    *MEASURING,
    *REPORTS,
    *WAITING,
    *CATALOGUE,
    *OFFER_STATES,
    *PRICES,
    *PURCHASES,
    *SHIPMENTS,
    *DOSSIERS,
]
