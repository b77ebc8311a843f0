"""Grade articles from measurements, and say which rule gave which score."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gateway.cli.options import AsJson

if TYPE_CHECKING:
    from ledger.lots.grading import Grading, PartScore
    from ledger.lots.schemes import Scheme

Tag = Literal["zh-CN", "en", "vi"]
UNITS = {"MMT": "mm", "CMK": "cm²", "P1": "%"}
ARTICLES_MAX = 100_000
_FILE_MAX = 64_000_000  # bytes


def grade(
    measurements: Annotated[
        Path, typer.Argument(help="JSON: the measurements of one article, or a list of them; - reads stdin.")
    ],
    scheme: Annotated[
        str,
        typer.Option(help="electronics, apparel, appliance, furniture, or a scheme file."),
    ] = "electronics",
    explain: Annotated[
        bool, typer.Option("--explain", help="Show every part: what was measured, which rule, which score.")
    ] = False,
    language: Annotated[Tag, typer.Option("--lang", help="Language of the explanation.")] = "en",
    json_: AsJson = False,
) -> None:
    """Grade articles by a scheme, as an inspection does and as an audit does it again.

    An element is an object of measurements, {"boots": "yes", "scratch": {"value": "2.9", "unit": "MMT"}},
    or a row of a lot pack that holds one as "measured". Exit 1 names what cannot be read.
    """
    from ledger.errors import InvalidRecord
    from ledger.lots.grading import grade as graded

    rules = _scheme(scheme)
    articles = _articles(measurements)
    gradings = []
    for n, one in enumerate(articles):
        try:
            gradings.append(graded(rules, one))
        except InvalidRecord as error:
            raise InvalidRecord(error.message, pointer=f"/{n}{error.pointer}") from error
    if json_:
        typer.echo(json.dumps(_object(rules, gradings), ensure_ascii=False))
        return
    for line in _lines(rules, gradings, language) if explain else _brief(gradings):
        typer.echo(line)


def _scheme(name: str) -> "Scheme":
    """A shipped scheme by id, or any file. Raises InvalidRecord when it is neither."""
    from ledger.errors import InvalidRecord
    from ledger.lots.schemes import load_schemes, parse_scheme

    shipped = load_schemes()
    if name in shipped:
        return shipped[name]
    path = Path(name)
    if not path.is_file():
        raise InvalidRecord(f"{name!r} is no file and none of {', '.join(shipped)}", pointer="--scheme")
    return parse_scheme(path.read_bytes())


def _articles(path: Path) -> list[dict[str, Any]]:
    from ledger.errors import InvalidRecord

    data = sys.stdin.buffer.read(_FILE_MAX + 1) if str(path) == "-" else path.read_bytes()
    if len(data) > _FILE_MAX:
        raise InvalidRecord(f"more than {_FILE_MAX // 1_000_000} MB of measurements")
    value = _read(data)
    found = value if isinstance(value, list) else [value]
    if not 1 <= len(found) <= ARTICLES_MAX:
        raise InvalidRecord(f"one to {ARTICLES_MAX} articles are graded at once")
    articles = []
    for n, one in enumerate(found):
        measured = one.get("measured", one) if isinstance(one, dict) else None
        if not isinstance(measured, dict):
            raise InvalidRecord("is no object of measurements", pointer=f"/{n}")
        articles.append(measured)
    return articles


def _read(data: bytes) -> Any:
    """JSON as people write it. Duplicate members are refused: which of the two was measured?"""
    from ledger.errors import InvalidRecord

    def members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        named = dict(pairs)
        if len(named) != len(pairs):
            raise InvalidRecord(f"says {[name for name, _ in pairs]}: a member stands there twice")
        return named

    try:
        return json.loads(data, object_pairs_hook=members)
    except (ValueError, RecursionError) as error:
        raise InvalidRecord(f"the measurements are not JSON: {error}") from error


def _object(scheme: "Scheme", gradings: Sequence["Grading"]) -> dict[str, Any]:
    from ledger.lots.sampling import lowest

    return {
        "scheme": {
            "id": scheme.id,
            "version": scheme.version,
            "sha256": scheme.sha256,
            "grades": [{"grade": one.grade, "at_least": one.at_least} for one in scheme.grades],
        },
        "articles": [
            {
                "grade": one.grade,
                "score": one.score,
                "reason": one.reason,
                "parts": [
                    {
                        "name": part.name,
                        "measured": part.input,
                        "rule": part.rule,
                        "score": part.score,
                        "grade": part.grade,
                        "reason": part.reason,
                    }
                    for part in one.parts
                ],
            }
            for one in gradings
        ],
        "counts": _counts(gradings),
        "lowest": lowest(one.grade for one in gradings),
    }


def _counts(gradings: Sequence["Grading"]) -> dict[str, int]:
    return dict(sorted(Counter(one.grade for one in gradings).items()))


def _brief(gradings: Sequence["Grading"]) -> Iterator[str]:
    for one in gradings:
        yield f"{one.grade} {'-' if one.score is None else one.score} {one.reason}"


def _lines(scheme: "Scheme", gradings: Sequence["Grading"], tag: str) -> Iterator[str]:
    """What a reader needs to follow each grade by hand, in his language."""
    from ledger.lots.sampling import lowest

    said = Words(tag)
    yield f"{said('explanation', 'scheme')} {scheme.id} {scheme.version}, SHA-256 {scheme.sha256}"
    bounds = ", ".join(f"{one.grade} ≥ {one.at_least}" for one in scheme.grades)
    yield f"{said('explanation', 'boundaries')}: {bounds}"
    units = {part.name: part for part in scheme.parts}
    for n, one in enumerate(gradings, start=1):
        if len(gradings) > 1:
            yield f"#{n}"
        for part in one.parts:
            unit = UNITS.get(units[part.name].unit or "", units[part.name].unit or "")
            yield "  " + _part_line(part, unit, said)
        yield "  " + _result_line(one, said)
    if len(gradings) > 1:
        counts = ", ".join(f"{letter} {count}" for letter, count in _counts(gradings).items())
        letter = lowest(one.grade for one in gradings)
        yield f"{counts}. {said('explanation', 'unsorted')}: {said('grades', letter)}"


class Words:
    """The catalogue of one language; a slug without a word is shown as it is."""

    def __init__(self, tag: str) -> None:
        from gateway.i18n import translations

        self._catalogue = translations(tag)

    def __call__(self, table: str, slug: str) -> str:
        from gateway.pages import words

        message = words.message_id(table, slug)
        return slug if message is None else self._catalogue.gettext(message)

    def found(self, part: str, text: str) -> str:
        """A measured word; "no" is good news of a lock and bad news of starting up."""
        from gateway.pages import words

        return self("findings", f"{part}-{text}" if f"{part}-{text}" in words.FINDINGS else text)


def _part_line(part: "PartScore", unit: str, said: Words) -> str:
    """``Scratches: 2.9 mm (≤ 10 mm) → 85``."""
    words, number = _split(part.input)
    measured = " ".join(filter(None, (*(said.found(part.name, one) for one in words), number)))
    if number:
        measured += f" {unit}"
    outcome = said("grades", part.grade) if part.grade else said("explanation", "passes")
    if part.score is not None:
        outcome = str(part.score)
    rule = "" if part.rule == part.input else _rule(part, unit, said)
    reason = f" ({said('grade_reasons', part.reason)})" if part.reason else ""
    measured = measured or said("explanation", "not-measured")
    return f"{said('score_parts', part.name)}: {measured}{f' [{rule}]' if rule else ''} → {outcome}{reason}"


def _split(text: str) -> tuple[list[str], str]:
    """``dent 45 MMT`` as words, number: the unit is the part's."""
    pieces = text.split()
    numbers = [n for n, piece in enumerate(pieces) if piece[0].isdigit()]
    return (pieces[: numbers[0]], pieces[numbers[0]]) if numbers else (pieces, "")


def _rule(part: "PartScore", unit: str, said: Words) -> str:
    if part.rule == "otherwise":
        return said("explanation", "otherwise")
    pieces = part.rule.replace(">=", "≥").replace("<=", "≤").split()
    told = [said.found(part.name, one) if one[0].isalpha() and one != "or" else one for one in pieces]
    text = " ".join("/" if one == "or" else one for one in told)
    return f"{text} {unit}" if told and told[-1][0].isdigit() else text


def _result_line(grading: "Grading", said: Words) -> str:
    letter = said("grades", grading.grade)
    if grading.score is None:
        why = ", ".join(said("grade_reasons", reason) for reason in grading.reason.split(", "))
        return f"{letter}. {said('explanation', 'because')}: {why}"
    parts = [part.name for part in grading.parts if part.score == grading.score]
    names = ", ".join(said("score_parts", name) for name in parts)
    score = f"{said('explanation', 'score')} {grading.score}"
    return f"{letter}, {score}. {said('explanation', 'decided-by')}: {names}"
