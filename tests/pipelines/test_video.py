"""The video pipeline from a file to a cited draft, a timeline, answers and files."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from pipelines.drafting import cite
from pipelines.drafting.draft import Drafter
from pipelines.drafting.embed import DIMENSIONS
from pipelines.drafting.moments import asked_itself, asked_moment, asked_when, found_when
from pipelines.drafting.question import Answerer
from pipelines.drafting.retrieve import Index, Vectorer
from pipelines.drafting.signs import covered
from pipelines.drafting.translate import Translator
from pipelines.errors import Cancelled, WeightsMissing
from pipelines.foundation.fake import FakeModel
from pipelines.media.admit import VIDEOS, admit
from pipelines.media.worker import Worker
from pipelines.readers.evidence import FRAME_WORDS
from pipelines.readers.faces import FaceFinder
from pipelines.readers.photos import PhotoReader
from pipelines.readers.recognise import Recogniser
from pipelines.readers.speech import SpeechReader
from pipelines.readers.tags import Tagger
from pipelines.readers.videos import VideoReader
from pipelines.settings import ASSETS, Settings
from pipelines.subtitles import cues_of, srt, vtt
from pipelines.types import (
    Cancel,
    Event,
    Evidence,
    EvidenceFound,
    MediaFile,
    ShotFound,
    TimeSpan,
    Word,
)
from pipelines.video import VideoPipeline, VideoResult
from pipelines.video_files import contact_sheet, write_files
from pipelines.video_report import video_json, video_text
from pipelines.weights import WeightSpec
from tests.pipelines.conftest import Told
from tests.pipelines.drafting.draft_kit import FixedRanker, areas, policy
from tests.pipelines.drafting.paper_kit import PairsEmbedder
from tests.pipelines.media.clip_kit import film, scene
from tests.pipelines.readers.test_videos import SIZE, lettered
from tests.pipelines.test_cli import refused

SIGN = "성산동 침수 위험"
DRAFT = {"place": "", "urgency": "high", "title": 0, "summary": [0], "request": -1}
POINTED = {"line": 1, "answer": "침수 위험"}


def media_of(folder: Path) -> MediaFile:
    """Two scenes: a sign from second 1 to 3 of the first, then a place where something moves."""
    place = scene(4, SIZE)
    said = lettered(place, SIGN, (180, 60), 30)
    moving = [scene(1, SIZE, 4 * n) for n in range(60)]
    frames = [place] * 24 + [said] * 48 + [place] * 24 + moving
    made = film(folder / "dash.mp4", frames, keyframe=48)
    return admit(made, settings=Settings(), accept=VIDEOS)


def pipeline(worker: Worker, *answers: str | Exception) -> VideoPipeline:
    model = FakeModel(list(answers))
    drafter = Drafter(model=model, policy=policy(), classifier=FixedRanker(), areas=areas())
    return VideoPipeline(
        reader=VideoReader(worker=worker, speech=SpeechReader(recogniser=Recogniser(Settings()))),
        drafter=drafter,
        answerer=Answerer(model=model),
        vectorer=Vectorer(PairsEmbedder()),
        translator=Translator(model=model, areas=areas()),
        today=lambda: dt.date(2026, 11, 24),
    )


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[VideoResult, list[Event]]:
    folder = tmp_path_factory.mktemp("video")
    events: list[Event] = []
    with Worker(preload=("pipelines.readers.frames",)) as worker:
        made = pipeline(worker, json.dumps(POINTED), json.dumps(DRAFT))
        result = made.run(
            media_of(folder),
            folder,
            question="침수 위험 표지판은 언제 나오나요?",
            on_event=events.append,
        )
    return result, events


def test_every_event_rests_on_frames_and_evidence(seen: tuple[VideoResult, list[Event]]) -> None:
    result, _ = seen
    line, video = result.footage.timeline, result.footage.video
    assert [event.kind for event in line.events].count("scene") == 2
    sign = next(event for event in line.events if event.kind == "words")
    assert sign.text.replace(" ", "") == SIGN.replace(" ", "")
    assert (sign.start_s, sign.end_s) == pytest.approx((1.0, 3.0), abs=0.4)
    assert video.evidence[sign.evidence[0]].text == sign.text
    for event in line.events:
        assert event.frames
        assert all(video.frames[n].path.is_file() for n in event.frames)
        assert 0 <= event.start_s <= event.end_s <= video.watched.end_s
    moving = [e for e in line.events if e.kind == "motion" and "움직임이 있음" in e.text]
    assert moving[0].start_s == pytest.approx(4.0, abs=0.5)


def test_the_draft_rests_on_the_words_of_the_picture(
    seen: tuple[VideoResult, list[Event]],
) -> None:
    result, _ = seen
    draft = result.case.draft
    assert draft.drafted_by == "model"
    assert draft.title.replace(" ", "") == SIGN.replace(" ", "")
    assert cite.problems(draft, result.case.evidence) == []
    assert "video.no_sound" in {note.code for note in result.case.notes}


def test_an_answer_names_its_second_and_its_place(seen: tuple[VideoResult, list[Event]]) -> None:
    result, _ = seen
    shown = video_json(result, "ko")
    assert shown["kind"] == "video"
    answer = shown["answer"]
    assert answer["answered"]
    assert answer["citations"][0]["where"]["time_s"] == pytest.approx(1.0, abs=0.4)
    assert len(answer["citations"][0]["where"]["box"]) == 4
    assert "0:0" in answer["text"]
    for key in ("draft", "evidence", "timing", "model", "notes", "events", "chapters", "summary"):
        assert key in shown
    assert json.loads(json.dumps(shown, ensure_ascii=False)) == shown
    assert "0:00" in video_text(result, "ko")


def test_shots_and_evidence_come_as_they_are_found(seen: tuple[VideoResult, list[Event]]) -> None:
    result, events = seen
    shots = [event for event in events if isinstance(event, ShotFound)]
    found = [event for event in events if isinstance(event, EvidenceFound)]
    assert [shot.index for shot in shots] == [0, 1]
    assert [event.index for event in found] == list(range(len(result.case.evidence)))
    assert events.index(shots[0]) < events.index(found[0])


def test_what_changed_between_the_ends(seen: tuple[VideoResult, list[Event]]) -> None:
    changes = seen[0].footage.timeline.changes
    assert changes is not None
    assert (changes.first, changes.last) == (0, len(seen[0].footage.video.frames) - 1)
    assert changes.percent > 50
    assert changes.box_px is not None


def test_what_is_there_at_a_second_needs_no_model(
    seen: tuple[VideoResult, list[Event]], tmp_path: Path
) -> None:
    footage = seen[0].footage
    with Worker() as worker:
        made = pipeline(worker)  # a model without answers
        at = made.ask(footage, "2초에 무엇이 보이나요?")
        beyond = made.ask(footage, "3분 5초에는 무엇이 있나요?")
    assert at.answered
    assert SIGN.replace(" ", "") in at.text.replace(" ", "")
    assert not beyond.answered
    assert beyond.text == "이 영상에는 없습니다."
    assert beyond.citations == ()


def test_what_is_not_in_the_video_is_said(seen: tuple[VideoResult, list[Event]]) -> None:
    with Worker() as worker:
        made = pipeline(worker, json.dumps({"line": 0, "answer": ""}))
        answer = made.ask(seen[0].footage, "관리비는 얼마인가요?")
    assert (answer.answered, answer.text) == (False, "이 영상에는 없습니다.")


def test_a_search_over_videos_names_the_video_and_the_second(
    seen: tuple[VideoResult, list[Event]],
) -> None:
    footage = seen[0].footage
    with Worker() as worker:
        found = pipeline(worker).search([footage, footage], "침수 위험", limit=2)
    assert {hit.quote.replace(" ", "") for hit in found} == {SIGN.replace(" ", "")}
    assert all(footage.evidence[hit.evidence].where == hit.where for hit in found)
    assert found[0].source == footage.media.sha256


@pytest.mark.parametrize(
    ("question", "moment"),
    [
        ("12초에 뭐가 보여?", 12.0),
        ("1분 5초쯤에 누가 지나가나요?", 65.0),
        ("0:42에 무슨 일이 있나요?", 42.0),
        ("What happens at 7.5 seconds?", 7.5),
        ("30초 동안 무엇을 하나요?", None),
        ("영상은 몇 초인가요?", None),
        ("119에 언제 전화하나요?", None),
        ("08:15:03이라는 시각은 언제 나오나요?", None),
    ],
)
def test_moments_in_questions(question: str, moment: float | None) -> None:
    assert asked_moment(question) == moment


@pytest.mark.parametrize(
    ("question", "itself"),
    [
        ("화면의 시계는 몇 시인가요?", "clock"),
        ("언제 찍은 영상인가요?", "clock"),
        ("화면에 찍힌 날짜는 며칠인가요?", "clock"),
        ("When was this video filmed?", "clock"),
        ("찍은 시각은 몇 시 몇 분인가요?", "clock"),
        ("영상은 몇 초인가요?", "about"),
        ("장면은 몇 개인가요?", "about"),
        ("How long is the video?", "about"),
        ("공사는 언제 끝나나요?", None),
        ("시장은 몇 시에 여나요?", None),
        ("회의 시간은 얼마나 되나요?", None),
        ("영상에 나오는 차는 몇 대인가요?", None),
        ("What does the sign say about dogs?", None),
    ],
)
def test_questions_about_the_video_itself(question: str, itself: str | None) -> None:
    assert asked_itself(question) == itself


@pytest.mark.parametrize(
    ("question", "when"),
    [
        ("침수 표지판은 언제 나오나요?", True),
        ("침수 표지판은 몇 초에 처음 보이나요?", True),
        ("When does the flood sign appear?", True),
        ("행사는 언제 열리나요?", False),
        ("신청은 언제까지 하라고 나오나요?", False),
        ("When does the market open?", False),
    ],
)
def test_when_it_is_seen_is_not_when_it_happens(question: str, when: bool) -> None:
    assert asked_when(question) == when


def test_when_something_is_seen_needs_no_model(seen: tuple[VideoResult, list[Event]]) -> None:
    with Worker() as worker:
        made = pipeline(worker)  # a model without answers
        answer = made.ask(seen[0].footage, "침수를 알리는 글자는 언제 보이나요?")
        clock = made.ask(seen[0].footage, "화면의 시계는 몇 시인가요?")
        length = made.ask(seen[0].footage, "영상 길이는 얼마나 되나요?")
    (cited,) = answer.citations
    assert cited.quote.replace(" ", "") == SIGN.replace(" ", "")
    assert answer.replies == ()
    assert not clock.answered
    assert "6.5초" in length.text


class Floods:
    """Knows two meanings: floods, and everything else."""

    name = "floods"

    def query(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), DIMENSIONS), np.float32)
        for number, text in enumerate(texts):
            rows[number, 0 if "flood" in text or "침수" in text else 1] = 1
        return rows

    passage = query


def test_when_may_be_asked_in_another_language(seen: tuple[VideoResult, list[Event]]) -> None:
    index = Index(seen[0].footage.index.documents, Vectorer(Floods()))
    among = [n for n, kind in enumerate(seen[0].footage.video.kinds) if kind == "words"]
    found = found_when(index, "When does the flood sign appear?", among)
    assert [index.passages[n].told.replace(" ", "") for n in found] == [SIGN.replace(" ", "")]
    assert found_when(index, "When does the school sign appear?", among) == []


def test_a_misheard_word_is_found_in_what_was_heard(
    seen: tuple[VideoResult, list[Event]],
) -> None:
    index = seen[0].footage.index
    heard = "내일 단쑤가 있습니다"
    asked = "단수는 어디에서 하나요?"
    assert covered(index, asked, heard, FRAME_WORDS, heard=True) == 1
    assert covered(index, asked, heard, FRAME_WORDS) < 1
    assert covered(index, "관리비는 얼마인가요?", heard, FRAME_WORDS, heard=True) == 0
    assert covered(index, "말하는 사람은 무엇을 묻나요?", heard, FRAME_WORDS, heard=True) == 1
    assert covered(index, "말하는 사람은 어디 사나요?", heard, FRAME_WORDS, heard=True) < 1


def test_subtitles_are_told_in_another_language(seen: tuple[VideoResult, list[Event]]) -> None:
    silent, spoken = seen[0].footage, said(("여기가", 1.0, 1.5), ("자주", 1.6, 2.0))
    video = replace(
        silent.video,
        evidence=(*silent.video.evidence, spoken),
        kinds=(*silent.video.kinds, "speech"),
        language="ko",
    )
    with Worker() as worker:
        made = pipeline(worker, json.dumps({"1": "This place often"}))
        nothing = made.translate(silent, "en")
        told = made.translate(replace(silent, video=video), "en")
    assert [note.code for note in nothing.notes] == ["subtitles.none"]
    shown = video_json(replace(seen[0], subtitles=told), "en")["subtitles"]
    assert shown["cues"] == [
        {"start_s": 1.0, "end_s": 2.0, "text": "This place often", "translated": True}
    ]
    assert "1 of 1" in shown["notes"][0]["text"]
    assert "This place often" in video_text(replace(seen[0], subtitles=told), "en")


def test_the_time_beside_a_line_is_no_figure_in_it(seen: tuple[VideoResult, list[Event]]) -> None:
    """A model that points at the sign for a price is not believed: 0:01 is no price."""
    with Worker() as worker:
        made = pipeline(worker, json.dumps({"line": 1, "answer": SIGN}))
        answer = made.ask(seen[0].footage, "성산동 침수 위험은 얼마인가요?")
    passages = seen[0].footage.index.passages
    assert all(":" not in passage.told for passage in passages)
    assert sum(bool(passage.when) for passage in passages) == len(passages) - 1
    assert not answer.answered


def test_a_cancelled_video_ends(tmp_path: Path) -> None:
    cancel = Cancel()
    cancel.set()
    with Worker() as worker, pytest.raises(Cancelled):
        pipeline(worker).run(media_of(tmp_path), tmp_path, cancel=cancel)


def said(*words: tuple[str, float, float], language: str = "ko") -> Evidence:
    made = tuple(Word(text=t, start_s=a, end_s=b, confidence=0.9) for t, a, b in words)
    return Evidence(
        source="a",
        where=TimeSpan(start_s=made[0].start_s, end_s=made[-1].end_s),
        text=" ".join(w.text for w in made),
        confidence=0.9,
        language=language,
        words=made,
    )


def test_subtitles_have_two_lines_and_never_overlap() -> None:
    long = said(*[(f"낱말{n:02d}가", n * 0.5, n * 0.5 + 0.6) for n in range(30)])
    cues = cues_of([long, said(("끝입니다.", 14.9, 15.2))])
    assert all(len(cue.lines) <= 2 and all(len(line) <= 20 for line in cue.lines) for cue in cues)
    assert all(a.end_s <= b.start_s for a, b in itertools.pairwise(cues))
    assert " ".join(line for cue in cues for line in cue.lines).count("낱말") == 30
    assert srt(cues).startswith("1\n00:00:00,000 --> ")


def test_subtitles_in_both_formats() -> None:
    cues = cues_of([said(("A<b>&", 61.5, 62.0), ("-->", 62.0, 63.25), language="en")])
    assert srt(cues) == "1\n00:01:01,500 --> 00:01:03,250\nA<b>& →\n"
    assert vtt(cues) == "WEBVTT\n\n00:01:01.500 --> 00:01:03.250\nA&lt;b&gt;&amp; →\n"


def photos(folder: Path) -> PhotoReader:
    cache = Settings().cache_dir
    return PhotoReader(worker=Worker(), tagger=Tagger(cache), faces=FaceFinder(cache))


def test_the_files_that_are_handed_out(
    seen: tuple[VideoResult, list[Event]], tmp_path: Path
) -> None:
    written = write_files(seen[0], tmp_path / "out", photos(tmp_path), "ko")
    assert [path.name for path in written] == ["contact-sheet.jpg", "report.pdf"]
    with Image.open(written[0]) as sheet:
        assert sheet.width > 600
    with pymupdf.open(written[1]) as report:
        assert report.page_count == 1
        text = report[0].get_text()
        assert "영상 보고서" in text
        assert "침수" in text
        assert len(report[0].get_images()) == len(seen[0].footage.video.frames[:6])


def test_without_the_weights_for_faces_no_picture_is_handed_out(
    seen: tuple[VideoResult, list[Event]], tmp_path: Path
) -> None:
    missing = WeightSpec(
        name="none", file="x", parts=(("no-such-package", "x"),), size_bytes=1, sha256="0" * 64
    )
    closed = PhotoReader(
        worker=Worker(),
        tagger=Tagger(tmp_path),
        faces=FaceFinder(tmp_path, missing),
    )
    with pytest.raises(WeightsMissing):
        write_files(seen[0], tmp_path / "out", closed, "ko")
    assert not list((tmp_path / "out").glob("*.jpg"))


def test_a_contact_sheet_has_a_cell_for_each_frame() -> None:
    one = Image.fromarray(np.full((90, 160, 3), 120, np.uint8))
    sheet = contact_sheet([(float(n), one) for n in range(5)])
    assert sheet.size[0] > 4 * 320
    assert sheet.size[1] > 2 * 180


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.mp4", b"", "media.empty"),
        ("a.mp4", b"<!doctype html><html></html>", "media.is_document"),
        ("a.mp4", b"\x00\x00\x00\x18ftypisom" + b"\x00" * 900, "media.undecodable"),
    ],
)
def test_a_refusal_is_one_line_and_status_two(
    told: Told, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    refused(told("video", str(tmp_path / name), "--json"), code)


def test_the_committed_clips_are_small_and_listed() -> None:
    folder = ASSETS / "samples"
    rows = [json.loads(line) for line in (folder / "videos.jsonl").read_text().splitlines()]
    files = [folder / row["file"] for row in rows]
    assert {path.name for path in files} == {p.name for p in (folder / "video").iterdir()}
    assert all(path.stat().st_size <= 300_000 for path in files)
    assert sum(path.stat().st_size for path in files) <= 3_000_000
