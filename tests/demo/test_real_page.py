"""The whole application with its real models in a real browser, from a recording to its receipt."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from pipelines.evaluation.samples import Sample, load_samples
from tests.demo.page_kit import CHROMIUM, FLAGS, free_port, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PATIENCE_MS = 240_000


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


def test_a_spoken_complaint_is_written_corrected_submitted_and_found_again(
    address: str, clip: Sample, tmp_path: Path
) -> None:
    assert httpx.get(f"{address}/health/live").status_code == 200
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.wait_for_selector("body[data-ready=yes]")
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
        other = browser.new_context().new_page()
        other.set_default_timeout(PATIENCE_MS)
        other.goto(address)
        other.wait_for_selector("body[data-ready=yes]")
        other.fill("#mw-lookup-number", number)
        other.fill("#mw-lookup-secret", secret)
        other.click("#mw-lookup button")
        other.wait_for_selector("#mw-filed")
        expect(other.locator("#mw-title")).to_have_value("깨진 맨홀 뚜껑을 고쳐 주세요")
        browser.close()
    assert all(re.match(r"(http://127\.0\.0\.1:|data:|blob:)", url) for url in asked)
    ready = httpx.get(f"{address}/health/ready")
    assert ready.status_code == 200
    assert set(ready.json()["models"].values()) == {"ready"}


LETTER = (
    "제목: 맨홀 뚜껑 교체 요청\n\n마포구 연남동 인도의 맨홀 뚜껑을 바꿔 주시기 바랍니다.\n"
    "아이들이 걸려 넘어진 일이 두 번 있었습니다.\n"
)


def test_a_recording_and_a_letter_become_one_case_that_cites_both(
    address: str, clip: Sample, tmp_path: Path
) -> None:
    letter = tmp_path / "편지.txt"
    letter.write_text(LETTER, encoding="utf-8")
    nothing = tmp_path / "빈 파일.pdf"
    nothing.touch()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address)
        page.wait_for_selector("body[data-ready=yes]")
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
        other = browser.new_context().new_page()
        other.set_default_timeout(PATIENCE_MS)
        other.goto(address)
        other.wait_for_selector("body[data-ready=yes]")
        other.fill("#mw-lookup-number", number)
        other.fill("#mw-lookup-secret", secret)
        other.click("#mw-lookup button")
        other.wait_for_selector("#mw-filed")
        expect(other.locator(".mw-group")).to_have_count(2)
        assert other.locator('[data-field="place"] [data-open]').count() >= 1
        assert other.locator("#mw-add-file").count() == 0
        browser.close()
