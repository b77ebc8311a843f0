"""Money, mass and volume without floats: Decimal inside, integers of the smallest unit outside.

Printed money groups thousands with commas because its decimals follow a point; counts, kilograms
and cubic metres are not grouped, because ``1,200`` is one and a fifth to readers in Viet Nam.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

from exporters.errors import UnknownCode
from ledger.lots.cost import allocate

# Wide enough that no product or sum here is ever rounded before it is quantised.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)

# ISO 4217 minor units. CLDR's digits are those of daily use and differ (IDR, LAK, RSD): not for documents.
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_TWO_DECIMALS = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
    COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
    MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER
    ZAR ZMW ZWG
"""
_EXPONENTS = {
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_TWO_DECIMALS.split(), 2),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
}
CURRENCIES = frozenset(_EXPONENTS)


def exponent(currency: str) -> int:
    """Decimals of a currency's minor unit (ISO 4217): 0 for VND, 2 for USD, 3 for KWD.

    Raises UnknownCode for a currency that is not on the list.
    """
    if currency not in _EXPONENTS:
        raise UnknownCode(f"{currency} is not a currency of ISO 4217 that we know")
    return _EXPONENTS[currency]


def line_amount(quantity: int, unit_price: str, currency: str) -> int:
    """Quantity times unit price in minor units, rounded half up once: 1 x 0.125 USD is 13."""
    product = _EXACT.multiply(Decimal(quantity), Decimal(unit_price))
    return _rounded(product.scaleb(exponent(currency), _EXACT))


def money(amount_minor: int, currency: str) -> str:
    """Print an amount: ``money(1234560, "USD")`` is ``12,345.60``, in VND ``1,234,560``."""
    decimals = exponent(currency)
    whole, fraction = divmod(abs(amount_minor), 10**decimals)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{whole:,}" + (f".{fraction:0{decimals}d}" if decimals else "")


def plain_money(amount_minor: int, currency: str) -> str:
    """The same without grouping, as machines read it: ``12345.60``."""
    return money(amount_minor, currency).replace(",", "")


def unit_price(price: str, currency: str) -> str:
    """Print a unit price with all its own decimals, and at least those of the currency."""
    whole, _, fraction = price.partition(".")
    fraction = fraction.ljust(exponent(currency), "0")
    return f"{int(whole):,}" + (f".{fraction}" if fraction else "")


def kilograms(mass_g: int) -> str:
    """Grams to kilograms with all three decimals, so printed lines sum to the printed total."""
    return f"{mass_g // 1000}.{mass_g % 1000:03d}"


def kilograms_rounded(masses_g: Sequence[int], decimals: int) -> tuple[list[str], str]:
    """Print masses in kg with fewer decimals than three, and their total.

    decimals: 0, 1 or 2. By largest remainder: the printed parts sum to the printed total exactly.
    """
    scale = 10**decimals
    total = _rounded(Decimal(sum(masses_g)).scaleb(decimals - 3, _EXACT))
    return [_decimal(part, scale) for part in allocate(total, masses_g)], _decimal(total, scale)


def cubic_metres(volumes_mm3: Sequence[int]) -> tuple[list[str], str]:
    """Print volumes in m³ with three decimals, and their total; the parts sum to the total exactly."""
    total = _rounded(Decimal(sum(volumes_mm3)).scaleb(-6, _EXACT))
    return [kilograms(part) for part in allocate(total, volumes_mm3)], kilograms(total)


def _decimal(scaled: int, scale: int) -> str:
    whole, fraction = divmod(scaled, scale)
    return f"{whole}.{fraction:0{len(str(scale)) - 1}d}" if scale > 1 else str(whole)


def _rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=_EXACT))
