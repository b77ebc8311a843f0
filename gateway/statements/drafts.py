"""A wanted record as it is kept until it is recorded: JSON in, the same value out."""

from dataclasses import replace
from typing import Any

from gateway.workflows.prepare import Facts, Wanted
from ledger.author import Place, new_id
from ledger.core.subjects import KINDS


def with_ids(wanted: Wanted) -> Wanted:
    """What is new gets its id now, so that composing it anew names the same subjects."""
    return replace(
        wanted, subjects=tuple(new_id(name) if name in KINDS else name for name in wanted.subjects)
    )


def to_json(wanted: Wanted) -> dict[str, Any]:
    """``from_json(to_json(w)) == w`` for a wanted record whose sequences are tuples."""
    return {
        "type": wanted.type,
        "subjects": list(wanted.subjects),
        "refs": list(wanted.refs),
        "signers": [[one.party, one.key, one.role] for one in wanted.signers],
        "data": dict(wanted.data),
        "committed": dict(wanted.committed),
        "rows": [
            {"part": facts.part, "schema": facts.schema, "rows": [dict(row) for row in facts.rows]}
            for facts in wanted.rows
        ],
        "performed_by": wanted.performed_by,
        "offset": wanted.offset,
    }


def from_json(value: Any) -> Wanted:
    return Wanted(
        type=value["type"],
        subjects=tuple(value["subjects"]),
        refs=tuple(value["refs"]),
        signers=tuple(Place(*one) for one in value["signers"]),
        data=value["data"],
        committed=value["committed"],
        rows=tuple(Facts(one["part"], one["schema"], tuple(one["rows"])) for one in value["rows"]),
        performed_by=value["performed_by"],
        offset=value["offset"],
    )
