"""One case, drafted three ways: from what readers found, from what the model saw, from both.

The files are read once, so the three drafts differ by what they rest on and by nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.bundle import BundlePipeline
from pipelines.bundle_reader import Bundle
from pipelines.report import note_json
from pipelines.types import Cancel, CaseResult, Language, Media, MediaFile, Note
from pipelines.wording import say, tell

WAYS: tuple[Media, ...] = ("cascade", "native", "both")
FIELDS = ("category", "department", "title", "place", "urgency", "summary", "request")


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaComparison:
    """The same evidence, drafted each way."""

    bundle: Bundle
    cases: dict[Media, CaseResult]
    looked_s: float
    """Of `bundle.read_s`: what the model took to look at pictures."""
    looked_tokens: int
    notes: tuple[Note, ...]
    """How the looking went, of every file."""

    def value(self, way: Media, name: str) -> str:
        """A field of one draft."""
        return str(getattr(self.cases[way].draft, name) or "")

    @property
    def differs(self) -> tuple[str, ...]:
        """Fields in which the drafts are not all the same."""
        return tuple(n for n in FIELDS if len({self.value(way, n) for way in self.cases}) > 1)

    def tokens(self, way: Media) -> int:
        """Of the draft alone, prompts and answers."""
        return sum(r.prompt_tokens + r.output_tokens for r in self.cases[way].replies)

    def views(self, way: Media) -> int:
        """Claims of the draft that cite what the model saw."""
        case = self.cases[way]
        return sum(
            any(case.evidence[index].origin != "reader" for index in citation.evidence)
            for citation in case.draft.citations
        )


def compare_media(
    pipeline: BundlePipeline,
    media: Sequence[MediaFile],
    folder: Path,
    language: Language | None = None,
    cancel: Cancel | None = None,
) -> MediaComparison:
    """Read the files once, draft three times. `folder` takes kept frames.

    Raises MediaRejected where no file can be read, and Cancelled.
    """
    drafter = pipeline.drafter
    bundle = pipeline.reader.read(media, folder, language=language, cancel=cancel)
    cases = {}
    for way in WAYS:
        one_way = replace(pipeline, drafter=replace(drafter, media=way))
        cases[way] = one_way.draft(bundle, cancel=cancel)
    notes = [n for part in bundle.parts for n in part.notes if n.code.startswith("view.")]
    looks = [note.facts for note in notes if note.code in ("view.pictures", "view.frames")]
    return MediaComparison(
        bundle=bundle,
        cases=cases,
        looked_s=sum(float(facts["seconds"]) for facts in looks),
        looked_tokens=sum(int(facts["tokens"]) for facts in looks),
        notes=tuple(notes),
    )


def comparison_json(compared: MediaComparison, ui_language: str) -> dict[str, Any]:
    """One JSON-ready dict."""
    some = compared.cases["both"]
    return {
        "model": some.model,
        "files": [part.media.name for part in compared.bundle.parts],
        "read_s": round(compared.bundle.read_s, 3),
        "looked_s": round(compared.looked_s, 3),
        "looked_tokens": compared.looked_tokens,
        "notes": [note_json(note, ui_language) for note in compared.notes],
        "differs": list(compared.differs),
        "drafts": {
            way: {
                **{name: compared.value(way, name) for name in FIELDS},
                "drafted_by": case.draft.drafted_by,
                "draft_s": round(case.timing.draft_s, 3),
                "tokens": compared.tokens(way),
                "claims_on_views": compared.views(way),
            }
            for way, case in compared.cases.items()
        },
    }


def comparison_text(compared: MediaComparison, ui_language: str) -> str:
    """What a person reads in a terminal: field by field, then what it took."""

    def words(key: str, **facts: str | int | float) -> str:
        return say(f"compare_media.{key}", ui_language, facts)

    lines = []
    for name in FIELDS:
        lines.append(say(f"field.{name}", ui_language))
        first = compared.value(WAYS[0], name)
        for way in WAYS:
            value = compared.value(way, name)
            shown = words("same") if way != WAYS[0] and value == first else value or "-"
            lines.append(f"  {words(way)}: {shown}")
    lines.append("")
    for way, case in compared.cases.items():
        cost = words(
            "cost",
            seconds=round(case.timing.draft_s, 1),
            tokens=compared.tokens(way),
            views=compared.views(way),
        )
        lines.append(f"{words(way)}: {cost}")
    lines.append(
        words(
            "read",
            seconds=round(compared.bundle.read_s, 1),
            looked=round(compared.looked_s, 1),
            tokens=compared.looked_tokens,
        )
    )
    lines += [f"- {tell(note, ui_language)}" for note in compared.notes]
    fields = ", ".join(say(f"field.{name}", ui_language) for name in compared.differs)
    lines.append(words("differs", fields=fields) if fields else words("alike"))
    return "\n".join(lines)
