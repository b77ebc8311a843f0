"""``python -m tests.bench.audit_large [ENTRIES] [--memory MB]``: a large audit as an auditor runs it.

Makes a log of so many entries (10^5 unless said otherwise), audits it with one process and with two,
adds one percent and audits that alone. Prints rates, and the most memory that all processes of an
audit held together.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.large_log import KEY, LargeLog

SAMPLED_S = 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("entries", nargs="?", type=int, default=100_000)
    parser.add_argument("--memory", type=int, default=200, help="megabytes of all processes together")
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2])
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        large = LargeLog(Path(folder) / "log")
        large.grow(chosen.entries)
        print(f"a log of {large.size} entries, made in {time.perf_counter() - begun:.0f} s", flush=True)
        state = Path(folder) / "state"
        whole = 0.0
        for processes in chosen.processes:
            command = [str(large.folder), "--vkey", str(KEY), "--processes", str(processes)]
            command += ["--memory", str(chosen.memory), "--state", str(state), "--full"]
            report, peak = audited(command)
            whole = report["seconds"]
            _tell(f"audit, {processes} processes", report, peak, large.size)
        large.grow(large.size + large.size // 100)
        report, peak = audited([str(large.folder), "--vkey", str(KEY), "--state", str(state)])
        _tell("one percent more", report, peak, large.size - report["resumed_from"])
        print(f"incremental / full    {report['seconds'] / whole:.4f} of {whole:.1f} s")
        print(f"state file            {state.stat().st_size / 1e6:.0f} MB")
        large.close()
    return 0


def audited(arguments: Sequence[str]) -> tuple[dict[str, Any], int]:
    """The report of ``lotproof audit --json``, and the peak of resident bytes of all its processes."""
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "audit", "--json", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident_bytes(process.pid))
            time.sleep(SAMPLED_S)
        report = json.loads(process.stdout.read())
    assert report["verdict"] == "verified", report["findings"][:3]
    return report, peak


def _resident_bytes(pid: int) -> int:
    """Of a process and those that it started; shared pages count in each."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, IndexError):
        return 0
    return pages * 4096 + sum(_resident_bytes(int(child)) for child in below)


def _tell(what: str, report: dict[str, Any], peak: int, entries: int) -> None:
    seconds = report["seconds"]
    print(
        f"{what:22}{entries:9} entries{seconds:9.1f} s{entries / seconds:8.0f}/s{peak / 1e6:7.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
