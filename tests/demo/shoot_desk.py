"""Takes docs/screenshots/desk.png: python -m tests.demo.shoot_desk [FILE]

The desk with planted cases and one that a citizen files first, opened by an official.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.demo.desk_kit import PASSWORD
from tests.demo.page_kit import ROOT, running, write_clip
from tests.demo.shoot_documents import window

TARGET = ROOT / "docs" / "screenshots" / "desk.png"


def shoot(address: str, folder: Path, target: Path) -> None:
    """File a complaint, sign in, open it with its originals, begin the reply."""
    with window() as page:
        page.goto(address)
        page.wait_for_selector("body[data-ready=yes]")
        page.set_input_files("#mw-file", write_clip(folder / "가로등.wav"))
        page.click("#mw-send")
        number = page.locator("#mw-number").inner_text()
        page.wait_for_selector("#mw-form")
        page.click("[data-act=file]")
        page.wait_for_selector("#mw-filed")
        page.goto(f"{address}/desk/")
        page.fill("[name=login]", "kim.road")
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".mw-docket")
        page.fill("#mw-find", number)
        page.click(f'[data-go="{number}"]')
        page.click("[data-do=take]")
        page.click("[data-unmask]")
        page.wait_for_selector(".mw-hint.is-open")
        text = page.input_value("#mw-reply-text")
        page.fill("#mw-reply-text", text.replace("확인하여 처리하고", "11월 26일까지 고치고"))
        page.click("#mw-reply-form button.mw-secondary")
        page.wait_for_selector(".mw-difference ins")
        page.wait_for_timeout(4000)
        page.screenshot(path=target)


def main() -> None:
    """Serve, shoot, end."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    with (
        tempfile.TemporaryDirectory(prefix="minwon-shot-") as folder,
        running(Path(folder), kit="office_kit", pace_s=0.0) as address,
    ):
        shoot(address, Path(folder), target)


if __name__ == "__main__":
    main()
