"""What a pack opens: values, rows and documents, each against the record that commits to it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from ledger.core import canonical, manifest, merkle, pack
from ledger.core.canonical import JsonValue
from ledger.core.commitments import SALT_SIZE, commitment_of
from ledger.core.encoding import decode_base64, decode_hex
from ledger.core.leaf import Leaf
from ledger.core.pack import Pack
from ledger.errors import InvalidRecord, ProofError
from ledger.lots.grading import grade
from ledger.lots.regrade import check_grades, graded, known_schemes
from ledger.lots.rowforms import check_forms
from ledger.lots.rows import check_sources, manifests, quantity_of
from ledger.lots.sampling import lowest
from ledger.lots.state import LotState, Subject
from ledger.records.inspection import LotInspected
from ledger.records.registry import Typed, typed

Place = tuple[str, int]  # event id of the record with the manifest, number of the row
_OPENING = {"event_id", "field", "salt", "value"}
_ROW = {"event_id", "part", "path", "row"}


class Private:
    """Openings and rows that were found to be those of the records."""

    def __init__(self, leaves: Sequence[Leaf], openings: list[Any], rows: list[Any]) -> None:
        self.openings = openings
        self.rows = rows
        self._typed = {leaf.record.event_id: typed(leaf.record) for leaf in leaves}
        self._index = {leaf.record.event_id: leaf.index for leaf in leaves}
        self._values: dict[str, dict[str, JsonValue]] = {}
        self._rows: dict[tuple[str, str], dict[int, bytes]] = {}  # event id and part -> rows by number

    @classmethod
    def read(cls, read: Pack, leaves: Sequence[Leaf]) -> "Private":
        """Read and verify ``openings.json`` and ``rows.json``. Raises ProofError, InvalidRecord."""
        openings = _listed(read.members[pack.OPENINGS], _OPENING)
        rows = _listed(read.members[pack.ROWS], _ROW)
        private = cls(leaves, openings, rows)
        for one in openings:
            private._open(one)
        for one in rows:
            private._prove(one)
        return private

    def _open(self, one: Mapping[str, Any]) -> None:
        typed_, name = self._of(one), one["field"]
        committed = typed_.record.body.commit.get(name)
        encoded = canonical.dumps(one["value"])
        if committed is None or commitment_of(name, encoded, decode_hex(one["salt"], SALT_SIZE)) != committed:
            raise ProofError(f"{name} of {one['event_id']} is not what was committed to")
        typed_.type.check_value(name, one["value"])
        self._values.setdefault(one["event_id"], {})[name] = one["value"]

    def _prove(self, one: Mapping[str, Any]) -> None:
        typed_, encoded = self._of(one), canonical.dumps(one["row"])
        described = dict(manifests(typed_)).get(one["part"])
        n = one["row"]["n"]
        if described is None:
            raise ProofError(f"{one['event_id']} has no rows {one['part']!r:.40}")
        manifest.parse_row(encoded, n)
        merkle.verify_inclusion(
            merkle.leaf_hash(encoded),
            leaf_index=n,
            tree_size=described.count,
            path=[decode_base64(line) for line in one["path"]],
            root=bytes.fromhex(described.rows_root),
        )
        self._rows.setdefault((one["event_id"], one["part"]), {})[n] = encoded

    def _of(self, one: Mapping[str, Any]) -> Typed:
        found = self._typed.get(one["event_id"])
        if found is None:
            raise ProofError(f"{one['event_id']!r:.80} is no record in the pack")
        return found

    def value(self, event_id: str, field: str) -> JsonValue | None:
        return self._values.get(event_id, {}).get(field)

    def opened(self, typed_: Typed) -> Mapping[str, JsonValue]:
        return self._values.get(typed_.record.event_id, {})

    def check_rows(self, typed_: Typed, before: Mapping[str, Subject | None]) -> None:
        """Where all rows of a record are shown: they stand for the units that it speaks of."""
        parts: dict[str, list[bytes]] = {}
        for part, described in manifests(typed_):
            shown = self._rows.get((typed_.record.event_id, part), {})
            if len(shown) != described.count:
                return
            parts[part] = [shown[n] for n in range(described.count)]
        check_sources(typed_, parts, before.get)
        if parts:
            check_forms(typed_.data, next(iter(parts.values())))

    def check_documents(self, read: Pack, leaves: Sequence[Leaf]) -> tuple[str, ...]:
        """The documents in a pack, each issued by one of its records. Raises ProofError."""
        issued = {
            f"{pack.DOCUMENTS}{leaf.index}-{leaf.record.body.data['kind']}.pdf": leaf.record.body.data[
                "sha256"
            ]
            for leaf in leaves
            if leaf.record.body.type == "document.issued"
        }
        names = [name for name in read.members if name.startswith(pack.DOCUMENTS)]
        for name in names:
            if issued.get(name) != sha256(read.members[name]).hexdigest():
                raise ProofError(f"{name} is not the document that was recorded")
        return tuple(names)

    def check_grades(self, lineage: Sequence[str], state: LotState) -> int:
        """Compute the grades of the rows shown again; returns for how many units that could be done.

        lineage: the lot and its ancestors, eldest last; state: the lot's. Raises InvalidRecord where rows
        give more of a grade than the inspection found, or the lot bears another grade than the last
        inspection of its own rows gives; goods that are not sorted bear the lowest. Rows that it did not
        look at, as those of units sold before, say nothing about it.
        """
        letters: dict[Place, tuple[str, str]] = {}  # measured row -> its grade, by the last inspection of it
        computed = 0
        for event_id in sorted(self._index, key=lambda one: self._index[one]):
            typed_ = self._typed[event_id]
            if isinstance(typed_.data, LotInspected):
                computed += self._regrade(event_id, typed_.data, letters)
        if state.manifest_event is None or state.grade is None or state.changed_since_inspection:
            return computed
        latest = state.inspection.event_id if state.inspection else ""
        for n in self._shown(lineage, state.manifest_event):
            places = self._sources(lineage, (state.manifest_event, n))
            found, by = next((letters[place] for place in places if place in letters), (state.grade, ""))
            fits = lowest((found, state.grade)) == state.grade if state.mixed else found == state.grade
            if by == latest and not fits:
                raise InvalidRecord(f"row {n} of {lineage[0]} gives grade {found}, the lot has {state.grade}")
        return computed

    def _regrade(self, event_id: str, data: LotInspected, letters: dict[Place, tuple[str, str]]) -> int:
        scheme, shown = known_schemes().get(data.scheme.sha256), self._rows.get((event_id, ""), {})
        if scheme is None or not shown:
            return 0
        if len(shown) == data.manifest.count:
            check_grades(data, [shown[n] for n in range(data.manifest.count)])
        counts: Counter[str] = Counter()
        for n, encoded in shown.items():
            facts = manifest.parse_row(encoded, n)
            letter, _ = graded(facts, grade(scheme, facts["measured"]), n)
            counts[letter] += quantity_of(facts)
            if "src" in facts:
                letters[facts["src"]["event_id"], facts["src"]["n"]] = letter, event_id
        stated: dict[str, int] = {item.grade: item.count for item in data.grades}
        for letter, count in counts.items():
            if count > stated.get(letter, 0):
                raise InvalidRecord(f"{count} rows give {letter}, {stated} were found")
        return counts.total()

    def _shown(self, lineage: Sequence[str], event_id: str) -> dict[int, bytes]:
        """The rows of a record that belong to a lot or its ancestors, by number."""
        typed_ = self._typed.get(event_id)
        part = part_of(typed_, lineage) if typed_ else ""
        return self._rows.get((event_id, part), {})

    def _sources(self, lineage: Sequence[str], place: Place) -> list[Place]:
        """A row and the rows it comes from, nearest first."""
        places: list[Place] = []
        while place not in places:
            places.append(place)
            event_id, n = place
            encoded = self._shown(lineage, event_id).get(n)
            source = None if encoded is None else manifest.parse_row(encoded, n).get("src")
            if not isinstance(source, dict) or "lot" in source:  # the rows of a merge end here
                break
            place = (source["event_id"], source["n"])
        return places


def part_of(typed_: Typed, lineage: Sequence[str]) -> str:
    """Which manifest of a record stands for the goods of a lot. lineage: the lot, then its ancestors."""
    parts = dict(manifests(typed_))
    return next((name for name in lineage if name in parts), "")


def _listed(data: bytes, form: set[str]) -> list[Any]:
    value: Any = canonical.loads(data)
    if not isinstance(value, list) or any(type(one) is not dict or one.keys() != form for one in value):
        raise ProofError("openings.json or rows.json has another form")
    texts = [canonical.dumps(one) for one in value]
    if texts != sorted(set(texts)):
        raise ProofError("openings or rows are out of order")
    return value
