"""The whole application with its real models in a real browser: recordings, letters, papers."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pipelines.evaluation.samples import Sample, load_samples
from tests.demo.page_kit import free_port, serving, visit
from tests.demo.shoot_documents import ABSENT, PATIENCE_MS, QUESTION, ask

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "demo", "--port", str(port)]
    folder = tmp_path_factory.mktemp("real")
    with serving(command, f"http://127.0.0.1:{port}", data_dir=str(folder)) as made:
        yield made


@pytest.fixture(scope="module")
def clip() -> Sample:
    """A manhole cover in Yeonnam-dong."""
    return next(s for s in load_samples(language="ko", split="dev") if s.id.startswith("ko34"))


def patient(context: BrowserContext, address: str, path: str) -> Page:
    """A ready page that waits for real models."""
    page = visit(context, address, path)
    page.set_default_timeout(PATIENCE_MS)
    return page


@contextlib.contextmanager
def opened_again(browser: Browser, address: str, number: str, secret: str) -> Iterator[Page]:
    """The filed case, by its receipt in another browser."""
    with browser.new_context() as context:
        page = patient(context, address, "/")
        page.fill("#mw-lookup-number", number)
        page.fill("#mw-lookup-secret", secret)
        page.click("#mw-lookup button")
        page.wait_for_selector("#mw-filed")
        yield page


def test_a_spoken_complaint_is_written_corrected_submitted_and_found_again(
    address: str, clip: Sample, context: BrowserContext, browser: Browser
) -> None:
    assert httpx.get(f"{address}/health/live").status_code == 200
    page = patient(context, address, "/")
    page.set_input_files("#mw-file", clip.path)
    page.click("#mw-send")
    number = page.locator("#mw-number").inner_text()
    secret = page.locator("#mw-secret").inner_text()
    page.wait_for_selector(".mw-seg")
    page.wait_for_selector("#mw-form")
    said = " ".join(page.locator(".mw-said").all_inner_texts())
    assert "맨홀" in said
    assert page.locator("#mw-title").input_value()
    assert page.locator(".mw-cite").count() >= 3
    page.fill("#mw-title", "깨진 맨홀 뚜껑을 고쳐 주세요")
    page.click("[data-act=file]")
    page.wait_for_selector("#mw-filed")
    with opened_again(browser, address, number, secret) as other:
        expect(other.locator("#mw-title")).to_have_value("깨진 맨홀 뚜껑을 고쳐 주세요")
    ready = httpx.get(f"{address}/health/ready")
    assert ready.status_code == 200
    assert set(ready.json()["models"].values()) == {"ready"}


LETTER = (
    "제목: 맨홀 뚜껑 교체 요청\n\n마포구 연남동 인도의 맨홀 뚜껑을 바꿔 주시기 바랍니다.\n"
    "아이들이 걸려 넘어진 일이 두 번 있었습니다.\n"
)


def test_a_recording_and_a_letter_become_one_case_that_cites_both(
    address: str, clip: Sample, context: BrowserContext, browser: Browser, tmp_path: Path
) -> None:
    letter = tmp_path / "편지.txt"
    letter.write_text(LETTER, encoding="utf-8")
    nothing = tmp_path / "빈 파일.pdf"
    nothing.touch()
    page = patient(context, address, "/")
    page.set_input_files("#mw-file", [clip.path, nothing])
    page.set_input_files("#mw-file", letter)  # chosen later, kept beside the others
    expect(page.locator("#mw-sending li")).to_have_count(3)
    page.click("#mw-send")
    number = page.locator("#mw-number").inner_text()
    secret = page.locator("#mw-secret").inner_text()
    page.wait_for_selector("#mw-form")
    expect(page.locator(".mw-group")).to_have_count(2)
    expect(page.locator(".mw-notes")).to_contain_text("빈 파일.pdf")
    place = page.locator('[data-field="place"]')
    assert "연남동" in page.locator("#mw-place").input_value()
    assert place.locator("[data-play]").count() >= 1
    place.locator("[data-open]").first.click()
    expect(page.locator("#mw-pageview-box")).to_be_visible(timeout=PATIENCE_MS)
    assert page.locator("#mw-pageview-img").evaluate("(img) => img.naturalWidth") > 500
    page.click("[data-viewer-close]")
    place.locator("[data-play]").first.click()
    page.wait_for_function("document.querySelector('audio[data-media]').currentTime > 0")
    page.click("[data-act=file]")
    page.wait_for_selector("#mw-filed")
    with opened_again(browser, address, number, secret) as other:
        expect(other.locator(".mw-group")).to_have_count(2)
        assert other.locator('[data-field="place"] [data-open]').count() >= 1
        assert other.locator(".mw-standing #mw-add-file").count() == 1


def test_our_own_papers_are_read_drafted_and_asked(address: str, context: BrowserContext) -> None:
    page = patient(context, address, "/documents/")
    page.click('[data-act="samples"]')
    page.wait_for_selector("#mw-form")
    expect(page.locator(".mw-sheet.is-read")).to_have_count(4)
    assert "보도" in page.locator("#mw-request").input_value()
    page.click("#mw-tab-ask")
    ask(page, QUESTION)
    expect(page.locator(".mw-answer").first).to_contain_text("2월 12일")
    ask(page, ABSENT)
    expect(page.locator(".mw-answer").first).to_have_class("mw-answer is-absent")
    page.click("#mw-tab-fields")
    page.click("#mw-schema .mw-primary")
    expect(page.locator(".mw-table")).to_contain_text("2850000")
