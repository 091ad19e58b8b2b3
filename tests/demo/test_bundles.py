"""A case of several files: stored whole, read once, drafted again when one more comes."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from demo.api.media import MediaLinks, media_router
from demo.asks import Add, Submit, read
from demo.bundles import CaseBundles
from demo.evidence import Sources, evidence_panel, files_panel
from demo.form import draft_panel
from demo.intake import Intake
from demo.jobs import Jobs
from demo.pages import CasePages
from demo.present import Words
from demo.store.cases import CaseStore
from demo.store.views import CaseView
from pipelines.drafting.case import Citation
from pipelines.drafting.policy import load_policy
from pipelines.errors import (
    CaseFiled,
    CaseNotReady,
    CaseTooManyFiles,
    MediaEmpty,
    NoSpeech,
)
from pipelines.media.worker import Worker
from pipelines.readers.page_shots import PageShots
from pipelines.refusals import DocumentTwice, DocumentUnsupported
from pipelines.settings import ASSETS, Settings
from pipelines.types import (
    Cancel,
    CaseResult,
    Evidence,
    EvidenceFound,
    FrameSpot,
    Kind,
    MediaFile,
    Note,
    OnEvent,
    PageSpot,
    Progress,
    ignore,
)
from tests.demo.page_kit import MARKUP, ToldWork, write_clip
from tests.demo.store_fixtures import engine, postgres_server  # noqa: F401
from tests.demo.store_kit import Enriches, make_evidence, make_recording, make_result, make_store
from tests.pipelines.test_bundle import pipeline

POLICY = load_policy(ASSETS / "policy" / "policy.toml")
LETTER = "제목: 맨홀 뚜껑 교체 요청\n\n마포구 연남동 인도의 맨홀 뚜껑을 바꿔 주시기 바랍니다.\n"
REFUSED = Note(code="document.refused", facts={"name": "x.bin", "reason": "media.empty"})
PATIENCE_S = 20.0


def make_paper(
    folder: Path, text: str = "맨홀을 고쳐 주세요", kind: Kind = "document"
) -> MediaFile:
    content = text.encode()
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / f"{sha256[:8]}.txt"
    path.write_bytes(content)
    return MediaFile(
        path=path,
        kind=kind,
        media_type="text/plain" if kind == "document" else "video/mp4",
        size_bytes=len(content),
        sha256=sha256,
        name="편지.txt" if kind == "document" else "골목.mp4",
    )


def pieces_of(media: MediaFile) -> tuple[Evidence, ...]:
    if media.kind == "voice":
        return make_evidence(media.sha256)
    where = (
        PageSpot(page_no=2, box_pt=(60.0, 80.0, 300.0, 96.0), page_pt=(600.0, 800.0))
        if media.kind == "document"
        else FrameSpot(time_s=3.0, box_px=(10.0, 20.0, 90.0, 40.0), end_s=4.5)
    )
    text = f"{media.name}: 맨홀 뚜껑"
    piece = Evidence(source=media.sha256, where=where, text=text, confidence=0.9, language="ko")
    if media.kind == "document":
        return (piece,)
    return (dataclasses.replace(piece, origin="model:frame"),)


class ToldSeveral(Enriches):
    """Reads what it does not know, as the real one does, and remembers what it was given."""

    def __init__(self) -> None:
        self.read: list[tuple[str, ...]] = []
        self.known: list[tuple[str, ...]] = []
        self.fails: Exception | None = None

    def run(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        *,
        language: str | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        sources = {piece.source for piece in known}
        fresh = [file for file in media if file.sha256 not in sources]
        self.read.append(tuple(file.kind for file in fresh))
        self.known.append(tuple(piece.text for piece in known))
        on_event(Progress(stage="reading", fraction=0.5))
        evidence = (*known, *(piece for file in fresh for piece in pieces_of(file)))
        for index, piece in enumerate(evidence):
            on_event(EvidenceFound(index=index, evidence=piece))
        if self.fails is not None:
            raise self.fails
        return self._drafted(media, evidence)

    def redraft(
        self,
        media: Sequence[MediaFile],
        known: Sequence[Evidence],
        *,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        self.known.append(tuple(piece.text for piece in known))
        return self._drafted(media, tuple(known))

    def _drafted(self, media: Sequence[MediaFile], evidence: tuple[Evidence, ...]) -> CaseResult:
        cited = [Citation(field="place", claim="은행나무", evidence=list(range(len(evidence))))]
        made = make_result(media[0], evidence, citations=cited)
        return dataclasses.replace(made, notes=(Note(code="bundle.same_day", facts={}),))


@pytest.fixture
def store(engine: Engine, tmp_path: Path) -> CaseStore:  # noqa: F811
    return make_store(tmp_path, engine)


@pytest.fixture
def told() -> ToldSeveral:
    return ToldSeveral()


@pytest.fixture
def jobs(store: CaseStore, told: ToldSeveral) -> Iterator[Jobs]:
    made = Jobs(store, ToldWork(0.0), several=told)
    made.start()
    yield made
    made.close()


def end_of(jobs: Jobs, number: str) -> CaseView:
    until = time.monotonic() + PATIENCE_S
    now = jobs.snapshot(number)
    while not now.ended:
        assert time.monotonic() < until, f"still {now.stage}"
        now = jobs.wait(number, now.revision, 1.0)
    assert now.view is not None
    return now.view


def test_all_files_of_a_case_are_on_disk_before_it_is_acknowledged(
    store: CaseStore, tmp_path: Path
) -> None:
    voice, paper = make_recording(tmp_path), make_paper(tmp_path)
    receipt = store.open(voice, None, more=[paper, voice], refused=[REFUSED])
    voice.path.unlink()
    paper.path.unlink()
    files = store.media_files(receipt.number)
    assert [file.kind for file in files] == ["voice", "document"]
    assert files[1].path.read_text() == "맨홀을 고쳐 주세요"
    view = store.find(receipt.number, receipt.secret)
    assert view.notes == (REFUSED,)
    assert view.events[0].facts == {"files": 2}


def test_one_recording_goes_the_short_way_and_two_files_do_not(
    jobs: Jobs, store: CaseStore, told: ToldSeveral, tmp_path: Path
) -> None:
    alone = store.open(make_recording(tmp_path), None).number
    jobs.submit(alone)
    assert end_of(jobs, alone).draft is not None
    assert told.read == []
    both = store.open(make_recording(tmp_path), None, more=[make_paper(tmp_path)]).number
    paper = store.open(make_paper(tmp_path), None).number
    for number in (both, paper):
        jobs.submit(number)
        assert end_of(jobs, number).draft is not None
    assert told.read == [("voice", "document"), ("document",)]


def test_every_place_is_kept_with_its_file(jobs: Jobs, store: CaseStore, tmp_path: Path) -> None:
    files = [make_recording(tmp_path), make_paper(tmp_path), make_paper(tmp_path, "v", "video")]
    receipt = store.open(files[0], None, more=files[1:], refused=[REFUSED])
    jobs.submit(receipt.number)
    view = end_of(jobs, receipt.number)
    assert view.evidence == tuple(piece for file in files for piece in pieces_of(file))
    page, frame = view.evidence[2].where, view.evidence[3].where
    assert isinstance(page, PageSpot)
    assert page.page_pt == (600.0, 800.0)
    assert isinstance(frame, FrameSpot)
    assert frame.end_s == 4.5
    assert [note.code for note in view.notes] == ["document.refused", "bundle.same_day"]


def test_an_added_file_alone_is_read_and_what_people_changed_stays(
    jobs: Jobs, store: CaseStore, told: ToldSeveral, tmp_path: Path
) -> None:
    receipt = store.open(make_recording(tmp_path), None, more=[make_paper(tmp_path)])
    number, secret = receipt.number, receipt.secret
    jobs.submit(number)
    view = end_of(jobs, number)
    view = store.correct(number, secret, view.version, 0, "네거리 가로등")
    view = store.edit(number, secret, view.version, {"title": "제가 쓴 제목"})
    store.add(number, secret, [make_paper(tmp_path, "v", "video")], limit=3, refused=[REFUSED])
    jobs.added(number)
    view = end_of(jobs, number)
    assert told.read == [("voice", "document"), ("video",)]
    assert told.known[-1][0] == "네거리 가로등"
    assert len(view.evidence) == 4
    assert view.heard[0] == make_evidence("")[0].text
    assert view.draft is not None
    assert view.draft.title == "제가 쓴 제목"
    assert view.draft.citations[-1].evidence == [0, 1, 2, 3]
    codes = [note.code for note in view.notes]
    assert codes == ["document.refused", "bundle.same_day"]
    assert "added" in [event.kind for event in view.events]
    jobs.redraft(number)
    assert end_of(jobs, number).draft is not None
    assert told.known[-1] == tuple(piece.text for piece in view.evidence)


def test_a_recording_that_gets_a_paper_becomes_a_bundle(
    jobs: Jobs, store: CaseStore, told: ToldSeveral, tmp_path: Path
) -> None:
    receipt = store.open(make_recording(tmp_path), None)
    jobs.submit(receipt.number)
    before = end_of(jobs, receipt.number)
    store.add(receipt.number, receipt.secret, [make_paper(tmp_path)], limit=10)
    jobs.added(receipt.number)
    view = end_of(jobs, receipt.number)
    assert told.read == [("document",)]
    assert view.evidence[: len(before.evidence)] == before.evidence


def test_an_added_file_that_fails_leaves_the_draft_and_is_tried_again(
    jobs: Jobs, store: CaseStore, told: ToldSeveral, tmp_path: Path
) -> None:
    receipt = store.open(make_recording(tmp_path), None, more=[make_paper(tmp_path)])
    jobs.submit(receipt.number)
    before = end_of(jobs, receipt.number)
    told.fails = NoSpeech(length_s=3.0)
    store.add(receipt.number, receipt.secret, [make_recording(tmp_path, b"silence")], limit=10)
    jobs.added(receipt.number)
    view = end_of(jobs, receipt.number)
    assert (view.status, view.evidence, view.draft) == ("drafted", before.evidence, before.draft)
    assert view.error is not None
    told.fails = None
    jobs.submit(receipt.number)
    view = end_of(jobs, receipt.number)
    assert view.error is None
    assert len(view.evidence) == 5
    assert told.read[1:] == [("voice",), ("voice",)]
    jobs.submit(receipt.number)  # done is done
    assert len(told.read) == 3


def test_what_may_not_be_added_changes_nothing(
    jobs: Jobs, store: CaseStore, tmp_path: Path
) -> None:
    voice, paper = make_recording(tmp_path), make_paper(tmp_path)
    receipt = store.open(voice, None)
    key = (receipt.number, receipt.secret)
    with pytest.raises(CaseNotReady):
        store.add(*key, [paper], limit=10)
    jobs.submit(receipt.number)
    view = end_of(jobs, receipt.number)
    with pytest.raises(DocumentTwice):
        store.add(*key, [voice], limit=10)
    with pytest.raises(CaseTooManyFiles):
        store.add(*key, [paper], limit=1)
    now = store.view(receipt.number)
    assert (now.version, len(now.media)) == (view.version, 1)
    store.file(*key, view.version)
    store.tracking.withdraw(*key)
    with pytest.raises(CaseFiled):
        store.add(*key, [paper], limit=10)


def test_the_pipeline_reads_what_is_new_and_keeps_the_pages_that_were_set(tmp_path: Path) -> None:
    with Worker() as idle:  # nothing here needs a child
        letter, other = make_paper(tmp_path, LETTER), make_paper(tmp_path, "마포구 연남동입니다.")
        made = tmp_path / "made"
        made.mkdir()
        (made / f"{letter.sha256}.pdf").write_bytes(b"%PDF-")
        bundles = CaseBundles(
            pipeline=pipeline(idle), ui_language="ko", made=made, kept=tmp_path / "kept"
        )
        first = bundles.run([letter], ())
        assert [page.name for page in (tmp_path / "kept").iterdir()] == [f"{letter.sha256}.pdf"]
        corrected = (
            dataclasses.replace(first.evidence[0], text="제목: 하수구"),
            *first.evidence[1:],
        )
        both = bundles.run([other, letter], corrected)
        assert both.evidence[: len(corrected)] == corrected
        assert {piece.source for piece in both.evidence} == {letter.sha256, other.sha256}
        moved = tuple(
            dataclasses.replace(piece, text=piece.text.replace("연남동", "서교동"))
            for piece in both.evidence
        )
        again = bundles.redraft([other, letter], moved)
        assert again.evidence == moved
        assert "연남동" in both.draft.place
        assert "서교동" in again.draft.place


# --- the page -----------------------------------------------------------------------------


@pytest.fixture
def intake(tmp_path: Path, told: ToldSeveral) -> Iterator[Intake]:
    from demo.wiring_cases import make_intake

    settings = Settings(data_dir=tmp_path, cache_dir=tmp_path, max_case_files=3)
    made = make_intake(settings, POLICY, ToldWork(0.0), several=told)
    made.jobs.start()
    yield made
    made.jobs.close()


def uploads(folder: Path, **contents: bytes) -> list[dict[str, str]]:
    made = []
    for name, content in contents.items():
        path = folder / f"upload-{name}"
        path.write_bytes(content)
        made.append({"path": str(path), "name": f"{name}.txt"})
    return made


def test_a_refused_file_is_named_and_the_others_go_on(intake: Intake, tmp_path: Path) -> None:
    files = uploads(tmp_path, letter=LETTER.encode(), nothing=b"")
    command = intake.submit(read(Submit, {"files": files}), Path).command
    assert command is not None
    view = end_of(intake.jobs, str(command["number"]))
    assert [media.name for media in view.media] == ["letter.txt"]
    told = Note(code="document.refused", facts={"name": "nothing.txt", "reason": "media.empty"})
    assert told in view.notes
    assert not any(Path(file["path"]).exists() for file in files)


def test_where_all_are_refused_or_too_many_no_case_is_opened(
    intake: Intake, tmp_path: Path
) -> None:
    bad = uploads(tmp_path, none=b"", odd=bytes(range(256)) * 9)
    with pytest.raises(MediaEmpty):
        intake.submit(read(Submit, {"files": bad}), Path)
    with pytest.raises(DocumentUnsupported):
        intake.submit(read(Submit, {"files": uploads(tmp_path, odd=bytes(range(256)) * 9)}), Path)
    four = uploads(tmp_path, a=b"a b", b=b"b c", c=b"c d", d=b"d e")
    with pytest.raises(CaseTooManyFiles):
        intake.submit(read(Submit, {"files": four}), Path)
    assert not list(tmp_path.glob("upload-*"))
    assert not list((tmp_path / "media").glob("??/*"))


def test_what_was_typed_is_saved_before_more_is_read(intake: Intake, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.wav", 2.0).read_bytes()
    command = intake.submit(read(Submit, {"files": uploads(tmp_path, clip=clip)}), Path).command
    assert command is not None
    key = {"number": str(command["number"]), "secret": str(command["secret"])}
    view = end_of(intake.jobs, key["number"])
    more = {**key, "version": view.version, "files": uploads(tmp_path, letter=LETTER.encode())}
    more["fields"] = {"title": "제가 쓴 제목"}
    intake.add(Words("ko"), read(Add, more), Path)
    after = end_of(intake.jobs, key["number"])
    assert after.draft is not None
    assert after.draft.title == "제가 쓴 제목"
    assert len(after.media) == 2
    more["files"] = uploads(tmp_path, again=b"more words")
    stale = intake.add(Words("ko"), read(Add, more), Path).command
    assert stale is not None
    assert stale["code"] == "case.conflict"
    assert len(intake.store.view(key["number"]).media) == 2


@pytest.mark.parametrize("language", ["ko", "en"])
def test_files_and_places_are_shown_and_no_name_becomes_markup(
    jobs: Jobs, store: CaseStore, tmp_path: Path, language: str
) -> None:
    paper = dataclasses.replace(make_paper(tmp_path), name=f"{MARKUP}.txt")
    files = [make_recording(tmp_path), paper, make_paper(tmp_path, "v", "video")]
    receipt = store.open(files[0], None, more=files[1:])
    jobs.submit(receipt.number)
    view, words = end_of(jobs, receipt.number), Words(language)
    listed = files_panel(words, view, lambda media: f"token-{media.kind}")
    told = evidence_panel(words, view.media, view.evidence, heard=view.heard, editable=True)
    form = draft_panel(words, view, POLICY, chip=Sources(view.media).chip)
    assert all("<img" not in panel for panel in (listed, told, form))
    assert 'src="/media/token-video"' in listed
    assert told.count("data-correct") == 2  # what is said can be corrected, what is printed not
    box = 'data-page="2" data-box="0.0960,0.0960,0.5040,0.1240"'
    for panel in (told, form):
        assert f'data-open="{paper.sha256[:12]}" {box}' in panel
        assert 'data-play="3.00" data-until="5.00" data-seg="3"' in panel
        end = "</li>" if panel is told else "</button>"
        assert words("view.mark") in panel.partition('data-seg="3"')[2].partition(end)[0]
        assert words("view.mark") not in panel.partition(box)[2].partition(end)[0]


def test_a_page_is_drawn_for_who_has_the_link(store: CaseStore, tmp_path: Path) -> None:
    notice = ASSETS / "samples" / "documents" / "notice.pdf"
    content = notice.read_bytes()
    media = MediaFile(
        path=notice,
        kind="document",
        media_type="application/pdf",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        name="notice.pdf",
    )
    number = store.open(media, None, more=[make_paper(tmp_path)]).number
    links = MediaLinks(b"k" * 32)
    token = links.sign(number, media.sha256)
    foreign = links.sign("MW-20261124-22222", media.sha256)
    unset = links.sign(number, make_paper(tmp_path).sha256)
    with Worker(preload=("pipelines.readers.page_shots",)) as worker:
        shots = PageShots(worker=worker, blur=lambda picture: picture)
        pages = CasePages(shots=shots, previews=tmp_path / "previews")
        app = FastAPI()
        app.include_router(media_router(store, links, pages))
        web = TestClient(app)
        answer = web.get(f"/media/{token}/page/1")
        assert answer.status_code == 200
        assert answer.content.startswith(b"\xff\xd8")
        assert answer.headers["cache-control"] == "private, no-store"
        for bad in (f"{token}/page/0", f"{token}/page/99", f"{foreign}/page/1", "x/page/1"):
            assert web.get(f"/media/{bad}").status_code == 404
        assert web.get(f"/media/{unset}/page/1").status_code == 404
