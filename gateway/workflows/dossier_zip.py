"""The whole dossier as one zip: every issued file, its record with a proof, and how to check it offline.

Deterministic: the same version under the same tree gives the same bytes. It is made once, when the papers are
issued, and kept by content; whoever asks later gets those bytes.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection

from gateway.store import dossiers, shipments
from gateway.store.dossiers import Dossier, DossierFile
from gateway.wiring import Installation
from gateway.workflows.shipment_papers import object_key
from ledger.core import canonical, merkle, pack
from ledger.core.encoding import encode_base64
from ledger.core.proof import InclusionProof
from ledger.errors import MissingEvidence, NotVisible
from ledger.store import log
from ledger.verify import Verifier

NAME: Final = "dossier.zip"
MEDIA_TYPE: Final = "application/zip"
VERIFY: Final = """How to check this dossier, on any computer and without us
=========================================================

1. Nothing was changed since this zip was made:
       sha256sum -c SHA256SUMS
   (Windows: certutil -hashfile FILE SHA256, and compare with the line in SHA256SUMS.)

2. A paper belongs to this dossier: the SHA-256 printed on its pages is that of dossier.json.

3. A paper was issued: manifest.json names its record. records/INDEX.json is that record as it stands in the
   log; its "data" holds the SHA-256 of the file and of the dossier. records/INDEX.tlog-proof proves that it
   is in the log (format: c2sp.org/tlog-proof). The log's key is in log.vkey; compare it with the one that
   you were given by another way. openings.json opens the paper's number, which the log only commits to.

4. A paper still counts: open the address in the code on its page. It says whether a newer version replaced
   it or the exporter took it back, and compares a file with the issued one inside your browser.

What this does not prove: that what the papers say is true, or that a customs office accepts it.
manifest.json also says which validators looked at each file, and which could not be run.
"""


def bundle(installation: Installation, connection: Connection, dossier: Dossier) -> bytes:
    """Raises NotVisible while a record is not published, MissingEvidence where a file is gone or changed."""
    verifier = installation.verifier()
    files = [
        one
        for one in dossiers.files(connection, dossier.shipment, dossier.version)
        if one.event_id or one.kind in ("dossier", "serials")
    ]
    members: dict[str, bytes] = {}
    for one in files:
        members[_place(one)] = _content(installation, one)
    records: list[dict[str, Any]] = []
    openings: dict[str, Any] = {}
    for one in files:
        if not one.event_id:
            continue
        index = log.index_of(connection, one.event_id)
        leaf = None if index is None else log.leaf(connection, index)
        if index is None or leaf is None or index >= verifier.checkpoint.size:
            raise NotVisible(f"the record of {one.filename} is not published yet")
        members[f"records/{index}.json"] = leaf
        members[f"records/{index}.tlog-proof"] = _proof(verifier, index)
        records.append({"file": _place(one), "event_id": one.event_id, "index": index})
        opening = log.opening(connection, one.event_id, "number")
        if opening is not None:
            openings[one.event_id] = {"number": {"value": opening.value, "salt": encode_base64(opening.salt)}}
    manifest: dict[str, Any] = json.loads(dossier.manifest)
    manifest |= {
        "files": [
            one | {"path": path}
            for one in manifest["files"]
            for path in [_path_of(files, one["name"])]
            if path
        ],
        "records": sorted(records, key=lambda one: one["index"]),
        "log": {"origin": verifier.checkpoint.origin, "tree_size": verifier.checkpoint.size},
    }
    members |= {
        "manifest.json": canonical.dumps(manifest),
        "openings.json": canonical.dumps(openings),
        "log.vkey": f"{installation.config.vkey}\n".encode(),
        "VERIFY.txt": VERIFY.encode(),
    }
    sums = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(members.items()))
    return pack.archive(sorted((members | {"SHA256SUMS": sums.encode()}).items()))


def keep(installation: Installation, dossier: Dossier) -> DossierFile:
    """Make it, keep it by content, and note it with the version; again gives the one that is noted."""
    with installation.database.reading() as connection:
        standing = kept(connection, dossier)
        if standing is not None:
            return standing
        content = bundle(installation, connection, dossier)
        shipment = shipments.get(connection, dossier.shipment)
    assert shipment is not None
    digest = sha256(content).hexdigest()
    installation.files.create(object_key(digest), content)
    file = DossierFile(
        name=NAME,
        kind="bundle",
        code="",
        filename=f"{shipment.number}-dossier-v{dossier.version}.zip",
        media_type=MEDIA_TYPE,
        pages=1,
        size=len(content),
        sha256=digest,
        renderer="",
    )
    installation.writer.do(lambda ledger: dossiers.add_file(ledger.connection, dossier, file))
    return replace(file)


def kept(connection: Connection, dossier: Dossier) -> DossierFile | None:
    found = dossiers.files(connection, dossier.shipment, dossier.version)
    return next((one for one in found if one.name == NAME), None)


def _proof(verifier: Verifier, index: int) -> bytes:
    path = tuple(merkle.inclusion_path(index, verifier.checkpoint.size, verifier.hashes))
    return bytes(InclusionProof(index, path, verifier.note))


def _content(installation: Installation, file: DossierFile) -> bytes:
    content = installation.files.get(object_key(file.sha256))
    if sha256(content).hexdigest() != file.sha256:
        raise MissingEvidence(f"{file.filename} is not the file that was issued")
    return content


def _place(file: DossierFile) -> str:
    """Where it lies in the zip."""
    if file.kind == "dossier":
        return file.filename
    return f"{'serials' if file.kind == 'serials' else 'documents'}/{file.filename}"


def _path_of(files: Sequence[DossierFile], name: str) -> str:
    return next((_place(one) for one in files if one.name == name), "")
