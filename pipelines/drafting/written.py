"""Papers: the model points at the lines that are title, summary and request; it writes nothing.

A paper's sentences are whole and correct as they stand, unlike what somebody says into a phone. So
they are taken as they are: nothing can be invented, and an answer takes a second instead of five.
"""

from __future__ import annotations

import functools
import json
import re
import tomllib
from collections.abc import Sequence

from pipelines.drafting.ask import (
    LONGEST,
    PROMPTS,
    Chosen,
    asks_for,
    case_prompt,
    object_schema,
    parse,
    readable,
)
from pipelines.drafting.own_words import shortened
from pipelines.places import Areas
from pipelines.types import Ask, Evidence
from pipelines.writing import sentences

BUDGET_LETTERS = 320
"""Of evidence in one prompt, about 300 tokens: a letter of any length is drafted in seconds."""
LONGEST_LINE = 90
MAX_NEW_TOKENS = 80
OPENING_PIECES = 6
"""A paper says at its head what it is about."""
_SUBJECT = re.compile(
    r"^\s*[\W\d]{0,4}(?:제\s*목|민원\s*제목|건\s*명|안\s*건|subject|re|件\s*名|主\s*题|事\s*由|asunto)\s*[:：]\s*(?P<subject>.{2,})",
    re.IGNORECASE,
)
_ROUTINE = re.compile(
    r"^\s*(?:수\s*신|발\s*신|참\s*조|경\s*유|시행|접수|우\s?\d{5}|주\s*소|전\s*화|팩\s*스|연락처|귀하|붙\s*임|끝\.?$|\d{1,3}\s?/\s?\d|-\s?\d+\s?-)"
    r"|^\s*(?:안녕하|수고|감사|귀 기관|귀 군|귀 시|귀 구|건승|yours|dear|sincerely|拝啓|敬具|此致)",
    re.IGNORECASE,
)
_TROUBLE = re.compile(
    r"(불편|위험|고장|파손|피해|누수|소음|악취|민원|문제|사고|침수|훼손|방치|어렵|못하|없어|않아|때문"
    r"|broken|danger|damage|noise|problem|complain|unable|困|壊|危|騒音|坏|噪音|problema|peligro|roto)",
    re.IGNORECASE,
)


class Written:
    """See draft.Form."""

    def choose(self, evidence: Sequence[Evidence], areas: Areas) -> Chosen:
        """The head of the paper, what it asks for, what it complains about; within the budget."""
        told, withheld = readable([sentences(piece.text) for piece in evidence])
        plain = {
            index: shortened(text, LONGEST_LINE)
            for index, text in told.items()
            if re.search(r"\w", text)
        }
        opening = set(list(plain)[:OPENING_PIECES])
        ranked = sorted(plain, key=lambda i: (-_weight(plain[i], areas, i in opening), i))
        room, indices = BUDGET_LETTERS, []
        for index in ranked:
            if len(plain[index]) <= room:
                indices.append(index)
                room -= len(plain[index])
        indices.sort()
        return Chosen(
            indices=tuple(indices),
            texts=tuple(plain[index] for index in indices),
            withheld=withheld,
            left_out=0,  # most of a paper is routine: leaving it out is no news
        )

    def first(self, chosen: Chosen, places: Sequence[str], *, deadline_s: float) -> Ask:
        """The ask; lines are numbered from 0."""
        return Ask(
            system=_system(),
            turns=_examples(),
            user=case_prompt(enumerate(chosen.texts), places),
            schema=_schema(len(chosen.texts), places),
            max_new_tokens=MAX_NEW_TOKENS,
            deadline_s=deadline_s,
        )

    def fields(self, text: str, chosen: Chosen) -> dict[str, object]:
        """The lines that were pointed at, as they stand. Raises ValueError."""
        tree = parse(text)
        try:
            title = _subject(chosen.texts) or chosen.texts[_number(tree["title"])]
            told = [chosen.texts[_number(n)] for n in dict.fromkeys(tree["summary"])]  # type: ignore[call-overload]
            wish = _number(tree["request"])
            request = chosen.texts[wish] if wish >= 0 else ""
        except (KeyError, TypeError, IndexError) as exc:
            raise ValueError("not the lines that were asked for") from exc
        if request and not asks_for(request):
            request = next((line for line in reversed(chosen.texts) if asks_for(line)), "")
        return {
            "place": tree.get("place"),
            "urgency": tree.get("urgency"),
            "title": shortened(_bare(title), LONGEST["title"]),
            "summary": shortened(" ".join(map(_bare, told)), LONGEST["summary"]),
            "request": shortened(_bare(request), LONGEST["request"]),
        }


def shortlist(texts: Sequence[str], most: int) -> list[int]:
    """Of a paper of any length, the indices of what a draft may rest on, in order. Cheap."""
    ranked = sorted(
        range(len(texts)), key=lambda i: (-_words_weigh(texts[i], i < 2 * OPENING_PIECES), i)
    )
    return sorted(ranked[:most])


def _weight(text: str, areas: Areas, opening: bool) -> int:
    return _words_weigh(text, opening) + 2 * bool(areas.place_spans(text))


def _words_weigh(text: str, opening: bool) -> int:
    if _SUBJECT.match(text):
        return 20
    weight = 4 * opening + 5 * asks_for(text) + 3 * bool(_TROUBLE.search(text))
    weight += bool(re.search(r"\d", text))
    return weight - 9 * bool(_ROUTINE.search(text)) - 4 * (len(text) < 6)


def _subject(texts: Sequence[str]) -> str:
    """What stands behind "제목:", where the paper has such a line."""
    for text in texts:
        match = _SUBJECT.match(text)
        if match:
            return match["subject"].strip()
    return ""


def _bare(text: str) -> str:
    """Without the bullet or number in front."""
    return re.sub(r"^\s*(?:[-–•·○●□■◇◆※*▶]|\(?\d{1,2}[.)]|[가-하][.)]|[①-⑳])\s+", "", text).strip()


def _number(value: object) -> int:
    if not isinstance(value, int) or value < -1:
        raise TypeError
    return value


def _schema(lines: int, places: Sequence[str]) -> dict[str, object]:
    numbers = list(range(max(lines, 1)))
    summary = {"type": "array", "items": {"enum": numbers}, "minItems": 1, "maxItems": 2}
    properties = {
        "place": {"enum": [*places, ""]},
        "urgency": {"enum": ["low", "normal", "high", "emergency"]},
        "title": {"enum": numbers},
        "summary": summary,
        "request": {"enum": [-1, *numbers]},
    }
    return object_schema(properties)


@functools.cache
def _system() -> str:
    return (PROMPTS / "written.txt").read_text(encoding="utf-8").strip()


@functools.cache
def _examples() -> tuple[tuple[str, str], ...]:
    rows = tomllib.loads((PROMPTS / "written.toml").read_text(encoding="utf-8"))["example"]
    return tuple(
        (
            case_prompt(enumerate(row["evidence"]), row["places"]),
            json.dumps(row["answer"], ensure_ascii=False),
        )
        for row in rows
    )
