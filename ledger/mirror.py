"""Write a complete static mirror of a published log: what any web server can hand out."""

from ledger.audit import fetch
from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint, LogKey, open_checkpoint
from ledger.core.log_keys import object_key
from ledger.errors import MissingEvidence, ProofError, StorageConflict
from ledger.handovers import published
from ledger.ports import ObjectStore

CHECKPOINT = "checkpoint"


def mirror(source: ObjectStore, target: ObjectStore, key: LogKey) -> Checkpoint:
    """Copy every tile and bundle of the visible tree, each handover of its key, the checkpoint last.

    What is copied is checked: entries hash to the tiles, the tiles to the signed root. A target that
    holds another log, or a larger tree, is left alone (StorageConflict).
    """
    note = source.get(CHECKPOINT)
    checkpoint = open_checkpoint(note, key)
    _check_target(target, key, checkpoint)
    edge = merkle.CompactRange()
    for tile in tiles.tiles_of(checkpoint.size):
        data = fetch(source, tile)
        if tile.level < 0:
            for entry in tiles.parse_bundle(data, tile.width):
                edge.append(merkle.leaf_hash(entry))
        target.create(tile.path, data)
    hashes = tiles.TileHashes(checkpoint.size, lambda tile: target.get(tile.path))
    if not checkpoint.root == edge.root() == tiles.right_edge(checkpoint.size, hashes).root():
        raise ProofError("the entries, the tiles and the checkpoint do not agree; run lotproof audit")
    for number, handover in enumerate(published(source), start=1):
        if handover.checkpoint.size <= checkpoint.size:
            target.create(object_key(number), source.get(object_key(number)))
    target.replace(CHECKPOINT, note)
    return checkpoint


def _check_target(target: ObjectStore, key: LogKey, checkpoint: Checkpoint) -> None:
    try:
        there = open_checkpoint(target.get(CHECKPOINT), key)
    except MissingEvidence:
        return
    except ProofError as error:
        raise StorageConflict(f"the folder holds another log: {error}") from error
    if there.size > checkpoint.size:
        raise StorageConflict(
            f"the folder holds a tree of {there.size} entries, this one has {checkpoint.size}"
        )
