"""Words and markup of the page: every code has words, every text of a person is escaped."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import demo.asks
import demo.refusals  # noqa: F401 - as well
from demo.form import draft_panel
from demo.live import Live
from demo.office.compose import KEYS, SCRIPT_WORDS, TOOLS
from demo.office.handout import COLUMNS
from demo.office.listing import SORTS
from demo.panels import (
    end_panel,
    player_panel,
    progress_panel,
    receipt_panel,
    transcript_panel,
    writing_panel,
)
from demo.partial import partial_fields
from demo.present import Words, clock, marked_text
from demo.store.cases import CaseStore
from demo.store.docket import STATES
from demo.store.views import CaseView
from pipelines.drafting.policy import load_policy
from pipelines.errors import MediaTooLarge, MinwonError
from pipelines.settings import ASSETS, Settings
from pipelines.types import DraftToken, Evidence, Note, Progress, TimeSpan, Word
from pipelines.wording import languages, say
from tests.demo.page_kit import MARKUP, ToldWork, write_clip

ROOT = Path(__file__).resolve().parents[2]
POLICY = load_policy(ASSETS / "policy" / "policy.toml")


def flat(tree: dict[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def catalogue(language: str) -> dict[str, str]:
    path = ASSETS / "text" / f"{language}.toml"
    return dict(flat(tomllib.loads(path.read_text(encoding="utf-8"))))


def slots(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def error_classes(root: type[MinwonError] = MinwonError) -> Iterator[type[MinwonError]]:
    """Of the product only: tests may make their own."""
    if root.__module__.startswith(("pipelines.", "demo.")):
        yield root
    for child in root.__subclasses__():
        yield from error_classes(child)


def note_codes() -> set[str]:
    """Every literal code that any of our modules gives a Note, by reading the source."""
    found: set[str] = set()
    for path in [*ROOT.glob("pipelines/**/*.py"), *ROOT.glob("demo/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Note"):
                continue
            for keyword in node.keywords:
                if keyword.arg == "code":
                    either = keyword.value
                    leaves = (
                        (either.body, either.orelse) if isinstance(either, ast.IfExp) else (either,)
                    )
                    found |= {leaf.value for leaf in leaves if isinstance(leaf, ast.Constant)}
    return found


@pytest.mark.parametrize("language", languages())
def test_every_error_has_words(language: str) -> None:
    words = catalogue(language)
    missing = {kind.code for kind in error_classes()} - {
        key.removeprefix("error.") for key in words if key.startswith("error.")
    }
    assert not missing


@pytest.mark.parametrize("language", languages())
def test_every_note_has_words(language: str) -> None:
    codes = note_codes()
    assert {"speech.unsure", "speech.corrected"} <= codes
    assert not {code for code in codes if f"note.{code}" not in catalogue(language)}


@pytest.mark.parametrize("language", [name for name in languages() if name != "en"])
def test_the_languages_say_the_same_with_the_same_facts(language: str) -> None:
    ours, english = catalogue(language), catalogue("en")
    assert set(ours) == set(english)
    differ = {
        key
        for key in ours
        if not key.startswith("format.") and slots(ours[key]) != slots(english[key])
    }
    assert not differ


@pytest.mark.parametrize("language", languages())
def test_the_documents_page_has_all_its_words(language: str) -> None:
    known = catalogue(language)
    spoken = re.compile(r"""words(?:\.plain)?\(\s*f?["']([a-z_.]+)["']""")
    sources = [*ROOT.glob("demo/papers/*.py"), ROOT / "demo" / "tabs" / "documents.py"]
    named = {key for path in sources for key in spoken.findall(path.read_text(encoding="utf-8"))}
    assert len(named) > 60
    assert {key for key in named if f"papers.{key}" not in known and key not in known} == set()


@pytest.mark.parametrize("language", languages())
def test_the_video_page_has_all_its_words(language: str) -> None:
    known = catalogue(language)
    spoken = re.compile(r"""words(?:\.plain)?\(\s*f?["']([a-z_.]+)["']""")
    sources = [*ROOT.glob("demo/films/*.py"), ROOT / "demo" / "tabs" / "video.py"]
    named = {key for path in sources for key in spoken.findall(path.read_text(encoding="utf-8"))}
    assert len(named) > 30
    assert {key for key in named if f"films.{key}" not in known and key not in known} == set()


@pytest.mark.parametrize("language", languages())
def test_the_desk_has_all_its_words(language: str) -> None:
    known = catalogue(language)
    spoken = re.compile(r"""words(?:\.plain)?\(\s*f?["']([a-z_.]+)["']""")
    sources = [*ROOT.glob("demo/office/*.py"), ROOT / "demo" / "tabs" / "desk.py"]
    named = {key for path in sources for key in spoken.findall(path.read_text(encoding="utf-8"))}
    named |= set(SCRIPT_WORDS) | {f"key_{key}" for key in KEYS} | {f"tool_{tool}" for tool in TOOLS}
    named |= {f"state.{state}" for state in (*STATES, "open", "all")}
    named |= {f"column_{name}" for name in COLUMNS} | {f"sort_{name}" for name in SORTS}
    assert len(named) > 100
    assert {key for key in named if f"office.{key}" not in known and key not in known} == set()


def test_a_note_about_a_refused_file_tells_the_reason() -> None:
    facts: dict[str, str | int | float] = {"name": "a.hwp", "reason": "document.too_long"}
    note = Note(code="document.refused", facts={**facts, "pages": 9, "limit": 3})
    told = Words("ko").note(note)
    assert "a.hwp" in told
    assert "9쪽" in told
    assert "document." not in told


def test_every_key_that_the_code_names_has_words() -> None:
    pattern = re.compile(
        r"[\"'](?:page|compose|status|receipt|lookup|stage|transcript|draft)\.[a-z_]+[\"']"
    )
    known = set(catalogue("en"))
    known |= {key.removeprefix("papers.") for key in known}
    named = {
        found.strip("\"'")
        for path in [*ROOT.glob("demo/**/*.py"), *ROOT.glob("demo/static/*.js")]
        for found in pattern.findall(path.read_text(encoding="utf-8"))
    }
    missing = {name for name in named if name not in known and f"error.{name}" not in known}
    assert not {name for name in missing if not name.endswith(("_", ".css", ".js", ".json"))}
    assert len(named) > 60


def test_facts_are_in_the_sentence_and_markup_in_them_is_not() -> None:
    sentence = Words("en").error(MediaTooLarge(size_mb=612, limit_mb=500))
    assert "612" in sentence
    assert "500" in sentence
    shown = Words("en")("transcript.was_heard", heard=MARKUP)
    assert "<img" not in shown
    assert "&lt;img" in shown


def test_a_missing_language_falls_back_to_english() -> None:
    assert say("page.new", "fr") == say("page.new", "en")


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (63.9, "1:03"), (3700, "1:01:40"), (-1, "0:00")]
)
def test_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        ("", {}),
        ("no json at all", {}),
        ('{"ti', {}),
        ('{"title": "가로', {"title": "가로"}),
        ('{"title": "a \\', {"title": "a"}),
        ('{"title": "a \\u00', {"title": "a"}),
        ('{"title": "a", "pl', {"title": "a"}),
        ('{"title": "a, {b", "n": [1, "x', {"title": "a, {b", "n": "1, x"}),
        ('{"title": "one"}\n{"title": "two', {"title": "two"}),
        ('{"title": "a", "place": "b"} {"place": "c', {"title": "a", "place": "c"}),
        ('{"title": "}{", "x": true}', {"title": "}{"}),
    ],
)
def test_half_an_answer_is_readable(raw: str, fields: dict[str, str]) -> None:
    assert partial_fields(raw) == fields


def test_every_prefix_of_an_answer_is_readable_and_only_grows() -> None:
    raw = '{"title": "가로등 \\"고장\\"", "place": "은행동 12, 앞", "request": "빨리\\n고쳐"}'
    last: dict[str, str] = {}
    for end in range(len(raw) + 1):
        now = partial_fields(raw[:end])
        assert set(last) <= set(now)
        assert all(now[name].startswith(text) for name, text in last.items())
        last = now
    assert last == {"title": '가로등 "고장"', "place": "은행동 12, 앞", "request": "빨리\n고쳐"}


def piece(text: str, *words: Word) -> Evidence:
    return Evidence(
        source="0" * 64,
        where=TimeSpan(start_s=3.0, end_s=7.5),
        text=text,
        confidence=0.8,
        language="ko",
        words=words,
    )


def test_doubtful_words_are_marked_and_the_text_stays_whole() -> None:
    evidence = piece(
        "은행동 앞 은행동",
        Word(text=" 은행동", start_s=3, end_s=4, confidence=0.9),
        Word(text=" 앞", start_s=4, end_s=5, confidence=0.3, unsure=True),
        Word(text=" 은행동", start_s=5, end_s=6, confidence=0.3, unsure=True, heard="은앵동"),
    )
    shown = marked_text(Words("ko"), evidence, 0, editable=False)
    assert re.sub("<[^>]+>", "", shown) == evidence.text
    assert shown.count("is-unsure") == 2
    assert "은앵동" in shown
    assert shown.startswith("은행동 ")


def case(tmp_path: Path) -> tuple[CaseStore, CaseView]:
    """A case whose transcript, draft and file name carry markup, through the real store."""
    from demo.wiring_cases import make_intake

    settings = Settings(data_dir=tmp_path, cache_dir=tmp_path)
    intake = make_intake(settings, POLICY, ToldWork(0.0))
    clip = write_clip(tmp_path / "clip.wav", 2.0)
    from pipelines.media.admit import admit

    media = admit(clip, settings=settings, name=f"markup {MARKUP}.wav")
    receipt = intake.store.open(media, None)
    intake.jobs.start()
    intake.jobs.submit(receipt.number)
    while not intake.jobs.wait(receipt.number, -1, 5.0).ended:
        pass
    intake.jobs.close()
    store = intake.store
    view = store.find(receipt.number, receipt.secret)
    view = store.edit(
        receipt.number, receipt.secret, view.version, {"title": MARKUP, "summary": MARKUP}
    )
    return store, view


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_text_of_a_person_becomes_markup(tmp_path: Path, language: str) -> None:
    _, view = case(tmp_path)
    words = Words(language)
    live = Live(view.number, view.evidence, 0)
    live.take(Progress(stage="drafting"))
    live.take(DraftToken(text='{"title": "<img src=x onerror=1>'))
    panels = [
        receipt_panel(words, view, MARKUP),
        player_panel(words, view, MARKUP),
        transcript_panel(words, view.evidence, heard=("<img>", "", ""), editable=True),
        draft_panel(words, view, POLICY),
        writing_panel(words, live.snapshot(0)),
        progress_panel(words, live.snapshot(0)),
        end_panel(words, None, Note(code="internal", facts={"incident": MARKUP})),
    ]
    assert all("<img" not in panel for panel in panels)
    assert sum("&lt;img" in panel for panel in panels) >= 6


def test_the_form_offers_three_categories_in_words_and_all_others(tmp_path: Path) -> None:
    _, view = case(tmp_path)
    form = draft_panel(Words("en"), view, POLICY)
    assert form.count('type="radio" name="category"') == 3
    assert form.count("<option") == 1 + len(POLICY.categories) - 3
    assert "Safety and construction" in form
    assert "likely" in form
    assert 'data-play="0.00" data-until="3.40"' in form


def test_queue_and_progress_are_told() -> None:
    live = Live("MW-1", (), 0)
    waiting = progress_panel(Words("en"), live.snapshot(3))
    assert "3 in front of you" in waiting
    live.take(Progress(stage="reading", fraction=0.42))
    reading = progress_panel(Words("en"), live.snapshot(0))
    assert "42%" in reading
    assert 'data-act="cancel"' in reading
