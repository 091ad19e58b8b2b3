"""`python -m pipelines` as a stranger calls it: its exit status and its streams.

Real processes, but for further refusals of one command: those are `told` in this one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipelines.drafting.case import CaseDraft
from pipelines.evaluation.samples import load_samples
from tests.conftest import ROOT
from tests.pipelines.conftest import Told


def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", **variables},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def refused(answer: subprocess.CompletedProcess[str], code: str) -> None:
    """Nothing on stdout, one line on stderr, and the status that says so."""
    assert answer.returncode == 2
    assert answer.stdout == ""
    lines = answer.stderr.splitlines()
    assert len(lines) == 1, answer.stderr
    assert lines[0].startswith(f"error: {code}: ")
    assert len(lines[0]) > len(f"error: {code}: ") + 5


def test_a_missing_file(tmp_path: Path) -> None:
    refused(call("voice", str(tmp_path / "none.wav")), "media.missing")


def test_an_empty_file(told: Told, tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.touch()
    refused(told("voice", str(path), "--json"), "media.empty")


def test_the_sentence_is_in_the_language_of_the_setting(told: Told, tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.touch()
    english = told("voice", str(path), MINWON_UI_LANGUAGE="en").stderr
    korean = told("voice", str(path), MINWON_UI_LANGUAGE="ko").stderr
    assert english.isascii()
    assert not korean.isascii()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"just some words\n" * 50, "media.is_document"),
        (b"\x7fELF" + bytes(5000), "media.unsupported"),
    ],
)
def test_something_else_renamed_to_wav(
    told: Told, tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "song.wav"
    path.write_bytes(content)
    refused(told("voice", str(path)), code)


def test_an_archive_renamed_to_wav(told: Told, tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    refused(told("voice", str(path)), "media.unsupported")


def test_a_bad_setting_is_named(tmp_path: Path) -> None:
    answer = call("voice", str(tmp_path / "x.wav"), MINWON_PORT="many")
    refused(answer, "settings.invalid")
    assert "MINWON_PORT" in answer.stderr


def test_an_unknown_model_is_named(tmp_path: Path) -> None:
    clip = load_samples(language="ko", split="dev")[0]
    answer = call("voice", str(clip.path), MINWON_MODEL="gpt-none")
    refused(answer, "model.unknown")
    assert "gpt-none" in answer.stderr


@pytest.mark.slow
def test_a_korean_complaint_becomes_one_json_object() -> None:
    clip = load_samples(language="ko", split="dev")[0]
    answer = call("voice", str(clip.path), "--json")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("\n") == 1
    result = json.loads(answer.stdout)
    assert result["kind"] == "voice"
    draft = CaseDraft.model_validate(result["draft"])
    assert len(draft.category_candidates) == 3
    assert draft.language == "ko"
    assert [piece["index"] for piece in result["evidence"]] == list(range(len(result["evidence"])))
    assert all({"start_s", "end_s"} == set(piece["where"]) for piece in result["evidence"])
    assert all(i < len(result["evidence"]) for c in draft.citations for i in c.evidence)
    assert set(result["timing"]) == {"read_s", "first_token_s", "draft_s", "total_s"}
    assert result["model"]


@pytest.mark.slow
def test_the_models_are_listed_with_what_runs_here() -> None:
    told = json.loads(call("models", "--json").stdout)
    chosen = [row for row in told if row["chosen"]]
    assert [row["engine"] for row in chosen] == ["gguf"]
    assert all(row["licence_note_ko"] and row["runs_here"] != bool(row["reason"]) for row in told)
    text = call("models", MINWON_UI_LANGUAGE="en").stdout
    assert all(row["id"] in text for row in told)


@pytest.mark.slow
def test_a_model_that_is_not_set_up_is_one_line() -> None:
    other = next(row["id"] for row in json.loads(call("models", "--json").stdout) if row["reason"])
    paper = ROOT / "assets" / "samples" / "documents" / "notice.pdf"
    refused(call("document", str(paper), MINWON_MODEL=other), "model.not_here")
