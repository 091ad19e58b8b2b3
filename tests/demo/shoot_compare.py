"""Takes docs/screenshots/compare.png: python -m tests.demo.shoot_compare [FILE]

The whole application with the two embedded models, one of our own complaints and a vote.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.demo.page_kit import ROOT
from tests.demo.shoot_documents import serve_and, window

PATIENCE_MS = 380_000
"""Both models load and read their prompts side by side."""
TARGET = ROOT / "docs" / "screenshots" / "compare.png"


def shoot(address: str, target: Path) -> None:
    """Let both write, and vote for the left one."""
    with window() as page:
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{address}/compare/")
        page.wait_for_selector("body[data-ready=yes]")
        page.locator("[data-example]").first.click()
        page.click("#mw-compare .mw-primary")
        page.wait_for_selector('[data-verdict="left"]:not([disabled])')
        page.click('[data-verdict="left"]')
        page.wait_for_selector(".mw-ratings td")
        page.mouse.move(2, 2)
        page.wait_for_timeout(1000)
        page.screenshot(path=target, full_page=True)


if __name__ == "__main__":
    serve_and(shoot, Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
