"""The reading room without its page: papers in, places out; what is foreign or old is gone."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from demo.api.papers import papers_router
from demo.asks import BadRequest, read
from demo.papers import asks
from demo.papers.kept import Kept
from demo.papers.links import PaperLinks
from demo.papers.panels import told_fields
from demo.papers.room import PaperRoom, PaperScreen
from demo.papers.session import Session, Task
from demo.papers.sessions import PapersNotFound
from demo.papers.shots import MOST_WAITING
from demo.present import Words
from pipelines.drafting.question import Answer
from pipelines.errors import DocumentPasswordWrong
from pipelines.readers import mupdf
from pipelines.settings import Settings
from pipelines.types import CaseResult
from tests.demo.page_kit import MARKUP
from tests.demo.papers_kit import (
    DEADLINE,
    QUESTION,
    a_room,
    form_pdf,
    notice_pdf,
)
from tests.pipelines.readers import paper_kit

WORDS = Words("ko", scope="papers")
LOCK = {"encryption": 5, "user_pw": "열쇠", "owner_pw": "other"}  # 5: AES-256


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaperRoom]:
    folder = tmp_path_factory.mktemp("room")
    with a_room(Settings(data_dir=folder, cache_dir=folder)) as made:
        made.desk.start()
        yield made


@pytest.fixture(scope="module")
def web(room: PaperRoom) -> TestClient:
    return client(room)


def client(room: PaperRoom) -> TestClient:
    app = FastAPI()
    app.include_router(papers_router(room.desk.sessions, room.shots, room.links, room.handout))
    return TestClient(app)


def send(room: PaperRoom, *paths: Path, key: str = "") -> tuple[str, Session]:
    """As the page does it: uploaded files are moved away."""
    files = [{"path": str(path), "name": path.name} for path in paths]
    screen = room.add(read(asks.Add, {"key": key, "files": files}), Path)
    assert screen.command is not None
    key = str(screen.command["key"])
    return key, room.desk.sessions.find(key)


def settled(room: PaperRoom, session: Session, least: Callable[[], bool] = lambda: True) -> Session:
    until = time.monotonic() + 60
    while not least() or session.busy:
        assert time.monotonic() < until, [s.state for s in session.sheets.values()]
        room.desk.sessions.wait(session, session.revision, 0.2)
    return session


def drafted(room: PaperRoom, session: Session) -> Session:
    return settled(room, session, lambda: session.latest("draft") is not None)


def asked(room: PaperRoom, key: str, question: str) -> Answer:
    room.ask(read(asks.Question, {"key": key, "question": question}))
    session = settled(room, room.desk.sessions.find(key))
    task = session.latest("ask")
    assert isinstance(task, Task)
    assert isinstance(task.result, Answer), task
    return task.result


def screen_of(room: PaperRoom, key: str) -> PaperScreen:
    """The page as it stands now."""
    return next(iter(room.follow(WORDS, read(asks.Watch, {"key": key, "sending": True}))))


def token_of(room: PaperRoom, session: Session, what: object) -> str:
    return room.links.sign(session.id, str(what))


# --- what it is for ----------------------------------------------------------------------------


def test_papers_are_read_drafted_and_asked(room: PaperRoom, tmp_path: Path) -> None:
    key, session = send(room, notice_pdf(tmp_path / "안내.pdf"), form_pdf(tmp_path / "신청서.pdf"))
    drafted(room, session)
    draft = session.latest("draft")
    assert draft is not None
    assert isinstance(draft.result, CaseResult)
    assert draft.result.draft.drafted_by == "model"
    assert draft.result.timing.read_s == sum(sheet.read_s for sheet in session.read) > 0
    answer = asked(room, key, QUESTION)
    assert "12월 4일" in answer.text
    (cited,) = answer.citations
    assert cited.where.page_no == 2
    screen = screen_of(room, key)
    assert screen.answers is not None
    assert 'data-open="1" data-page="2"' in screen.answers
    box = screen.answers.partition('data-box="')[2].partition('"')[0]
    left, top, right, bottom = (float(edge) for edge in box.split(","))
    assert top < 700 / 842 < bottom + 0.01  # the base line of the sentence
    assert left < 72 / 595 < right
    assert bottom - top < 0.05
    assert 'class="mw-form"' in str(screen.draft)
    assert "data-open=" in str(screen.draft)


def test_the_first_draft_waits_for_all_files(room: PaperRoom, tmp_path: Path) -> None:
    first = {"path": str(notice_pdf(tmp_path / "안내.pdf")), "name": "안내.pdf"}
    screen = room.add(read(asks.Add, {"files": [first], "more": True}), Path)
    assert screen.command is not None
    key = str(screen.command["key"])
    session = settled(room, room.desk.sessions.find(key))
    assert session.latest("draft") is None
    send(room, form_pdf(tmp_path / "신청서.pdf"), key=key)
    drafted(room, session)
    draft = session.latest("draft")
    assert draft is not None
    assert isinstance(draft.result, CaseResult)
    assert len(draft.result.media) == 2
    # A page that was closed while it sent files sends no last one: who opens it again says so.
    other = {"path": str(notice_pdf(tmp_path / "b.pdf", pages=3)), "name": "b.pdf"}
    screen = room.add(read(asks.Add, {"files": [other], "more": True}), Path)
    assert screen.command is not None
    key = str(screen.command["key"])
    session = settled(room, room.desk.sessions.find(key))
    list(room.follow(WORDS, read(asks.Watch, {"key": key})))
    assert session.latest("draft") is not None


def test_what_is_not_there_is_told_plainly(room: PaperRoom, tmp_path: Path) -> None:
    key, session = send(room, notice_pdf(tmp_path / "안내.pdf"))
    drafted(room, session)
    answer = asked(room, key, "수영장 이용료는 얼마입니까?")
    assert not answer.answered
    assert "is-absent" in str(screen_of(room, key).answers)


def test_a_refused_file_names_itself_and_the_others_go_on(room: PaperRoom, tmp_path: Path) -> None:
    program = tmp_path / "계산기.pdf"
    program.write_bytes(b"\x7fELF" + bytes(3000))
    torn = tmp_path / "torn.pdf"
    torn.write_bytes(b"%PDF-1.7\n" + bytes(3000))
    good = notice_pdf(tmp_path / "안내.pdf")
    same = tmp_path / "same.pdf"
    same.write_bytes(good.read_bytes())
    key, session = send(room, program, torn, good, same)
    drafted(room, session)
    states = {sheet.name: sheet.state for sheet in session.sheets.values()}
    assert states == {
        "계산기.pdf": "refused", "torn.pdf": "refused", "안내.pdf": "read", "same.pdf": "refused",
    }  # fmt: skip
    shown = str(screen_of(room, key).sheets)
    assert "여기에서 읽을 수 없습니다" in shown
    assert "손상되었거나" in shown
    assert "이미 올리신 파일" in shown


def test_a_locked_pdf_asks_and_a_wrong_password_is_refused(
    room: PaperRoom, web: TestClient, tmp_path: Path
) -> None:
    key, session = send(room, notice_pdf(tmp_path / "비밀.pdf", **LOCK))
    settled(room, session)
    assert session.sheets[1].state == "locked"
    assert "mw-unlock" in str(screen_of(room, key).sheets)
    assert web.get(f"/papers/{token_of(room, session, 1)}/page/1").status_code != 200
    wrong = read(asks.Unlock, {"key": key, "sheet": 1, "password": "falsch"})
    assert "falsch" not in repr(wrong)
    with pytest.raises(DocumentPasswordWrong):
        room.unlock(WORDS, wrong)
    assert session.sheets[1].state == "locked"
    room.unlock(WORDS, read(asks.Unlock, {"key": key, "sheet": 1, "password": "열쇠"}))
    drafted(room, session)
    assert session.sheets[1].state == "read"
    assert web.get(f"/papers/{token_of(room, session, 1)}/page/1").status_code == 200


def test_two_versions_are_compared(room: PaperRoom, tmp_path: Path) -> None:
    rows = (("신청인", "한가온"), ("신청 금액", "900,000원"))
    old = form_pdf(tmp_path / "old.pdf", rows)
    new = form_pdf(tmp_path / "new.pdf", (rows[0], ("신청 금액", "950,000원")))
    key, session = send(room, old, new)
    drafted(room, session)
    room.compare(read(asks.Compare, {"key": key, "old": 1, "new": 2}))
    settled(room, session)
    shown = str(screen_of(room, key).changes)
    assert "<del>900,000</del>" in shown
    assert "<ins>950,000</ins>" in shown


def test_a_summary_tells_its_progress_and_cites(room: PaperRoom, tmp_path: Path) -> None:
    key, session = send(room, notice_pdf(tmp_path / "안내.pdf", pages=8))
    drafted(room, session)
    room.digest(read(asks.OneSheet, {"key": key, "sheet": 1}))
    settled(room, session)
    shown = str(screen_of(room, key).digest)
    assert "mw-points" in shown
    assert 'data-open="1"' in shown


def test_the_growing_draft_shows_lines_and_no_numbers() -> None:
    lines = ("나래길 보도 정비", "보도블록이 내려앉았습니다.", "고쳐 주시기 바랍니다.")
    raw = '{"place": "", "urgency": "high", "title": 0, "summary": [1], "request": 9'
    task = Task(number=1, kind="draft", state="running", text=raw, lines=lines)
    assert told_fields(task) == {"urgency": "high", "title": lines[0], "summary": lines[1]}
    assert told_fields(replace(task, text='{"pla')) == {}


# --- fields and what is taken away -------------------------------------------------------------


def test_the_edited_list_of_fields_decides(
    room: PaperRoom, web: TestClient, tmp_path: Path
) -> None:
    rows = [
        {"name": "받는 사람", "type": "person", "also": "신청인, 성명"},
        {"name": "=HYPERLINK(1)", "type": "amount", "also": "신청 금액"},
        {"name": "없는 항목", "type": "date", "also": ""},
    ]
    key, session = send(room, form_pdf(tmp_path / "신청서.pdf"))
    drafted(room, session)
    room.fields(read(asks.Fields, {"key": key, "rows": rows}))
    settled(room, session)
    shown = str(screen_of(room, key).fields)
    assert "한가온" in shown
    assert "1250000" in shown
    out = web.get(f"/papers/{token_of(room, session, 'out')}/out/fields.xlsx")
    assert out.headers["content-disposition"].startswith("attachment;")
    book = openpyxl.load_workbook(io.BytesIO(out.content))
    cells = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert cells[0] == ["파일", "받는 사람", "'=HYPERLINK(1)", "없는 항목"]
    assert cells[1] == ["신청서.pdf", "한**", "1250000", None]
    text = web.get(f"/papers/{token_of(room, session, 'out')}/out/fields.csv").text
    assert "신청서.pdf,받는 사람,한**" in text
    told = web.get(f"/papers/{token_of(room, session, 'out')}/out/fields.json").text
    assert "한가온" not in told
    tables = web.get(f"/papers/{token_of(room, session, 'out')}/out/tables.xlsx")
    first = openpyxl.load_workbook(io.BytesIO(tables.content)).worksheets[0]
    assert [first["B1"].value, first["B2"].value] == ["한**", "010-****-****"]
    draft = web.get(f"/papers/{token_of(room, session, 'out')}/out/draft.json").json()
    assert draft["files"][0]["name"] == "신청서.pdf"


def test_personal_data_leaves_unmasked_by_right_only(room: PaperRoom, tmp_path: Path) -> None:
    """Threat 31: without the right, asking for the original finds nothing."""
    key, session = send(room, form_pdf(tmp_path / "신청서.pdf"))
    drafted(room, session)
    room.fields(
        read(asks.Fields, {"key": key, "rows": [row.model_dump() for row in room.rows("ko")]})
    )
    settled(room, session)
    parts = (room.desk.sessions, room.shots, room.links, room.handout)
    places = [
        f"/papers/{token_of(room, session, 'out')}/out/{name}"
        for name in ("fields.csv", "fields.json", "draft.json")
    ]
    page = f"/papers/{token_of(room, session, '1')}/page/1"
    for may, status in ((False, 404), (True, 200)):
        app = FastAPI()
        told: list[object] = []

        def may_open(request: object, facts: object, may: bool = may) -> bool:
            told.append(facts)  # noqa: B023 - asked within this round only
            return may

        app.include_router(papers_router(*parts, may_open=may_open))
        with TestClient(app) as client:
            assert client.get(page, params={"original": 1}).status_code == status
            assert told == [{"file": session.file_hash(1), "page_no": 1}]
            assert client.get(page).status_code == 200
            assert len(told) == 1  # what is hidden is no secret: nobody is asked
            for place in places:
                assert "010-1234-5678" not in client.get(place).text
                opened = client.get(place, params={"original": 1})
                assert opened.status_code == status
                assert ("010-1234-5678" in opened.text) is may


@pytest.mark.parametrize(
    "rows",
    [[], [{"name": "", "type": "text"}], [{"name": "a", "type": "regex"}], [{"name": "a"}],
     [{"name": "a", "type": "text", "pattern": "(a+)+"}],
     [{"name": str(n), "type": "text"} for n in range(41)]],
)  # fmt: skip
def test_a_list_that_our_page_would_not_send_is_refused(rows: list[dict[str, str]]) -> None:
    with pytest.raises(BadRequest):
        read(asks.Fields, {"key": "k", "rows": rows})


# --- who may see what --------------------------------------------------------------------------


def test_a_foreign_key_opens_nothing(room: PaperRoom, web: TestClient, tmp_path: Path) -> None:
    key, mine = send(room, notice_pdf(tmp_path / "mine.pdf"))
    other_key, other = send(room, form_pdf(tmp_path / "theirs.pdf"))
    drafted(room, mine)
    drafted(room, other)
    for wrong in ("", "x", key[:-1], mine.id):
        with pytest.raises(PapersNotFound):
            room.ask(read(asks.Question, {"key": wrong, "question": "?"}))
    good = token_of(room, mine, 1)
    forged = {
        "bent": good[:-2] + ("aa" if good[-2:] != "aa" else "bb"),
        "other key": PaperLinks(b"x" * 32, 1000).sign(mine.id, "1"),
        "no such file": token_of(room, mine, 99),
        "path": token_of(room, mine, "../../../etc/passwd"),
        "no session": room.links.sign("f" * 40, "1"),
        "an export as a page": token_of(room, mine, "out"),
        "long": "a" * 5000,
    }
    answers = {name: web.get(f"/papers/{token}/page/1") for name, token in forged.items()}
    assert {n: a.status_code for n, a in answers.items() if n != "no such file"} == dict.fromkeys(
        [n for n in forged if n != "no such file"], 404
    )
    assert answers["no such file"].status_code == 410
    assert all(b"JFIF" not in answer.content for answer in answers.values())
    assert web.get(f"/papers/{good}/out/draft.json").status_code == 404
    assert web.get(f"/papers/{good}/page/1").status_code == 200
    assert web.get(f"/papers/{good}/page/3").status_code == 410
    assert web.get(f"/papers/{good}/page/0").status_code == 410
    assert web.get(f"/papers/{good}/page/..%2f..%2fetc").status_code in (404, 422)
    names = ["../secret", "draft.json/../../x", "papers.json", "file-1"]
    out = token_of(room, mine, "out")
    assert {web.get(f"/papers/{out}/out/{name}").status_code for name in names} == {404}
    assert DEADLINE[:8] not in str(screen_of(room, other_key))


def test_a_link_stays_the_same_until_it_is_old(room: PaperRoom, tmp_path: Path) -> None:
    key, session = send(room, notice_pdf(tmp_path / "안내.pdf"))
    drafted(room, session)
    first, again = screen_of(room, key).sheets, screen_of(room, key).sheets
    assert 'data-link="' in str(first)
    assert first == again
    token, made_at = session.signed["1"]
    session.signed["1"] = (token, made_at - room.links._max_age_s / 2 - 10)
    time.sleep(1.1)  # the signature counts whole seconds
    assert screen_of(room, key).sheets != first


def test_a_page_carries_its_guard(room: PaperRoom, web: TestClient, tmp_path: Path) -> None:
    _, session = send(room, notice_pdf(tmp_path / "안내.pdf"))
    answer = web.get(f"/papers/{token_of(room, session, 1)}/page/1?size=small")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.width == 150
    assert web.get(f"/papers/{token_of(room, session, 1)}/page/1?size=9000").status_code == 422


def test_only_what_was_uploaded_is_taken(room: PaperRoom) -> None:
    def nothing(path: str) -> Path:
        raise BadRequest

    with pytest.raises(BadRequest):
        room.add(read(asks.Add, {"files": [{"path": "/etc/passwd", "name": "a.pdf"}]}), nothing)


def test_markup_in_names_stays_text(room: PaperRoom, tmp_path: Path) -> None:
    path = notice_pdf(tmp_path / "x.pdf")
    screen = room.add(
        read(asks.Add, {"files": [{"path": str(path), "name": f"{MARKUP}.pdf"}]}), Path
    )
    assert screen.command is not None
    key = str(screen.command["key"])
    session = drafted(room, room.desk.sessions.find(key))
    asked(room, key, f"{MARKUP} 신청은 언제까지입니까?")
    room.digest(read(asks.OneSheet, {"key": key, "sheet": 1}))
    room.fields(read(asks.Fields, {"key": key, "rows": [{"name": MARKUP, "type": "text"}]}))
    settled(room, session)
    shown = screen_of(room, key)
    for panel in (shown.sheets, shown.answers, shown.digest, shown.draft, shown.fields):
        assert "<img src=x" not in str(panel)


def test_what_holds_a_picture_is_blurred(room: PaperRoom, web: TestClient, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.effect_noise((300, 200), 90).convert("RGB").save(photo)

    def with_photo(page: Any) -> None:
        page.insert_text((72, 100), "나래길 현장 사진입니다. 빨리 고쳐 주세요.", fontname="korea")
        page.insert_image((72, 200, 372, 400), filename=str(photo))

    mixed = paper_kit.pdf(tmp_path / "mixed.pdf", with_photo, paper_kit.text("plain text"))
    key, session = send(room, mixed, photo)
    token = token_of(room, session, 1)
    blue = (0, 0, 254)
    assert pixel(web.get(f"/papers/{token}/page/1").content) == blue
    white = (255, 255, 255)
    assert pixel(room.shots.page(session, 1, 1, "page", original=True)) == white
    assert pixel(web.get(f"/papers/{token}/page/1?size=small").content) == blue
    assert pixel(web.get(f"/papers/{token}/page/1").content) == blue  # and stays so for the rest
    assert pixel(web.get(f"/papers/{token}/page/2").content) == white
    assert pixel(web.get(f"/papers/{token_of(room, session, 2)}/page/1").content) == blue
    room.end(read(asks.Keyed, {"key": key}))


def pixel(jpeg: bytes) -> tuple[int, int, int]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        return picture.convert("RGB").getpixel((20, 20))  # type: ignore[return-value]


def test_pictures_of_pages_are_kept_up_to_a_bound(room: PaperRoom, tmp_path: Path) -> None:
    _, session = send(room, notice_pdf(tmp_path / "안내.pdf", pages=6))
    few = replace(room.shots, kept=Kept(bytes_at_most=100_000))
    first = few.page(session, 1, 1, "page")
    for page_no in range(1, 7):
        few.page(session, 1, page_no, "page")
    assert few.kept._held <= 100_000
    assert few.kept._held == sum(len(picture) for picture in few.kept._pictures.values())
    assert few.page(session, 1, 1, "page") == first
    few.forget(session.id)
    assert few.kept._held == 0


def test_who_waits_for_pages_is_bounded_and_a_bad_page_is_not_drawn_twice(
    room: PaperRoom, web: TestClient, tmp_path: Path
) -> None:
    _, session = send(room, notice_pdf(tmp_path / "안내.pdf"))
    token = token_of(room, session, 1)
    held = [room.shots._room.acquire(blocking=False) for _ in range(MOST_WAITING)]
    answer = web.get(f"/papers/{token}/page/1")
    for _ in held:
        room.shots._room.release()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert web.get(f"/papers/{token}/page/1").status_code == 200
    assert web.get(f"/papers/{token}/page/9").status_code == 410
    with room.shots.pages.worker._lock:  # nobody draws now: the answer is known
        assert web.get(f"/papers/{token}/page/9").status_code == 410


def test_too_many_and_too_much_are_refused_with_a_sentence(tmp_path: Path) -> None:
    few = Settings(data_dir=tmp_path / "a", cache_dir=tmp_path, max_papers=1)
    small = Settings(data_dir=tmp_path / "b", cache_dir=tmp_path, max_papers_mb=1)
    with a_room(few) as room:
        key, _ = send(room, notice_pdf(tmp_path / "1.pdf"), form_pdf(tmp_path / "2.pdf"))
        assert "한 번에 1개까지" in str(screen_of(room, key).sheets)
    with a_room(small) as room:
        big = tmp_path / "big.txt"
        big.write_text("가나다 " * 200_000, encoding="utf-8")
        key, _ = send(room, notice_pdf(tmp_path / "1.pdf"), big)
        assert "모두 합쳐 1MB까지" in str(screen_of(room, key).sheets)


# --- how it ends -------------------------------------------------------------------------------


def test_the_end_removes_everything(room: PaperRoom, web: TestClient, tmp_path: Path) -> None:
    text = tmp_path / "편지.txt"
    text.write_text("내려앉은 보도블록을 하루빨리 고쳐 주시기 바랍니다.", encoding="utf-8")
    key, session = send(room, text)
    drafted(room, session)
    token = token_of(room, session, 1)
    assert web.get(f"/papers/{token}/page/1").status_code == 200
    assert (session.folder / "preview-1.pdf").is_file()
    room.end(read(asks.Keyed, {"key": key}))
    assert not session.folder.exists()
    assert web.get(f"/papers/{token}/page/1").status_code == 404
    with pytest.raises(PapersNotFound):
        screen_of(room, key)


def test_what_nobody_looks_at_goes_by_itself(room: PaperRoom, tmp_path: Path) -> None:
    key, session = send(room, notice_pdf(tmp_path / "안내.pdf"))
    drafted(room, session)
    sessions = room.desk.sessions
    session.touched -= sessions.settings.keep_papers_h * 3600 + 1
    sessions.clear_old()
    assert not session.folder.exists()
    with pytest.raises(PapersNotFound):
        sessions.find(key)


def test_a_killed_program_reads_the_papers_again(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", cache_dir=tmp_path)
    previews = settings.data_dir / "previews"
    with a_room(settings) as first:  # its lanes never run: it was killed right after
        key, _ = send(first, notice_pdf(tmp_path / "안내.pdf"), form_pdf(tmp_path / "신청서.pdf"))
    (previews / "stray.pdf").write_bytes(b"x")
    with a_room(settings) as second:
        second.desk.start()
        session = drafted(second, second.desk.sessions.find(key))
        assert [s.name for s in session.read] == ["안내.pdf", "신청서.pdf"]
        assert [path.name for path in previews.iterdir()] == [session.id]
        send(second, notice_pdf(tmp_path / "more.pdf", pages=3), key=key)
        settled(second, session)
        assert [s.name for s in session.read] == ["안내.pdf", "신청서.pdf", "more.pdf"]
        assert len({s.media.path for s in session.read if s.media is not None}) == 3
    with a_room(settings.model_copy(update={"keep_papers_h": 1e-9})) as third:
        third.desk.start()
    assert list(previews.iterdir()) == []


def test_a_waiting_file_and_a_running_answer_are_cancelled(tmp_path: Path) -> None:
    with a_room(Settings(data_dir=tmp_path / "data", cache_dir=tmp_path), 0.1) as room:
        key, session = send(room, notice_pdf(tmp_path / "a.pdf"), form_pdf(tmp_path / "b.pdf"))
        room.stop(read(asks.Stop, {"key": key, "kind": "sheet", "number": 2}))
        room.desk.start()
        settled(room, session, lambda: session.latest("draft") is not None)
        assert [sheet.state for sheet in session.sheets.values()] == ["read", "cancelled"]
        room.ask(read(asks.Question, {"key": key, "question": QUESTION}))
        number = max(session.tasks)
        until = time.monotonic() + 20
        while not session.tasks[number].text and time.monotonic() < until:
            time.sleep(0.02)
        room.stop(read(asks.Stop, {"key": key, "kind": "task", "number": number}))
        settled(room, session)
        assert session.tasks[number].state == "cancelled"


def test_everything_is_stopped_at_once(tmp_path: Path) -> None:
    with a_room(Settings(data_dir=tmp_path / "data", cache_dir=tmp_path), 0.05) as room:
        paths = [notice_pdf(tmp_path / f"{n}.pdf", pages=n) for n in range(2, 6)]
        key, session = send(room, *paths)
        room.stop(read(asks.Stop, {"key": key, "kind": "all"}))
        room.desk.start()
        settled(room, session)
        assert {sheet.state for sheet in session.sheets.values()} == {"cancelled"}
        assert not session.tasks
        assert web_free(room, session)


def web_free(room: PaperRoom, session: Session) -> bool:
    """Even a file that was not read can be looked at."""
    return client(room).get(f"/papers/{token_of(room, session, 1)}/page/1").status_code == 200


@pytest.mark.slow
def test_two_hundred_files_at_once(room: PaperRoom, tmp_path: Path) -> None:
    paths = []
    for number in range(200):
        path = tmp_path / f"{number}.txt"
        path.write_text(f"{number}번 골목의 가로등을 고쳐 주시기 바랍니다.", encoding="utf-8")
        if number % 50 == 7:
            path.write_bytes(b"")
        paths.append(path)
    key, session = "", None
    for first in range(0, 200, asks.MOST_AT_ONCE):
        key, session = send(room, *paths[first : first + asks.MOST_AT_ONCE], key=key)
    assert session is not None
    other_key, other = send(room, notice_pdf(tmp_path / "other.pdf"))
    drafted(room, other)  # one official's two hundred files keep no other waiting
    assert sum(sheet.state == "read" for sheet in session.sheets.values()) < 196
    drafted(room, session)
    states = [sheet.state for sheet in session.sheets.values()]
    assert states.count("read") == 196
    assert states.count("refused") == 4
    answer = asked(room, key, "123번 골목의 가로등은 어떻게 해야 합니까?")
    assert answer.citations[0].quote.startswith("123번")
    assert len(str(screen_of(room, key).sheets)) < 400_000
    assert other_key != key


def test_a_long_pdf_shows_its_first_page_at_once(
    room: PaperRoom, web: TestClient, tmp_path: Path
) -> None:
    document = mupdf.library().open()
    for number in range(300):
        page = document.new_page(width=595, height=842)
        lines = [f"Page {number + 1}, line {line} of the report." for line in range(40)]
        page.insert_text((60, 60), lines)
    document.set_toc([[1, f"Chapter {n}", 30 * n + 1] for n in range(10)])
    path = tmp_path / "report.pdf"
    document.save(path)
    send(room, form_pdf(tmp_path / "warm.pdf"))
    started = time.monotonic()
    key, session = send(room, path)
    assert web.get(f"/papers/{token_of(room, session, 1)}/page/1").status_code == 200
    first_s = time.monotonic() - started
    seen_before_read = session.sheets[1].state != "read"
    until = time.monotonic() + 20
    while not session.sheets[1].chapters and time.monotonic() < until:
        time.sleep(0.01)
    contents_before_read = session.sheets[1].state != "read"
    shown = str(screen_of(room, key).digest)
    room.end(read(asks.Keyed, {"key": key}))
    assert seen_before_read
    assert contents_before_read
    assert first_s < 5.0  # 0.1 to 0.3 s on an idle machine; this one may have other work
    assert "Chapter 9" in shown
