"""The video page as people use it: Chromium against the running application."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.demo.films_kit import CLIP, SAID, SIGN
from tests.demo.page_kit import visit
from tests.pipelines.media.clip_kit import film, scene

pytestmark = pytest.mark.slow


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    """A fresh visitor on the Korean page."""
    return visit(context, address, "/video/")


def send(page: Page, path: Path) -> None:
    page.set_input_files(".mw-view-start .mw-files", path)
    page.wait_for_selector("#mw-reel", state="attached")


def second(page: Page) -> float:
    return float(page.evaluate("document.getElementById('mw-video').currentTime"))


def test_from_a_clip_to_its_timeline_an_answer_and_subtitles(page: Page) -> None:
    send(page, CLIP)
    page.wait_for_selector("#mw-video:not([hidden])")
    page.wait_for_selector("#mw-form", state="attached")
    expect(page.locator(".mw-block.is-scene")).to_have_count(3)
    expect(page.locator(".mw-still img").first).to_be_visible()
    # An event of the list, then one of the timeline: the player stands at its second, the words
    # that were read are marked where they stand.
    page.locator(".mw-events .is-words .mw-event", has_text=SIGN).first.click()
    page.wait_for_selector("#mw-box:not([hidden])")
    assert 5.4 < second(page) < 6.4
    box, screen = (page.locator(one).bounding_box() for one in ("#mw-box", "#mw-video"))
    assert box is not None
    assert screen is not None
    middle = (box["x"] + box["width"] / 2 - screen["x"]) / screen["width"]
    assert middle == pytest.approx((657 + 930) / 2 / 1280, abs=0.03)
    assert box["height"] < screen["height"] * 0.15
    page.locator(".mw-block.is-scene").nth(2).click()
    expect(page.locator("#mw-box")).to_be_hidden()
    assert 8.3 < second(page) < 8.7
    page.click("#mw-tab-ask")
    page.fill("#mw-question", "7초에 무엇이 있나요?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".mw-answers li:first-child .mw-quote")
    page.locator(".mw-quote .mw-moment").first.click()
    assert 5.4 < second(page) < 6.4
    page.click("#mw-tab-files")
    with page.expect_download() as coming:
        page.click('[data-out="subtitles.srt"]')
    assert coming.value.suggested_filename == "자막.srt"
    told = Path(coming.value.path()).read_text(encoding="utf-8")
    assert told.startswith("1\n00:00:06,000 --> ")
    assert SAID.split()[0] in told
    # The model of these tests can't translate: the line stays as it was said, marked and counted.
    page.click('[data-translate="en"]')
    expect(page.locator(".mw-translate li")).to_contain_text("1줄 가운데 0줄")
    with page.expect_download() as coming:
        page.click('[data-out="subtitles-en.srt"]')
    told = Path(coming.value.path()).read_text(encoding="utf-8")
    assert "Machine translation" in told
    assert f"(ko) {SAID.split()[0]}" in told


def test_a_reload_finds_the_work_again_and_the_end_removes_it(page: Page, address: str) -> None:
    page.click('[data-sample="test08"]')
    page.wait_for_selector("#mw-reel", state="attached")
    page.reload()
    page.wait_for_selector("#mw-video:not([hidden])")
    page.wait_for_selector("#mw-form", state="attached")
    link = page.locator("#mw-video").get_attribute("src")
    part = page.request.get(f"{address}{link}", headers={"Range": "bytes=0-99"})
    assert (part.status, len(part.body())) == (206, 100)
    page.on("dialog", lambda dialog: dialog.accept())
    page.click('[data-act="end"]')
    page.wait_for_selector("body[data-view=start]")
    assert page.request.get(f"{address}{link}").status == 404


def test_what_no_browser_plays_shows_its_frames(page: Page, tmp_path: Path) -> None:
    frames = [scene(1, (640, 360), 4 * n) for n in range(48)] + [scene(4, (640, 360))] * 48
    send(page, film(tmp_path / "old.avi", frames, codec="mpeg4"))
    page.wait_for_selector("#mw-cant:not([hidden])")
    page.wait_for_selector("#mw-frame:not([hidden])")
    page.wait_for_selector("#mw-form", state="attached")
    before = page.locator("#mw-frame").get_attribute("src")
    page.locator(".mw-still").last.click()
    expect(page.locator("#mw-frame")).not_to_have_attribute("src", str(before))


def test_the_browsers_camera_is_watched_and_let_go(page: Page) -> None:
    page.click('[data-act="live_camera"]')
    page.wait_for_selector("body[data-view=live]")
    page.wait_for_selector(".mw-live-list > li")
    # Its picture is the copy that is fit to be shown.
    page.wait_for_function("document.querySelector('.mw-live-frame img').naturalWidth > 0")
    expect(page.locator(".mw-live-said").first).to_contain_text("움직임")
    page.click('[data-act="live_stop"]')
    page.wait_for_selector("body[data-view=start]")
    assert page.evaluate("document.getElementById('mw-live-video').srcObject") is None


def test_a_phone_is_wide_enough(browser: Browser, address: str) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page = visit(context, address, "/en/video/")
        measure = "document.documentElement.scrollWidth"
        assert page.evaluate(measure) <= 390
        send(page, CLIP)
        page.wait_for_selector("#mw-form", state="attached")
        for name in ("events", "ask", "frames", "files", "draft"):
            page.click(f"#mw-tab-{name}")
            assert page.evaluate(measure) <= 390
