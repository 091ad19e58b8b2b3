"""`python -m pipelines document` as a stranger calls it: real files, the real readers and model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.drafting.case import CaseDraft
from tests.pipelines.conftest import Told
from tests.pipelines.readers import paper_kit
from tests.pipelines.test_cli import call, refused

REQUEST = "내려앉은 보도블록을 하루빨리 고쳐 주시기 바랍니다."
LINES = (
    "나래길 보도 정비 요청",
    "지난달 비에 보도블록이 내려앉아 주민 두 명이 다쳤습니다.",
    REQUEST,
    "공사 신청은 2026년 12월 4일까지 도로과에서 받습니다.",
)


def test_a_wrong_file_is_one_line(told: Told, tmp_path: Path) -> None:
    refused(told("document", str(tmp_path / "none.pdf")), "media.missing")
    broken = tmp_path / "letter.pdf"
    broken.write_bytes(b"\x7fELF" + bytes(3000))
    refused(call("document", str(broken), "--json"), "document.unsupported")


def test_of_several_files_the_refused_one_is_named(told: Told, tmp_path: Path) -> None:
    program = tmp_path / "계산기.pdf"
    program.write_bytes(b"\x7fELF" + bytes(3000))
    answer = told("document", str(program), str(tmp_path / "none.hwp"))
    refused(answer, "document.unsupported")
    assert "계산기.pdf" in answer.stderr


def test_a_locked_pdf_asks_for_its_password(told: Told, tmp_path: Path) -> None:
    page = paper_kit.text("secret")
    locked = paper_kit.pdf(
        tmp_path / "l.pdf", page, encryption=5, user_pw="right", owner_pw="other"
    )
    refused(call("document", str(locked)), "document.encrypted")
    refused(told("document", str(locked), "--password", "wrong"), "document.password_wrong")
    hidden = {"MINWON_PASSWORD": "wrong"}
    refused(told("document", str(locked), **hidden), "document.password_wrong")


@pytest.mark.slow
def test_a_locked_pdf_is_drafted_and_asked_and_a_refused_file_is_named(tmp_path: Path) -> None:
    def page(sheet: Any) -> None:
        for number, line in enumerate(LINES):
            sheet.insert_text((72, 100 + 40 * number), line, fontname="korea", fontsize=12)

    locked = paper_kit.pdf(
        tmp_path / "letter.pdf", page, encryption=5, user_pw="열쇠", owner_pw="other"
    )
    program = tmp_path / "계산기.pdf"
    program.write_bytes(b"\x7fELF" + bytes(3000))
    question = "공사 신청은 언제까지입니까?"
    given = ("--password", "열쇠", "--ask", question, "--json")
    answer = call("document", str(locked), str(program), *given)
    assert answer.returncode == 0, answer.stderr
    shown = json.loads(answer.stdout)
    assert shown["kind"] == "document"
    assert [file["name"] for file in shown["files"]] == ["letter.pdf"]
    (note,) = [note for note in shown["notes"] if note["code"] == "document.refused"]
    assert "계산기.pdf" in note["sentence"]
    draft = CaseDraft.model_validate(shown["draft"])
    assert (draft.title, draft.request) == (LINES[0], REQUEST)
    assert all({"page", "box"} == set(piece["where"]) for piece in shown["evidence"])
    assert "12월 4일" in shown["answer"]["text"]
    cited = shown["answer"]["citations"][0]
    left, top, right, bottom = cited["box"]
    assert (cited["file"], cited["page"]) == ("letter.pdf", 1)
    assert left >= 70
    assert top < 100 + 40 * 3 < bottom + 2
    assert right < 595
