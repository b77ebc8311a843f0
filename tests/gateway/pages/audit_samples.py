"""The log as an auditor reads it, whole and in trouble."""

from dataclasses import replace
from datetime import date, datetime

from gateway.pages.views import (
    AuditResult,
    CheckpointLine,
    CheckpointsView,
    Completeness,
    EntriesView,
    EntryLine,
    EntryView,
    Finding,
    Growth,
    Hash,
    KeyLine,
    KeysView,
    LogView,
    Measurement,
    Money,
    Percent,
    SubjectLine,
    SubjectRecord,
    SubjectView,
    TypeCount,
    WitnessLine,
    Word,
)
from tests.gateway.pages.frames import NOW, ORIGIN
from tests.gateway.pages.history_samples import CHINA, INSPECTOR, SELLER, digest, fact

CHECKPOINT = f"""{ORIGIN}
47
i9VcKpHcpyyTCj7c8zs0yq3bV4O6b0xgpsZ7xJGk0tA=

— {ORIGIN} qIqGavS3l4Q2v9kFQxkT0uS3m4xQ7mZ1m0v1pJ8kqf3d2W9yH5n4cB6tR8sKpL2xA0eZ1vYwUuJ7hG3fD5nQbA==
"""

LOG = LogView(
    tree_size=47,
    root=digest("root"),
    origin=ORIGIN,
    vkey=f"{ORIGIN}+a88be66a+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
    signed_at=NOW,
    policy=f"log {ORIGIN}+a88be66a+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\nquorum none\n",
    checkpoint=CHECKPOINT,
    types=(
        TypeCount(type="key.registered", count=11),
        TypeCount(type="party.registered", count=8),
        TypeCount(type="lot.inspected", count=6),
        TypeCount(type="work.assigned", count=6),
        TypeCount(type="lot.declared", count=4),
        TypeCount(type="log.heads", count=3),
        TypeCount(type="codes.issued", count=2),
    ),
    completeness=Completeness(through=46),
    witnesses=(),
    last_audit=AuditResult(
        verdict="verified",
        at=NOW,
        tree_size=47,
        checked=(
            "checkpoint-signature",
            "root",
            "consistency",
            "log-chain",
            "signatures",
            "keys",
            "subject-chains",
            "heads",
            "grades",
        ),
        not_checked=("cosignatures", "openings", "evidence"),
    ),
    checkpoint_href="/log/checkpoint",
    tiles_href="/log/tile/",
    policy_href="/log/policy",
    archive_href="/log/archive.zip",
    commands=("lotproof audit --policy policy log.zip", "python3 verify.py bundle.zip --policy policy"),
)

LOG_FAILED = replace(
    LOG,
    last_audit=AuditResult(
        verdict="failed",
        at=NOW,
        tree_size=47,
        checked=("checkpoint-signature", "root"),
        not_checked=("heads",),
        findings=(
            Finding(text="leaf hash differs from the stored tile", entry_index=31),
            Finding(text="root differs"),
        ),
    ),
    witnesses=("witness.example/north",),
)

ENTRIES = EntriesView(
    entries=tuple(
        EntryLine(
            href=f"/auditor/entries/{index}",
            index=index,
            type=type_,
            recorded_at=NOW,
            subjects=subjects,
            roles=roles,
            distrusted=index == 43,
        )
        for index, type_, subjects, roles in (
            (46, "log.heads", (), ("heads",)),
            (44, "lot.packed", ("lot:8d2s5x", "shipment:k0v4t7"), ("custodian", "carrier")),
            (43, "document.issued", ("shipment:k0v4t7",), ("exporter",)),
            (41, "lot.sold.v2", ("lot:8d2s5x",), ("seller",)),
        )
    ),
    total=47,
    types=("lot.sold", "lot.packed", "document.issued", "log.heads"),
    type="lot.packed",
    next_href="/auditor/entries?before=41",
    previous_href="/auditor/entries",
)

ENTRY = EntryView(
    index=31,
    type="lot.inspected",
    at=datetime(2026, 11, 12, 9, 30, tzinfo=CHINA),
    recorded_at=NOW,
    event_id=digest("event 31"),
    leaf_hash=digest("leaf 31"),
    previous_leaf_hash=digest("leaf 30"),
    signers=(INSPECTOR,),
    subjects=(
        SubjectLine(
            id="lot:8d2s5xk0v4t7wq92m1ce",
            href="/auditor/entries?subject=lot:8d2s5x",
            seq=4,
            prev=digest("event 28"),
        ),
        SubjectLine(
            id="work:p0tz7em2k4vyx9c3ahb8",
            href="/auditor/entries?subject=work:p0tz7e",
            seq=1,
            prev=digest("event 28"),
        ),
    ),
    refs=(
        SubjectLine(
            id="authorization:q3v8km7hn2rdb84x1cn5", href="/auditor/entries?subject=a", seq=0, prev="0" * 64
        ),
    ),
    facts=(
        fact("coverage", Percent(value=100)),
        fact("grade", Word(table="grades", slug="B")),
        fact("scratch", Measurement(value="2.9", unit="MMT")),
        fact("measured_at", datetime(2026, 11, 12, 8, 0, tzinfo=CHINA)),
        fact("made_on", date(2025, 6, 30)),
        fact("manifest", Hash(text=digest("rows"))),
        fact("price", Money(amount_minor=120_000, currency="VND")),
        fact("count", 1188),
    ),
    committed=("instrument_serials",),
    raw='{\n  "body": {\n    "type": "lot.inspected",\n    "v": 1\n  },\n  "sigs": ["zgEoMT9BbV7n…"]\n}',
    raw_href="/v1/entries/31",
    proof_href="/v1/entries/31/proof",
    previous_href="/auditor/entries/30",
    next_href="/auditor/entries/32",
)
CHECKPOINTS = CheckpointsView(
    lines=tuple(
        CheckpointLine(
            size=size,
            root=digest(f"root {size}"),
            signed_at=NOW,
            published_at=published,
            cosigners=cosigners,
            verdict=verdict,
        )
        for size, published, cosigners, verdict in (
            (47, None, (), "waiting"),
            (44, NOW, (("witness.example/north", NOW), ("witness.example/south", NOW)), "same-root"),
            (31, NOW, (), "wrong"),
            (12, NOW, (), "missing"),
        )
    ),
    next_href="/auditor/checkpoints?before=12",
)
LOG_GROWN = replace(
    LOG,
    growth=Growth(
        path="M0 112H200V70H420V20H600V0",
        points=((0, 112), (200, 70), (420, 20), (600, 0)),
        began=NOW,
        ended=NOW,
        tree_size=47,
        checkpoints=4,
    ),
    newest=CHECKPOINTS.lines[:2],
    known_witnesses=(
        WitnessLine(name="witness.example/north", vkey="n", size=47, lag=0, cosigned_at=NOW, wanted=True),
        WitnessLine(name="witness.example/south", vkey="s", size=31, lag=16, cosigned_at=NOW, wanted=False),
        WitnessLine(
            name="witness.example/mute", vkey="m", size=None, lag=None, cosigned_at=None, wanted=True
        ),
    ),
    statements=2,
)
KEYS = KeysView(
    keys=tuple(
        KeyLine(
            id=digest(f"key {n}"),
            party="party:y1m7fbk2z5tpw8r3nq0a",
            party_short="y1m7fb",
            party_kind=kind,
            custody=custody,
            scopes=scopes,
            registered_at=n,
            ended_at=ended_at,
            ended_by=ended_by,
            distrust_from=distrust_from,
            entries_href=f"/auditor/entries?key={digest(f'key {n}')}",
        )
        for n, kind, custody, scopes, ended_at, ended_by, distrust_from in (
            (3, "operator", "operator", ("lot.listed:seller", "lot.sold:seller"), None, "", None),
            (5, "inspector", "self", ("lot.inspected:inspector",), 40, "key.revoked", 31),
            (9, "supplier", "self", ("lot.declared:supplier",), 38, "key.rotated", None),
        )
    ),
    total=3,
    next_href="/auditor/keys?after=0",
)
SUBJECT = SubjectView(
    id="lot:8d2s5xk0v4t7wq92m1ce",
    kind="lot",
    records=(
        SubjectRecord(index=46, seq=4, type="lot.listed", recorded_at=NOW, trouble="unpublished"),
        SubjectRecord(
            index=31,
            seq=3,
            type="lot.inspected",
            recorded_at=NOW,
            signers=(INSPECTOR, replace(SELLER, distrusted=True)),
            proof_href="/v1/entries/31/proof",
        ),
        SubjectRecord(index=22, seq=2, type="unreadable", trouble="missing"),
        SubjectRecord(index=14, seq=1, type="unreadable", trouble="not-proved"),
    ),
    total=5,
    through=46,
    history_href="/v1/lots/8d2s5xk0v4t7wq92m1ce/history",
    pack_href="/lots/8d2s5xk0v4t7wq92m1ce/pack.zip",
    next_href="/auditor/subjects/lot:8d2s5xk0v4t7wq92m1ce?before=1",
)
