"""The panels of what is made of whole files: contents and summary, fields, differences."""

from __future__ import annotations

from collections.abc import Sequence

from demo.papers.panels import task_line
from demo.papers.schema import FoundFields, Row
from demo.papers.session import Changes, Session, Sheet, Task
from demo.papers.spots import Spots
from demo.present import Words, esc, notes_list
from pipelines.drafting.compare import Change, Clause, Stretch
from pipelines.drafting.digest import Digest, Point, contents_of
from pipelines.drafting.fields import FieldValue
from pipelines.readers.evidence import ReadDocument

MOST_HEADINGS = 400
MOST_CHANGES = 300
Filled = tuple[int, tuple[FieldValue, ...]]
"""(number of the file, what was found in it)."""
OPEN_UP_TO = 12
"""Longer contents are folded."""


def digest_panel(words: Words, session: Session) -> str:
    """For each file: its contents, as soon as they are known, and a summary on demand."""
    known = [sheet for sheet in session.all_sheets if sheet.chapters or sheet.paper]
    if not known:
        return f'<p class="mw-soft mw-empty">{words("digest_none")}</p>'
    spots = Spots(session)
    return "".join(_digest_of(words, session, sheet, spots) for sheet in known)


def _digest_of(words: Words, session: Session, sheet: Sheet, spots: Spots) -> str:
    task = session.latest("digest", (sheet.number,))
    start = ""
    if sheet.paper is not None and (task is None or not task.under_way) and not _made(task):
        start = (
            f'<button type="button" class="mw-secondary" data-digest="{sheet.number}">'
            f"{words('digest_start')}</button>"
        )
    body = ""
    if task is not None:
        body = _summary(words, sheet, task, spots) or task_line(words, task, "digest_running")
    return (
        f'<section class="mw-digest" data-digest-of="{sheet.number}"><div class="mw-row">'
        f'<h3 dir="auto">{esc(sheet.name)}</h3>{start}</div>{body}'
        f"{_contents(words, sheet)}</section>"
    )


def _made(task: Task | None) -> bool:
    return task is not None and isinstance(task.result, Digest)


def _summary(words: Words, sheet: Sheet, task: Task, spots: Spots) -> str:
    made = task.result
    if not isinstance(made, Digest) or sheet.paper is None:
        return ""
    document = sheet.paper.document
    overview = _points(words, made.overview, document, spots)
    parts = ""
    if len(made.parts) > len(made.overview):
        listed = _points(words, made.parts, document, spots, headings=True)
        count = words("digest_parts", count=len(made.parts))
        parts = f'<details class="mw-more"><summary>{count}</summary>{listed}</details>'
    return f"{overview}{parts}{notes_list(words, made.notes)}"


def _points(
    words: Words,
    points: Sequence[Point],
    document: ReadDocument,
    spots: Spots,
    *,
    headings: bool = False,
) -> str:
    rows, before = [], ""
    for point in points:
        passage = document.passages[point.passage]
        if headings and point.heading != before:
            before = point.heading
            rows.append(f'<li class="mw-part">{esc(before)}</li>')
        page = words.plain("papers.on_page", page_no=passage.spot.page_no)
        chip = spots.button(words, document.source, passage.spot, point.text, shown=page)
        rows.append(f'<li><span dir="auto">{esc(point.text)}</span> {chip}</li>')
    return f'<ul class="mw-points">{"".join(rows)}</ul>'


def _contents(words: Words, sheet: Sheet) -> str:
    """From the file's own outline until it is read, then from its headings."""
    if sheet.paper is not None and not sheet.chapters:
        headings = contents_of(sheet.paper.document)
        rows = [(h.level, h.title, h.page_no) for h in headings]
    else:
        rows = [(c.level, c.title, c.page_no) for c in sheet.chapters]
    if not rows:
        return ""
    lines = "".join(
        f'<li style="--level:{min(max(level, 1), 5)}"><button type="button"'
        f' data-open="{sheet.number}"'
        f' data-page="{page_no}" data-box=""><span dir="auto">{esc(title)}</span>'
        f"<small>{page_no}</small></button></li>"
        for level, title, page_no in rows[:MOST_HEADINGS]
    )
    heading = words("digest_contents", count=len(rows))
    opened = " open" if len(rows) <= OPEN_UP_TO else ""
    return (
        f'<details class="mw-more"{opened}><summary>{heading}</summary>'
        f'<ol class="mw-contents">{lines}</ol></details>'
    )


# --- fields ------------------------------------------------------------------------------------


def fields_panel(words: Words, session: Session) -> str:
    """What was found: one file as a list, several as a table with a row for each."""
    task = session.latest("fields")
    if task is None:
        return f'<p class="mw-soft mw-empty">{words("fields_none")}</p>'
    found = task.result
    if not isinstance(found, FoundFields):
        return task_line(words, task, "fields_running")
    spots = Spots(session)
    filled = tuple(pair for pair in found.by_file if pair[1] and pair[0] in session.sheets)
    empty = [
        session.sheets[number].name
        for number, values in found.by_file
        if not values and number in session.sheets
    ]
    without = ""
    if empty:
        names = esc(", ".join(empty))
        without = f'<p class="mw-soft mw-without">{words("fields_empty")} {names}</p>'
    if not filled:
        return f'<p class="mw-hint">{words("fields_nothing")}</p>'
    if len(filled) == 1:
        table = _one_form(words, session, found.rows, filled[0], spots)
    else:
        table = _forms(words, session, found.rows, filled, spots)
    return f"{table}{without}{_exports(words)}"


def _exports(words: Words) -> str:
    names = ("fields.xlsx", "fields.csv", "fields.json")
    buttons = "".join(
        f'<button type="button" class="mw-quiet" data-out="{name}">'
        f"{name.rpartition('.')[2].upper()}</button>"
        for name in names
    )
    return f'<div class="mw-out"><span class="mw-soft">{words("take_away")}</span>{buttons}</div>'


def _one_form(
    words: Words, session: Session, wanted: Sequence[Row], filled: Filled, spots: Spots
) -> str:
    values = {value.name: value for value in filled[1]}
    rows = "".join(
        f'<tr><th scope="row" dir="auto">{esc(row.name)}</th>'
        f"{_value(words, values.get(row.name), spots)}</tr>"
        for row in wanted
    )
    name = esc(session.sheets[filled[0]].name)
    return (
        f'<table class="mw-table mw-form-table"><caption dir="auto">{name}</caption>'
        f"<tbody>{rows}</tbody></table>"
    )


def _value(words: Words, value: FieldValue | None, spots: Spots) -> str:
    if value is None:
        return f'<td class="mw-soft">{words("field_absent")}</td><td></td>'
    page = words.plain("papers.on_page", page_no=value.where.page_no)
    chip = spots.button(words, value.source, value.where, value.text, shown=page)
    written = (
        f"<small>{words('as_written', text=value.text)}</small>"
        if value.text != value.value
        else ""
    )
    unsure = ' class="is-unsure"' if value.confidence < 0.7 else ""
    return f'<td dir="auto"{unsure}>{esc(value.value)}{written}</td><td>{chip}</td>'


def _forms(
    words: Words,
    session: Session,
    wanted: Sequence[Row],
    filled: Sequence[Filled],
    spots: Spots,
) -> str:
    """A row a file; a field that no file has stands below, not as an empty column."""
    held = {value.name for _, values in filled for value in values}
    shown = [row.name for row in wanted if row.name in held]
    absent = ", ".join(row.name for row in wanted if row.name not in held)
    head = "".join(f'<th scope="col" dir="auto">{esc(name)}</th>' for name in shown)
    rows = "".join(
        f'<tr><th scope="row" dir="auto">{esc(session.sheets[number].name)}</th>'
        + "".join(_cell(words, _named(values, name), spots) for name in shown)
        + "</tr>"
        for number, values in filled
    )
    file = words("papers.column.file")
    without = (
        f'<p class="mw-soft mw-without">{words("fields_absent")} {esc(absent)}</p>'
        if absent
        else ""
    )
    return (
        f'<div class="mw-wide-table" tabindex="0"><table class="mw-table"><thead><tr>'
        f'<th scope="col">{file}</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"{without}"
    )


def _named(values: Sequence[FieldValue], name: str) -> FieldValue | None:
    return next((value for value in values if value.name == name), None)


def _cell(words: Words, value: FieldValue | None, spots: Spots) -> str:
    if value is None:
        return '<td class="mw-soft">–</td>'
    chip = spots.button(words, value.source, value.where, value.text, shown=value.value)
    return f"<td>{chip}</td>"


# --- two versions ------------------------------------------------------------------------------


def versions_panel(words: Words, session: Session) -> str:
    """Which two files are compared."""
    read = session.read
    if len(read) < 2:
        return f'<p class="mw-soft mw-empty">{words("compare_two")}</p>'
    made = "".join(
        f'<label>{words(f"compare_{side}")}<select name="{side}">'
        + "".join(
            f'<option value="{sheet.number}"{" selected" if index == chosen else ""}>'
            f"{esc(sheet.name)}</option>"
            for index, sheet in enumerate(read)
        )
        + "</select></label>"
        for side, chosen in (("old", len(read) - 2), ("new", len(read) - 1))
    )
    return (
        f'<form class="mw-versions" id="mw-versions">{made}'
        f'<button class="mw-primary">{words("compare_start")}</button></form>'
    )


def changes_panel(words: Words, session: Session) -> str:
    """What changed, clause by clause, each side opening its page."""
    task = session.latest("compare")
    if task is None:
        return ""
    found = task.result
    if not isinstance(found, Changes):
        return task_line(words, task, "compare_running")
    if not found.changes:
        return f'<p class="mw-hint is-good">{words("compare_same")}</p>'
    spots = Spots(session)
    old, new = session.sheets.get(found.old), session.sheets.get(found.new)
    sides = [s.media.sha256 if s is not None and s.media is not None else "" for s in (old, new)]
    rows = "".join(
        _change(words, change, sides[0], sides[1], spots) for change in found.changes[:MOST_CHANGES]
    )
    count = words("compare_count", count=len(found.changes))
    out = (
        f'<div class="mw-out"><span class="mw-soft">{words("take_away")}</span>'
        '<button type="button" class="mw-quiet" data-out="changes.xlsx">XLSX</button></div>'
    )
    return f'<h3>{count}</h3><ol class="mw-changes">{rows}</ol>{out}'


def _change(words: Words, change: Change, old: str, new: str, spots: Spots) -> str:
    clause = change.new or change.old
    name = " ".join(part for part in (clause.heading, clause.name) if part) if clause else ""
    sides = _clause(words, "old", change.old, old, spots) + _clause(
        words, "new", change.new, new, spots
    )
    text = _words(change.words) if change.words else esc(clause.text if clause else "")
    return (
        f'<li class="mw-change is-{change.kind}"><div class="mw-row"><span class="mw-tag">'
        f'{words(f"papers.change_{change.kind}")}</span><b dir="auto">{esc(name)}</b>'
        f'<span class="mw-sides">{sides}</span></div><p dir="auto">{text}</p></li>'
    )


def _clause(words: Words, side: str, clause: Clause | None, source: str, spots: Spots) -> str:
    if clause is None or not clause.spots:
        return ""
    page = words.plain("papers.on_page", page_no=clause.spots[0].page_no)
    shown = f"{words.plain(f'compare_{side}')} {page}"
    return spots.button(words, source, clause.spots[0], clause.text, shown=shown)


def _words(stretches: Sequence[Stretch]) -> str:
    tags = {"old": "del", "new": "ins"}
    made = []
    for stretch in stretches:
        tag = tags.get(stretch.kind)
        text = esc(stretch.text)
        made.append(f"<{tag}>{text}</{tag}>" if tag else text)
    return "".join(made)
