"""The documents page as officials use it: Chromium against the running application."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.demo.page_kit import visit
from tests.demo.papers_kit import DEADLINE, FORM, QUESTION, form_pdf, notice_pdf

pytestmark = pytest.mark.slow
LOCK = {"encryption": 5, "user_pw": "열쇠", "owner_pw": "other"}  # 5: AES-256


def send(page: Page, *files: Path) -> None:
    page.set_input_files(".mw-view-start .mw-files", list(files))
    page.wait_for_selector("#mw-page-img:not([hidden])")


def ask(page: Page, question: str) -> None:
    page.click("#mw-tab-ask")
    page.fill("#mw-question", question)
    page.keyboard.press("Enter")
    page.wait_for_selector(".mw-answers li:first-child .mw-answer:not(.is-growing)")


def test_from_a_pdf_to_the_place_of_an_answer_and_a_workbook(
    context: BrowserContext, address: str, tmp_path: Path
) -> None:
    page = visit(context, address, "/documents/")
    send(page, notice_pdf(tmp_path / "보도 정비 안내.pdf"), form_pdf(tmp_path / "신청서.pdf"))
    assert page.locator("#mw-view-name").inner_text() == "보도 정비 안내.pdf"
    page.wait_for_selector("#mw-form")
    assert page.locator("#mw-title").input_value() == "나래길 보도 정비 안내"
    expect(page.locator(".mw-sheet")).to_have_count(2)
    # A citation of the draft opens its box, by keyboard as well.
    page.locator('[data-field="request"] .mw-spot').focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#mw-box:not([hidden])")
    ask(page, QUESTION)
    expect(page.locator(".mw-answer").first).to_contain_text("12월 4일")
    page.locator(".mw-quote .mw-spot").first.click()
    expect(page.locator("#mw-page-no")).to_have_value("2")
    page.wait_for_selector("#mw-box:not([hidden])")
    page.wait_for_timeout(700)  # it scrolls into view and stops growing
    box, picture = (
        page.locator("#mw-box").bounding_box(),
        page.locator("#mw-page-img").bounding_box(),
    )
    stage = page.locator("#mw-stage").bounding_box()
    assert box is not None
    assert picture is not None
    assert stage is not None
    # The sentence stands at 72 pt from the left with its base line at 700 of 842 pt.
    line = picture["y"] + picture["height"] * 697 / 842
    assert box["y"] < line < box["y"] + box["height"]
    assert box["height"] < picture["height"] * 0.05
    assert abs(box["x"] - (picture["x"] + picture["width"] * 72 / 595)) < 12
    assert stage["y"] <= box["y"]
    assert box["y"] + box["height"] <= stage["y"] + stage["height"]
    assert box["y"] + box["height"] <= 900
    page.click("#mw-tab-fields")
    page.click("#mw-schema .mw-primary")
    expect(page.locator(".mw-table")).to_contain_text(FORM[0][1])
    with page.expect_download() as coming:
        page.click('[data-out="fields.xlsx"]')
    assert coming.value.suggested_filename == "항목.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(Path(coming.value.path()).read_bytes()))
    values = [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
    assert "한**" in values, "what leaves the page is masked"


def test_a_reload_finds_the_work_again_and_the_end_removes_it(
    context: BrowserContext, address: str, tmp_path: Path
) -> None:
    page = visit(context, address, "/documents/")
    send(page, notice_pdf(tmp_path / "안내.pdf", pages=4))
    page.reload()
    page.wait_for_selector("body[data-ready=yes]")
    page.wait_for_selector("#mw-page-img:not([hidden])")
    page.wait_for_selector("#mw-form")
    expect(page.locator("#mw-thumbs button")).to_have_count(4)
    page.locator("#mw-stage").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#mw-page-no")).to_have_value("2")
    page.keyboard.press("End")
    expect(page.locator("#mw-page-no")).to_have_value("4")
    link = page.locator("#mw-page-img").get_attribute("src")
    assert page.request.get(f"{address}{link}").status == 200
    page.on("dialog", lambda dialog: dialog.accept())
    page.click('[data-act="end"]')
    page.wait_for_selector("body[data-view=start]")
    assert page.request.get(f"{address}{link}").status == 404
    page.reload()
    page.wait_for_selector("body[data-view=start]")


def test_a_refused_file_says_why_and_a_locked_one_asks(
    context: BrowserContext, address: str, tmp_path: Path
) -> None:
    wrong = tmp_path / "<img src=x onerror=window.hacked=1>.pdf"
    wrong.write_bytes(b"\x7fELF" + bytes(3000))
    page = visit(context, address, "/en/documents/")
    send(page, notice_pdf(tmp_path / "notice.pdf"), wrong, notice_pdf(tmp_path / "l.pdf", **LOCK))
    expect(page.locator(".mw-sheet.is-refused")).to_contain_text("can't be read here")
    assert page.evaluate("window.hacked") is None
    page.wait_for_selector("#mw-form")
    page.fill(".mw-unlock input", "wrong")
    page.click(".mw-unlock button")
    expect(page.locator("#mw-toast")).to_contain_text("password")
    page.fill(".mw-unlock input", "열쇠")
    page.click(".mw-unlock button")
    expect(page.locator(".mw-sheet.is-read")).to_have_count(2)
    expect(page.locator(".mw-redraft")).to_be_visible()


def test_what_is_not_there_is_said(context: BrowserContext, address: str, tmp_path: Path) -> None:
    page = visit(context, address, "/documents/")
    send(page, notice_pdf(tmp_path / "안내.pdf"))
    ask(page, "수영장 이용료는 얼마입니까?")
    expect(page.locator(".mw-answer.is-absent")).to_be_visible()
    assert page.locator(".mw-quote").count() == 0


def test_two_versions_clause_by_clause(
    context: BrowserContext, address: str, tmp_path: Path
) -> None:
    page = visit(context, address, "/documents/")
    changed = ((FORM[0][0], FORM[0][1]), (FORM[2][0], "990,000원"))
    send(page, form_pdf(tmp_path / "old.pdf"), form_pdf(tmp_path / "new.pdf", changed))
    page.wait_for_selector("#mw-form")
    page.click("#mw-tab-compare")
    page.click("#mw-versions button")
    page.wait_for_selector(".mw-change ins")
    page.locator(".mw-change .mw-spot").last.click()
    page.wait_for_selector("#mw-box:not([hidden])")


def test_the_pages_lead_to_each_other(context: BrowserContext, address: str) -> None:
    page = visit(context, address, "/en/")
    page.locator(".mw-pages a", has_text="Documents").click()
    page.wait_for_url(f"{address}/en/documents/")
    page.wait_for_selector("body[data-ready=yes]")
    assert page.locator(".mw-pages a[aria-current]").inner_text() == "Documents"
    page.click(".mw-languages summary")
    page.locator(".mw-languages a", has_text="日本語").click()
    page.wait_for_url(f"{address}/ja/documents/")
    page.wait_for_selector("body[data-ready=yes]")
    assert page.locator("html").get_attribute("lang") == "ja"
    page.goto(f"{address}/documents/")  # the choice is remembered
    page.wait_for_url(f"{address}/ja/documents/")
    page.click(".mw-languages summary")
    page.locator(".mw-languages a", has_text="한국어").click()
    page.wait_for_url(f"{address}/documents/")


@pytest.mark.parametrize(("width", "path"), [(390, "/documents/"), (1280, "/en/documents/")])
def test_nothing_is_wider_than_the_screen(
    browser: Browser, address: str, tmp_path: Path, width: int, path: str
) -> None:
    with browser.new_context(viewport={"width": width, "height": 844}) as context:
        page = visit(context, address, path)
        measure = "document.documentElement.scrollWidth"
        assert page.evaluate(measure) <= width
        send(page, notice_pdf(tmp_path / "notice.pdf"), form_pdf(tmp_path / "form.pdf"))
        page.wait_for_selector("#mw-form")
        for tool in ("ask", "digest", "fields", "compare", "draft"):
            page.click(f"#mw-tab-{tool}")
            assert page.evaluate(measure) <= width
        page.locator(".mw-spot").first.click()
        page.wait_for_selector("#mw-box:not([hidden])")
        assert page.evaluate(measure) <= width
        if width < 900:
            page.wait_for_timeout(600)
            box = page.locator("#mw-box").bounding_box()
            assert box is not None
            assert 0 < box["y"] < 844
            page.click('[data-act="view_close"]')
            assert not page.locator("#mw-viewer.is-open").count()


def test_forty_files_at_once_keep_the_page_alive(
    context: BrowserContext, address: str, tmp_path: Path
) -> None:
    files = []
    for number in range(40):
        path = tmp_path / f"{number:02d}.txt"
        path.write_text(f"{number}번 골목의 가로등을 고쳐 주시기 바랍니다.", encoding="utf-8")
        files.append(path)
    page = visit(context, address, "/documents/")
    page.set_input_files(".mw-view-start .mw-files", files)
    expect(page.locator(".mw-sheet")).to_have_count(40)
    expect(page.locator(".mw-sheet.is-read")).to_have_count(40)
    names = page.locator(".mw-sheet-open b").all_inner_texts()
    assert names == [path.name for path in files]
    assert DEADLINE not in page.content()
