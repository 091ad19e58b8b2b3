"""The scoreboard: what counts as right, what is kept, what a broken run and a bad row come to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from pipelines.errors import BenchmarkInvalid, ModelFailed
from pipelines.evaluate import main
from pipelines.evaluation.scores import board, plot
from pipelines.evaluation.scores.bundles import load_bundles
from pipelines.evaluation.scores.meter import Metered
from pipelines.evaluation.scores.outcome import Ledger, Outcome, Sample, Spent
from pipelines.evaluation.scores.outside import (
    FENCED,
    Outside,
    load,
    number_of,
)
from pipelines.evaluation.scores.run import few, one, version_of
from pipelines.evaluation.scores.tasks import Asked
from pipelines.foundation.catalog import Price
from pipelines.foundation.fake import FakeModel
from pipelines.media.worker import Worker
from pipelines.settings import ASSETS, Settings

OWN = ASSETS / "samples" / "benchmarks" / "own.jsonl"
CHOICE = {"id": "1", "kind": "choice", "question": "?", "choices": ["x", "y"], "answer": "B"}
NUMBER = {"id": "2", "kind": "number", "question": "3/4 of 2?", "answer": "1.5"}
CODE = {"id": "3", "kind": "code", "question": "twice(n)", "tests": ["assert twice(2) == 4"]}


def outcome(model: str, sample: str, right: bool, **more: Any) -> Outcome:
    given = {"task": "speech", "version": "v", "language": "ko", "cluster": sample, **more}
    checks = {"place": right, "urgency": True}
    return Outcome(model=model, sample=sample, checks=checks, spent=Spent(seconds=2.0), **given)


def written(path: Path, *rows: object) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# --- files from outside ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("{", "not JSON"),
        ("[]", "dict"),
        ({**CHOICE, "kind": "essay"}, "essay"),
        ({**CHOICE, "answer": "C"}, "2 choices"),
        ({**CHOICE, "choices": ["x"]}, "choices"),
        ({**CHOICE, "hint": "x"}, "hint"),
        ({**NUMBER, "answer": "many"}, "no number"),
        ({**CODE, "tests": ["assert ("]}, "no Python"),
        ({**CODE, "tests": []}, "tests"),
        ({**NUMBER, "id": "1"}, "twice"),
        ({"id": "9"}, "kind"),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, row: object, problem: str) -> None:
    path = written(tmp_path / "bench.jsonl", CHOICE, "", row)
    with pytest.raises(BenchmarkInvalid) as caught:
        load(path)
    assert caught.value.facts["line"] == 3
    assert problem in str(caught.value.facts["problem"])


def test_a_bad_file_ends_the_command_with_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "bench.jsonl", CHOICE, {**NUMBER, "answer": "?"})
    assert main(["eval", "--outside", str(path), "--out", str(tmp_path)]) == 2
    assert "bench.jsonl, line 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "same"),
    [("1,600", "1600"), ("6/8", "0.75"), ("−2", "-2"), ("2.50", "5/2"), ("answer: 7.", "7")],
)
def test_numbers_are_exact_however_they_are_written(text: str, same: str) -> None:
    assert number_of(text) == number_of(same) is not None


@pytest.mark.parametrize("text", ["", "seven", "1 or 2", "1/0"])
def test_what_is_no_one_number(text: str) -> None:
    assert number_of(text) is None


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(limits=FENCED) as made:
        yield made


def put(path: Path, worker: Worker, *answers: str | Exception) -> list[Outcome]:
    task = Outside(path, worker)
    asked = Asked(pipelines=None, model=Metered(FakeModel(list(answers))))  # type: ignore[arg-type]
    return [one(task, sample, asked, "v") for sample in task.samples("test")]


def test_answers_of_each_kind_are_checked(tmp_path: Path, worker: Worker) -> None:
    path = written(tmp_path / "three.jsonl", CHOICE, NUMBER, CODE)
    program = json.dumps({"answer": "def twice(n):\n    return 2 * n"})
    right = put(path, worker, '{"answer": "B"}', '{"working": "", "answer": "3/2"}', program)
    assert [row.score for row in right] == [1.0, 1.0, 1.0]
    assert right[0].task == "three"
    assert right[0].spent.output_tokens > 0
    wrong = put(path, worker, '{"answer": "A"}', "no JSON", '{"answer": "def twice(n): return 5"}')
    assert [row.score for row in wrong] == [0.0, 0.0, 0.0]


def test_a_model_without_an_answer_is_wrong_and_said(tmp_path: Path, worker: Worker) -> None:
    path = written(tmp_path / "one.jsonl", CHOICE)
    (row,) = put(path, worker, ModelFailed(reason="test"))
    assert (row.score, row.error) == (0.0, "model.failed")


@pytest.mark.parametrize(
    "program",
    [
        "import os\ntwice = lambda n: 4\nos._exit(0)",
        "import socket\nsocket.create_connection(('127.0.0.1', 9))\ntwice = lambda n: 4",
        "open('/etc/minwon', 'w')\ntwice = lambda n: 4",
        "while True: pass",
        "x = bytearray(10**10)\ntwice = lambda n: 4",
    ],
)
def test_a_program_that_breaks_out_is_wrong_and_harms_nobody(tmp_path: Path, program: str) -> None:
    path = written(tmp_path / "code.jsonl", CODE)
    quick = {"wall_s": 2.0, "cpu_s": 2.0}
    limits = type(FENCED)(memory_mb=600, file_mb=1, processes=4, files_per_child=1, **quick)
    with Worker(limits=limits) as fenced:
        (row,) = put(path, fenced, json.dumps({"answer": program}))
    assert (row.score, row.error) == (0.0, "")


def test_our_own_rows_are_good_and_in_five_languages() -> None:
    rows = load(OWN)
    assert {row.kind for row in rows} == {"choice", "number", "code"}
    assert {row.language for row in rows} == {"ko", "en", "ja", "zh", "es"}


def test_our_bundles_are_good_and_in_five_languages() -> None:
    held = [bundle.language for bundle in load_bundles().values() if bundle.split == "test"]
    assert {language: held.count(language) for language in held} == dict.fromkeys(
        ("ko", "en", "ja", "zh", "es"), 2
    )


# --- what is kept ---------------------------------------------------------------------------


def test_a_run_that_broke_off_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    first = outcome("a", "1", right=True)
    Ledger(path).add(first)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"model": "a", "task": "spe')  # killed here
    ledger = Ledger(path)
    assert ledger.get(first.key) == first
    assert ledger.get(("a", "speech", "1", "another prompt")) is None
    ledger.add(outcome("a", "2", right=False))
    assert Ledger(path).get(("a", "speech", "2", "v")) is not None


def test_another_server_is_another_version() -> None:
    here, there = Settings(), Settings(remote_url="http://127.0.0.1:1/v1")
    assert version_of(here) == version_of(Settings())
    assert version_of(here) != version_of(there)


def test_few_samples_come_from_every_language() -> None:
    samples = [Sample(id=str(n), language="ko", cluster="") for n in range(9)]
    samples += [Sample(id=code, language=code, cluster="") for code in ("en", "ja")]
    assert [sample.id for sample in few(samples, 4)] == ["0", "en", "ja", "1"]
    assert few(samples, None) == samples


# --- the table and the picture ------------------------------------------------------------------


def board_rows() -> list[Outcome]:
    first = [outcome("a", str(n), right=n % 4 > 0) for n in range(40)]
    return first + [outcome("b", str(n), right=n % 4 > 1) for n in range(40)]


def test_figures_have_intervals_and_who_is_ahead() -> None:
    a, b = board.scores(board_rows(), {})
    assert a.accuracy.value == pytest.approx(0.875)
    assert a.accuracy.low < 0.875 < a.accuracy.high
    assert a.checks["place"].value == 0.75
    assert (a.cost_usd, a.seconds) == (None, 2.0)
    (gap,) = board.gaps(board_rows())
    assert gap.ahead.value == pytest.approx(a.accuracy.value - b.accuracy.value)
    assert gap.ahead.low > 0  # the same samples: nearer than two intervals side by side
    told = board.render(board_rows(), {})
    assert "87.5 %" in told
    assert "processor s" in told
    assert "a over b" in told


def test_a_known_price_becomes_a_cost() -> None:
    spent = Spent(prompt_tokens=1000, output_tokens=100)
    row = Outcome(model="a", task="t", sample="1", version="v", language="ko", cluster="1",
                  checks={"right": True}, spent=spent)  # fmt: skip
    (score,) = board.scores([row], {"a": Price(prompt=1.0, answer=10.0)})
    assert score.cost_usd == pytest.approx(2.0)  # of a thousand such samples


def test_questions_to_one_document_are_no_independent_samples() -> None:
    apart = [outcome("a", str(n), right=n < 20) for n in range(40)]
    together = [outcome("a", str(n), right=n < 20, cluster=str(n // 5)) for n in range(40)]
    lone, shared = board.accuracy(apart), board.accuracy(together)
    assert shared.high - shared.low > 1.5 * (lone.high - lone.low)


def test_a_few_clusters_that_agree_are_not_certain() -> None:
    for count in (1, 2, 6):
        rows = [outcome("a", str(n), right=True, cluster=str(n % count)) for n in range(12)]
        found = board.accuracy(rows)
        assert (found.value, found.high) == (1.0, 1.0)
        assert found.low < 0.75
        both = rows + [outcome("b", str(n), right=True, cluster=str(n % count)) for n in range(12)]
        (gap,) = board.gaps(both)
        assert gap.ahead.low < -0.2 < gap.ahead.value == 0.0 < 0.2 < gap.ahead.high


def test_the_picture_shows_every_model_and_task() -> None:
    rows = [*board_rows(), outcome("<b>", "1", right=True, task="video & more")]
    drawn = plot.draw(board.scores(rows, {}), "board")
    tree = ElementTree.fromstring(drawn)  # noqa: S314 - drawn here
    said = {text.text for text in tree.iter("{http://www.w3.org/2000/svg}text")}
    assert {"a", "b", "<b>", "speech", "video & more", "board"} <= said
    with pytest.raises(ValueError, match="nothing"):
        plot.draw([], "board")
