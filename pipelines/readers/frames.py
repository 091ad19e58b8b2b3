"""One look through a video, in the process that parses: shots, frames worth keeping, words, motion.

`watch` runs in the worker and yields plain values as they are found; pictures lie in the job's
folder. Memory is bounded whatever the length: frames are shrunk, kept pictures go to the disk, and
there are at most twice the budget of them at any time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipelines.media import clips
from pipelines.media.clips import ClipProbe, Picture
from pipelines.media.skim import Skim
from pipelines.readers import captions, screen_texts, shots
from pipelines.readers.boxes import overlap
from pipelines.readers.keeping import Keeper, Kept
from pipelines.readers.lettering import Patch, Watch
from pipelines.readers.motion import Motion, MotionMeter
from pipelines.readers.screen_texts import ScreenText
from pipelines.readers.shots import CutFinder, Eye, Small
from pipelines.readers.sights import Early, Shot, Tick, Watched, Wishes
from pipelines.readers.tesseract import Budget, OcrTimeout
from pipelines.types import Box, Language

LOOK_EVERY_S = 0.24
"""Between two looks for words and motion."""
PIXEL, PIXELS = 40, 2
"""So many picked pixels that change by so much are worth a look for words."""
TICK_S = 4.0
BATCH, HELD = 2, 6
"""Patches that are read in one go: what is left for the end of the film is not read beside its
decoding. Those in a place where one stood before are held back: what it is (a clock runs on) is
known by then, and of a clock's patches in one go only some need to be looked at."""
PLACES = 64
"""Places that are remembered for it."""
OCR_WORKERS = 2
OCR_SHARE = 2.0
"""Patches that are read, a second of video; what is left over is counted in a note."""
OCR_LEAST = 40


Seen = Tick | Shot | Early | Kept | ScreenText | Motion | Watched


def watch(path: Path, folder: Path, wishes: Wishes) -> Iterator[Seen]:
    """Everything that is seen, in about the order of its time; texts and frames come merged at the
    end, `Watched` last.

    Raises MediaUndecodable, VideoHasNoPicture, VideoFrameTooLarge, MediaTooLong.
    """
    probe = clips.probe(path, wishes.demuxer, limit_s=wishes.limit_s, limit_mp=wishes.limit_mp)
    eye = Eye()
    skim = Skim(
        path=path,
        demuxer=wishes.demuxer,
        probe=probe,
        alike=eye.alike,
        all_frames=wishes.all_frames,
    )
    run = _Run(wishes=wishes, probe=probe, folder=folder, eye=eye)
    told_s = 0.0
    for picture in skim.pictures():
        yield from run.take(picture)
        if picture.time_s - told_s >= TICK_S:
            told_s = picture.time_s
            yield Tick(at_s=told_s)
        if run.last is not None and run.last.time_s > wishes.limit_s:
            raise clips.too_long(run.last.time_s, wishes.limit_s)
    yield from run.end()
    width, height = run.size
    yield Watched(
        probe=probe,
        width_px=width,
        height_px=height,
        end_s=run.end_s,
        decoded=skim.took.decoded,
        skipped=skim.took.skipped,
        held_bytes=skim.took.held_bytes,
        patches=run.reader.asked,
        unread=run.reader.left,
        ocr_missing=run.reader.missing,
        rotated=run.rotated,
    )


@dataclass(slots=True, kw_only=True)
class _Run:
    wishes: Wishes
    probe: ClipProbe
    folder: Path
    eye: Eye
    cuts: CutFinder = field(init=False)
    words: Watch = field(default_factory=Watch)
    meter: MotionMeter = field(default_factory=MotionMeter)
    keeper: Keeper = field(init=False)
    reader: _Reader = field(init=False)
    last: Small | None = None
    seen: Small | None = None
    """The last frame that was looked at for words and motion."""
    since_s: float = 0.0
    size: tuple[int, int] = (0, 0)
    rotated: bool = False
    told: int = 0
    """Early frames so far."""

    def __post_init__(self) -> None:
        self.cuts = CutFinder(self.probe.fps)
        self.keeper = Keeper(folder=self.folder, budget=self.wishes.frames)
        self.reader = _Reader(self.wishes.languages, self.probe.length_s)

    @property
    def end_s(self) -> float:
        """The length; of what is cut off, what there was."""
        last = self.last.time_s if self.last else 0.0
        step = 1 / max(self.probe.fps, 1.0)
        return max(last, min(self.probe.length_s, last + max(step, 12.0)))

    def take(self, picture: Picture) -> Iterator[Seen]:
        small = self.eye.small(picture)
        self.size, self.rotated = picture.size_px, self.rotated or picture.turns != 0
        jumped = self.last is not None and _jumps(self.last, small)
        cut_s = self.cuts.take(small)
        if cut_s is not None:
            yield from self._cut(cut_s)
        if self.seen is None or jumped or small.time_s - self.seen.time_s >= LOOK_EVERY_S:
            self._look(picture, small, jumped)
        self.keeper.take(picture, small, jumped=jumped)
        if self.told < self.wishes.early and (kept := self.keeper.fresh()) is not None:
            self.told += 1
            yield Early(time_s=kept.time_s, path=kept.path, size_px=self.size)
        self.last = small

    def _look(self, picture: Picture, small: Small, jumped: bool) -> None:
        if self.seen is not None:
            self.meter.take(self.seen, small, jumped=jumped)
        if self.wishes.words:
            same = self.seen is not None and _same_pixels(self.seen, small)
            if same and not jumped:
                self.words.unchanged(small.time_s)
            else:
                self.reader.give(self.words.take(picture, cut=jumped))
        self.seen = small

    def _cut(self, at: float) -> Iterator[Seen]:
        self.keeper.cut(at)
        yield Shot(start_s=round(self.since_s, 3), end_s=round(at, 3))
        self.since_s = at

    def end(self) -> Iterator[Seen]:
        for at in self.cuts.rest():
            yield from self._cut(at)
        yield Shot(start_s=round(self.since_s, 3), end_s=round(self.end_s, 3))
        if self.wishes.words:
            self.reader.give(self.words.rest(self.end_s))
        yield from self.meter.spans(self.end_s)
        yield from self.keeper.chosen()
        yield from screen_texts.merged(self.reader.finished())


def _jumps(a: Small, b: Small) -> bool:
    """A cut, for all that can be said without the frames behind it."""
    mean, share, _ = shots.change(a, b)
    return (mean >= shots.STEP and share >= shots.SHARE) or (
        mean >= shots.WEAK_STEP and share >= shots.MOST
    )


def _same_pixels(a: Small, b: Small) -> bool:
    if a.luma.shape != b.luma.shape:
        return False
    apart = np.abs(a.luma.astype(np.int16) - b.luma)
    return int((apart > PIXEL).sum()) < PIXELS


def _one_place(a: Box, b: Box) -> bool:
    return overlap(a, b) >= screen_texts.PLACE


class _Reader:
    """Reads patches beside the decoding, in groups, within a bound on their number."""

    def __init__(self, languages: tuple[Language, ...], length_s: float) -> None:
        self._languages = languages
        self._most = max(OCR_LEAST, round(OCR_SHARE * length_s))
        self._budget = Budget(120.0 + length_s)
        self._pool = ThreadPoolExecutor(OCR_WORKERS, thread_name_prefix="read-patches")
        self._waiting: list[Patch] = []
        self._again: list[Patch] = []
        self._places: deque[Box] = deque(maxlen=PLACES)
        self._running: list[Future[list[ScreenText]]] = []
        self._done: list[ScreenText] = []
        self._clocks: list[ScreenText] = []
        self.asked = self.left = 0
        self.missing = ""

    def give(self, patches: Iterator[Patch]) -> None:
        for patch in patches:
            if self.missing:
                continue
            if self.asked >= self._most:
                self.left += 1
                continue
            self.asked += 1
            if any(_one_place(box, patch.box_px) for box in self._places):
                self._again.append(patch)
            else:
                self._waiting.append(patch)
                self._places.append(patch.box_px)
        if len(self._waiting) >= BATCH:
            self._send()
        if len(self._again) >= HELD:
            self._read_again()
        # No more than a few groups wait: their looks are in memory.
        while len(self._running) > 2 * OCR_WORKERS or (self._running and self._running[0].done()):
            self._collect(self._running.pop(0))

    def finished(self) -> Sequence[ScreenText]:
        """All that was read, once everything is."""
        self._read_again()
        for future in self._running:
            self._collect(future)
        self._pool.shutdown()
        return self._done

    def _read_again(self) -> None:
        """Those that were held back; what stood there first is read by then."""
        if not self._again:
            self._send()
            return
        if not self._clocks:
            self._send()
            while self._running:
                self._collect(self._running.pop(0))
        held, self._again = self._again, []
        runs = [patch for patch in held if self._is_clock(patch)]
        self._waiting += [patch for patch in held if not self._is_clock(patch)]
        self._send(runs)
        self._send()

    def _is_clock(self, patch: Patch) -> bool:
        return any(_one_place(clock.box_px, patch.box_px) for clock in self._clocks)

    def _send(self, group: Sequence[Patch] | None = None) -> None:
        """These, or those that wait."""
        if group is None:
            group, self._waiting = self._waiting, []
        if group:
            clocks = list(self._clocks)
            self._running.append(
                self._pool.submit(captions.read, group, self._languages, self._budget, clocks)
            )

    def _collect(self, future: Future[list[ScreenText]]) -> None:
        from pipelines.errors import OcrMissing

        try:
            found = future.result()
            self._done += found
            self._clocks += [text for text in found if text.clock_s is not None]
        except OcrMissing as exc:
            self.missing = str(exc.facts.get("missing", "tesseract-ocr"))
        except OcrTimeout:
            self.left += 1
