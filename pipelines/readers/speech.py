"""A recording -> what was said in it, sentence by sentence, each with its time and its doubts."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipelines.errors import NoSpeech
from pipelines.media import audio
from pipelines.media.admit import demuxer_of
from pipelines.media.audio import RATE_HZ
from pipelines.readers import said, sentences
from pipelines.readers.correct import Corrector
from pipelines.readers.languages import LanguageChooser
from pipelines.readers.pieces import Window, Windows, cut_at, plan, tracks
from pipelines.readers.recognise import PIECE_S, Recogniser, Transcript
from pipelines.readers.said import Piece
from pipelines.types import (
    Cancel,
    Evidence,
    EvidenceFound,
    MediaFile,
    Note,
    OnEvent,
    Progress,
    TimeSpan,
    Word,
    ignore,
)

log = logging.getLogger(__name__)

BATCH = 4
"""Pieces decoded together; the first piece goes alone, so that its words are seen early."""
LONG_S = 60.0
LONG_BEAM = 3
"""Recordings over LONG_S are searched less widely. docs/decisions/speech.md has the figures."""
UNSURE_BELOW = 0.5
CERTAIN_LANGUAGE = 0.5
REPAIRS = 2
"""How often a stretch that the decoder skipped is read again, on its own."""
CUT_SHORT_S = 1.0
"""A recording this much shorter than its header says was cut off on its way here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A whole recording, read."""

    evidence: tuple[Evidence, ...]
    language: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechReader:
    """Reads recordings with one shared recogniser; holds no state of its own."""

    recogniser: Recogniser
    corrector: Corrector | None = None
    prompts: Mapping[str, str] | None = None
    """language -> a text that recognition takes as said before; None = from the corrector's
    vocabulary."""
    limit_s: float = 9000.0

    def read(
        self,
        media: MediaFile,
        *,
        language: str | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> Heard:
        """Everything that was said. `language` None = detected, piece by piece.

        Sends Progress("reading") and each EvidenceFound as it is recognised; `cancel` is looked at
        between pieces. Holds some minutes of sound at once, however long the recording.

        Raises NoSpeech, MediaUndecodable, MediaHasNoSound, MediaTooLong, MediaMissing, Cancelled,
        and what loading the recogniser raises.
        """
        run = _Run(self, media, LanguageChooser(language), on_event, cancel or Cancel())
        return run.read()


@dataclass(slots=True)
class _Run:
    """One reading, with what it gathers."""

    reader: SpeechReader
    media: MediaFile
    chooser: LanguageChooser
    on_event: OnEvent
    cancel: Cancel
    evidence: list[Evidence] = field(default_factory=list)
    heard_s: float = 0.0
    two_channels: bool = False

    @property
    def is_long(self) -> bool:
        return (self.media.duration_s or 0.0) > LONG_S

    def read(self) -> Heard:
        if self.reader.recogniser.state != "ready":
            self.on_event(Progress(stage="loading"))
            self.reader.recogniser.warm()
        self.on_event(Progress(stage="reading", fraction=0.0))
        started = time.monotonic()
        demuxer = demuxer_of(self.media)
        chunks = audio.decode(self.media.path, demuxer, limit_s=self.reader.limit_s)
        windows = Windows(chunks)
        for window in windows:
            self.cancel.check()
            self._read_window(windows, window)
            self._progress(window.end_s)
        log.info(
            "read %.0f s of %s in %.1f s",
            self.heard_s,
            self.media.sha256[:12],
            time.monotonic() - started,
        )
        if not self.evidence:
            raise NoSpeech(length_s=round(self.heard_s, 1))
        return Heard(
            evidence=tuple(self.evidence),
            language=_main_language(self.evidence, self.chooser.main),
            notes=tuple(self._notes(demuxer)),
        )

    def _progress(self, at_s: float) -> None:
        self.heard_s = max(self.heard_s, at_s)
        total = self.media.duration_s
        self.on_event(Progress(stage="reading", fraction=min(1.0, at_s / total) if total else None))

    def _read_window(self, windows: Windows, window: Window) -> None:
        found = tracks(window.samples)
        self.two_channels |= len(found) > 1
        length_s = len(window.samples) / RATE_HZ
        voiced = [self.reader.recogniser.voiced(track) for track in found]
        end_s = length_s
        if not window.last:
            end_s = cut_at(sorted(span for spans in voiced for span in spans), length_s)
            windows.hand_back(window, window.start_s + end_s)
        pieces = []
        for track, spans in zip(found, voiced, strict=True):
            inside = [(a, min(b, end_s)) for a, b in spans if a < end_s]
            pieces += [
                Piece(track, where, inside, window.start_s)
                for where in plan(inside, end_s, PIECE_S)
            ]
        pieces.sort(key=lambda piece: piece.where)
        if pieces and not self.evidence:  # alone, so that its words are seen early
            self._tell(self._read_batch(pieces[:1]))
            self._progress(window.start_s + pieces[0].where[1])
            del pieces[0]
        results: list[tuple[Piece, Transcript]] = []
        for batch in _alike(pieces):
            self.cancel.check()
            results += self._read_batch(batch)
            share = len(results) / len(pieces)
            self._progress(window.start_s + min(1.0, share) * end_s)
        self._tell(results)

    def _read_batch(self, batch: Sequence[Piece]) -> list[tuple[Piece, Transcript]]:
        results: list[tuple[Piece, Transcript]] = []
        todo = list(batch)
        for _ in range(1 + REPAIRS):
            done = list(zip(todo, self._transcribe(todo), strict=True))
            results += done
            todo = [rest for piece, transcript in done for rest in said.unheard(piece, transcript)]
            if not todo:
                break
        return results

    def _tell(self, results: Sequence[tuple[Piece, Transcript]]) -> None:
        """Make evidence of what was recognised, in the order in which it was said."""
        for piece, transcript in sorted(results, key=lambda result: result[0].where):
            for words in said.sentences_of(transcript, piece):
                self._found(words, transcript.language)

    def _transcribe(self, pieces: Sequence[Piece]) -> list[Transcript]:
        sounds = [p.track[int(p.where[0] * RATE_HZ) : int(p.where[1] * RATE_HZ)] for p in pieces]
        return self.reader.recogniser.transcribe(
            sounds,
            choose=self.chooser,
            prompts=self._prompts(),
            beam=LONG_BEAM if self.is_long else None,
        )

    def _prompts(self) -> Mapping[str, str]:
        """A long recording gets none from the vocabulary: each piece would pay for it again."""
        if self.reader.prompts is not None:
            return self.reader.prompts
        if self.is_long or not self.reader.corrector:
            return {}
        return self.reader.corrector.prompts

    def _found(self, words: Sequence[Word], language: str) -> None:
        marked = [replace(word, unsure=word.confidence < UNSURE_BELOW) for word in words]
        if self.reader.corrector and language == "ko":
            marked = list(self.reader.corrector.correct(marked))
        evidence = Evidence(
            source=self.media.sha256,
            where=TimeSpan(
                start_s=round(marked[0].start_s, 2),
                end_s=round(max(marked[-1].end_s, marked[0].start_s), 2),
            ),
            text=sentences.joined(marked, language),
            confidence=round(sum(w.confidence for w in marked) / len(marked), 3),
            language=language,
            words=tuple(marked),
        )
        self.evidence.append(evidence)
        self.on_event(EvidenceFound(index=len(self.evidence) - 1, evidence=evidence))

    def _notes(self, demuxer: str) -> Iterator[Note]:
        claimed_s = audio.claimed_s(self.media.path, demuxer)
        if claimed_s is not None and claimed_s - self.heard_s > CUT_SHORT_S:
            facts: dict[str, str | int | float] = {
                "heard_s": round(self.heard_s, 1),
                "claimed_s": round(claimed_s, 1),
            }
            yield Note(code="speech.cut_short", facts=facts)
        words = [word for piece in self.evidence for word in piece.words]
        corrected = sum(word.heard is not None for word in words)
        unsure = sum(word.unsure for word in words) - corrected
        if corrected:
            yield Note(code="speech.corrected", facts={"count": corrected})
        if unsure:
            yield Note(code="speech.unsure", facts={"count": unsure})
        if self.chooser.certainty < CERTAIN_LANGUAGE:
            yield Note(code="speech.language_unsure", facts={"language": self.chooser.main})
        if self.two_channels:
            yield Note(code="speech.two_channels")


def _alike(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """Batches of pieces of about one length: in a batch each costs as much as the longest."""
    ranked = sorted(pieces, key=lambda piece: piece.where[0] - piece.where[1])
    for at in range(0, len(ranked), BATCH):
        yield ranked[at : at + BATCH]


def _main_language(evidence: Sequence[Evidence], likely: str) -> str:
    """The language that was spoken longest."""
    seconds: dict[str, float] = {likely: 0.0}
    for piece in evidence:
        where = piece.where
        if isinstance(where, TimeSpan):
            length_s = where.end_s - where.start_s
            seconds[piece.language] = seconds.get(piece.language, 0.0) + length_s
    return max(seconds, key=lambda code: seconds[code])
