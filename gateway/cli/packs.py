"""Hand out a lot's proofs as one file, and check one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.evidence import export
from gateway.cli.options import AsJson, Home, settings

if TYPE_CHECKING:
    from ledger.core.policy import Policy
    from ledger.pack import Verified

WORDS = {0: "VALID", 3: "WRONG", 4: "COULD NOT VERIFY"}


@export.command("lot")
def export_lot(
    lot: Annotated[str, typer.Argument(help="The lot's id, with or without lot: before it.")],
    out: Annotated[Path, typer.Option("-o", "--output", help="The zip to write.")],
    receiver: Annotated[
        str, typer.Option("--as", help="Who gets it: public, buyer, customs, auditor or operator.")
    ] = "public",
    company: Annotated[
        str | None, typer.Option(help="For buyer and customs: whose orders are opened.")
    ] = None,
    home: Home = None,
) -> None:
    """Write a lot pack: records, proofs, documents, and a verifier that needs nothing of ours.

    What is committed is opened as far as the receiver may see it.
    """
    from gateway import wiring
    from gateway.workflows.disclosure import RECEIVERS
    from gateway.workflows.export_lot import export_lot as made
    from ledger.adapters.folder import Folder

    chosen = next((one for one in RECEIVERS if one == receiver), None)
    if chosen is None:
        raise typer.BadParameter(f"is none of {', '.join(RECEIVERS)}", param_hint="--as")
    installation = wiring.open_(settings(home))
    pack = made(installation, lot if lot.startswith("lot:") else f"lot:{lot}", chosen, company)
    Folder(out.parent).replace(out.name, pack.content)
    typer.echo(f"{pack.records} records in {out}, {len(pack.content)} bytes, for {receiver}")
    for number in pack.missing:
        typer.echo(f"the file of document {number} is not here any more", err=True)
    typer.echo(f"check it with: lotproof verify {out} --policy {installation.policy_path}", err=True)


def verify(
    pack: Annotated[Path, typer.Argument(help="A lot pack.")],
    policy: Annotated[
        Path | None, typer.Option(help="What you trust: a tlog-policy file, never taken from the pack.")
    ] = None,
    vkey: Annotated[str | None, typer.Option(help="Short form of a policy: one log key, no witness.")] = None,
    json_: AsJson = False,
) -> None:
    """Check a lot pack: every byte, every signature, every rule, every grade that can be computed again.

    Exit 0 valid, 3 something is there and wrong, 4 something needed is missing.
    """
    from exporters.audit_pack import check_words
    from ledger import pack as packs
    from ledger.errors import LedgerError, MissingEvidence

    try:
        try:
            trust, data = _policy(policy, vkey), pack.read_bytes()
        except OSError as error:
            raise MissingEvidence(f"a file cannot be read: {error}") from error
        verified = packs.verify(data, trust, check_words)
    except LedgerError as error:
        code = packs.refusal(error)
        found = {"exit": code, "verdict": WORDS[code].lower(), "problem": str(error)}
        typer.echo(json.dumps(found) if json_ else f"{WORDS[code]}  {pack}\n{error}")
        raise typer.Exit(code) from error
    typer.echo(json.dumps(_found(verified)) if json_ else "\n".join(_told(verified, pack)))


def _policy(path: Path | None, vkey: str | None) -> "Policy | None":
    """What the reader trusts. Raises MissingEvidence for a policy that cannot be used."""
    from ledger.core import policy as policies
    from ledger.core.policy import Policy
    from ledger.errors import MissingEvidence, ProofError

    try:
        if vkey is not None:
            return Policy.trusting(vkey)
        return None if path is None else policies.parse(path.read_bytes())
    except ProofError as error:
        raise MissingEvidence(f"the policy cannot be used: {error}") from error


def _found(verified: "Verified") -> dict[str, Any]:
    shown, state = verified.shown, verified.state
    return {
        "exit": 0,
        "verdict": "valid",
        "problem": "",
        "lot": verified.lot,
        "origin": verified.checkpoint.origin,
        "tree_size": verified.checkpoint.size,
        "root": verified.checkpoint.root.hex(),
        "whole_through": verified.through,
        "cosigned": dict(verified.cosigned),
        "records": [leaf.index for leaf in shown.leaves],
        "distrusted": list(verified.distrusted),
        "opened": len(shown.openings),
        "rows": len(shown.rows),
        "regraded": verified.grades,
        "documents": list(verified.documents),
        "quantity": state.quantity,
        "grade": state.grade,
    }


def _told(verified: "Verified", pack: Path) -> list[str]:
    from datetime import UTC, datetime

    shown, state = verified.shown, verified.state
    times = {name: datetime.fromtimestamp(at, UTC) for name, at in verified.cosigned.items()}
    by = ", ".join(f"{name} at {at:%Y-%m-%dT%H:%M:%SZ}" for name, at in times.items())
    lines = [
        f"{WORDS[0]}  {pack}",
        f"lot          {verified.lot}: {state.quantity} {state.unit}, grade {state.grade or 'none'}",
        f"log          {verified.checkpoint.origin}",
        f"tree         {verified.checkpoint.size} entries, root {verified.checkpoint.root.hex()}",
        f"cosigned     {by or 'by no witness of the policy'}",
        f"complete     up to entry {verified.through}, as the operator states it",
    ]
    for leaf in shown.leaves:
        body = leaf.record.body
        mark = "  DISTRUSTED: its key is distrusted since" if leaf.index in verified.distrusted else ""
        lines.append(f"entry {leaf.index:>6}  {leaf.recorded_at}  {body.type} by {body.author.party}{mark}")
    return [
        *lines,
        f"opened       {len(shown.openings)} values, {len(shown.rows)} rows",
        f"documents    {len(verified.documents)}, each with the hash that was recorded",
        f"grades       {verified.grades} units graded again from their measurements, with the same result",
        "not checked  other lots, and whether what was signed is true",
    ]
