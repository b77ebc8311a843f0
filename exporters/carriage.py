"""How a shipment travels: the pallets its packages stand on, and what the carrier is told."""

from typing import Literal

from exporters.goods import Dimensions
from exporters.parts import Part, Place
from exporters.scalars import ContainerNumber, Count, Natural, Sscc, Text


class Pallet(Part):
    """Packages ``first`` to ``first + count - 1`` stand on it. gross_mass_g: theirs and ``tare_mass_g``."""

    number: Count
    first: Count
    count: Count
    sscc: Sscc | None = None
    container: ContainerNumber | None = None
    tare_mass_g: Natural | None = None
    gross_mass_g: Natural | None = None
    dimensions: Dimensions | None = None


class Carriage(Part):
    """What a booking and the bill of lading need beside the route."""

    carrier: Text | None = None
    booking: Text | None = None
    freight: Literal["prepaid", "collect"] | None = None
    bill: Literal["original", "sea_waybill", "telex_release", "air_waybill"] | None = None
    originals: Count | None = None
    pre_carriage: Text | None = None
    receipt: Place | None = None
    delivery: Place | None = None
