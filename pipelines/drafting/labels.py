"""Labels of a form: recognised in cells and lines, however they are spaced and decorated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.writing import squeezed

IN_CELLS, BY_COLON, BESIDE, BELOW, BY_BLANK = 1.0, 0.95, 0.85, 0.75, 0.7
LONGEST_NAME = 4
ALIKE = 84.0
"""Of 100: how alike a label that was read off a scan must be to a known one."""
_SENTENCE = re.compile(
    r"(?:다|요|오|음|함)\s?[.!]|(?:시오|세요|니다)\s*$|^\S{1,6}(?:은|는|을|를|와|과|및)\s"
)
_ROOM = re.compile(r"\s{2,}|\t")
AROUND = " \t:：·.*※○●◦□■▪-–()()[]〔〕【】|"
_BEHIND = " ,;/|·(\uff08"
_BEFORE = r"(?:^|(?<=[\s(([〔【|○●◦□■▪·※*]))(?:\d{1,2}[.)]\s?)?"
_PAREN = r"\s?(?:[((][^))]{0,14}[))])?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One way to print the label of a field."""

    field: str
    text: str


class Labels:
    """All labels of a plan, ready to be recognised in cells and lines."""

    def __init__(self, labels: Iterable[Label], others: Sequence[str]) -> None:
        known = sorted(labels, key=lambda label: -len(squeezed(label.text)))
        self._exact: dict[str, str] = {}
        for label in known:
            self._exact.setdefault(_plain(label.text), label.field)
        self._others = tuple(squeezed(other) for other in others)
        spelled = "|".join(dict.fromkeys(_spelled(label.text) for label in known))
        named = rf"{_BEFORE}(?P<label>{spelled}){_PAREN}"
        self._with_colon = re.compile(rf"{named}\s*[:：;>]\s*", re.IGNORECASE)
        self._with_blank = re.compile(rf"{named}(?:\s{{2,}}|\t|\s(?=\S))", re.IGNORECASE)

    def field_of(self, text: str) -> str | None:
        """The field whose label a whole cell or line is; None for anything else."""
        plain = _plain(text)
        if not plain or len(plain) > 24:
            return None
        return self._exact.get(plain) or self._nearly(plain)

    def is_label(self, text: str) -> bool:
        """A label of some field, or of somebody."""
        return self.field_of(text) is not None or squeezed(text) in self._others

    def names_other(self, text: str) -> bool:
        """Whatever stands under this belongs to somebody else."""
        packed = squeezed(text)
        return len(packed) <= 40 and any(other in packed for other in self._others)

    def inline(self, text: str) -> list[tuple[str, int, int, float]]:
        """(field, start, end, sureness) of the values that stand behind their labels in a line."""
        marks = [(m, BY_COLON) for m in self._with_colon.finditer(text)]
        if not marks:
            marks = self._led_by_label(text)
        found = []
        for number, (match, sureness) in enumerate(marks):
            limit = marks[number + 1][0].start() if number + 1 < len(marks) else len(text)
            gap = re.search(r"\s{4,}|\t", text[match.end() : limit])
            end = match.end() + gap.start() if gap else limit
            value = text[match.end() : end].rstrip(_BEHIND)
            field = self._exact.get(_plain(match["label"]))
            # "주소 변경은 따로 신고합니다." is told; "권은 솔" is a name as a scan shows it.
            told = (
                sureness == BY_BLANK
                and len(squeezed(value)) > LONGEST_NAME
                and _SENTENCE.search(value)
            )
            if field and value.strip() and not told and not self.is_label(value):
                found.append((field, match.end(), match.end() + len(value), sureness))
        return found

    def row_of_labels(self, text: str) -> list[str | None]:
        """The fields of a line that holds nothing but labels with room between; else []."""
        parts = _ROOM.split(text.strip())
        fields = [self.field_of(part) for part in parts]
        return fields if len(parts) > 1 and all(self.is_label(part) for part in parts) else []

    def _led_by_label(self, text: str) -> list[tuple[re.Match[str], float]]:
        """Without colons only a line that begins with a label is taken for label and value."""
        first = self._with_blank.match(text.lstrip(AROUND))
        if first is None or len(text) > 90:
            return []
        shift = len(text) - len(text.lstrip(AROUND))
        starts = self._with_blank.finditer(text, shift)
        return [(match, BY_BLANK) for match in starts]

    def _nearly(self, plain: str) -> str | None:
        if len(plain) < 4:
            return None
        from rapidfuzz import fuzz, process

        best = process.extractOne(plain, self._exact.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        return self._exact[best[0]] if best and abs(len(best[0]) - len(plain)) <= 1 else None


def _plain(text: str) -> str:
    """A label without what decorates it: numbers, stars, colons, remarks in brackets."""
    bare = re.sub(r"[((][^))]*[))]\s*[:：]?\s*$", "", text.strip())
    bare = re.sub(r"^\s*(?:\d{1,2}[.)]|[①-⑳]|[(>0oㅇ]{1,2}\d?\s)\s*", "", bare or text)
    return squeezed(bare).strip(squeezed(AROUND))


def _spelled(text: str) -> str:
    """A pattern for a label with or without blanks between its letters (성 명)."""
    if re.search("[가-힣\u4e00-\u9fff]", text):
        return r"[\s　]{0,6}".join(re.escape(sign) for sign in text if not sign.isspace())
    return r"\s+".join(re.escape(word) for word in text.split())
