"""A stream of sound -> windows of bounded size -> pieces of speech that fit the recogniser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.media.audio import RATE_HZ, Samples, to_mono

WINDOW_S = 240.0
"""How much sound is held at once."""
PAD_S = 0.3
"""Sound kept before and behind what the voice detector marks: it trims soft consonants."""
BREAK_S = 1.5
"""A pause this long ends a piece (other speaker, other language, or just silence to skip)."""
BREAK_AFTER_S = 5.0
"""... but only behind this much: very short pieces lack context."""
QUIET_PEAK = 0.5
MOST_GAIN = 30.0
BOTH_SPEAK = 0.1
"""In a two-channel call each channel carries at least this share of the other's energy."""
SAME_SOUND = 0.5
"""Channels that correlate more than this are one recording in stereo."""

Span = tuple[float, float]
"""(start_s, end_s)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Some of a recording. `samples` is (n, channels), its first sample lies at `start_s`."""

    start_s: float
    samples: Samples
    last: bool

    @property
    def end_s(self) -> float:
        """Where it ends in the recording."""
        return self.start_s + len(self.samples) / RATE_HZ


class Windows:
    """Groups chunks into windows; what a reader hands back begins the next window."""

    def __init__(self, chunks: Iterator[Samples], window_s: float = WINDOW_S) -> None:
        self._chunks = chunks
        self._size = int(window_s * RATE_HZ)
        self._rest: Samples | None = None
        self._start_s = 0.0

    def hand_back(self, window: Window, from_s: float) -> None:
        """Sound from `from_s` on (in the recording) was not used: let the next window have it."""
        at = int((from_s - window.start_s) * RATE_HZ)
        self._rest = window.samples[at:].copy()
        self._start_s = window.start_s + at / RATE_HZ

    def __iter__(self) -> Iterator[Window]:
        while True:
            held = [] if self._rest is None else [self._rest]
            self._rest = None
            count = sum(map(len, held))
            ended = True
            for chunk in self._chunks:
                held.append(chunk)
                count += len(chunk)
                if count >= self._size:
                    ended = False
                    break
            if not count:
                return
            window = Window(start_s=self._start_s, samples=np.concatenate(held), last=ended)
            self._start_s = window.end_s
            yield window
            if ended:
                return


def tracks(samples: Samples) -> list[Samples]:
    """(n, channels) -> the mono tracks to read: two where each channel has its own speaker."""
    if samples.shape[1] == 2:
        left, right = samples[:, 0].astype(np.float64), samples[:, 1].astype(np.float64)
        energies = float(left @ left), float(right @ right)
        if min(energies) > BOTH_SPEAK * max(energies) > 0:
            likeness = abs(float(left @ right)) / (energies[0] * energies[1]) ** 0.5
            if likeness < SAME_SOUND:
                return [levelled(samples[:, 0]), levelled(samples[:, 1])]
    return [levelled(to_mono(samples))]


def levelled(samples: Samples) -> Samples:
    """Mono samples without offset; quiet ones made louder, for the voice detector's sake."""
    if not len(samples):
        return samples
    centred = samples - samples.mean(dtype=np.float64).astype(np.float32)
    # The 99.9th percentile: one click must not keep a whole recording quiet.
    peak = float(np.quantile(np.abs(centred[:: max(1, len(centred) // 200_000)]), 0.999))
    if 0 < peak < QUIET_PEAK:
        centred = centred * min(MOST_GAIN, QUIET_PEAK / peak)
    clipped: Samples = np.clip(centred, -1.0, 1.0).astype(np.float32)
    return clipped


def cut_at(spans: Sequence[Span], length_s: float) -> float:
    """Where to end a window that is not the last: in the last pause, else at its very end."""
    if not spans:
        return length_s
    if spans[-1][1] < length_s - PAD_S:
        return (spans[-1][1] + length_s) / 2
    for before, after in zip(spans[-2::-1], spans[:0:-1], strict=False):
        if before[1] > length_s / 2:
            return (before[1] + after[0]) / 2
    return length_s


def plan(spans: Sequence[Span], length_s: float, piece_s: float) -> list[Span]:
    """Group voiced spans into padded pieces of at most `piece_s`, cut in the longest pauses.

    `length_s` is the end of the sound. Nothing voiced is left out, nothing comes twice.
    """
    todo = [part for span in spans for part in _split(span, piece_s - 2 * PAD_S)]
    pieces: list[Span] = []
    at = 0
    while at < len(todo):
        end = _last_of(todo, at, piece_s - 2 * PAD_S)
        floor = (todo[at - 1][1] + todo[at][0]) / 2 if at else 0.0
        ceiling = (todo[end][1] + todo[end + 1][0]) / 2 if end + 1 < len(todo) else length_s
        pieces.append((max(floor, todo[at][0] - PAD_S), min(ceiling, todo[end][1] + PAD_S)))
        at = end + 1
    return pieces


def _split(span: Span, piece_s: float) -> list[Span]:
    """A span longer than a piece, in equal parts."""
    count = int(-(-(span[1] - span[0]) // piece_s))
    if count <= 1:
        return [span]
    step = (span[1] - span[0]) / count
    return [(span[0] + i * step, span[0] + (i + 1) * step) for i in range(count)]


def _last_of(spans: Sequence[Span], first: int, piece_s: float) -> int:
    """The index of the last span of the piece that starts with `first`."""
    start = spans[first][0]
    last = first
    while last + 1 < len(spans) and spans[last + 1][1] - start <= piece_s:
        pause = spans[last + 1][0] - spans[last][1]
        if pause >= BREAK_S and spans[last][1] - start >= BREAK_AFTER_S:
            return last
        last += 1
    if last + 1 == len(spans):
        return last
    # It is full: end it at the longest pause of its second half.
    candidates = [i for i in range(first, last + 1) if spans[i][1] - start >= piece_s / 2]
    return max(candidates or [last], key=lambda i: spans[i + 1][0] - spans[i][1])
