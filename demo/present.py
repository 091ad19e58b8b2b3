"""Values -> words on the screen, in the reader's language. Every text of a person is escaped here.

Pure functions that return HTML; nothing else in demo/ writes markup.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.drafting.clock import KOREA
from pipelines.errors import Fact, MinwonError
from pipelines.types import Evidence, FrameSpot, Note, Origin, TimeSpan, Word
from pipelines.wording import say, say_day, tell

LIKELY = 0.45
CERTAIN = 0.75
GLANCE_S = 2.0
"""So long a clip is played at least to show what is seen in it."""


def esc(text: object) -> str:
    """Safe between tags and inside quoted attributes."""
    return html.escape(str(text), quote=True)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; where the page (`scope`) has its own for a key, those."""

    language: str
    scope: str = ""

    def plain(self, key: str, **facts: Fact) -> str:
        """The sentence as it is, for attributes that are escaped later."""
        own = f"{self.scope}.{key}"
        if self.scope:
            said = say(own, self.language, facts)
            if said != own:
                return said
        return say(key, self.language, facts)

    def __call__(self, key: str, **facts: Fact) -> str:
        """The sentence, escaped."""
        return esc(self.plain(key, **facts))

    def error(self, error: MinwonError | Note) -> str:
        """The sentence for an error of ours, not escaped."""
        return self.plain(f"error.{error.code}", **error.facts)

    def note(self, note: Note) -> str:
        """The sentence for a note, escaped."""
        return esc(tell(note, self.language))

    def confidence(self, value: float) -> str:
        """In words: people read "likely" better than 0.62."""
        level = "high" if value >= CERTAIN else "middle" if value >= LIKELY else "low"
        return self(f"draft.confidence_{level}")

    def day(self, day: dt.date) -> str:
        """A date as people who speak the language write it, escaped."""
        return esc(say_day(day, self.language))

    def time(self, moment: dt.datetime) -> str:
        """Date and time of day in Korea."""
        local = moment.astimezone(KOREA)
        return f"{self.day(local.date())} {local:%H:%M}"


def clock(seconds: float) -> str:
    """63.4 -> "1:03", 3700 -> "1:01:40"."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def view_mark(words: Words, origin: Origin) -> str:
    """Says that a piece is what the model saw itself; nothing for what readers found."""
    if origin == "reader":
        return ""
    return f' <small class="mw-view" title="{words("view.hint")}">{words("view.mark")}</small>'


def span_of(piece: Evidence) -> tuple[float, float]:
    """(start, end) in seconds of speech, or of what a clip shows; (0, 0) for what has no time."""
    where = piece.where
    if isinstance(where, TimeSpan):
        return where.start_s, where.end_s
    if isinstance(where, FrameSpot):
        return where.time_s, max(where.end_s or 0.0, where.time_s + GLANCE_S)
    return 0.0, 0.0


def play_button(
    words: Words,
    piece: Evidence,
    index: int,
    *,
    cited: str = "",
    source: str = "",
    name: str = "",
) -> str:
    """A button that plays this stretch; with `cited`, it names the claim that rests on it.

    `source` and `name` say of which file, where a case has several.
    """
    start_s, end_s = span_of(piece)
    start, end = clock(start_s), clock(end_s)
    if cited:
        label, shown = words("draft.cite", start=start, end=end, claim=cited), f"{start}–{end}"
        shown = f"{esc(name)} · {shown}" if name else shown
        shown += view_mark(words, piece.origin)
    else:
        label, shown = words("transcript.play", start=start), start
    kind = "mw-cite" if cited else "mw-time"
    of = f' data-source="{esc(source)}"' if source else ""
    return (
        f'<button type="button" class="{kind}" data-play="{start_s:.2f}" data-until="{end_s:.2f}"'
        f' data-seg="{index}"{of} aria-label="{label}" title="{label}">'
        f'<span aria-hidden="true">▶</span> {shown}</button>'
    )


def marked_text(words: Words, piece: Evidence, index: int, *, editable: bool) -> str:
    """The text of a piece with its doubtful words marked; everything else stays as it is."""
    made: list[str] = []
    at = 0
    for word in piece.words:
        token = word.text.strip()
        found = piece.text.find(token, at) if token else -1
        if found < 0:
            continue
        made.append(esc(piece.text[at:found]))
        made.append(_word(words, word, token, index, editable=editable))
        at = found + len(token)
    made.append(esc(piece.text[at:]))
    return "".join(made)


def _word(words: Words, word: Word, token: str, index: int, *, editable: bool) -> str:
    if not word.unsure and word.heard is None:
        return esc(token)
    heard = words("transcript.was_heard", heard=word.heard) if word.heard else ""
    kind = "mw-word is-unsure" if word.unsure else "mw-word is-fixed"
    title = f' title="{heard}"' if heard else ""
    if not editable:
        return f'<mark class="{kind}"{title}>{esc(token)}</mark>'
    label = words("transcript.word", word=token)
    return (
        f'<button type="button" class="{kind}" data-edit="{index}" data-word="{esc(token)}"'
        f' aria-label="{label}{" · " if heard else ""}{heard}"{title}>{esc(token)}</button>'
    )


def notes_list(words: Words, notes: Sequence[Note]) -> str:
    """What a person should know, one line each; nothing where there is nothing."""
    if not notes:
        return ""
    lines = "".join(f"<li>{words.note(note)}</li>" for note in notes)
    return f'<aside class="mw-notes"><h3>{words("draft.notes")}</h3><ul>{lines}</ul></aside>'
