"""What is said -> subtitles: SRT and WebVTT, in lines that people can read in time."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipelines.types import Evidence, TimeSpan, Word

LINE_LETTERS = {"ko": 20, "ja": 18, "zh": 18}
LATIN_LETTERS = 42
LINES = 2
LONGEST_S, SHORTEST_S = 6.0, 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One subtitle; `lines` at most two."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


def cues_of(evidence: Sequence[Evidence]) -> list[Cue]:
    """Sentences cut where a cue would be too long or too late, by the times of their words."""
    cues: list[Cue] = []
    for piece in sorted(evidence, key=_start):
        if isinstance(piece.where, TimeSpan) and piece.words:
            width = LINE_LETTERS.get(piece.language, LATIN_LETTERS)
            spaced = piece.language not in ("ja", "zh")
            cues += _cut(piece.words, width, " " if spaced else "")
    return list(_apart(cues))


def _start(piece: Evidence) -> float:
    return piece.where.start_s if isinstance(piece.where, TimeSpan) else 0.0


def _cut(words: Sequence[Word], width: int, space: str) -> Iterator[Cue]:
    held: list[Word] = []
    for word in words:
        if held and (
            len(_lines([*held, word], width, space)) > LINES
            or word.end_s - held[0].start_s > LONGEST_S
        ):
            yield _cue(held, width, space)
            held = []
        held.append(word)
    if held:
        yield _cue(held, width, space)


def _cue(words: Sequence[Word], width: int, space: str) -> Cue:
    end_s = max(words[-1].end_s, words[0].start_s + SHORTEST_S)
    return Cue(start_s=words[0].start_s, end_s=end_s, lines=tuple(_lines(words, width, space)))


def _lines(words: Sequence[Word], width: int, space: str) -> list[str]:
    lines: list[str] = []
    for word in words:
        text = word.text.strip()
        if lines and len(lines[-1]) + len(space) + len(text) <= width:
            lines[-1] += space + text
        else:
            lines.append(text)
    return lines


def joined(cue: Cue, language: str) -> str:
    """What a cue says, as one line."""
    return ("" if language in ("ja", "zh") else " ").join(cue.lines)


def wrapped(text: str, language: str) -> tuple[str, ...]:
    """A line in lines that fit the picture, about alike in length: two, if it isn't too long."""
    width = LINE_LETTERS.get(language, LATIN_LETTERS)
    count = max(1, -(-len(text) // width))
    if language in ("ja", "zh"):
        step = -(-len(text) // count)
        return tuple(text[at : at + step] for at in range(0, len(text), step))
    tries = (textwrap.wrap(text, wide) for wide in range(-(-len(text) // count), width))
    return tuple(next((t for t in tries if len(t) <= count), textwrap.wrap(text, width)))


def _apart(cues: Sequence[Cue]) -> Iterator[Cue]:
    """No cue reaches into the next."""
    for cue, following in itertools.zip_longest(cues, cues[1:]):
        end_s = cue.end_s if following is None else min(cue.end_s, following.start_s)
        yield Cue(start_s=cue.start_s, end_s=max(end_s, cue.start_s), lines=cue.lines)


def labelled(cues: Sequence[Cue], label: str) -> list[Cue]:
    """The same with `label` above the first: SubRip has no place for it but the picture."""
    return [
        replace(cue, lines=(label, *cue.lines)) if n == 0 else cue for n, cue in enumerate(cues)
    ]


def srt(cues: Sequence[Cue]) -> str:
    """SubRip: numbered from 1, times with a comma."""
    return "\n".join(
        f"{number}\n{_stamp(cue.start_s, ',')} --> {_stamp(cue.end_s, ',')}\n{_text(cue)}\n"
        for number, cue in enumerate(cues, start=1)
    )


def vtt(cues: Sequence[Cue]) -> str:
    """WebVTT. Signs that would be markup are written as entities."""
    blocks = [
        f"{_stamp(cue.start_s, '.')} --> {_stamp(cue.end_s, '.')}\n{_escaped(_text(cue))}\n"
        for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _text(cue: Cue) -> str:
    return "\n".join(" ".join(line.split()) for line in cue.lines).replace("-->", "→")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _stamp(time_s: float, mark: str) -> str:
    total = max(0, round(time_s * 1000))
    seconds, thousandths = divmod(total, 1000)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours:02d}:{minutes:02d}:{seconds % 60:02d}{mark}{thousandths:03d}"
