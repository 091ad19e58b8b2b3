"""One walk: a citizen files, an official finds, edits and approves; nobody else can look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.demo.desk_kit import PASSWORD
from tests.demo.page_kit import MARKUP, running, visit
from tests.demo.test_browser import open_again

pytestmark = pytest.mark.slow

LETTERS = {
    "첫째.txt": "제목: 맨홀 뚜껑 교체\n\n마포구 연남동 인도의 맨홀 뚜껑을 바꿔 주세요.\n",
    "둘째.txt": f"마포구 연남동 맨홀에 아이가 빠질 뻔했습니다. {MARKUP}\n",
}
ANSWER = "맨홀 뚜껑을 새것으로 바꾸었습니다."


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("desk"), kit="office_kit", pace_s=0.0) as made:
        yield made


def drafted(context: BrowserContext, address: str, folder: Path) -> tuple[Page, str, str]:
    """A citizen's bundle, not handed in: (page, number, secret)."""
    paths = []
    for name, text in LETTERS.items():
        paths.append(folder / name)
        paths[-1].write_text(text, encoding="utf-8")
    page = visit(context, address, "/")
    page.set_input_files("#mw-file", paths)
    page.click("#mw-send")
    number, secret = (page.locator(f"#mw-{name}").inner_text() for name in ("number", "secret"))
    page.wait_for_selector("#mw-form")
    return page, number, secret


def filed(context: BrowserContext, address: str, folder: Path) -> tuple[str, str]:
    """A citizen's bundle, handed in: (number, secret)."""
    page, number, secret = drafted(context, address, folder)
    page.click("[data-act=file]")
    page.wait_for_selector("#mw-filed")
    return number, secret


def joined(context: BrowserContext, address: str, folder: Path, first: str) -> tuple[str, str]:
    """A neighbour reports the same and joins the first: (number, secret) of their own case."""
    page, number, secret = drafted(context, address, folder)
    others = page.locator(".mw-others")
    expect(others).to_contain_text("연남동")
    assert first not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    others.locator("[data-join]").click()
    page.wait_for_selector("#mw-filed")
    expect(page.locator(".mw-standing")).to_contain_text("다른 민원과 함께")
    assert others.count() == 0
    return number, secret


def signed_in(context: BrowserContext, address: str, login: str) -> Page:
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{address}/desk/")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".mw-docket")
    return page


def test_from_the_citizens_bundle_to_the_answer(
    context: BrowserContext, browser: Browser, address: str, tmp_path: Path
) -> None:
    number, secret = filed(context, address, tmp_path)
    # Nobody comes to the desk or at its messages without a session.
    for path in ("/desk/", "/desk/gradio_api/queue/join", "/office/export/csv", "/documents/"):
        assert httpx.get(address + path).status_code in (401, 404), path
    assert httpx.post(f"{address}/desk/gradio_api/queue/join", json={}).status_code == 401

    with browser.new_context(viewport={"width": 400, "height": 800}) as street:
        neighbour = joined(street, address, tmp_path, number)

    with browser.new_context(viewport={"width": 1280, "height": 900}) as office:
        desk = signed_in(office, address, "lee.head")
        desk.fill("#mw-find", number)
        expect(desk.locator(".mw-docket tbody tr")).to_have_count(1)
        desk.wait_for_url(f"**text={number}*")  # the list is the one that was asked for
        desk.click(".mw-who h1")
        desk.keyboard.press("?")
        desk.wait_for_selector("#mw-help[open]")
        desk.keyboard.press("Escape")
        desk.wait_for_selector("#mw-help", state="hidden")
        desk.keyboard.press("j")
        desk.wait_for_selector("tr.is-at")
        desk.keyboard.press("Enter")
        desk.wait_for_selector(f'#mw-case[data-number="{number}"]')
        expect(desk.locator("#mw-joined")).to_contain_text(neighbour[0])
        desk.click("[data-do=take]")
        desk.wait_for_selector("#mw-case .mw-state.is-working")
        desk.keyboard.press("o")
        desk.wait_for_selector(".mw-hint.is-open")
        assert not desk.evaluate("window.hacked")
        desk.click("#mw-tab-claims")
        desk.locator(".mw-tool-claims .mw-cite").first.click()
        desk.wait_for_selector("#mw-pageview[open]")
        desk.keyboard.press("Escape")
        desk.wait_for_selector("#mw-pageview", state="hidden")
        desk.keyboard.press("e")
        desk.fill("#mw-reply-text", ANSWER)
        desk.click("#mw-reply-form button.mw-secondary")
        desk.wait_for_selector(".mw-difference ins")
        desk.click("[data-approve]")
        expect(desk.locator("#mw-confirm")).to_contain_text("이팀장")
        desk.click("#mw-confirm [data-do=approve]")
        expect(desk.locator("#mw-sent")).to_contain_text("이팀장")
        desk.click("#mw-tab-history")
        expect(desk.locator(".mw-timeline")).to_contain_text("답변 보냄")
        desk.reload()  # the address keeps the case
        desk.wait_for_selector(f'#mw-case[data-number="{number}"]')
        desk.keyboard.press("Escape")
        desk.click(".mw-who form button")
        desk.wait_for_selector("[name=password]")
        assert office.cookies() == []

    for key in ((number, secret), neighbour):  # both citizens, another day
        with browser.new_context() as home:
            page = visit(home, address, "/")
            open_again(page, *key)
            expect(page.locator(".mw-answer")).to_contain_text(ANSWER)
            expect(page.locator(".mw-answer")).to_contain_text("이팀장")

    with browser.new_context() as stranger:
        page = visit(stranger, address, "/")
        open_again(page, number, "HJ4M-7KQX-2WRA-9CEF-PYZ3")
        page.wait_for_selector("#mw-lookup-said:not([hidden])")
        page.goto(f"{address}/desk/?case={number}")
        page.wait_for_selector("[name=password]")
