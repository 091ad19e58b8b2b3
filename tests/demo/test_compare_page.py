"""The compare page as people use it: Chromium against the running application."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.demo.compare_kit import NAMES
from tests.demo.page_kit import running
from tests.demo.papers_kit import DEADLINE, QUESTION, notice_pdf

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("compare"), pace_s=0.03, kit="compare_kit") as made:
        yield made


def test_two_models_write_at_once_and_a_vote_names_them(
    context: BrowserContext, address: str, tmp_path: Path
) -> None:
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{address}/compare/")
    page.wait_for_selector("body[data-ready=yes]")
    expect(page.locator(".mw-ratings")).to_contain_text("아직 투표가 없습니다")
    page.locator("[data-example]").first.click()
    page.click("#mw-compare .mw-primary")
    page.wait_for_selector(".mw-duel .is-last")  # a field that is being written
    page.wait_for_selector('[data-verdict="both"]:not([disabled])')
    expect(page.locator(".mw-duel .mw-told")).to_have_count(2)
    assert "Qwen" not in page.inner_text("body")
    assert not any(name in page.content() for name in NAMES)
    page.reload()  # another visit in the same tab finds the comparison
    page.locator(".mw-rests summary").first.click()
    expect(page.locator(".mw-rests-on q").first).to_be_visible()
    page.click('[data-verdict="both"]')
    expect(page.locator(".mw-revealed")).to_have_count(2)
    expect(page.locator(".mw-ratings tbody tr")).to_have_count(2)
    page.click('[data-act="end"]')
    # A question to a file, once the first comparison is gone.
    page.locator(".mw-chip", has_text="질문에 답하기").click()
    page.fill("#mw-text", QUESTION)
    page.click("#mw-compare .mw-primary")
    expect(page.locator("#mw-said")).to_be_visible()
    page.set_input_files(".mw-files", notice_pdf(tmp_path / "안내.pdf"))
    page.click("#mw-compare .mw-primary")
    page.wait_for_selector('[data-verdict="left"]:not([disabled])')
    expect(page.locator(".mw-duel")).to_contain_text(DEADLINE[:20])
    page.click('[data-verdict="left"]')
    expect(page.locator(".mw-ratings tbody tr").first).to_contain_text("2")
