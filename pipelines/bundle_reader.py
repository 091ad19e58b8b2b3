"""Files of any kind -> their evidence, read side by side by the readers of the other pipelines."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from pipelines.document import DocumentPipeline, refused_note
from pipelines.drafting.written import shortlist
from pipelines.errors import MediaRejected
from pipelines.readers.evidence import Passage, ReadDocument
from pipelines.readers.speech import SpeechReader
from pipelines.readers.timeline import passages_of
from pipelines.readers.videos import VideoReader
from pipelines.types import (
    LANGUAGES,
    Cancel,
    Evidence,
    EvidenceFound,
    FrameSpot,
    Kind,
    Language,
    MediaFile,
    Note,
    OnEvent,
    Progress,
    TimeSpan,
    ignore,
)
from pipelines.wording import say

LINES = 12
"""So many lines of a paper, or words on a picture, may stand beside what is said."""
LANES: tuple[tuple[Kind, ...], ...] = (("voice",), ("document", "image"), ("video",))
"""What is read side by side; files of one lane are read one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file, read. `spoken` and `telling` are indices of its own evidence."""

    media: MediaFile
    document: ReadDocument
    spoken: tuple[int, ...]
    """What somebody says in it."""
    telling: tuple[int, ...]
    """What else in it a draft may rest on."""
    notes: tuple[Note, ...]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """In its order."""
        return self.document.evidence


def restored(media: MediaFile, evidence: Sequence[Evidence], ui_language: str) -> Part:
    """A file that was read before, from its evidence as it is now: corrections hold.

    What the reader noted about it is not known here.
    """
    spoken = [
        index
        for index, piece in enumerate(evidence)
        if isinstance(piece.where, TimeSpan) and (media.kind == "voice" or piece.words)
    ]
    if media.kind == "voice":
        telling: list[int] = []
    elif media.kind == "video":
        telling = _told_by_frames(evidence)
    else:
        telling = shortlist([piece.text for piece in evidence], LINES)
    said = evidence[spoken[0]].language if spoken else evidence[0].language if evidence else "ko"
    language: Language = next((known for known in LANGUAGES if known == said), "ko")
    passages = tuple(Passage(evidence=piece, kind="text", told=piece.text) for piece in evidence)
    return Part(
        media=media,
        document=ReadDocument(source=media.sha256, title="", language=language, passages=passages),
        spoken=tuple(spoken),
        telling=tuple(telling),
        notes=(),
    )


def _told_by_frames(evidence: Sequence[Evidence]) -> list[int]:
    """Words on the picture; where there are none, what whole frames show; and what the model sees.

    Motion tells nothing.
    """
    written: list[int] = []
    shown: list[int] = []
    seen: list[int] = []
    for index, piece in enumerate(evidence):
        if piece.origin != "reader":
            seen.append(index)
        elif isinstance(piece.where, FrameSpot) and not piece.text.startswith(
            say("video.moves", piece.language)
        ):
            (shown if piece.where.box_px[:2] == (0.0, 0.0) else written).append(index)
    return [*(written or shown)[:LINES], *seen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """All files that could be read, in the order in which they were handed in."""

    parts: tuple[Part, ...]
    notes: tuple[Note, ...]
    """Of files that were refused."""
    read_s: float

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What every citation's index counts."""
        return tuple(piece for part in self.parts for piece in part.evidence)

    @property
    def firsts(self) -> tuple[int, ...]:
        """For each part, the index of its first piece of evidence."""
        found, first = [], 0
        for part in self.parts:
            found.append(first)
            first += len(part.evidence)
        return tuple(found)

    @property
    def language(self) -> Language:
        """That of most that is said; where nothing is, of the part with most to read."""
        spoken = [part for part in self.parts if part.spoken]
        weighed = {part.document.language: 0 for part in spoken or self.parts}
        for part in spoken or self.parts:
            weighed[part.document.language] += len(part.spoken or part.evidence)
        return max(weighed, key=lambda language: weighed[language])


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleReader:
    """The readers are those of the other pipelines; holds no state of its own."""

    speech: SpeechReader
    papers: DocumentPipeline
    videos: VideoReader

    def read(
        self,
        media: Sequence[MediaFile],
        folder: Path,
        *,
        language: Language | None = None,
        known: Sequence[Part] = (),
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Bundle:
        """Read the files side by side; a file that is refused is named in a note.

        What is in `known` was read before and is not read again. Evidence is told in the order of
        the files, each file's when it is complete. Raises ValueError without a file, MediaRejected
        where all are refused, Cancelled, and what the loading of models raises.
        """
        if not media:
            raise ValueError("no file to read")
        started = time.monotonic()
        before = {part.media.sha256: part for part in known}
        files = list({file.sha256: file for file in media}.values())
        desk = _Desk(count=len(files), on_event=on_event)

        def read_lane(kinds: tuple[Kind, ...]) -> None:
            for place, file in enumerate(files):
                if file.kind not in kinds:
                    continue
                try:
                    part = before.get(file.sha256) or self._read(file, folder, language, cancel)
                except MediaRejected as refusal:
                    refusal.file = file.name
                    desk.lay(place, refusal)
                else:
                    desk.lay(place, part)

        with ThreadPoolExecutor(len(LANES), thread_name_prefix="bundle") as lanes:
            for lane in [lanes.submit(read_lane, kinds) for kinds in LANES]:
                lane.result()
        return desk.bundle(time.monotonic() - started)

    def _read(
        self, file: MediaFile, folder: Path, language: Language | None, cancel: Cancel | None
    ) -> Part:
        if cancel is not None:
            cancel.check()
        if file.kind == "voice":
            return self._listen(file, language, cancel)
        if file.kind == "video":
            return self._watch(file, folder, language, cancel)
        paper = self.papers.read_one(file, language=language, cancel=cancel).document
        texts = [passage.evidence.text for passage in paper.passages]
        return Part(
            media=file,
            document=paper,
            spoken=(),
            telling=tuple(shortlist(texts, LINES)),
            notes=paper.notes,
        )

    def _listen(self, file: MediaFile, language: Language | None, cancel: Cancel | None) -> Part:
        heard = self.speech.read(file, language=language, cancel=cancel)
        spoken = heard.language if heard.language in LANGUAGES else "ko"
        document = ReadDocument(
            source=file.sha256,
            title="",
            language=spoken,
            passages=tuple(
                Passage(evidence=piece, kind="text", told=piece.text) for piece in heard.evidence
            ),
        )
        return Part(
            media=file,
            document=document,
            spoken=tuple(range(len(heard.evidence))),
            telling=(),
            notes=heard.notes,
        )

    def _watch(
        self, file: MediaFile, folder: Path, language: Language | None, cancel: Cancel | None
    ) -> Part:
        seen = self.videos.read(file, folder, language=language, cancel=cancel)
        written, shown, views = (
            tuple(index for index, kind in enumerate(seen.kinds) if kind == wanted)
            for wanted in ("words", "shows", "seen")
        )
        return Part(
            media=file,
            document=passages_of(seen, self.videos.ui_language),
            spoken=tuple(index for index, kind in enumerate(seen.kinds) if kind == "speech"),
            telling=(*(written or shown)[:LINES], *views),
            notes=seen.notes,
        )


@dataclass(slots=True, kw_only=True)
class _Desk:
    """Where the lanes lay down what they read; it tells of it in the order of the files."""

    count: int
    on_event: OnEvent
    laid: dict[int, Part | MediaRejected] = field(default_factory=dict)
    told: int = 0
    pieces: int = 0
    lock: Lock = field(default_factory=Lock)

    def lay(self, place: int, read: Part | MediaRejected) -> None:
        with self.lock:
            self.laid[place] = read
            self.on_event(Progress(stage="reading", fraction=len(self.laid) / self.count))
            while self.told in self.laid:
                part = self.laid[self.told]
                for piece in part.evidence if isinstance(part, Part) else ():
                    self.on_event(EvidenceFound(index=self.pieces, evidence=piece))
                    self.pieces += 1
                self.told += 1

    def bundle(self, read_s: float) -> Bundle:
        laid = [self.laid[place] for place in range(self.count)]
        parts = tuple(part for part in laid if isinstance(part, Part))
        refusals = [part for part in laid if isinstance(part, MediaRejected)]
        if not parts:
            raise refusals[0]
        notes = tuple(refused_note(refusal, refusal.file) for refusal in refusals)
        return Bundle(parts=parts, notes=notes, read_s=read_s)
