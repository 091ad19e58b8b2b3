"""Takes docs/screenshots/video.png: python -m tests.demo.shoot_video [FILE]

The whole application with its real models and one of our own clips, asked one question.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.demo.page_kit import ROOT
from tests.demo.shoot_documents import ask, serve_and, take, window

TARGET = ROOT / "docs" / "screenshots" / "video.png"
QUESTION = "견인 지역 안내 표지판은 언제 나오나요?"


def shoot(address: str, target: Path) -> None:
    """Ask, and jump to the second of the answer."""
    with window() as page:
        page.goto(f"{address}/video/")
        page.wait_for_selector("body[data-ready=yes]")
        page.click('[data-sample="test01"]')
        page.wait_for_selector("#mw-form", state="attached")
        page.click("#mw-tab-ask")
        ask(page, QUESTION)
        take(page, ".mw-moment", target)


if __name__ == "__main__":
    serve_and(shoot, Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
