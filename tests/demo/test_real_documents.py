"""The documents page with its real models and our own papers: a fact, its place, its absence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.demo.page_kit import serving
from tests.demo.shoot_documents import ABSENT, PATIENCE_MS, QUESTION, ask, free_port
from tests.demo.test_browser import CHROMIUM, FLAGS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_our_own_papers_are_read_drafted_and_asked(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "demo", "--port", str(port)]
    with (
        serving(command, f"http://127.0.0.1:{port}", data_dir=str(tmp_path)) as address,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{address}/documents/")
        page.wait_for_selector("body[data-ready=yes]")
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
        browser.close()
