"""BundleResult -> one JSON-ready dict, or lines for a terminal."""

from __future__ import annotations

from typing import Any

from pipelines.bundle import BundleResult
from pipelines.document_report import answer_json
from pipelines.report import as_json, as_text


def bundle_json(result: BundleResult, ui_language: str) -> dict[str, Any]:
    """The shape of every pipeline's result with kind "case"; `files` says whose evidence is whose.

    `answer` is there where something was asked.
    """
    bundle = result.bundle
    shown = {**as_json(result.case, ui_language), "kind": "case"}
    shown["files"] = [
        {
            "name": part.media.name,
            "sha256": part.media.sha256,
            "kind": part.media.kind,
            "media_type": part.media.media_type,
            "first_evidence": first,
            "evidence": len(part.evidence),
        }
        for part, first in zip(bundle.parts, bundle.firsts, strict=True)
    ]
    if result.answer is not None:
        names = {part.media.sha256: part.media.name for part in bundle.parts}
        shown["answer"] = answer_json(result.answer, names)
    return shown


def bundle_text(result: BundleResult, ui_language: str) -> str:
    """What a person reads in a terminal: the answer first, then the files, then the case."""
    bundle = result.bundle
    lines: list[str] = []
    if result.answer is not None:
        names = {part.media.sha256: part.media.name for part in bundle.parts}
        lines += [f"? {result.answer.question}", f"= {result.answer.text}"]
        lines += [
            f"  [{cited.evidence}] {names[cited.source]}: {cited.quote}"
            for cited in result.answer.citations
        ]
        lines.append("")
    for part, first in zip(bundle.parts, bundle.firsts, strict=True):
        lines.append(f"[{first}-{first + len(part.evidence) - 1}] {part.media.name}")
    return "\n".join([*lines, "", as_text(result.case, ui_language)])
