"""Takes docs/screenshots/documents.png: python -m tests.demo.shoot_documents [FILE]

The whole application with its real models and our own sample papers, asked one question.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.demo.page_kit import CHROMIUM, FLAGS, ROOT, free_port, serving

TARGET = ROOT / "docs" / "screenshots" / "documents.png"
QUESTION = "2027년에는 신청을 언제까지 해야 하나요?"
ABSENT = "수영장 이용료는 얼마인가요?"
PATIENCE_MS = 240_000


def ask(page: Page, question: str) -> None:
    """Until it is answered."""
    before = page.locator(".mw-answers > li").count()
    page.fill("#mw-question", question)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "n => document.querySelectorAll('.mw-answers > li').length > n"
        " && !document.querySelector('.mw-answers .mw-bar')",
        arg=before,
    )


@contextlib.contextmanager
def window() -> Iterator[Page]:
    """A patient Chromium of a desktop's size."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        yield page
        browser.close()


def take(page: Page, place: str, target: Path) -> None:
    """Open the place of the newest answer, and take the picture."""
    page.locator(f".mw-quote {place}").first.click()
    page.wait_for_selector("#mw-box:not([hidden])")
    page.mouse.move(2, 2)
    page.wait_for_timeout(1500)
    page.screenshot(path=target)


def shoot(address: str, target: Path) -> None:
    """Open the samples, ask, open the place of the answer."""
    with window() as page:
        page.goto(f"{address}/documents/")
        page.wait_for_selector("body[data-ready=yes]")
        page.click('[data-act="samples"]')
        page.wait_for_selector("#mw-form")
        page.click("#mw-tab-ask")
        ask(page, ABSENT)
        ask(page, QUESTION)
        take(page, ".mw-spot", target)


def serve_and(shoot: Callable[[str, Path], None], target: Path) -> None:
    """Serve the application, shoot, end."""
    port = free_port()
    command = [sys.executable, "-m", "demo", "--port", str(port)]
    with (
        tempfile.TemporaryDirectory(prefix="minwon-shot-") as folder,
        serving(command, f"http://127.0.0.1:{port}", data_dir=folder) as address,
    ):
        shoot(address, target)


if __name__ == "__main__":
    serve_and(shoot, Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
