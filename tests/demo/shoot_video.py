"""Takes docs/screenshots/video.png: python -m tests.demo.shoot_video [FILE]

The whole application with its real models and one of our own clips, asked one question.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.demo.page_kit import ROOT, serving
from tests.demo.shoot_documents import PATIENCE_MS, ask, free_port
from tests.demo.test_browser import CHROMIUM, FLAGS

TARGET = ROOT / "docs" / "screenshots" / "video.png"
QUESTION = "견인 지역 안내 표지판은 언제 나오나요?"


def read(page: Page, address: str, path: str, sample: str) -> None:
    """Open a sample; until its draft is there."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address + path)
    page.wait_for_selector("body[data-ready=yes]")
    page.click(f'[data-sample="{sample}"]')
    page.wait_for_selector("#mw-form", state="attached")


def shoot(address: str, target: Path) -> None:
    """Ask, and jump to the second of the answer."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        read(page, address, "/video/", "test01")
        page.click("#mw-tab-ask")
        ask(page, QUESTION)
        page.locator(".mw-quote .mw-moment").first.click()
        page.wait_for_selector("#mw-box:not([hidden])")
        page.mouse.move(2, 2)
        page.wait_for_timeout(1500)
        page.screenshot(path=target)
        browser.close()


def main() -> None:
    """Serve, shoot, end."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    port = free_port()
    command = [sys.executable, "-m", "demo", "--port", str(port)]
    with (
        tempfile.TemporaryDirectory(prefix="minwon-shot-") as folder,
        serving(command, f"http://127.0.0.1:{port}", data_dir=folder) as address,
    ):
        shoot(address, target)


if __name__ == "__main__":
    main()
