"""The scoreboard as a picture: a dot a model and task on its interval, and what a sample takes.

Written as SVG by hand: two kinds of marks need no plotting library.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from pipelines.evaluation.scores.board import Score

COLOURS = ("#1f5fbf", "#d1622b", "#2f8f5b", "#8a4fbf", "#b08a1e", "#4a5568")
LEFT, RIGHT, TOP = 150, 40, 96
PANEL, GAP = 470, 190
LANE, ROW = 18, 26
WIDTH = LEFT + PANEL + GAP + PANEL // 2 + RIGHT
FONT = "system-ui, 'Noto Sans CJK KR', 'Nanum Gothic', sans-serif"


def draw(scores: Sequence[Score], title: str) -> str:
    """The picture. Raises ValueError without a score."""
    if not scores:
        raise ValueError("nothing to draw")
    models = list(dict.fromkeys(score.model for score in scores))
    groups = list(dict.fromkeys(score.group for score in scores))
    lane = LANE * len(models) + ROW
    height = TOP + lane * len(groups) + 50
    bottom = TOP + lane * len(groups)
    longest = _nice(max(score.seconds for score in scores))
    second = LEFT + PANEL + GAP
    tops = {group: TOP + lane * number for number, group in enumerate(groups)}
    parts = [
        *(_lane(group, tops[group], lane, shaded=n % 2 == 0) for n, group in enumerate(groups)),
        _legend(models, title),
        _axis(LEFT, PANEL, bottom, 100, "right, % (line: 95 %)"),
        _axis(second, PANEL // 2, bottom, longest, "seconds a sample (median)"),
    ]
    for score in scores:
        number = models.index(score.model)
        place = tops[score.group] + ROW / 2 + LANE * (number + 0.5)
        colour = COLOURS[number % len(COLOURS)]
        parts += [
            _accuracy(score, place, colour),
            _seconds(score, place, colour, second, longest),
        ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" font-family="{escape(FONT)}" font-size="13">'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


def _legend(models: Sequence[str], title: str) -> str:
    made = [f'<text x="24" y="34" font-size="18" font-weight="600">{escape(title)}</text>']
    left = 24.0
    for number, model in enumerate(models):
        colour = COLOURS[number % len(COLOURS)]
        made.append(f'<circle cx="{left + 6}" cy="60" r="6" fill="{colour}"/>')
        made.append(f'<text x="{left + 18}" y="65">{escape(model)}</text>')
        left += 44 + 8.0 * len(model)
    return "".join(made)


def _axis(left: float, width: float, bottom: float, most: float, label: str) -> str:
    made = []
    for step in range(5):
        x = left + width * step / 4
        made.append(
            f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{bottom}" stroke="#c9d1dc"/>'
            f'<text x="{x}" y="{bottom + 18}" text-anchor="middle" fill="#4a5568">'
            f"{most * step / 4:g}</text>"
        )
    middle = left + width / 2
    made.append(f'<text x="{middle}" y="{bottom + 40}" text-anchor="middle">{escape(label)}</text>')
    return "".join(made)


def _lane(group: str, top: float, height: float, *, shaded: bool) -> str:
    fill = "#f3f6fa" if shaded else "#ffffff"
    return (
        f'<g><rect x="12" y="{top}" width="{WIDTH - 24}" height="{height}"'
        f' fill="{fill}"/><text x="24" y="{top + height / 2 + 5}" font-weight="600">'
        f"{escape(group)}</text></g>"
    )


def _accuracy(score: Score, place: float, colour: str) -> str:
    low, value, high = (
        LEFT + PANEL * share
        for share in (score.accuracy.low, score.accuracy.value, score.accuracy.high)
    )
    told = f"{100 * score.accuracy.value:.0f} %, n {score.accuracy.n}"
    return (
        f'<line x1="{low:.1f}" y1="{place}" x2="{high:.1f}" y2="{place}" stroke="{colour}"'
        f' stroke-width="3" stroke-linecap="round" opacity="0.45"/>'
        f'<circle cx="{value:.1f}" cy="{place}" r="6" fill="{colour}"/>'
        f'<text x="{LEFT + PANEL + 16}" y="{place + 4.5}" fill="{colour}">{told}</text>'
    )


def _seconds(score: Score, place: float, colour: str, left: float, most: float) -> str:
    wide = PANEL / 2 * min(score.seconds / most, 1.0)
    return (
        f'<rect x="{left}" y="{place - 6}" width="{wide:.1f}" height="12" rx="3"'
        f' fill="{colour}"/><text x="{left + wide + 6:.1f}" y="{place + 4.5}" font-size="12"'
        f' fill="#2d3748">{score.seconds:.1f}</text>'
    )


def _nice(most: float) -> float:
    """The end of an axis: four steps of 1, 2, 5, 10, ... hold `most`."""
    if most <= 0:
        return 4.0
    size = 10 ** math.floor(math.log10(most / 4))
    step = next(size * unit for unit in (1, 2, 5, 10) if 4 * size * unit >= most)
    return float(4 * step)
