"""Evidence -> the ask: a fixed front part that stays cached, the case last, fenced as data."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipelines.drafting.orders import commanding
from pipelines.places import Areas
from pipelines.settings import ASSETS
from pipelines.types import Ask, Evidence
from pipelines.writing import fenced

PROMPTS = ASSETS / "prompts"
FIELDS = ("place", "urgency", "title", "summary", "request")
LONGEST = {"title": 40, "summary": 220, "request": 160}
"""Letters a field; the title's and the summary's bounds lie below CaseDraft's."""
MAX_NEW_TOKENS = 320
MAX_PLACES = 8
BUDGET_LETTERS = 2600
"""Of evidence in one prompt: about 1,700 tokens of Korean."""
OPENING_PIECES = 3
"""People say first what it is about: these pieces always stay."""

INVALID = "That was not valid. Answer again with one short JSON object."

_ASKING = re.compile(
    r"(주세요|주십시오|바랍니다|부탁|싶습니다|싶어요|해 ?달라|주셨으면|주시면|"
    r"please|could you|can you|ください|お願い|ほしい|请|希望|"
    r"por favor|quiero|pido|pueden|podrían)",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.!?])\s+|(?<=[。!?])|\n+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the model reads of the evidence."""

    indices: tuple[int, ...]
    texts: tuple[str, ...]
    """The text of each, without the sentences that give orders to a model."""
    withheld: int
    """Sentences that give orders to a model."""
    left_out: int
    """Pieces for which there was no room."""

    @property
    def text(self) -> str:
        """All of it as one."""
        return " ".join(self.texts)


def choose(evidence: Sequence[Evidence], areas: Areas) -> Chosen:
    """Pick what fits the budget: the opening, then what names places, numbers or wishes."""
    plain, withheld = readable([sentences(piece.text) for piece in evidence])
    indices = list(plain)
    if sum(map(len, plain.values())) > BUDGET_LETTERS:
        opening = set(indices[:OPENING_PIECES])
        ranked = sorted(plain, key=lambda i: (-_weight(i in opening, plain[i], areas), i))
        room, indices = BUDGET_LETTERS, []
        for index in ranked:
            if not indices and len(plain[index]) > room:
                plain[index] = plain[index][:room]  # one endless piece: its beginning
            if len(plain[index]) <= room:
                indices.append(index)
                room -= len(plain[index])
        indices.sort()
    return Chosen(
        indices=tuple(indices),
        texts=tuple(plain[index] for index in indices),
        withheld=withheld,
        left_out=len(plain) - len(indices),
    )


def readable(pieces: Sequence[Sequence[str]]) -> tuple[dict[int, str], int]:
    """The sentences of each piece -> piece -> what the model may read of it; and how many it may
    not, because they give orders to it. Pieces of which nothing is left are left out.

    A piece of which half or more are orders goes whole: its other sentences lead up to them.
    """
    told = [(index, sentence) for index, piece in enumerate(pieces) for sentence in piece]
    held_back = commanding([sentence for _, sentence in told])
    orders = Counter(index for (index, _), held in zip(told, held_back, strict=True) if held)
    kept: dict[int, list[str]] = {}
    for (index, sentence), held in zip(told, held_back, strict=True):
        if not held and 2 * orders[index] < len(pieces[index]):
            kept.setdefault(index, []).append(sentence)
    left = sum(map(len, kept.values()))
    return {index: " ".join(texts) for index, texts in kept.items()}, len(told) - left


def sentences(text: str) -> list[str]:
    """A text's sentences as its speaker said them; one without stops is one sentence."""
    return [part.strip() for part in _SENTENCES.split(text) if part.strip()]


def _weight(opening: bool, text: str, areas: Areas) -> int:
    place = 2 if areas.place_spans(text) else 0
    number = 1 if re.search(r"\d", text) else 0
    return 8 * opening + place + number + (3 if _ASKING.search(text) else 0)


def asks_for(text: str) -> bool:
    """True where a sentence asks the office for something."""
    return bool(_ASKING.search(text))


def places_in(chosen: Chosen, areas: Areas) -> tuple[str, ...]:
    """The places that the model may choose from, each a stretch of the evidence.

    One without a name ("병원", "시청") is not offered: an official would not find it, and an empty
    field asks the citizen for more.
    """
    found: dict[str, None] = {}
    for text in chosen.texts:
        for _, _, place in areas.place_spans(text):
            if not areas.is_bare(place.strip()):
                found.setdefault(place.strip())
    return tuple(found)[:MAX_PLACES]


def make_ask(chosen: Chosen, places: Sequence[str], *, deadline_s: float) -> Ask:
    """The whole ask; `system` and the worked examples are byte-identical from call to call."""
    return Ask(
        system=_system(),
        turns=_examples(),
        # Counted anew: a number that is left out would tell of what was kept back.
        user=case_prompt(enumerate(chosen.texts), places),
        schema=_schema(places, FIELDS),
        max_new_tokens=MAX_NEW_TOKENS,
        deadline_s=deadline_s,
    )


class Spoken:
    """What somebody said: the model writes title, summary and request anew. See draft.Form."""

    def choose(self, evidence: Sequence[Evidence], areas: Areas) -> Chosen:
        """See `choose`."""
        return choose(evidence, areas)

    def first(self, chosen: Chosen, places: Sequence[str], *, deadline_s: float) -> Ask:
        """See `make_ask`."""
        return make_ask(chosen, places, deadline_s=deadline_s)

    def fields(self, text: str, chosen: Chosen) -> dict[str, object]:
        """See `parse`."""
        del chosen
        return parse(text)


def warm_ask(empty: Ask) -> Ask:
    """The fixed prefix of an ask with an answer of one token: fills the prefix cache."""
    return dataclasses.replace(empty, schema=None, max_new_tokens=1)


def parse(text: str) -> dict[str, object]:
    """The answer's fields. Raises ValueError where it is not one JSON object."""
    tree = json.loads(text)
    if not isinstance(tree, dict):
        raise ValueError("not an object")
    return tree


def complaint(wrong: Mapping[str, Sequence[str]]) -> str:
    """The repair turn: which words nobody said, field by field."""
    lines = "\n".join(
        f'- "{name}": {", ".join(fenced(word) for word in words)}' for name, words in wrong.items()
    )
    return (
        "These words are not in the evidence:\n"
        f"{lines}\n"
        "Write only these fields again, with words of the evidence alone."
    )


def again(ask: Ask, answer: str, repair: str, fields: Sequence[str]) -> Ask:
    """The same ask once more, for the fields that failed; the front part stays cached."""
    properties = ask.schema["properties"] if ask.schema else {}
    assert isinstance(properties, dict)  # noqa: S101 - made by _schema
    wanted = {name: properties[name] for name in fields}
    return Ask(
        system=ask.system,
        turns=(*ask.turns, (ask.user, answer)),
        user=repair,
        schema=object_schema(wanted),
        max_new_tokens=ask.max_new_tokens,
        deadline_s=ask.deadline_s,
    )


def case_prompt(texts: Iterable[tuple[int, str]], places: Sequence[str]) -> str:
    """The case, last in every prompt: numbered lines fenced as data, and the places to choose."""
    lines = "\n".join(f"[{i}] {fenced(text)}" for i, text in texts)
    named = json.dumps([*places, ""], ensure_ascii=False)
    return f"<evidence>\n{lines}\n</evidence>\nplaces: {named}"


def _schema(places: Sequence[str], fields: Sequence[str]) -> dict[str, object]:
    """Places can only be chosen, never written: the model can't invent one."""
    properties: dict[str, object] = {
        "place": {"enum": [*places, ""]},
        "urgency": {"enum": ["low", "normal", "high", "emergency"]},
        "title": {"type": "string", "minLength": 2, "maxLength": LONGEST["title"]},
        "summary": {"type": "string", "minLength": 2, "maxLength": LONGEST["summary"]},
        "request": {"type": "string", "minLength": 2, "maxLength": LONGEST["request"]},
    }
    return object_schema({name: properties[name] for name in fields})


def object_schema(properties: Mapping[str, object]) -> dict[str, object]:
    """The JSON schema of an object with just these properties, all of them required."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


@functools.cache
def _system() -> str:
    return (PROMPTS / "system.txt").read_text(encoding="utf-8").strip()


@functools.cache
def _examples() -> tuple[tuple[str, str], ...]:
    rows = tomllib.loads((PROMPTS / "examples.toml").read_text(encoding="utf-8"))["example"]
    return tuple(
        (
            case_prompt(enumerate(row["evidence"]), row["places"]),
            json.dumps({name: row["answer"][name] for name in FIELDS}, ensure_ascii=False),
        )
        for row in rows
    )
