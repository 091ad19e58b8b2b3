"""Which frames of a video are worth keeping: the first of each shot, and what changes inside it.

Near-duplicates are told by their fingerprint. There is a budget; when it runs out, the frames that
are most like one that stays go first, never the first and the last one of the video.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.media.clips import Picture
from pipelines.readers import shots
from pipelines.readers.shots import Small

SETTLE_S = 0.4
"""After a cut, until the picture has built up."""
EVERY_S = 1.6
"""Inside a shot, at most."""
CHANGED = 6.0
SLOW_S, SLOW_CHANGED = 12.0, 2.5
"""After so long a smaller change is enough."""
DUPLICATE_BITS = 5
SIDE_PX = 1280
QUALITY = 88


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One frame, kept as JPEG (NOT blurred). `scale` turns its pixels into those of the video."""

    time_s: float
    path: Path
    fingerprint: int
    width_px: int
    height_px: int
    scale: float
    opens_shot: bool = False


@dataclass(slots=True, kw_only=True)
class Keeper:
    """Takes all frames that were decoded, in their order."""

    folder: Path
    budget: int
    _kept: list[Kept] = field(default_factory=list)
    _small: Small | None = None
    """Of the frame that was kept last."""
    _due_s: float | None = 0.0
    """When the first frame of the shot is taken; None once it is."""
    _last: tuple[Picture, Small] | None = None
    _number: int = 0
    _told: int = 0

    def take(self, picture: Picture, small: Small, *, jumped: bool) -> None:
        """Look at one frame; `jumped` = a cut seems to lie before it."""
        if jumped:
            if self._due_s is not None and self._last is not None:
                self._keep(*self._last, opens=True)  # a shot too short to settle
            self._due_s = small.time_s + SETTLE_S
        if self._due_s is not None:
            if small.time_s >= self._due_s:
                self._keep(picture, small, opens=True)
                self._due_s = None
        elif self._small is not None and self._is_news(small):
            self._keep(picture, small)
        self._last = (picture, small)

    def fresh(self) -> Kept | None:
        """The frame that was kept since the last time somebody asked."""
        if self._number == self._told:
            return None
        self._told = self._number
        return self._kept[-1]

    def cut(self, at: float) -> None:
        """A cut is sure now. The frame behind it was taken when the picture jumped."""

    def chosen(self) -> Iterator[Kept]:
        """Those that stay, in the order of their times; files of the others are gone."""
        if self._last is not None and (
            not self._kept or self._last[1].time_s > self._kept[-1].time_s
        ):
            self._keep(*self._last, last=True)
        self._prune(self.budget)
        yield from self._kept

    def _is_news(self, small: Small) -> bool:
        assert self._small is not None  # noqa: S101 - the caller looked
        passed = small.time_s - self._small.time_s
        if passed < EVERY_S:
            return False
        mean = shots.change(self._small, small)[0]
        return mean >= CHANGED or (passed >= SLOW_S and mean >= SLOW_CHANGED)

    def _keep(
        self, picture: Picture, small: Small, *, opens: bool = False, last: bool = False
    ) -> None:
        print_ = shots.fingerprint(small)
        self._small = small
        twin = any(shots.bits_apart(print_, k.fingerprint) <= DUPLICATE_BITS for k in self._kept)
        if twin and not last and self._kept:
            return
        image = picture.image()
        scale = max(1.0, max(image.size) / SIDE_PX)
        if scale > 1:
            size = (max(1, round(image.width / scale)), max(1, round(image.height / scale)))
            image = image.resize(size, 2, reducing_gap=2.0)
        path = self.folder / f"frame-{self._number:05d}.jpg"
        self._number += 1
        image.save(path, format="JPEG", quality=QUALITY)
        self._kept.append(
            Kept(
                time_s=round(small.time_s, 3),
                path=path,
                fingerprint=print_,
                width_px=image.width,
                height_px=image.height,
                scale=scale,
                opens_shot=opens,
            )
        )
        if len(self._kept) > 2 * self.budget:
            self._prune(self.budget)

    def _prune(self, most: int) -> None:
        while len(self._kept) > max(2, most):
            inner = range(1, len(self._kept) - 1)
            worst = min(inner, key=self._worth)
            self._kept.pop(worst).path.unlink(missing_ok=True)

    def _worth(self, at: int) -> float:
        """How much is lost without it: what it differs by, and the time it stands for."""
        here, before, after = self._kept[at], self._kept[at - 1], self._kept[at + 1]
        apart = min(
            shots.bits_apart(here.fingerprint, other.fingerprint) for other in (before, after)
        )
        return (apart + 4) * (after.time_s - before.time_s) * (1.5 if here.opens_shot else 1.0)
