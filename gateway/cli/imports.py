"""Read a supplier's file; record it, or only show what would be recorded."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import AsJson, Home, settings

SHOWN_MAX = 40  # rejected values printed for people; --json prints all


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The supplier's sheet.")],
    consignment: Annotated[
        str, typer.Option(help="How to read it: phones, apparel, appliances, or a consignment.toml.")
    ],
    catalogue: Annotated[Path | None, typer.Option(help="Facts per GTIN, as CSV.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be recorded.")] = False,
    home: Home = None,
    json_: AsJson = False,
) -> None:
    """Record a supplier's file: its lots declared and received, bad rows listed.

    The same file twice changes nothing.
    """
    from gateway import wiring
    from gateway.consignments import load_file, load_spec
    from gateway.consignments.spec import parse_spec
    from gateway.workflows.compare import compare
    from gateway.workflows.import_consignment import report_of
    from gateway.workflows.read_consignment import read_consignment
    from gateway.workflows.story import record_consignment

    spec_path = Path(consignment)
    spec = parse_spec(spec_path.read_bytes()) if spec_path.suffix == ".toml" else load_spec(consignment)
    facts = catalogue.read_bytes() if catalogue else None
    if facts is None and spec.file.catalogue:
        facts = load_file(spec.file.catalogue)
    installation = wiring.open_(settings(home))
    read = read_consignment(
        spec, file.read_bytes(), catalogue=facts, story_date=installation.clock.now().date()
    )
    lots: list[str] = []
    if not dry_run:
        compare(installation, ask=True)  # a log that lost history is not gone on with
        lots = record_consignment(installation, spec, read)
        installation.publisher.publish()
    report = report_of(read, lots)
    planned = [
        {"key": dict(lot.key), "declared": lot.declared, "unidentified": lot.unidentified}
        for lot in read.lots
    ]
    report |= {"file": str(file), "sha256": read.sha256, "recorded": not dry_run, "planned": planned}
    typer.echo(json.dumps(report, ensure_ascii=False) if json_ else _words(report))


def _words(report: dict[str, Any]) -> str:
    lines = [
        f"{report['file']}: header in row {report['header_row']}, {report['rows']} rows of goods",
        f"accepted  {report['accepted']} rows, {report['over_age']} of them too old ever to be listed",
        f"rejected  {report['rejected_rows']} rows",
    ]
    for item in report["rejections"][:SHOWN_MAX]:
        shared = f" (as row {', '.join(map(str, item['related_rows']))})" if item["related_rows"] else ""
        lines.append(f"  row {item['row']}, {item['column']}: {item['value']!r}: {item['reason']}{shared}")
    if len(report["rejections"]) > SHOWN_MAX:
        lines.append(f"  and {len(report['rejections']) - SHOWN_MAX} more; --json prints all")
    lines += [f"remark    row {n['row']}: {n['text']}" for n in report["notes"] if n["kind"] == "remark"]
    for plan, name in zip(report["planned"], report["lots"] or [""] * len(report["planned"]), strict=False):
        key = ", ".join(f"{k} {v}" for k, v in plan["key"].items())
        lines.append(f"lot       {name or 'would be declared'}: {key}, {plan['declared']} units declared")
    if not report["recorded"]:
        lines.append("Nothing was recorded; leave --dry-run away to record it.")
    return "\n".join(lines)
