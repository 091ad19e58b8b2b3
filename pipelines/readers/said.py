"""What was really said in a piece: inventions left out, skipped stretches found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipelines.media.audio import Samples
from pipelines.readers import sentences
from pipelines.readers.pieces import PAD_S, Span
from pipelines.readers.recognise import Transcript
from pipelines.readers.whisper import LOOP_RATIO
from pipelines.types import Word

INVENTED_LOGPROB = -1.1
"""Noise that passes for a voice comes out below this; speech that is hard to hear above."""
INVENTED_NO_SPEECH = 0.6
INVENTED_CONFIDENCE = 0.3
"""Of a word, on average: a saxophone is an "Oh" at 0.0 to 0.2, a mumbled "no" has 0.6."""
DOUBTFUL_LOGPROB = -0.7
"""Only below this do the model's own doubts count: confident words are never thrown away."""


class Piece(NamedTuple):
    """Some of a track to be recognised at once. Times count from the start of its window."""

    track: Samples
    where: Span
    voiced: Sequence[Span]
    offset_s: float
    """Where the window lies in the recording."""


def sentences_of(transcript: Transcript, piece: Piece) -> Iterator[Sequence[Word]]:
    """The sentences of a piece that were really said, with times of the recording."""
    if is_invented(transcript):
        return
    voiced = [(a + piece.offset_s, b + piece.offset_s) for a, b in piece.voiced]
    words = sentences.timed(transcript.words, piece.where[0] + piece.offset_s, voiced)
    for sentence in sentences.split(sentences.without_loops(words)):
        if sentences.was_said(sentence, voiced):
            yield sentence


def is_invented(transcript: Transcript) -> bool:
    """Noise or music that passed for a voice: unlikely words, loops, or the model's own doubt."""
    if not transcript.words or transcript.logprob < INVENTED_LOGPROB:
        return True
    if transcript.repetition > 2 * LOOP_RATIO:
        return True
    if transcript.logprob >= DOUBTFUL_LOGPROB:
        return False
    confidence = sum(word.confidence for word in transcript.words) / len(transcript.words)
    return transcript.no_speech > INVENTED_NO_SPEECH or confidence < INVENTED_CONFIDENCE


def unheard(piece: Piece, transcript: Transcript) -> list[Piece]:
    """The stretches of a piece that hold a voice and got no words: the decoder stops early where
    the language or the speaker changes."""
    if not transcript.words:
        return []
    start_s, end_s = piece.where
    inside = [
        (max(a, start_s) - start_s, min(b, end_s) - start_s)
        for a, b in piece.voiced
        if a < end_s and b > start_s
    ]
    return [
        piece._replace(where=(max(start_s, start_s + a - PAD_S), min(end_s, start_s + b + PAD_S)))
        for a, b in sentences.holes(transcript.words, inside)
    ]
