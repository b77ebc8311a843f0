"""A person with a phone scans the label and reads the page, in three languages, without scripts."""

import shutil
import socket
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import uvicorn
import zxingcpp
from PIL import Image
from playwright.sync_api import sync_playwright

from gateway import wiring
from gateway.app import create_app
from gateway.settings import Settings
from qrcodes import symbol
from tests.gateway.web import repaired_code

CHROMIUM = Path("/usr/bin/chromium")
HEADINGS = {
    "zh-CN": "此记录未被改动",
    "en": "This record is unaltered",
    "vi": "Bản ghi này không bị thay đổi",
}

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium on this machine: nothing scanned")


@pytest.fixture
def address(told_home: Path, tmp_path: Path) -> Iterator[str]:
    """The told story on loopback, at a port that the system chose."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        home = tmp_path / "home"  # who signs in leaves a trace
        shutil.copytree(told_home, home)
        installation = wiring.open_(Settings(home=home, port=port))
        server = uvicorn.Server(uvicorn.Config(create_app(installation), log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield installation.public_url
        server.should_exit = True
        thread.join()
        installation.close()


def test_a_scanned_label_opens_a_small_page_in_each_language(address: str, told_home: Path) -> None:
    png = symbol.png(f"{address}/q/{repaired_code(told_home)}", symbol.ARTICLE_LEVEL, 4)
    with Image.open(BytesIO(png)) as image:
        (scanned,) = zxingcpp.read_barcodes(image.convert("L"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for language, heading in HEADINGS.items():
            context = browser.new_context(
                viewport={"width": 390, "height": 844}, java_script_enabled=False, locale=language
            )
            page = context.new_page()
            sizes: list[int] = []
            complaints: list[str] = []
            page.on("response", lambda answer, sizes=sizes: sizes.append(len(answer.body())))
            page.on("console", lambda message, complaints=complaints: complaints.append(message.text))
            answer = page.goto(scanned.text, wait_until="networkidle")
            assert answer is not None
            assert answer.status == 200
            assert page.locator("html").get_attribute("lang") == language
            assert page.locator("h1").inner_text().replace("\n", " ") == heading
            assert page.locator(".timeline > li").count() >= 9
            assert page.locator(".timeline a[href^='/auditor/entries/']").count() >= 9
            assert sum(sizes) < 30_000, "page, style sheet and mark together"
            assert complaints == []
            context.close()
        browser.close()
