"""The speaker's own sentences in place of what a model could not say truly."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.drafting.ask import LONGEST, asks_for, sentences


def field_of(field: str, texts: Sequence[str]) -> str:
    """Title, summary or request from the speaker's own sentences; nothing is reworded.

    The request is "" where the speaker asks for nothing.
    """
    told = [sentence for text in texts for sentence in sentences(text)]
    if not told:
        return ""
    wishes = [sentence for sentence in told if asks_for(sentence)]
    match field:
        case "title":
            reports = [sentence for sentence in told if sentence not in wishes] or told
            return shortened(max(reports[:2], key=len), LONGEST["title"]).rstrip(" .。")
        case "summary":
            return shortened(" ".join(told), LONGEST["summary"])
        case _:
            return shortened(wishes[-1], LONGEST["request"]) if wishes else ""


def shortened(text: str, longest: int) -> str:
    """At most `longest` letters, cut between words where there are any."""
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(" ,") + "…"
