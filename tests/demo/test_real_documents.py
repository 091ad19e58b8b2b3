"""The documents page with its real models and our own papers: a fact, its place, its absence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.demo.page_kit import free_port, serving
from tests.demo.shoot_documents import ABSENT, QUESTION, ask, window

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_our_own_papers_are_read_drafted_and_asked(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "demo", "--port", str(port)]
    with (
        serving(command, f"http://127.0.0.1:{port}", data_dir=str(tmp_path)) as address,
        window() as page,
    ):
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
