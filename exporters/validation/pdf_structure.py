"""What a PDF/A-3a must carry, looked up in the finished file, and what other programs say of it.

The typesetter refuses to write what does not conform; these checks trust it no further than that. No
validator of PDF/A-3 comes as a package: veraPDF is used where a machine has it and is *not run* elsewhere.
Sources: ISO 19005-3; ISO 14289-1 for tags; trade-documents.md 4.2.
"""

import shutil
import subprocess
import tempfile
from importlib import metadata
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from exporters.dossier import ShipmentDossier
from exporters.validation.manifest import Check, Finding, not_run, passed_or_failed

STRUCTURE = "PDF/A-3a structure"
QPDF = "qpdf --check"
VERAPDF = "veraPDF 3a"
SECONDS_MAX = 60


def checks(content: bytes, dossier: ShipmentDossier) -> tuple[Check, ...]:
    """The three checks of one PDF. The first needs pikepdf, the others the program they are named after."""
    return (
        structure(content, dossier),
        _program(QPDF, ["qpdf", "--check"], content),
        _program(VERAPDF, ["verapdf", "--flavour", "3a", "--format", "text"], content),
    )


def structure(content: bytes, dossier: ShipmentDossier) -> Check:
    """Marks, fonts, tags, attachment and title; each that is wrong is a finding."""
    if find_spec("pikepdf") is None:
        return not_run(STRUCTURE, "1", "the package pikepdf is not installed")
    import pikepdf

    version = f"1, pikepdf {metadata.version('pikepdf')}"
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            found = _findings(pdf, dossier)
    except pikepdf.PdfError as error:
        found = [Finding("PDF-OPEN", "/", str(error))]
    return passed_or_failed(STRUCTURE, version, found)


def _findings(pdf: Any, dossier: ShipmentDossier) -> list[Finding]:
    root = pdf.Root
    # Leaving the metadata would else write its title back into the document that is looked at.
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        marks = (xmp.get("pdfaid:part"), xmp.get("pdfaid:conformance"))
    title = str(pdf.docinfo.get("/Title", ""))
    embedded = _fonts(pdf)
    asked = {
        "PDF-A": (marks == ("3", "A"), "XMP", f"says PDF/A {marks}"),
        "PDF-INTENT": (len(root.get("/OutputIntents", [])) == 1, "OutputIntents", "not one"),
        "PDF-LANG": (bool(str(root.get("/Lang", ""))), "Lang", "no language"),
        "PDF-TAGS": ("/StructTreeRoot" in root, "StructTreeRoot", "no tags"),
        "PDF-MARKED": (bool(root.get("/MarkInfo", {}).get("/Marked", False)), "MarkInfo", "not marked"),
        "PDF-TITLE": (bool(title), "Title", "no title"),
        "PDF-CRYPT": (not pdf.is_encrypted, "Encrypt", "is encrypted"),
        "PDF-SCRIPT": (not _scripts(pdf), "JavaScript", "carries a script"),
        "PDF-FONTS": (bool(embedded) and all(embedded), "FontDescriptor", "a font is not embedded"),
        "PDF-FILE": (_attached(root), "AF", "no attachment with relationship, type and date"),
        "PDF-PAGES": (len(pdf.pages) > 0, "Pages", "no page"),
        "PDF-DATE": (
            str(pdf.docinfo.get("/CreationDate", "")).startswith(f"D:{dossier.issue_date:%Y%m%d}"),
            "CreationDate",
            "not the issue date",
        ),
    }
    return [Finding(rule, place, reason) for rule, (holds, place, reason) in asked.items() if not holds]


def _fonts(pdf: Any) -> list[bool]:
    import pikepdf

    keys = ("/FontFile", "/FontFile2", "/FontFile3")
    return [
        any(key in item for key in keys)
        for item in pdf.objects
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
    ]


def _scripts(pdf: Any) -> bool:
    return any(_runs(item) for item in pdf.objects)


def _runs(item: Any) -> bool:
    """Whether an object, or one written inside it, is an action with a script."""
    import pikepdf

    if isinstance(item, pikepdf.Array):
        return any(_runs(each) for each in item if not getattr(each, "is_indirect", False))
    if not isinstance(item, pikepdf.Dictionary):
        return False
    if item.get("/S") == "/JavaScript" or "/JS" in item:
        return True
    return any(_runs(each) for _, each in item.items() if not getattr(each, "is_indirect", False))


def _attached(root: Any) -> bool:
    files = list(root.get("/AF", []))
    return len(files) == 1 and all(
        str(file.get("/AFRelationship", "")) == "/Data"
        and "/Subtype" in file.EF.F
        and "/ModDate" in file.EF.F.get("/Params", {})
        for file in files
    )


def _program(name: str, command: list[str], content: bytes) -> Check:
    """A program's verdict on the file. It passes with status 0 and no warning."""
    program = shutil.which(command[0])
    if program is None:
        return not_run(name, "-", f"{command[0]} is not on this machine")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.pdf"
        path.write_bytes(content)
        try:
            ran = subprocess.run(
                [program, *command[1:], str(path)], capture_output=True, timeout=SECONDS_MAX, check=False
            )
        except subprocess.TimeoutExpired:
            return passed_or_failed(name, "-", [Finding("process", "/", "no answer in time")])
    said = (ran.stdout + ran.stderr).decode(errors="replace").replace(str(path), "document.pdf").strip()
    findings = [] if ran.returncode == 0 else [Finding("program", "/", said[-500:] or "no message")]
    return passed_or_failed(name, "-", findings)
