"""What the tests of pages share: a work that is told in advance, recordings, a running page."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import socket
import subprocess
import sys
import time
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import numpy as np

from pipelines.drafting.case import CaseDraft, CategoryCandidate, Citation
from pipelines.errors import NoSpeech
from pipelines.types import (
    Cancel,
    CaseResult,
    DraftToken,
    Evidence,
    EvidenceFound,
    MediaFile,
    Note,
    OnEvent,
    Progress,
    TimeSpan,
    Timing,
    Word,
    ignore,
)

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

SAID = (
    (0.0, 3.4, "가온시 은행동 12번지 앞 가로등이 사흘째 꺼져 있습니다.", "은행동"),
    (3.4, 6.9, "밤에 너무 어두워서 아이들이 다니기 위험해요.", ""),
    (6.9, 9.6, "빨리 고쳐 주시면 고맙겠습니다.", ""),
)
PATIENCE_MS = 60_000
"""How long a test waits for what must come: a busy machine needs it, a quick one never does."""
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
ROOT = Path(__file__).resolve().parents[2]
MARKUP = '<img src=x onerror="window.hacked=1">'


def write_clip(path: Path, seconds: float = 10.0, silent: bool = False) -> Path:
    """A 16 kHz recording of a slowly rising tone, or of nothing."""
    t = np.arange(int(seconds * 16000)) / 16000
    sound = np.zeros_like(t) if silent else 0.2 * np.sin(2 * np.pi * (180 + 15 * t) * t)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16000)
        out.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


@dataclass(frozen=True, kw_only=True)
class Held:
    """A recording that is read to its first sentence, and drafted to the middle, until told."""

    path: Path
    gates: Path

    def go_on(self, *steps: str) -> None:
        """Let it pass "said" (its first sentence) or "written" (half of its draft)."""
        for step in steps:
            (self.gates / f"{step}-{self.path.name}").touch()


class ToldWork:
    """Says the same of every recording; one that is named for silence has no speech.

    `gates` is the folder where one that is named as held finds whether it may go on.
    """

    def __init__(self, pace_s: float, gates: Path | None = None) -> None:
        self._pace_s = pace_s
        self._gates = gates

    def run(
        self,
        media: MediaFile,
        *,
        language: str | None = None,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        cancel = cancel or Cancel()
        evidence = tuple(self._evidence(media))
        for index, piece in enumerate(evidence):
            on_event(Progress(stage="reading", fraction=index / len(evidence)))
            self._rest(cancel, 6)
            if "silence" in media.name:
                raise NoSpeech(length_s=10.0)
            on_event(EvidenceFound(index=index, evidence=piece))
            self._hold("said", media, cancel)
        return self._draft(media, evidence, on_event, cancel, 1.2)

    def redraft(
        self,
        media: MediaFile,
        evidence: Sequence[Evidence],
        *,
        language: str,
        on_event: OnEvent = ignore,
        cancel: Cancel | None = None,
    ) -> CaseResult:
        return self._draft(media, tuple(evidence), on_event, cancel or Cancel(), 0.0)

    def _hold(self, step: str, media: MediaFile, cancel: Cancel) -> None:
        if self._gates is None or not media.name.startswith("held"):
            return
        until = time.monotonic() + PATIENCE_MS / 1000
        while not (self._gates / f"{step}-{media.name}").exists():
            if time.monotonic() > until:
                raise RuntimeError("nobody let it go on")
            self._rest(cancel, 1)

    def _rest(self, cancel: Cancel, steps: int) -> None:
        for _ in range(steps):
            time.sleep(self._pace_s)
            cancel.check()

    def _evidence(self, media: MediaFile) -> list[Evidence]:
        made = []
        for start, end, text, doubt in SAID:
            if "markup" in media.name:
                text = f"{text} {MARKUP}"
            tokens = text.split()
            step = (end - start) / len(tokens)
            made.append(
                Evidence(
                    source=media.sha256,
                    where=TimeSpan(start_s=start, end_s=end),
                    text=text,
                    confidence=0.9,
                    language="ko",
                    words=tuple(
                        Word(
                            text=f" {token}",
                            start_s=start + i * step,
                            end_s=start + (i + 1) * step,
                            confidence=0.4 if token == doubt else 0.95,
                            heard="은앵동" if token == doubt else None,
                            unsure=token == doubt,
                        )
                        for i, token in enumerate(tokens)
                    ),
                )
            )
        return made

    def _draft(
        self,
        media: MediaFile,
        evidence: tuple[Evidence, ...],
        on_event: OnEvent,
        cancel: Cancel,
        read_s: float,
    ) -> CaseResult:
        place = "은행동 12번지" if "은행동" in evidence[0].text else "은빛동 12번지"
        written = {
            "title": "가로등 고장 신고",
            "place": place,
            "urgency": "high",
            "summary": f"{place} 앞 가로등이 사흘째 꺼져 있어 밤길이 위험합니다.",
            "request": "가로등을 빨리 고쳐 주세요.",
        }
        raw = json.dumps(written, ensure_ascii=False)
        on_event(Progress(stage="drafting", fraction=None))
        for at in range(0, len(raw), 3):
            on_event(DraftToken(text=raw[at : at + 3]))
            self._rest(cancel, 1)
            if at >= len(raw) / 2:
                self._hold("written", media, cancel)
        on_event(Progress(stage="checking", fraction=0.9))
        self._rest(cancel, 3)
        draft = CaseDraft(
            category="안전건설",
            category_unsure=True,
            category_candidates=[
                CategoryCandidate(category="안전건설", confidence=0.47),
                CategoryCandidate(category="교통", confidence=0.31),
                CategoryCandidate(category="환경미화", confidence=0.08),
            ],
            department="안전건설과",
            due_date=dt.date.today() + dt.timedelta(days=9),
            language="ko",
            reply=f"안녕하십니까. {place}의 가로등에 대해 알려 주셔서 고맙습니다.\n"
            "담당 부서에서 확인하여 처리하고 결과를 알려 드리겠습니다.",
            citations=[
                Citation(field="place", claim=place, evidence=[0]),
                Citation(field="summary", claim="가로등이 사흘째 꺼져", evidence=[0, 1]),
                Citation(field="request", claim="빨리 고쳐", evidence=[2]),
                Citation(field="urgency", claim="위험해요", evidence=[1]),
            ],
            drafted_by="model",
            **written,  # type: ignore[arg-type]
        )
        return CaseResult(
            media=(media,),
            draft=draft,
            evidence=evidence,
            replies=(),
            notes=(Note(code="speech.corrected", facts={"count": 1}),),
            timing=Timing(read_s=read_s, first_token_s=1.6, draft_s=2.8, total_s=read_s + 2.8),
            model="qwen2.5-coder-1.5b",
        )


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def visit(context: BrowserContext, address: str, path: str) -> Page:
    """A page that is ready to be used."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address + path)
    page.wait_for_selector("body[data-ready=yes]")
    return page


@contextlib.contextmanager
def running(
    folder: Path, *, pace_s: float = 0.03, kit: str = "pages_kit", **settings: str
) -> Iterator[str]:
    """The pages of a kit in a process of their own, on a free loopback port: their address."""
    port = free_port()
    command = [sys.executable, "-m", f"tests.demo.{kit}", str(folder), str(port), str(pace_s)]
    with serving(command, f"http://127.0.0.1:{port}", **settings) as address:
        yield address


@contextlib.contextmanager
def serving(command: list[str], address: str, **settings: str) -> Iterator[str]:
    """Start it, wait until it answers, and end it as a service manager would."""
    told = {"ui_language": "ko", **settings}  # else the browser's own language decides
    environment = {**os.environ, **{f"MINWON_{k.upper()}": v for k, v in told.items()}}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            until = time.monotonic() + 2 * PATIENCE_MS / 1000
            while True:
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(f"{address}/health/live")
                    break
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"the page did not start: {process.poll()}")
                time.sleep(0.05)
            yield address
        finally:
            process.terminate()
            process.wait(30)
