"""Benchmark files from outside: choice, number and code tasks in lines of JSON.

The form is described in docs/benchmarks.md; a bad row is named by its line. One file is one task.
"""

from __future__ import annotations

import json
import re
import string
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from pipelines.drafting.ask import object_schema
from pipelines.errors import BenchmarkInvalid
from pipelines.evaluation.scores.code import Verdict
from pipelines.evaluation.scores.outcome import Sample
from pipelines.evaluation.scores.tasks import Asked, Checks
from pipelines.media.worker import Limits, Worker
from pipelines.refusals import WorkerError
from pipelines.types import Ask, Language

LETTERS = string.ascii_uppercase
FENCED = Limits(wall_s=10.0, cpu_s=10.0, memory_mb=600, file_mb=1, processes=4, files_per_child=1)
"""Each program gets a process of its own, which ends with it."""
RUN = "pipelines.evaluation.scores.code:run_checks"
THINKING_LETTERS = 600
PROGRAM_LETTERS = 3000

Words = Annotated[str, Field(min_length=1, max_length=20_000)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Words
    question: Words
    language: Language = "ko"
    subject: str = ""


class Choice(_Row):
    """One of several answers is right."""

    kind: Literal["choice"]
    choices: Annotated[tuple[Words, ...], Field(min_length=2, max_length=10)]
    answer: Annotated[str, Field(pattern="^[A-J]$")]

    @model_validator(mode="after")
    def _is_there(self) -> Choice:
        if LETTERS.index(self.answer) >= len(self.choices):
            problem = f"the answer is {self.answer}, but there are {len(self.choices)} choices"
            raise ValueError(problem)
        return self


class Number(_Row):
    """The answer is an exact number: 12, -0.5, 3/4."""

    kind: Literal["number"]
    answer: Words

    @model_validator(mode="after")
    def _is_a_number(self) -> Number:
        if number_of(self.answer) is None:
            problem = f"{self.answer!r} is no number"
            raise ValueError(problem)
        return self


class Code(_Row):
    """The answer is a Python program that passes the checks."""

    kind: Literal["code"]
    tests: Annotated[tuple[Words, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _tests_compile(self) -> Code:
        for test in self.tests:
            try:
                compile(test, "test", "exec")
            except SyntaxError as exc:
                problem = f"this test is no Python: {test}"
                raise ValueError(problem) from exc
        return self


Row = Annotated[Choice | Number | Code, Field(discriminator="kind")]
_ROW: TypeAdapter[Choice | Number | Code] = TypeAdapter(Row)


def load(path: Path) -> list[Choice | Number | Code]:
    """The rows of a file. Raises BenchmarkInvalid that names the line, also for no row at all."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise _bad(path, 0, "it can't be read as UTF-8") from exc
    rows: dict[str, Choice | Number | Code] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = _ROW.validate_python(json.loads(line))
        except ValidationError as exc:
            first = exc.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise _bad(path, number, f"{place}: {first['msg']}") from exc
        except ValueError as exc:
            raise _bad(path, number, "it is not JSON") from exc
        if row.id in rows:
            raise _bad(path, number, f"the id {row.id!r} is there twice")
        rows[row.id] = row
    if not rows:
        raise _bad(path, 0, "there is no row in it")
    return list(rows.values())


def _bad(path: Path, line: int, problem: str) -> BenchmarkInvalid:
    return BenchmarkInvalid(file=path.name, line=line, problem=problem)


_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?(?:\s*/\s*\d+)?")


def number_of(text: str) -> Fraction | None:
    """The one exact number that a text is; None where it is none, or more than one."""
    found = _NUMBER.findall(text.replace("−", "-"))
    if len(found) != 1:
        return None
    above, _, below = found[0].replace(",", "").partition("/")
    try:
        return Fraction(Decimal(above)) / Fraction(int(below or 1))
    except (InvalidOperation, ZeroDivisionError):
        return None


class Outside:
    """One file as a task; `worker` runs programs."""

    def __init__(self, path: Path, worker: Worker) -> None:
        self.name = path.stem
        self._rows = {row.id: row for row in load(path)}
        self._worker = worker

    def samples(self, split: str) -> list[Sample]:
        """All rows, whatever the split: the file is somebody else's."""
        del split
        return [
            Sample(id=row.id, language=row.language, cluster=row.id) for row in self._rows.values()
        ]

    def warm(self, asked: Asked) -> None:
        """Load the model; the fronts of these prompts are a line."""
        asked.model.generate(Ask(system=CHOICE, user="1 + 1?", max_new_tokens=1))

    def prepare(self, sample: Sample) -> None:
        """There is nothing to read."""

    def run(self, sample: Sample, asked: Asked) -> Checks:
        """Ask, and check the answer."""
        row = self._rows[sample.id]
        reply = asked.model.generate(make_ask(row))
        try:
            told = json.loads(reply.text)
        except ValueError:
            return {"right": False}
        said = str(told.get("answer", "")) if isinstance(told, dict) else ""
        return {"right": self._is_right(row, said)}

    def _is_right(self, row: Choice | Number | Code, said: str) -> bool:
        match row:
            case Choice():
                return said == row.answer
            case Number():
                return number_of(said) == number_of(row.answer)
            case _:
                return self._passes(said, row.tests)

    def _passes(self, program: str, tests: tuple[str, ...]) -> bool:
        try:
            return self._worker.call(RUN, program, tests, of=Verdict).passed
        except WorkerError:
            return False  # it ended its own process: that is its answer


def make_ask(row: Choice | Number | Code) -> Ask:
    """What the model is asked; the answer is JSON, so that nothing has to be guessed from prose."""
    match row:
        case Choice():
            letters = LETTERS[: len(row.choices)]
            listed = "\n".join(
                f"{letter}. {text}" for letter, text in zip(letters, row.choices, strict=True)
            )
            return Ask(
                system=CHOICE,
                user=f"{row.question}\n{listed}",
                schema=object_schema({"answer": {"enum": list(letters)}}),
                max_new_tokens=24,
            )
        case Number():
            working = {"type": "string", "maxLength": THINKING_LETTERS}
            answer = {"type": "string", "maxLength": 40}
            return Ask(
                system=NUMBER,
                user=row.question,
                schema=object_schema({"working": working, "answer": answer}),
                max_new_tokens=500,
            )
        case _:
            program = {"type": "string", "maxLength": PROGRAM_LETTERS}
            return Ask(
                system=CODE,
                user=row.question,
                schema=object_schema({"answer": program}),
                max_new_tokens=800,
            )


CHOICE = 'Answer the question with the letter of the right choice, as JSON: {"answer": "A"}.'
NUMBER = (
    'Solve the task. Answer as JSON: {"working": "a few short steps", "answer": "the number"}. '
    "The answer is one number without a unit."
)
CODE = (
    'Write the Python 3 program that is asked for. Answer as JSON: {"answer": "the program"}. '
    "Define what is asked for and nothing else; use the standard library only."
)
