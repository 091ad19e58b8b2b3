"""Runs in the fenced process: a program that a model wrote, and the checks that it must pass."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How it went. `problem` names the exception of the first check that failed."""

    passed: bool
    problem: str = ""


def run_checks(program: str, tests: tuple[str, ...]) -> Verdict:
    """Run the program, then each check in the same names.

    It is a stranger's program: only `media.worker` calls this, in a process without network and
    files, with its own limits of time and memory.
    """
    names: dict[str, object] = {"__name__": "answer"}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for step in (program, *tests):
            try:
                exec(compile(step, "answer", "exec"), names)  # noqa: S102 - that is the task
            except MemoryError:
                raise
            except BaseException as exc:  # noqa: BLE001 - whatever it throws is its answer
                return Verdict(passed=False, problem=type(exc).__name__)
    return Verdict(passed=True)
