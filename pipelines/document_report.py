"""DocumentResult -> one JSON-ready dict, or lines for a terminal."""

from __future__ import annotations

from typing import Any

from pipelines.document import DocumentResult
from pipelines.drafting.question import Answer
from pipelines.report import as_json, as_text, where_json


def document_json(result: DocumentResult, ui_language: str) -> dict[str, Any]:
    """The shape of every pipeline's result, the files, and `answer` where something was asked."""
    names = {media.sha256: media.name for media in result.papers.media}
    shown = as_json(result.case, ui_language)
    shown["files"] = [
        {
            "name": media.name,
            "sha256": media.sha256,
            "media_type": media.media_type,
            "pages": len(pages.pages),
        }
        for media, pages in zip(result.papers.media, result.papers.pages, strict=True)
    ]
    if result.answer is not None:
        shown["answer"] = answer_json(result.answer, names)
    return shown


def document_text(result: DocumentResult, ui_language: str) -> str:
    """What a person reads in a terminal: the answer first."""
    lines: list[str] = []
    if result.answer is not None:
        names = {media.sha256: media.name for media in result.papers.media}
        lines += [f"? {result.answer.question}", f"= {result.answer.text}"]
        for cited in result.answer.citations:
            page_no = where_json(cited.where).get("page", "")
            lines.append(f"  [{cited.evidence}] {names[cited.source]} p.{page_no}: {cited.quote}")
        lines.append("")
    return "\n".join([*lines, as_text(result.case, ui_language)])


def answer_json(answer: Answer, names: dict[str, str]) -> dict[str, Any]:
    """The answer with its citations (file, page, box, quote); `names`: sha256 -> file."""
    return {
        "question": answer.question,
        "text": answer.text,
        "answered": answer.answered,
        "language": answer.language,
        "citations": [
            {
                "evidence": cited.evidence,
                "source": cited.source,
                "file": names.get(cited.source, ""),
                **where_json(cited.where),
                "quote": cited.quote,
                "origin": cited.origin,
            }
            for cited in answer.citations
        ],
        "elapsed_s": round(answer.elapsed_s, 3),
    }
