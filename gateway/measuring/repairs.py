"""The form of one repaired article, and the steps that were typed into it (rows of ``repairs/2``)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.measuring.questions import plain_number
from ledger.lots.schemes import NUMBER

PLAIN: Final = ("system_reset", "cleaned", "repackaged")
STEPS: Final = ("battery_replaced", "data_wiped", "fabric_repaired", *PLAIN)
BY_GOODS: Final[Mapping[str, tuple[str, ...]]] = {
    "electronics": ("battery_replaced", "system_reset", "data_wiped", "cleaned", "repackaged"),
    "apparel": ("fabric_repaired", "cleaned", "repackaged"),
    "furniture": ("fabric_repaired", "cleaned", "repackaged"),
    "appliance": ("cleaned", "system_reset", "repackaged"),
}
PART_ORIGINS: Final = ("original", "compatible", "recovered")
WIPE_METHODS: Final = ("clear", "purge", "destroy")
TEXT_BYTES_MAX: Final = 200
CYCLES_MAX: Final = 100_000

_NUMBER = re.compile(NUMBER)
_COUNT = re.compile(r"0|[1-9][0-9]{0,5}")


def steps_for(scheme: str) -> tuple[str, ...]:
    """The steps that make sense for goods of a scheme."""
    return BY_GOODS.get(scheme, STEPS)


def read_steps(answers: Mapping[str, str], certificate: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """(steps, what is wrong: field -> slug). certificate: SHA-256 of the wiping report, "" without one.

    A box that is ticked is a step; what belongs to a step that is not ticked is not read.
    """
    wrong: dict[str, str] = {}
    steps: list[dict[str, Any]] = []
    if answers.get("battery_replaced"):
        steps.append(_battery(answers, wrong))
    if answers.get("data_wiped"):
        steps.append(_wiped(answers, certificate, wrong))
    if answers.get("fabric_repaired"):
        steps.append(_fabric(answers, wrong))
    steps += [{"kind": kind} for kind in PLAIN if answers.get(kind)]
    return steps, wrong


def typed(steps: list[dict[str, Any]]) -> dict[str, str]:
    """Steps as they would be typed, by field of the form."""
    texts: dict[str, str] = {}
    for step in steps:
        texts[step["kind"]] = "yes"
        match step["kind"]:
            case "battery_replaced":
                texts["part_origin"] = step["part_origin"]
                for when in ("before", "after"):
                    texts |= {f"{name}_{when}": _text(value) for name, value in step[when].items()}
            case "data_wiped":
                texts |= {"wipe_method": step["method"], "certificate_sha256": step["certificate"]}
            case "fabric_repaired":
                texts |= {f"fabric_{name}": step[name] for name in ("place", "area") if name in step}
    return texts


def _battery(answers: Mapping[str, str], wrong: dict[str, str]) -> dict[str, Any]:
    origin = answers.get("part_origin", "")
    if origin not in PART_ORIGINS:
        wrong["part_origin"] = "not-a-choice"
    step: dict[str, Any] = {"kind": "battery_replaced", "part_origin": origin}
    for when in ("before", "after"):
        step[when] = {}
        _health(answers, when, step[when], wrong)
        cycles = answers.get(f"cycles_{when}", "").strip()
        if cycles and not (_COUNT.fullmatch(cycles) and int(cycles) <= CYCLES_MAX):
            wrong[f"cycles_{when}"] = "quantity-not-a-number"
        elif cycles:
            step[when]["cycles"] = int(cycles)
        serial = _line(answers, f"serial_{when}", wrong)
        if serial:
            step[when]["serial"] = serial
    for name in ("health_after", "serial_after"):
        if not answers.get(name, "").strip():
            wrong[name] = "answer-missing"
    return step


def _health(answers: Mapping[str, str], when: str, battery: dict[str, Any], wrong: dict[str, str]) -> None:
    text = answers.get(f"health_{when}", "").strip()
    if not text:
        return
    number = plain_number(text, "P1")
    if not _NUMBER.fullmatch(number):
        wrong[f"health_{when}"] = "not-a-measure"
    elif float(number) > 100:
        wrong[f"health_{when}"] = "over-maximum"
    else:
        battery["health"] = {"value": number, "unit": "P1"}


def _wiped(answers: Mapping[str, str], certificate: str, wrong: dict[str, str]) -> dict[str, Any]:
    method = answers.get("wipe_method", "")
    if method not in WIPE_METHODS:
        wrong["wipe_method"] = "not-a-choice"
    if not certificate:
        wrong["certificate"] = "certificate-missing"
    return {"kind": "data_wiped", "method": method, "certificate": certificate}


def _fabric(answers: Mapping[str, str], wrong: dict[str, str]) -> dict[str, Any]:
    step: dict[str, Any] = {"kind": "fabric_repaired"}
    place = _line(answers, "fabric_place", wrong)
    if place:
        step["place"] = place
    area = plain_number(answers.get("fabric_area", ""), "CMK")
    if area and not _NUMBER.fullmatch(area):
        wrong["fabric_area"] = "not-a-measure"
    elif area:
        step["area"] = area
    return step


def _line(answers: Mapping[str, str], name: str, wrong: dict[str, str]) -> str:
    text = answers.get(name, "").strip()
    if len(text.encode()) > TEXT_BYTES_MAX or not text.isprintable():
        wrong[name] = "line-too-long"
        return ""
    return text


def _text(value: Any) -> str:
    return str(value["value"]) if isinstance(value, Mapping) else str(value)
