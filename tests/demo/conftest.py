"""The running pages and Chromium for their tests; a page asks this machine only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.demo.page_kit import CHROMIUM, FLAGS, PATIENCE_MS, running

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the running pages keep what is theirs."""
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def address(folder: Path) -> Iterator[str]:
    """Every page in one process for all tests; a file may have 3 MB there."""
    with running(folder, max_file_mb="3", max_document_mb="3") as made:
        yield made


@pytest.fixture
def web(address: str) -> Iterator[httpx.Client]:
    """A client of the running pages that shows no script."""
    with httpx.Client(base_url=address, timeout=PATIENCE_MS / 1000) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh person; afterwards every address that the page asked for must be loopback."""
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    made.on("request", lambda request: asked.append(request.url))
    yield made
    made.close()
    assert asked
    outside = [url for url in asked if not re.match(r"(http://127\.0\.0\.1:|data:|blob:)", url)]
    assert not outside
