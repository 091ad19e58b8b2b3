"""The page as people use it: Chromium against the running application, on loopback only."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.demo.page_kit import Held, visit, write_clip

pytestmark = pytest.mark.slow


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "가로등 신고.wav")


@pytest.fixture
def held(tmp_path: Path, folder: Path) -> Held:
    """Of its own name, so that no other test lets it go on."""
    return Held(path=write_clip(tmp_path / f"held-{tmp_path.name}.wav"), gates=folder)


def send(page: Page, clip: Path) -> tuple[str, str]:
    """Upload, and read the receipt as a person does."""
    page.set_input_files("#mw-file", clip)
    page.click("#mw-send")
    secret = page.locator("#mw-secret").inner_text()
    return page.locator("#mw-number").inner_text(), secret


def open_again(page: Page, number: str, secret: str) -> None:
    page.fill("#mw-lookup-number", number)
    page.fill("#mw-lookup-secret", secret)
    page.click("#mw-lookup button")


def test_a_complaint_from_recording_to_receipt_and_back(
    context: BrowserContext, browser: Browser, address: str, held: Held
) -> None:
    page = visit(context, address, "/")
    number, secret = send(page, held.path)
    # The transcript grows: the first sentence is there before the last one.
    page.wait_for_selector(".mw-seg")
    assert page.locator(".mw-seg").count() < 3
    assert page.locator("#mw-form").count() == 0
    held.go_on("said")
    # The draft grows too, as fields and never as raw braces.
    writing = page.locator("#mw-writing")
    writing.wait_for()
    first = writing.inner_text()
    assert "{" not in first
    held.go_on("written")
    page.wait_for_selector("#mw-form")
    assert len(first) < len(page.locator("#mw-right-column, .mw-draft").first.inner_text())
    assert page.locator("#mw-place").input_value() == "은행동 12번지"
    assert page.locator(".mw-cite").count() >= 5
    assert page.locator("#mw-audio").count() == 1
    page.fill("#mw-title", "가로등이 꺼졌어요")
    page.locator("label.mw-chip", has_text="긴급").click()
    page.click("[data-act=file]")
    page.wait_for_selector("#mw-filed")
    assert page.locator("#mw-title").is_disabled()
    with browser.new_context() as other:
        again = visit(other, address, "/en/")
        open_again(again, number.lower(), secret.lower())
        again.wait_for_selector("#mw-filed")
        assert again.locator("#mw-title").input_value() == "가로등이 꺼졌어요"
        assert again.locator("input[name=urgency]:checked").input_value() == "emergency"
        assert again.locator("#mw-secret").count() == 0


def test_a_citation_plays_its_second(context: BrowserContext, address: str, clip: Path) -> None:
    page = visit(context, address, "/")
    send(page, clip)
    page.wait_for_selector("#mw-form")
    page.locator('[data-field="request"] .mw-cite').focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.getElementById('mw-audio').currentTime > 6.85")
    assert page.evaluate("document.getElementById('mw-audio').currentTime") < 9.8
    assert "is-cited" in str(page.locator("#mw-seg-2").get_attribute("class"))


def test_a_refresh_in_the_middle_loses_nothing(
    context: BrowserContext, address: str, held: Held
) -> None:
    page = visit(context, address, "/")
    number, _ = send(page, held.path)
    page.wait_for_selector(".mw-seg")
    page.reload()
    page.wait_for_selector(".mw-progress")
    assert page.locator("#mw-number").inner_text() == number
    held.go_on("said", "written")
    page.wait_for_selector("#mw-form")


def test_a_closed_browser_loses_nothing(browser: Browser, address: str, clip: Path) -> None:
    with browser.new_context() as first:
        page = visit(first, address, "/")
        number, secret = send(page, clip)
        page.wait_for_selector(".mw-seg")
    with browser.new_context() as second:
        page = visit(second, address, "/")
        open_again(page, number, secret)
        page.wait_for_selector("#mw-form")


def test_a_doubtful_word_is_corrected_and_the_draft_made_again(
    context: BrowserContext, address: str, clip: Path
) -> None:
    page = visit(context, address, "/")
    send(page, clip)
    page.wait_for_selector("#mw-form")
    page.locator(".mw-word.is-unsure").click()
    box = page.locator('.mw-edit[data-correct="0"] textarea')
    expect(box).to_be_focused()
    selected = "(b) => b.value.slice(b.selectionStart, b.selectionEnd)"
    assert box.evaluate(selected) == "은행동"
    page.keyboard.type("은빛동")
    page.locator('.mw-edit[data-correct="0"] .mw-secondary').click()
    expect(page.locator("#mw-seg-0 .mw-said")).to_contain_text("은빛동")
    expect(page.locator("#mw-seg-0 .mw-heard")).to_contain_text("은행동")
    page.click("[data-act=redraft]")
    expect(page.locator("#mw-place")).to_have_value("은빛동 12번지")


def test_cancel_and_try_again(context: BrowserContext, address: str, held: Held) -> None:
    page = visit(context, address, "/")
    send(page, held.path)
    page.click("[data-act=cancel]")
    page.wait_for_selector(".mw-problem[data-stage=cancelled]")
    held.go_on("said", "written")
    page.click("[data-act=retry]")
    page.wait_for_selector("#mw-form")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "빈 파일"), (bytes(range(256)) * 9, "여기에서 읽을 수 없습니다")],
)
def test_a_wrong_file_gets_one_sentence_and_the_page_lives(
    context: BrowserContext, address: str, clip: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    wrong = tmp_path / "wrong.wav"
    wrong.write_bytes(content)
    page = visit(context, address, "/")
    page.set_input_files("#mw-file", wrong)
    page.click("#mw-send")
    expect(page.locator("#mw-said")).to_contain_text(said)
    assert "Traceback" not in page.content()
    page.click("#mw-discard")
    send(page, clip)
    page.wait_for_selector("#mw-form")


def test_silence_is_told_and_kept(context: BrowserContext, address: str, tmp_path: Path) -> None:
    page = visit(context, address, "/en/")
    send(page, write_clip(tmp_path / "silence.wav", silent=True))
    problem = page.locator('.mw-problem[data-code="media.no_speech"]')
    expect(problem).to_contain_text("no speech was found")


def test_another_secret_opens_nothing(context: BrowserContext, address: str, clip: Path) -> None:
    page = visit(context, address, "/")
    number, _ = send(page, clip)
    page.click(".mw-top [data-act=new]")
    open_again(page, number, "AAAA-AAAA-AAAA-AAAA-AAAA")
    expect(page.locator("#mw-lookup-said")).to_contain_text("맞는 민원이 없습니다")
    assert page.locator("body").get_attribute("data-view") == "start"


def test_markup_in_names_and_words_stays_text(
    context: BrowserContext, address: str, tmp_path: Path
) -> None:
    page = visit(context, address, "/")
    send(page, write_clip(tmp_path / "markup <img src=x onerror=window.hacked=1>.wav"))
    page.wait_for_selector("#mw-form")
    assert "<img src=x" in page.locator("#mw-seg-0 .mw-said").inner_text()
    assert page.evaluate("window.hacked") is None
    assert page.locator(".mw-columns img").count() == 0


def test_the_microphone_records(context: BrowserContext, address: str) -> None:
    """Chromium's own beeping device stands in for a person."""
    context.grant_permissions(["microphone"])
    page = visit(context, address, "/")
    page.click("#mw-mic")
    expect(page.locator("#mw-mic-label")).to_contain_text("0:02")
    page.click("#mw-mic")
    page.click("#mw-send")
    page.wait_for_selector("#mw-form")


def test_two_citizens_share_one_queue(
    browser: Browser, address: str, clip: Path, held: Held
) -> None:
    with browser.new_context() as one, browser.new_context() as two:
        first, second = visit(one, address, "/"), visit(two, address, "/en/")
        send(first, held.path)
        send(second, clip)
        expect(second.locator(".mw-progress")).to_contain_text("1 in front of you")
        held.go_on("said", "written")
        first.wait_for_selector("#mw-form")
        second.wait_for_selector("#mw-form")


@pytest.mark.parametrize("path", ["/", "/en/"])
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_screen(
    browser: Browser, address: str, clip: Path, width: int, path: str
) -> None:
    with browser.new_context(viewport={"width": width, "height": 844}) as context:
        page = visit(context, address, path)
        measure = "document.documentElement.scrollWidth"
        assert page.evaluate(measure) <= width
        send(page, clip)
        page.wait_for_selector("#mw-form")
        assert page.evaluate(measure) <= width
