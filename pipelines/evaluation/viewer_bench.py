"""How soon a person sees a long PDF: its first page, its contents, then page after page."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pipelines.evaluation.stats import Figure
from pipelines.evaluation.table import Line
from pipelines.media.admit import PAPERS, admit
from pipelines.media.worker import Limits, Worker
from pipelines.readers import mupdf
from pipelines.readers.page_reader import PageLimits, pdf_look
from pipelines.readers.page_shots import PageShots
from pipelines.settings import Settings, load_settings

T = TypeVar("T")
PAGES = 300
PAGE_PX, SMALL_PX = 1000, 500
TURNED = 20
PRELOAD = ("pipelines.readers.page_shots", "pipelines.readers.page_reader")
FIRST_S, CONTENTS_S = 1.0, 3.0
"""What the work order asks for: the first page in a second, the contents in seconds."""
_TEXT = "담당 부서는 접수한 날부터 {n}일 안에 현장을 확인하고 결과를 신청인에게 알린다."


def book(path: Path, pages: int = PAGES) -> None:
    """Dense Korean pages with an outline."""
    document = mupdf.library().open()
    for number in range(pages):
        lines = [_TEXT.format(n=number + line) for line in range(36)]
        page = document.new_page(width=595, height=842)
        page.insert_text((60, 70), lines, fontname="korea", fontsize=10)
    document.set_toc([[1, f"제{n + 1}장", 1 + 10 * n] for n in range(pages // 10)])
    document.save(path, deflate=True)
    document.close()


def measure() -> list[Line]:
    """With a process that is ready, as the served page keeps one."""
    settings = load_settings()
    with (
        tempfile.TemporaryDirectory() as folder,
        Worker(limits=Limits(files_per_child=300), preload=PRELOAD) as worker,
    ):
        path, warm = Path(folder) / "book.pdf", Path(folder) / "warm.pdf"
        book(path)
        book(warm, pages=1)
        shots = PageShots(worker=worker, blur=lambda picture: picture)
        shots.shot(warm, 1, PAGE_PX)
        admit_s, _ = _timed(lambda: admit(path, settings=settings, accept=PAPERS))
        first_s, _ = _timed(lambda: shots.shot(path, 1, PAGE_PX))
        look_s, about = _timed(lambda: pdf_look(worker, path, PageLimits()))
        turn_s, _ = _timed(lambda: [shots.shot(path, n, PAGE_PX) for n in range(2, 2 + TURNED)])
        photo_s = _with_photo(settings, worker, Path(folder))
        small_s, _ = _timed(lambda: [shots.shot(path, n, SMALL_PX) for n in range(2, 2 + TURNED)])
    return [
        _line(f"first page of {PAGES}, from the uploaded file", admit_s + first_s, FIRST_S),
        _line(f"contents of {PAGES} pages ({len(about.chapters)} lines)", look_s, CONTENTS_S),
        _line("a page turned", turn_s / TURNED, None, TURNED),
        _line("a small picture in the strip", small_s / TURNED, None, TURNED),
        _line("a page with a photo, faces and plates looked for", photo_s, None),
    ]


def _with_photo(settings: Settings, worker: Worker, folder: Path) -> float:
    """Seconds for one page, once the weights for faces are loaded."""
    from PIL import Image

    from pipelines.build import photos_of

    photo, path = folder / "photo.jpg", folder / "photo.pdf"
    Image.effect_noise((1200, 900), 80).convert("RGB").save(photo)
    document = mupdf.library().open()
    document.new_page(width=595, height=842).insert_image((60, 60, 535, 420), filename=str(photo))
    document.save(path)
    document.close()
    photos = photos_of(settings, worker)
    shots = PageShots(worker=worker, blur=lambda picture: photos.shown_copy(picture)[0])
    shots.shot(path, 1, PAGE_PX)
    return _timed(lambda: shots.shot(path, 1, PAGE_PX))[0]


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.monotonic()
    made = work()
    return time.monotonic() - started, made


def _line(name: str, seconds: float, goal_s: float | None, n: int = 1) -> Line:
    figure = Figure(value=seconds, low=seconds, high=seconds, n=n)
    if goal_s is None:
        return Line(name=name, figure=figure, unit="s")
    return Line(
        name=name, figure=figure, unit="s", goal=f"<= {goal_s:.0f} s", met=seconds <= goal_s
    )
