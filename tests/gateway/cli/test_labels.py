"""Labels from a terminal: one command from a lot to a file whose symbols were read, and its record."""

from pathlib import Path

from typer.testing import CliRunner

from gateway.cli import app
from gateway.store import goods
from gateway.wiring import Installation
from tests.gateway.routes.test_labels import codes_of, links_on, records_of


def export(installation: Installation, lot: str, out: Path, *options: str) -> tuple[int, str]:
    arguments = ["export", "labels", lot, "-o", str(out), "--home", str(installation.home), *options]
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.output + (str(done.exception) if done.exception else "")


def test_a_lots_labels_are_printed_once_and_again_with_a_reason(copied: Installation, tmp_path: Path) -> None:
    with copied.database.reading() as connection:
        row = connection.execute(goods.CODES.select().where(goods.CODES.c.level == "article")).first()
    assert row is not None
    lot, out = str(row.lot), tmp_path / "labels.pdf"
    code, said = export(copied, lot.partition(":")[2], out, "--language", "vi")
    assert code == 0, said
    codes = codes_of(copied, lot)
    assert f"{len(codes)} labels in {out}" in said
    assert sorted(links_on(out.read_bytes())) == sorted(f"{copied.public_url}/q/{one}" for one in codes)
    code, said = export(copied, lot, tmp_path / "again.pdf")
    assert code == 1
    assert "print them again with a reason" in said
    assert not (tmp_path / "again.pdf").exists()
    zpl = tmp_path / "again.zpl"
    code, said = export(copied, lot, zpl, "--reprint", "misprinted", "--format", "roll_50x30_zpl203")
    assert code == 0, said
    assert zpl.read_bytes().count(b"^XA") == len(codes)
    assert [record.get("reason") for record in records_of(copied, lot)] == [None, "misprinted"]


def test_what_is_not_known_is_a_usage_error_that_lists_what_is(copied: Installation, tmp_path: Path) -> None:
    for option, value in (
        ("--format", "a3"),
        ("--reprint", "why not"),
        ("--language", "fr"),
        ("--level", "x"),
    ):
        code, said = export(copied, "lot:" + "0" * 20, tmp_path / "x.pdf", option, value)
        assert code == 2, option
        assert "is none of" in said
