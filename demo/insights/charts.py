"""Plots as inline SVG, drawn by us: no outside script runs, and they follow the page's colours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from demo.present import esc

WIDTH, HEIGHT = 1000, 240
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 14, 30
STEPS = (1, 2, 5)


def bars(rows: Mapping[str, int], *, total: int) -> str:
    """Names and lengths, the longest first; a list, so that it reads well aloud too."""
    most = max(rows.values(), default=1)
    lines = "".join(
        f'<li><span class="mw-bar-name">{esc(name)}</span>'
        f'<span class="mw-bar-track"><i style="width:{100 * count / most:.1f}%"></i></span>'
        f"<b>{count:,}</b><small>{count / max(total, 1):.0%}</small></li>"
        for name, count in rows.items()
    )
    return f'<ol class="mw-bars">{lines}</ol>'


def area(points: Sequence[tuple[dt.date, float]], *, label: str, percent: bool = False) -> str:
    """A line over time with the room under it filled; `label` says what it shows."""
    if not points:
        return ""
    ceiling = _ceiling(max(value for _, value in points), percent=percent)
    first = points[0][0].toordinal()
    span = max(points[-1][0].toordinal() - first, 1)
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(day: dt.date, value: float) -> tuple[float, float]:
        x = LEFT + wide * (day.toordinal() - first) / span
        return x, TOP + high * (1 - value / ceiling)

    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in points))
    floor = TOP + high
    end = at(*points[-1])[0]
    grid = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{floor - high * part:.1f}"'
        f' y2="{floor - high * part:.1f}"/>'
        f'<text x="{LEFT - 8}" y="{floor - high * part + 4:.1f}" text-anchor="end">'
        f"{_written(ceiling * part, percent=percent)}</text>"
        for part in (0, 0.5, 1)
    )
    ticks = "".join(
        f'<text x="{at(day, 0)[0]:.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}">'
        f"{day.month}/{day.day}</text>"
        for day, anchor in _ticks(points)
    )
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{4 if len(points) <= 60 else 2}"><title>'
        f"{day:%Y-%m-%d}: {_written(value, percent=percent)}</title></circle>"
        for (day, value), (x, y) in ((point, at(*point)) for point in points)
    )
    return (
        f'<svg class="mw-plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{esc(label)}">'
        f'<g class="mw-grid">{grid}{ticks}</g>'
        f'<polygon points="{LEFT},{floor} {path} {end:.1f},{floor}"/>'
        f'<polyline points="{path}"/>{dots}</svg>'
    )


def parts(rows: Sequence[tuple[str, str, int]]) -> str:
    """(name, tone, count) -> one bar in parts, with its legend."""
    total = sum(count for _, _, count in rows) or 1
    strip = "".join(
        f'<i class="is-{tone}" style="width:{100 * count / total:.2f}%"></i>'
        for _, tone, count in rows
        if count
    )
    legend = "".join(
        f'<li><i class="is-{tone}"></i><span>{esc(name)}</span><b>{count:,}</b>'
        f"<small>{count / total:.0%}</small></li>"
        for name, tone, count in rows
    )
    return f'<div class="mw-parts">{strip}</div><ul class="mw-legend">{legend}</ul>'


def _ticks(points: Sequence[tuple[dt.date, float]]) -> list[tuple[dt.date, str]]:
    """The first and the last day, and some between."""
    days = [day for day, _ in points]
    if len(days) == 1:
        return [(days[0], "start")]
    between = [days[len(days) * part // 4] for part in (1, 2, 3)] if len(days) > 8 else []
    return [(days[0], "start"), *((day, "middle") for day in between), (days[-1], "end")]


def _ceiling(most: float, *, percent: bool) -> float:
    """A round number at or above the largest value."""
    if percent:
        return min(1.0, max(0.1, -(-most * 10 // 1) / 10))
    size = 1
    while True:
        for step in STEPS:
            if step * size >= most:
                return float(max(step * size, 2))
        size *= 10


def _written(value: float, *, percent: bool) -> str:
    return f"{value:.0%}" if percent else f"{value:,.0f}"
