"""The video page without a browser: what is shown when, who may see it, and that it goes."""

from __future__ import annotations

import io
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from demo.api.films import films_router
from demo.asks import BadRequest, read
from demo.films import asks
from demo.films.clip import Clip, clip_of, with_event
from demo.films.moments import Moments
from demo.films.panels import events_panel, line_panel, reel_panel, strip_panel
from demo.films.room import FilmRoom, FilmScreen
from demo.papers.session import Session
from demo.papers.sessions import PapersNotFound
from demo.present import Words
from pipelines.drafting.question import Answer, Cited
from pipelines.errors import MediaRejected
from pipelines.readers.blur import blurred
from pipelines.readers.frame_views import viewed
from pipelines.readers.model_view import ModelView
from pipelines.readers.timeline import timeline_of
from pipelines.settings import Settings
from pipelines.subtitles import cues_of, srt
from pipelines.types import (
    CaseResult,
    Evidence,
    EvidenceFound,
    FrameFound,
    FrameSpot,
    MediaFile,
    Progress,
    ShotFound,
    TimeSpan,
    Word,
    ignore,
)
from pipelines.video_privacy import masked_footage, personal_regions
from tests.demo.films_kit import CLIP, SAID, SIGN, a_film_room
from tests.pipelines.readers.seeing_kit import HOLE, Watching

WORDS = Words("ko", scope="films")
MARKUP = "<img src=x onerror=window.hacked=1>"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilmRoom]:
    folder = tmp_path_factory.mktemp("films")
    with a_film_room(Settings(data_dir=folder, cache_dir=folder, max_file_mb=1)) as made:
        made.desk.start()
        yield made


@pytest.fixture(scope="module")
def web(room: FilmRoom) -> TestClient:
    app = FastAPI()
    app.include_router(films_router(room))
    return TestClient(app)


def send(room: FilmRoom, path: Path, name: str = "") -> tuple[str, Session]:
    """As the page does it: the uploaded file is moved away."""
    ask = read(asks.Open, {"path": str(path), "name": name or path.name})
    screen = room.open(WORDS, ask, Path)
    assert screen.command is not None
    key = str(screen.command["key"])
    return key, room.desk.sessions.find(key)


def settled(room: FilmRoom, session: Session) -> Session:
    until = time.monotonic() + 60
    while session.busy or session.latest("draft") is None:
        assert time.monotonic() < until, [s.state for s in session.all_sheets]
        room.desk.sessions.wait(session, session.revision, 0.2)
    return session


def screen_of(room: FilmRoom, key: str) -> FilmScreen:
    return next(iter(room.follow(WORDS, read(asks.Keyed, {"key": key}))))


def token(room: FilmRoom, session: Session, what: object) -> str:
    return room.links.sign(session.id, str(what))


@pytest.fixture(scope="module")
def seen(room: FilmRoom, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Session]:
    """One clip, read and drafted; tests that change its session use their own."""
    path = tmp_path_factory.mktemp("sent") / "a.mp4"
    shutil.copyfile(CLIP, path)
    key, session = send(room, path, f"{MARKUP}.mp4")
    return key, settled(room, session)


def test_every_event_jumps_to_its_second_and_box(room: FilmRoom, seen: tuple[str, Session]) -> None:
    screen = screen_of(room, seen[0])
    events, line = str(screen.events), str(screen.line)
    assert events.count('class="is-scene"') == 3
    sign = events[: events.rindex(SIGN)].rpartition("data-at=")[2]
    assert 5.4 < float(sign.split('"')[1]) < 6.4
    left, top, right, bottom = map(float, sign.partition('data-box="')[2].split('"')[0].split(","))
    assert left < 657 / 1280 + 0.02
    assert right > 930 / 1280 - 0.02
    assert (right - left) < 0.3
    assert 0 < bottom - top < 0.12
    assert int(sign.partition('data-still="')[2].split('"')[0]) > 1000
    assert SAID in events
    for kind in ("scene", "words", "speech", "motion"):
        assert f"is-{kind}" in line


def test_frames_and_events_of_the_model_are_told_apart(seen: tuple[str, Session]) -> None:
    clip = clip_of(seen[1])
    assert clip.footage is not None
    assert "mw-eye" not in strip_panel(WORDS, clip, str)
    view = ModelView(model=Watching([HOLE] * 2), blur=lambda picture: picture, frames=2)
    video = viewed(clip.footage.video, view, ignore, None)
    footage = replace(clip.footage, video=video, timeline=timeline_of(video, "ko"))
    looked = replace(clip, footage=footage)
    strip = strip_panel(WORDS, looked, str)
    assert strip.count("mw-eye") == 2
    assert WORDS("frames_by_model", count=2) in strip
    for still, number in zip(looked.stills, range(len(looked.stills)), strict=True):
        assert still.by_model == (number in video.by_model)
    assert events_panel(WORDS, looked).count('class="is-seen"') == 2
    assert line_panel(WORDS, looked).count("mw-block is-seen") == 2
    piece = video.evidence[-1]
    chip = Moments(looked).chip(WORDS, piece, 0, "구멍")
    assert WORDS("view.mark") in chip
    assert WORDS("view.mark") not in Moments(looked).chip(WORDS, video.evidence[1], 0, "글자")


def test_the_draft_and_the_answers_cite_seconds(room: FilmRoom, seen: tuple[str, Session]) -> None:
    key, session = seen
    draft = session.latest("draft")
    assert draft is not None
    assert isinstance(draft.result, CaseResult)
    assert 'class="mw-form"' in str(screen_of(room, key).draft)
    assert "data-at=" in str(screen_of(room, key).draft)
    room.ask(read(asks.Question, {"key": key, "question": "7초에 무엇이 있나요?"}))
    answer = settled(room, session).latest("ask")
    assert answer is not None
    assert isinstance(answer.result, Answer)
    assert SIGN.replace(" ", "") in answer.result.text.replace(" ", "")
    assert "mw-moment" in str(screen_of(room, key).answers)


def test_a_search_names_the_second(room: FilmRoom, seen: tuple[str, Session]) -> None:
    key, session = seen
    room.search(read(asks.Search, {"key": key, "words": "물이 새고"}))
    found = settled(room, session).latest("search")
    assert found is not None
    assert isinstance(found.result, tuple)
    assert isinstance(found.result[0], Cited)
    assert found.result[0].quote == SAID
    assert 'data-at="6.00"' in str(screen_of(room, key).found)


def test_names_are_shown_and_never_obeyed(room: FilmRoom, seen: tuple[str, Session]) -> None:
    screen = screen_of(room, seen[0])
    for panel in (screen.reel, screen.line, screen.strip, screen.events, screen.files):
        assert MARKUP not in str(panel)
    assert "&lt;img src=x" in str(screen.reel)


def test_frames_are_blurred_and_the_files_are_there(
    room: FilmRoom, web: TestClient, seen: tuple[str, Session]
) -> None:
    _, session = seen
    link = token(room, session, 1)
    frame = web.get(f"/films/{link}/frame/1001?size=small")
    assert frame.status_code == 200
    with Image.open(io.BytesIO(frame.content)) as picture:
        assert picture.width == 150
        assert picture.getpixel((70, 40))[2] > 200  # the stand-in for blurring paints it blue
    with Image.open(io.BytesIO(room.shots.page(session, 1, 1001, "page", original=True))) as whole:
        darkest, brightest = whole.convert("L").getextrema()
        assert brightest - darkest > 50  # the stand-in's blue has one shade only
    assert web.get(f"/films/{link}/frame/1001?original=1").status_code == 404  # nobody asked who
    out = token(room, session, "out")
    assert SAID.split()[0] in web.get(f"/films/{out}/out/subtitles.srt").text
    assert web.get(f"/films/{out}/out/subtitles.vtt").text.startswith("WEBVTT")
    sheet = web.get(f"/films/{out}/out/contact-sheet.jpg").content
    with Image.open(io.BytesIO(sheet)) as picture:
        assert picture.width > 600
    report = web.get(f"/films/{out}/out/report.pdf?language=en").content
    with pymupdf.open(stream=report) as pdf:
        assert pdf.page_count == 1
        assert len(pdf[0].get_images()) > 1
    draft = web.get(f"/films/{out}/out/draft.json").json()
    assert draft["events"]


def test_what_is_taken_away_has_no_personal_data(room: FilmRoom, seen: tuple[str, Session]) -> None:
    """Threats 31 and 33: in subtitles, timeline and draft masked, in frames covered."""
    _, session = seen
    clip = clip_of(session)
    footage = clip.footage
    assert footage is not None
    said = "제 번호는 공일공 일이삼사 오육칠팔이에요"
    words = tuple(
        Word(text=f" {word}", start_s=2.0 + n, end_s=2.9 + n, confidence=0.9, heard="일이삼사")
        for n, word in enumerate(said.split())
    )
    spoken = Evidence(
        source="a", where=TimeSpan(start_s=2, end_s=6), text=said, confidence=1, language="ko",
        words=words,
    )  # fmt: skip
    sign = replace(
        spoken, where=FrameSpot(time_s=0, box_px=(100, 50, 500, 90)), text="문의 010-2345-6789",
        words=(),
    )  # fmt: skip
    video = replace(footage.video, evidence=(spoken, sign), kinds=("speech", "words"))
    told = replace(footage, video=video)

    masked = masked_footage(told)
    text = srt(cues_of(masked.evidence))
    assert "제 번호는 공일공 ****\n*****에요" in text
    assert "일이삼사" not in str(masked.evidence)
    assert masked.evidence[1].text == "문의 010-****-****"
    assert masked.evidence[1].where == sign.where
    (where,) = personal_regions(told, 0.0, footage.video.watched.width_px // 2)
    left, top, right, bottom = where.box_px
    assert (top, right, bottom) == (25, 250, 45)
    assert 60 < left < 110, "only the number is covered"
    assert personal_regions(told, 9.0, 640) == []
    page = Image.new("RGB", (640, 360), "white")
    page.paste((0, 0, 0), (120, 30, 124, 40))
    covered = blurred(page, [where])
    assert covered.getpixel((122, 35))[0] > 100, "no stroke of a figure is left"
    assert covered.getpixel((60, 35)) == (255, 255, 255)

    session.sheets[clip.number] = replace(clip, footage=told)
    try:
        plain = room.handout.make(session, "subtitles.srt", "ko", original=True)
        hidden = room.handout.make(session, "subtitles.srt", "ko")
    finally:
        session.sheets[clip.number] = clip
    assert "일이삼사" in plain.content.decode()
    assert "일이삼사" not in hidden.content.decode()


def test_the_player_reads_parts_of_the_persons_own_file(
    room: FilmRoom, web: TestClient, seen: tuple[str, Session]
) -> None:
    link = token(room, seen[1], 1)
    whole = CLIP.read_bytes()
    part = web.get(f"/films/{link}/file", headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, whole[1000:2000])
    assert part.headers["content-type"] == "video/mp4"
    assert part.headers["cache-control"] == "private, no-store"


def test_one_and_the_same_404_for_all_that_may_not_be_seen(
    room: FilmRoom, web: TestClient, seen: tuple[str, Session]
) -> None:
    _, session = seen
    one, out = token(room, session, 1), token(room, session, "out")
    foreign = room.links.sign("0" * 40, "1")
    for path in (
        "x/file", f"{foreign}/file", f"{out}/file", f"{out}/frame/1001", f"{one}/out/report.pdf",
        f"{out}/out/passwd", f"{out}/out/../file", f"{token(room, session, 'clip-1')}/clip",
        f"{one}/clip",
    ):  # fmt: skip
        answer = web.get(f"/films/{path}")
        assert answer.status_code == 404, path
    assert web.get(f"/films/{one}/frame/9999").status_code == 410


def test_a_clip_is_cut_and_the_end_removes_everything(
    room: FilmRoom, web: TestClient, tmp_path: Path
) -> None:
    path = tmp_path / "b.mp4"
    shutil.copyfile(CLIP, path)
    key, session = send(room, path)
    settled(room, session)
    room.cut(read(asks.Cut, {"key": key, "start_s": 5.8, "end_s": 8.4}))
    task = settled(room, session).latest("clip")
    assert task is not None
    assert task.about == (4800, 9400)
    link = token(room, session, f"clip-{task.number}")
    answer = web.get(f"/films/{link}/clip")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.content == CLIP.read_bytes()
    room.end(read(asks.Keyed, {"key": key}))
    assert not session.folder.exists()
    assert web.get(f"/films/{link}/clip").status_code == 404
    assert web.get(f"/films/{token(room, session, 1)}/file").status_code == 404
    with pytest.raises(PapersNotFound):
        screen_of(room, key)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "media.empty"),
        (b"<!doctype html><html></html>", "media.is_document"),
        (b"\x00\x00\x00\x18ftypisom" + b"\x00" * 900, "media.undecodable"),
        (b"0" * 1_200_000, "media.too_large"),
    ],
)
def test_a_refused_file_leaves_nothing(
    room: FilmRoom, tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    before = sorted(room.desk.sessions.root.iterdir())
    with pytest.raises(MediaRejected) as caught:
        send(room, path)
    assert caught.value.code == code
    assert "소리" not in WORDS.error(caught.value)
    assert not path.exists()
    assert sorted(room.desk.sessions.root.iterdir()) == before


def test_only_what_is_offered_is_a_sample(room: FilmRoom) -> None:
    for sample in ("", "../samples", "nothing"):
        with pytest.raises(BadRequest):
            room.open(WORDS, read(asks.Open, {"sample": sample}), Path)


@pytest.mark.parametrize(
    "data",
    [{"start_s": -1, "end_s": 2}, {"start_s": "nan", "end_s": 2}, {"start_s": 1, "end_s": 1e9}],
)
def test_strange_seconds_are_refused_at_the_door(data: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        read(asks.Cut, {"key": "k", **data})


def test_reading_can_be_stopped(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, cache_dir=tmp_path)
    with a_film_room(settings, pace_s=0.5) as room:
        room.desk.start()
        path = tmp_path / "c.mp4"
        shutil.copyfile(CLIP, path)
        key, session = send(room, path)
        until = time.monotonic() + 40
        while not clip_of(session).listening:
            assert time.monotonic() < until
            room.desk.sessions.wait(session, session.revision, 0.2)
        screen = screen_of(room, key)
        assert SIGN in str(screen.events)  # what is seen stands there before all is heard
        assert "mw-still" in str(screen.strip)
        room.stop(read(asks.Stop, {"key": key, "kind": "sheet", "number": 1}))
        while session.busy:
            assert time.monotonic() < until
            room.desk.sessions.wait(session, session.revision, 0.2)
        assert clip_of(session).state == "cancelled"
        assert session.latest("draft") is None
        assert SIGN in str(screen_of(room, key).events)


def test_a_killed_program_takes_up_its_videos(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, cache_dir=tmp_path)
    path = tmp_path / "d.mp4"
    shutil.copyfile(CLIP, path)
    with a_film_room(settings) as room:  # its lanes never run
        key, _ = send(room, path, "현장.mp4")
    with a_film_room(settings) as room:
        room.desk.start()
        session = settled(room, room.desk.sessions.find(key))
        assert clip_of(session).name == "현장.mp4"
        assert clip_of(session).footage is not None


def test_nobody_waits_for_a_watcher(room: FilmRoom, seen: tuple[str, Session]) -> None:
    """A watch of a session that is at rest ends at once; others answer meanwhile."""
    ended = threading.Event()

    def watch() -> None:
        list(room.follow(WORDS, read(asks.Keyed, {"key": seen[0]})))
        ended.set()

    threading.Thread(target=watch, daemon=True).start()
    assert ended.wait(5)


# --- values ------------------------------------------------------------------------------------


def told(kind: str, at: float) -> EvidenceFound:
    where = FrameSpot(time_s=at, box_px=(100, 50, 300, 100), end_s=at + 1)
    piece = Evidence(source="a", where=where, text=kind, confidence=1.0, language="ko")
    return EvidenceFound(index=0, evidence=piece, kind=kind)


def test_a_clip_grows_with_what_is_told() -> None:
    media = MediaFile(
        path=CLIP, kind="video", media_type="video/x-msvideo", size_bytes=1, sha256="a",
        duration_s=10.0,
    )  # fmt: skip
    clip = Clip(number=1, name="a.avi", media=media)
    assert line_panel(WORDS, clip)
    events = (
        Progress(stage="reading", fraction=0.5),
        ShotFound(index=0, start_s=0.0, end_s=4.0),
        FrameFound(index=0, time_s=0.4, path=CLIP, size_px=(1000, 500)),
    )
    for event in events:
        clip = with_event(clip, event)
    assert clip.fraction == pytest.approx(0.3)
    clip = with_event(clip, told("words", 2.0))
    clip = with_event(clip, Progress(stage="reading", fraction=0.5))
    assert clip.fraction == pytest.approx(0.8)
    assert [event.kind for event in clip.events()] == ["scene", "words"]
    assert Moments(clip).box((100, 50, 300, 100)) == "0.0940,0.0940,0.3060,0.2060"
    assert Moments(clip).box((0, 0, 1000, 500)) == ""
    assert Moments(clip).still(2.0, 3.0) == 1
    assert "data-file" not in reel_panel(WORDS, clip, str)  # no browser plays AVI


def test_a_video_without_a_length_has_no_line_yet() -> None:
    media = MediaFile(path=CLIP, kind="video", media_type="video/mp4", size_bytes=1, sha256="a")
    assert line_panel(WORDS, Clip(number=1, name="a", media=media)) == ""
