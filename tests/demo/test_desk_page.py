"""One walk: a citizen files, an official finds, edits and approves; nobody else can look."""

from __future__ import annotations

import re
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


def administered(browser: Browser, address: str, number: str, folder: Path) -> None:
    """An administrator makes an account, its owner chooses a password, looks at an original, and
    all of it is in the audit.
    """
    with browser.new_context(viewport={"width": 1280, "height": 900}) as office:
        boss = signed_in(office, address, "choi.admin")
        boss.click("[data-right=accounts]")
        boss.click(".mw-add-one summary")
        boss.fill("[data-form=add] [name=login]", "seo.new")
        boss.fill("[data-form=add] [name=name]", MARKUP)
        boss.select_option("[data-form=add] [name=role]", "supervisor")
        boss.click("[data-form=add] button")
        given_out = boss.locator("#mw-secret").inner_text()
        boss.click("[data-seen]")
        boss.wait_for_selector("#mw-once", state="hidden")
        with browser.new_context(viewport={"width": 1280, "height": 900}) as other:
            fresh = other.new_page()
            fresh.goto(f"{address}/documents/")
            fresh.fill("[name=login]", "seo.new")
            fresh.fill("[name=password]", given_out)
            fresh.keyboard.press("Enter")
            for name, text in (("old", given_out), ("new", PASSWORD), ("again", PASSWORD)):
                fresh.fill(f"[name={name}]", text)
            fresh.keyboard.press("Enter")
            fresh.wait_for_selector("body[data-ready=yes]")
            fresh.set_input_files(".mw-paper-drop .mw-files", folder / "첫째.txt")
            picture = fresh.locator("#mw-page-img")
            expect(picture).to_have_attribute("src", re.compile("size=page$"))
            with fresh.expect_response(re.compile("original=1")) as answered:
                fresh.click("[data-original]")
            assert answered.value.status == 200
            expect(fresh.locator(".mw-original-on")).to_be_visible()
            fresh.reload()
            fresh.wait_for_selector("body[data-ready=yes]")
            expect(picture).to_have_attribute("src", re.compile("size=page$"))  # off again
            assert not fresh.locator("[data-right=accounts]").is_visible()
        boss.click("[data-right=audit]")
        boss.wait_for_selector("#mw-chain.is-good")
        boss.select_option("[name=action]", "originals_opened")
        boss.wait_for_url("**action=originals_opened*")
        expect(boss.locator(".mw-audit tbody tr.is-originals_opened").first).to_contain_text(
            "seo.new"
        )
        boss.fill("[name=number]", number)
        boss.keyboard.press("Enter")
        expect(boss.locator(".mw-audit tbody tr").first).to_contain_text(number)
        with boss.expect_download() as saved:
            boss.click("[data-csv]")
        assert number in saved.value.path().read_text(encoding="utf-8")
        assert not boss.evaluate("window.hacked")


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

    administered(browser, address, number, tmp_path)

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
