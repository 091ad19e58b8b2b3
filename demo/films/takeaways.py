"""What can be taken away from a video: exports, translated subtitles, clips."""

from __future__ import annotations

from demo.films.clip import Clip
from demo.films.panels import Sign
from demo.papers.panels import task_line
from demo.papers.session import Session, Task
from demo.present import Words, clock, esc
from pipelines.drafting.translate import Translation
from pipelines.readers.veil import ClipMade
from pipelines.types import LANGUAGES, CaseResult

OUT = ("subtitles.srt", "subtitles.vtt", "contact-sheet.jpg", "report.pdf", "draft.json")


def files_panel(words: Words, session: Session, clip: Clip, sign: Sign) -> str:
    """What can be taken away."""
    if clip.footage is None:
        return f'<p class="mw-soft mw-empty">{words("files_none")}</p>'
    draft = session.latest("draft")
    drafted = draft is not None and isinstance(draft.result, CaseResult)
    speaks = "speech" in clip.footage.video.kinds
    rows = "".join(
        _file(words, name, why)
        for name, why in ((name, _why_not(name, speaks=speaks, drafted=drafted)) for name in OUT)
    )
    made = [task for task in session.all_tasks if task.kind == "clip"]
    clips = "".join(_cut(words, task, sign) for task in reversed(made))
    listed = f'<ul class="mw-cuts">{clips}</ul>' if clips else ""
    told = _translations(words, session, clip.footage.video.language) if speaks else ""
    return f'<ul class="mw-files-out">{rows}</ul>{told}{listed}'


def _why_not(name: str, *, speaks: bool, drafted: bool) -> str:
    if name.startswith("subtitles") and not speaks:
        return "no_speech"
    return "not_yet" if name in ("report.pdf", "draft.json") and not drafted else ""


def _file(words: Words, name: str, why: str) -> str:
    stem, _, ending = name.partition(".")
    stem = stem.replace("-", "_")
    off = " disabled" if why else ""
    hint = words(why) if why else words(f"out_{stem}")
    return (
        f'<li><button type="button" class="mw-quiet" data-out="{name}"{off}><b>{ending.upper()}'
        f"</b> {words(f'file_{stem}')}</button><small>{hint}</small></li>"
    )


def _cut(words: Words, task: Task, sign: Sign) -> str:
    start_s, end_s = (milliseconds / 1000 for milliseconds in task.about)
    head = f"<b>✂ {clock(start_s)}–{clock(end_s)}</b>"
    made = task.result
    if not isinstance(made, ClipMade):
        return f"<li>{head}{task_line(words, task, 'cutting')}</li>"
    token = esc(sign(f"clip-{task.number}"))
    notes = "".join(f"<small>{words.note(note)}</small>" for note in made.notes)
    return (
        f'<li>{head}<a class="mw-secondary" download href="/films/{token}/clip">'
        f"{words('take_clip')}</a>{notes}</li>"
    )


def _translations(words: Words, session: Session, spoken: str) -> str:
    """A button for each other language, and what came of those that were pressed."""
    tasks = {code: session.latest("translate", (n,)) for n, code in enumerate(LANGUAGES)}
    buttons = "".join(
        f'<button type="button" class="mw-secondary" data-translate="{code}"{_off(tasks[code])}>'
        f"{words(f'speech_language.{code}')}</button>"
        for code in LANGUAGES
        if code != spoken
    )
    made = "".join(_translated(words, task, code) for code, task in tasks.items() if task)
    listed = f'<ul class="mw-cuts">{made}</ul>' if made else ""
    return (
        f'<section class="mw-translate"><h3>{words("translate")}</h3>'
        f'<p class="mw-soft">{words("translate_hint")}</p>'
        f'<div class="mw-translate-row">{buttons}</div>{listed}</section>'
    )


def _off(task: Task | None) -> str:
    again = task is None or task.state in ("failed", "cancelled")
    return "" if again else " disabled"


def _translated(words: Words, task: Task, code: str) -> str:
    head = f"<b>{words(f'speech_language.{code}')}</b>"
    made = task.result
    if not isinstance(made, Translation):
        return f"<li>{head}{task_line(words, task, 'translating')}</li>"
    out = "".join(
        f'<button type="button" class="mw-secondary" data-out="subtitles-{code}.{kind}">'
        f"{kind.upper()}</button>"
        for kind in ("srt", "vtt")
    )
    notes = "".join(f"<small>{words.note(note)}</small>" for note in made.notes)
    return f'<li>{head}<span class="mw-take">{out}</span>{notes}</li>'
