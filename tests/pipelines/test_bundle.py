"""A recording, a letter and a film become one case."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest

from pipelines.bundle import BundlePipeline, BundleResult
from pipelines.bundle_reader import BundleReader, restored
from pipelines.bundle_report import bundle_json, bundle_text
from pipelines.document import DocumentPipeline
from pipelines.drafting import cite
from pipelines.drafting.draft import Drafter
from pipelines.drafting.question import Answerer
from pipelines.drafting.retrieve import Vectorer
from pipelines.errors import Cancelled, MediaMissing
from pipelines.foundation.fake import FakeModel
from pipelines.media.admit import admit_any
from pipelines.media.worker import Worker
from pipelines.readers.correct import Corrector
from pipelines.readers.documents import Readers
from pipelines.readers.recognise import Recogniser
from pipelines.readers.speech import SpeechReader
from pipelines.readers.videos import VideoReader
from pipelines.settings import ASSETS, ROOT, Settings
from pipelines.types import (
    Cancel,
    Event,
    EvidenceFound,
    FrameSpot,
    MediaFile,
    PageSpot,
    Progress,
    TimeSpan,
)
from tests.pipelines.drafting.draft_kit import FixedRanker, areas, policy
from tests.pipelines.drafting.paper_kit import PairsEmbedder
from tests.pipelines.test_document import TextReader
from tests.pipelines.test_video import SIGN, media_of

CLIP = ASSETS / "samples" / "voice" / "ko34-jf_tebukuro-clean.opus"
LETTER = "제목: 맨홀 뚜껑 교체 요청\n\n마포구 연남동 인도의 맨홀 뚜껑을 바꿔 주시기 바랍니다.\n"


def pipeline(worker: Worker, *answers: str | Exception) -> BundlePipeline:
    model = FakeModel(list(answers))
    drafter = Drafter(model=model, policy=policy(), classifier=FixedRanker(), areas=areas())
    answerer, vectorer = Answerer(model=model), Vectorer(PairsEmbedder())
    speech = SpeechReader(
        recogniser=Recogniser(Settings()), corrector=Corrector(policy().vocabulary, areas())
    )
    papers = DocumentPipeline(
        reader=Readers(by_type={"text/plain": TextReader()}),
        drafter=drafter,
        answerer=answerer,
        vectorer=vectorer,
    )
    videos = VideoReader(worker=worker, speech=speech)
    return BundlePipeline(
        reader=BundleReader(speech=speech, papers=papers, videos=videos),
        drafter=drafter,
        answerer=answerer,
        vectorer=vectorer,
    )


def letter(folder: Path) -> MediaFile:
    path = folder / "letter.txt"
    path.write_text(LETTER, encoding="utf-8")
    return admit_any(path, settings=Settings())


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(preload=("pipelines.readers.frames",)) as made:
        yield made


@pytest.fixture(scope="module")
def made(
    worker: Worker, tmp_path_factory: pytest.TempPathFactory
) -> tuple[BundleResult, list[Event]]:
    """The model answers nothing, so the rules draft: what is cited is what was read."""
    folder = tmp_path_factory.mktemp("bundle")
    clip = admit_any(CLIP, settings=Settings())
    events: list[Event] = []
    files = [clip, letter(folder), media_of(folder), clip]
    result = pipeline(worker).run(files, folder, on_event=events.append)
    return result, events


def test_evidence_of_all_files_stands_in_their_order(
    made: tuple[BundleResult, list[Event]],
) -> None:
    result, events = made
    bundle, evidence = result.bundle, result.case.evidence
    assert [part.media.kind for part in bundle.parts] == ["voice", "document", "video"]
    assert [piece.source for piece in evidence] == [
        part.media.sha256 for part in bundle.parts for _ in part.evidence
    ]
    kinds = {type(piece.where) for piece in evidence}
    assert {TimeSpan, PageSpot, FrameSpot} <= kinds
    told = [event for event in events if isinstance(event, EvidenceFound)]
    assert [event.index for event in told] == list(range(len(evidence)))
    assert tuple(event.evidence for event in told) == evidence
    shares = [event.fraction for event in events if isinstance(event, Progress) and event.fraction]
    assert shares == sorted(shares)


def test_a_claim_cites_what_stands_in_several_files(
    made: tuple[BundleResult, list[Event]],
) -> None:
    case = made[0].case
    assert cite.problems(case.draft, case.evidence) == []
    assert case.draft.place.startswith("마포구 연남동")
    [place] = [citation for citation in case.draft.citations if citation.field == "place"]
    sources = [case.evidence[index].source for index in place.evidence]
    assert {made[0].bundle.parts[0].media.sha256, made[0].bundle.parts[1].media.sha256} <= set(
        sources
    )


def test_what_agrees_and_what_contradicts_is_noted(made: tuple[BundleResult, list[Event]]) -> None:
    notes = {note.code: note.facts for note in made[0].case.notes}
    assert notes["bundle.same_place"]["count"] == 2
    assert notes["bundle.places_differ"]["other_file"] == "dash.mp4"
    assert notes["bundle.places_differ"]["other_place"] == SIGN.split()[0]


def test_the_report_says_whose_evidence_is_whose(made: tuple[BundleResult, list[Event]]) -> None:
    shown = bundle_json(made[0], "ko")
    assert shown["kind"] == "case"
    assert json.loads(json.dumps(shown, ensure_ascii=False)) == shown
    for file in shown["files"]:
        first, count = file["first_evidence"], file["evidence"]
        assert {e["source"] for e in shown["evidence"][first : first + count]} == {file["sha256"]}
    assert sum(file["evidence"] for file in shown["files"]) == len(shown["evidence"])
    assert "letter.txt" in bundle_text(made[0], "en")


def test_what_was_read_stays_when_a_file_is_added(
    made: tuple[BundleResult, list[Event]], worker: Worker, tmp_path: Path
) -> None:
    gone = dataclasses.replace(made[0].bundle.parts[0].media, path=tmp_path / "gone.opus")
    added = letter(tmp_path)
    reader = pipeline(worker).reader
    bundle = reader.read([gone, added], tmp_path, known=made[0].bundle.parts[:1])
    assert bundle.parts[0] == made[0].bundle.parts[0]
    assert [part.media.name for part in bundle.parts] == [CLIP.name, "letter.txt"]


def test_a_refused_file_is_named_and_the_others_are_read(worker: Worker, tmp_path: Path) -> None:
    paper = letter(tmp_path)
    gone = dataclasses.replace(paper, sha256="0" * 64, path=tmp_path / "gone.txt", name="gone.txt")
    gone = dataclasses.replace(gone, kind="voice", media_type="audio/ogg")
    result = pipeline(worker).run([gone, paper], tmp_path)
    [note] = result.bundle.notes
    assert (note.code, note.facts["name"]) == ("document.refused", "gone.txt")
    assert result.case.draft.title
    with pytest.raises(MediaMissing) as refused:
        pipeline(worker).run([gone], tmp_path)
    assert refused.value.file == "gone.txt"


def test_a_cancelled_bundle_stops(worker: Worker, tmp_path: Path) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        pipeline(worker).run([letter(tmp_path)], tmp_path, cancel=cancel)


def test_a_question_is_answered_from_all_files(worker: Worker, tmp_path: Path) -> None:
    asked = pipeline(worker, json.dumps({"line": 1, "answer": "맨홀 뚜껑"}))
    result = asked.run(
        [letter(tmp_path)], tmp_path, question="연남동 인도의 무엇을 바꿔 달라고 하나요?"
    )
    assert result.answer is not None
    assert result.answer.answered
    assert "answer" in bundle_json(result, "ko")


@pytest.mark.slow
def test_the_command_makes_one_case_of_a_recording_and_a_word_file(tmp_path: Path) -> None:
    paper = docx.Document()
    for line in LETTER.split("\n"):
        paper.add_paragraph(line)
    paper.save(str(tmp_path / "letter.docx"))
    made = subprocess.run(
        [sys.executable, "-m", "pipelines", "case", CLIP, tmp_path / "letter.docx", "--json"],
        cwd=ROOT,
        env={**os.environ, "MINWON_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    shown = json.loads(made.stdout)
    assert [file["kind"] for file in shown["files"]] == ["voice", "document"]
    told = [e["text"] for e in shown["evidence"] if e["source"] == shown["files"][1]["sha256"]]
    assert told == [line for line in LETTER.split("\n") if line]
    assert "answer" not in shown
    assert shown["draft"]["drafted_by"] == "model"
    assert cited_sources(shown) >= {file["sha256"] for file in shown["files"]}


def cited_sources(shown: dict[str, object]) -> set[str]:
    evidence = shown["evidence"]
    draft = shown["draft"]
    assert isinstance(evidence, list)
    assert isinstance(draft, dict)
    return {evidence[at]["source"] for cited in draft["citations"] for at in cited["evidence"]}


def test_a_file_is_restored_from_its_evidence_as_it_was_read(
    made: tuple[BundleResult, list[Event]],
) -> None:
    for part in made[0].bundle.parts:
        again = restored(part.media, part.evidence, "ko")
        assert again.evidence == part.evidence
        assert again.spoken == part.spoken
        assert again.telling == part.telling
        assert again.document.language == part.document.language
