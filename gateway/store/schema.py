"""Every table of the gateway, in the order in which migrations make them."""

from typing import Final

from sqlalchemy import Table

from gateway.store.file_tables import FILES
from gateway.store.job_tables import JOBS
from gateway.store.people_tables import PEOPLE
from gateway.store.request_tables import REQUESTS
from gateway.store.tables import GOODS_AND_TRADE

GATEWAY_TABLES: Final[list[Table]] = [*GOODS_AND_TRADE, *PEOPLE, *REQUESTS, *JOBS, *FILES]
