"""Half a JSON object -> what can be read of it already: an answer is shown while it grows."""

from __future__ import annotations

import itertools
import json
import re

_CLOSER = {"{": "}", "[": "]"}
_HALF_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")


def partial_fields(raw: str) -> dict[str, str]:
    """The fields written so far, in their order; the last one may be unfinished.

    A model that is asked again for some fields writes another object behind the first: what it
    says there counts. Anything that is no text, number or list of them is left out. Never raises.
    """
    fields: dict[str, str] = {}
    for text in _objects(raw):
        fields |= _fields_of(text)
    return fields


def _fields_of(text: str) -> dict[str, str]:
    for candidate in _completions(text):
        try:
            found = json.loads(candidate)
        except ValueError:
            continue
        if isinstance(found, dict):
            shown = {str(name): _shown(value) for name, value in found.items()}
            return {name: value for name, value in shown.items() if value}
    return {}


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        return ", ".join(part for part in map(_shown, value) if part)
    return ""


def _objects(raw: str) -> list[str]:
    """The pieces from each brace that opens an object on the outermost level to the next."""
    starts: list[int] = []
    depth, inside, escaped = 0, False, False
    for at, symbol in enumerate(raw):
        if inside:
            inside = escaped or symbol != '"'
            escaped = symbol == "\\" and not escaped
        elif symbol == '"':
            inside = depth > 0
        elif symbol in "{[":
            if depth == 0:
                starts.append(at)
            depth += 1
        elif symbol in "}]":
            depth = max(0, depth - 1)
    return [raw[start:end] for start, end in itertools.pairwise([*starts, len(raw)])]


def _completions(text: str) -> tuple[str, ...]:
    """The text closed as it stands, and closed behind its last whole member."""
    stack: list[str] = []
    inside = escaped = False
    last_whole: tuple[int, tuple[str, ...]] | None = None
    for at, symbol in enumerate(text):
        if inside:
            inside = escaped or symbol != '"'
            escaped = symbol == "\\" and not escaped
        elif symbol == '"':
            inside = True
        elif symbol in _CLOSER:
            stack.append(_CLOSER[symbol])
        elif symbol in "}]" and stack:
            stack.pop()
            if not stack:
                return (text[: at + 1],)
        elif symbol == ",":
            last_whole = (at, tuple(stack))
    end = "".join(reversed(stack))
    as_it_stands = (_HALF_ESCAPE.sub("", text) if escaped or inside else text) + (
        '"' if inside else ""
    )
    made = [as_it_stands.rstrip().rstrip(",") + end]
    if last_whole is not None:
        made.append(text[: last_whole[0]] + "".join(reversed(last_whole[1])))
    return tuple(made)
