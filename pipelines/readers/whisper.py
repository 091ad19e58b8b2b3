"""One loaded Whisper: the steps that it can do, each on its own. The only owner of faster_whisper.

Which steps follow each other, and when one is tried again, is `recognise`'s business.
"""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.errors import ModelFailed
from pipelines.media.audio import RATE_HZ, Samples
from pipelines.types import Word

Probabilities = Mapping[str, float]
"""language -> probability, for one piece."""
Encoded = Any
"""The encoder's output for one piece or for a batch: a CTranslate2 StorageView."""

_DIGIT = re.compile("[0-9]")
FRAMES_PER_S = 100
FULL_FRAMES = 3000
MEL_BANDS = 80
LOOP_RATIO = 2.4
"""A text that compresses better than this repeats itself."""
UNLIKELY = -1.0
MAX_NEW_TOKENS = 220
LATEST_START = 50
"""The last 0.02 s step at which the decoder may let its first words begin: the first second."""
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
    spell_numbers: bool = False
    """Write no digits, but the words for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The likeliest token sequence of one search."""

    tokens: tuple[int, ...]
    text: str
    logprob: float
    """Mean log probability of a token."""
    no_speech: float
    """The model's own probability that nobody speaks."""

    @property
    def total_logprob(self) -> float:
        """Log probability of the whole text, its end included."""
        return self.logprob * (len(self.tokens) + 1)

    @property
    def repetition(self) -> float:
        """How far the text can be compressed; over `LOOP_RATIO` it is a loop."""
        raw = self.text.encode()
        return len(raw) / len(zlib.compress(raw)) if raw else 0.0

    @property
    def is_sound(self) -> bool:
        """False for loops, for a text that comes twice over, and for the unlikely."""
        letters = "".join(c for c in self.text if c.isalnum())
        half = len(letters) // 2
        doubled = half >= 6 and letters[:half] == letters[half:]
        return self.repetition <= LOOP_RATIO and self.logprob >= UNLIKELY and not doubled


class Whisper:
    """A WhisperModel on the CPU. Not thread-safe: `recognise` gives its callers turns."""

    def __init__(self, folder: Path, *, compute_type: str, threads: int) -> None:
        """Load, and encode once so that the first recording does not pay for it.

        Raises ModelFailed.
        """
        from faster_whisper import WhisperModel

        try:
            self.model: Any = WhisperModel(
                str(folder),
                device="cpu",
                compute_type=compute_type,
                cpu_threads=threads,
                local_files_only=True,
            )
            self.model.encode(np.zeros((1, MEL_BANDS, 400), np.float32))
        except (RuntimeError, OSError, ValueError) as exc:
            raise ModelFailed(reason=f"whisper-base does not load: {type(exc).__name__}") from exc

    def encode(self, piece: Samples, frames: int) -> Encoded:
        """A mono piece with silence behind it, seen by the encoder as `frames` of 10 ms."""
        padded = np.pad(piece, (0, max(0, frames * RATE_HZ // FRAMES_PER_S - len(piece))))
        features = self.model.feature_extractor(padded, padding=160)[:, :frames]
        return self.model.encode(features[None])

    def languages(self, encoded: Encoded) -> list[Probabilities]:
        """How likely each language is, for each row."""
        return [
            {token[2:-2]: float(p) for token, p in found}
            for found in self.model.model.detect_language(encoded)
        ]

    def search(
        self,
        encoded: Encoded,
        languages: Sequence[str],
        prompts: Mapping[str, str],
        decoding: Decoding,
    ) -> list[list[Draft]]:
        """The likeliest token sequences for each row of the encoder's output, best first."""
        from faster_whisper.transcribe import get_suppressed_tokens

        tokenizers = [self._tokenizer(language) for language in languages]
        asks = []
        for tokenizer, language in zip(tokenizers, languages, strict=True):
            before = tokenizer.encode(" " + prompts[language]) if language in prompts else []
            plain = not decoding.timestamps
            asks.append(self.model.get_prompt(tokenizer, before, without_timestamps=plain))
        unwanted = self._digits if decoding.spell_numbers else ()
        results = self.model.model.generate(
            encoded,
            asks,
            beam_size=decoding.beam,
            patience=decoding.patience,
            length_penalty=decoding.length_penalty,
            repetition_penalty=decoding.repetition_penalty,
            no_repeat_ngram_size=decoding.no_repeat_ngram,
            num_hypotheses=decoding.beam,
            suppress_tokens=[*get_suppressed_tokens(tokenizers[0], [-1]), *unwanted],
            max_initial_timestamp_index=LATEST_START,
            max_length=max(len(ask) for ask in asks) + MAX_NEW_TOKENS,
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [
            _drafts(tokenizer, result, decoding.length_penalty)
            for tokenizer, result in zip(tokenizers, results, strict=True)
        ]

    def align(
        self, encoded: Encoded, draft: Draft, language: str, length_s: float
    ) -> tuple[Word, ...]:
        """Words with times and confidences, by the decoder's attention to the encoder's frames.

        Times count from the start of the piece and end with it.
        """
        from faster_whisper.transcribe import merge_punctuations

        if not draft.tokens:
            return ()
        found = self.model.find_alignment(
            self._tokenizer(language), [list(draft.tokens)], encoded, int(length_s * FRAMES_PER_S)
        )[0]
        merge_punctuations(found, OPENING, CLOSING)
        return tuple(
            Word(
                text=word["word"],
                start_s=min(float(word["start"]), length_s),
                end_s=min(float(word["end"]), length_s),
                confidence=min(1.0, max(0.0, float(word["probability"]))),
            )
            for word in found
            if word["word"].strip()
        )

    @functools.cached_property
    def _digits(self) -> tuple[int, ...]:
        """Every token that holds a digit."""
        tokens = self.model.hf_tokenizer.get_vocab().items()
        # The vocabulary writes bytes as letters; ASCII digits stand for themselves in it.
        return tuple(sorted(at for text, at in tokens if _DIGIT.search(text) and "<|" not in text))

    def _tokenizer(self, language: str) -> Any:  # noqa: ANN401
        from faster_whisper.tokenizer import Tokenizer

        return Tokenizer(self.model.hf_tokenizer, True, task="transcribe", language=language)


def stacked(rows: Sequence[Encoded]) -> Encoded:
    """Encoder outputs of single pieces as one batch for the decoder."""
    if len(rows) == 1:
        return rows[0]
    return type(rows[0]).from_array(np.concatenate([np.array(row) for row in rows]))


def voiced(
    samples: Samples, *, threshold: float = 0.5, pause_s: float = 0.25
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


def _drafts(tokenizer: Any, result: Any, length_penalty: float) -> list[Draft]:  # noqa: ANN401
    found = []
    for ids, score in zip(result.sequences_ids, result.scores, strict=True):
        tokens = tuple(token for token in ids if token < tokenizer.eot)
        found.append(
            Draft(
                tokens=tokens,
                text=tokenizer.decode(list(tokens)),
                logprob=score * len(ids) ** length_penalty / (len(ids) + 1),
                no_speech=result.no_speech_prob,
            )
        )
    return found
