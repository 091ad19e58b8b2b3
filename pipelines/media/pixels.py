"""Width, height and number of frames from a picture's header alone, in plain Python.

A picture of 35,000 x 35,000 pixels fits into 12 kB, so the question must be answered before any
decoder sees the file, and by code that no crafted header can crash. The decoder in the worker
asks again: the two may read a hostile header differently.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipelines.errors import DocumentDamaged, PictureTooLarge
from pipelines.refusals import MediaTooManyFrames

_FRAME_STEPS = 100_000
"""Blocks of a file that are walked while frames are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSize:
    """Of the largest frame, as stored: before any rotation by EXIF."""

    width_px: int
    height_px: int
    frames: int = 1


def check(size: PictureSize, *, limit_mp: float, limit_frames: int) -> None:
    """Raises PictureTooLarge or MediaTooManyFrames, each with both numbers."""
    pixels = size.width_px * size.height_px
    if pixels > limit_mp * 1_000_000:
        raise PictureTooLarge(megapixels=-(-pixels // 1_000_000), limit=round(limit_mp))
    if size.frames > limit_frames:
        raise MediaTooManyFrames(frames=size.frames, limit_frames=limit_frames)


def measure(path: Path, media_type: str) -> PictureSize:
    """Read the header of an admitted picture. Raises DocumentDamaged."""
    with path.open("rb") as handle:
        try:
            size = _READERS[media_type](handle)
        except (struct.error, IndexError, OverflowError, ValueError, OSError) as exc:
            raise DocumentDamaged from exc
    if size.width_px <= 0 or size.height_px <= 0 or size.frames <= 0:
        raise DocumentDamaged
    return size


def _png(handle: IO[bytes]) -> PictureSize:
    handle.seek(8)
    width = height = 0
    frames = 1
    for _ in range(_FRAME_STEPS):
        head = handle.read(8)
        if len(head) < 8 or head[4:] == b"IDAT":
            break
        length = int.from_bytes(head[:4], "big")
        body = handle.read(min(length, 8))
        if head[4:] == b"IHDR":
            width, height = struct.unpack(">II", body)
        elif head[4:] == b"acTL":
            frames = max(frames, int.from_bytes(body[:4], "big"))
        handle.seek(length - len(body) + 4, 1)
    return PictureSize(width_px=width, height_px=height, frames=frames)


_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


def _jpeg(handle: IO[bytes]) -> PictureSize:
    handle.seek(2)
    for _ in range(_FRAME_STEPS):
        byte = handle.read(1)
        if not byte:
            break
        if byte != b"\xff":
            continue
        while (mark := handle.read(1)) == b"\xff":
            pass
        if not mark or mark == b"\x00" or mark[0] in _WITHOUT_LENGTH:
            continue
        length = int.from_bytes(handle.read(2), "big")
        if mark[0] in _START_OF_FRAME:
            _, height, width = struct.unpack(">BHH", handle.read(5))
            return PictureSize(width_px=width, height_px=height)
        handle.seek(max(0, length - 2), 1)
    raise DocumentDamaged


def _gif(handle: IO[bytes]) -> PictureSize:
    width, height, flags = struct.unpack("<6xHHB", handle.read(11))
    handle.seek(13 + _gif_palette(flags))
    frames = 0
    for _ in range(_FRAME_STEPS):
        mark = handle.read(1)
        if mark == b"!":
            handle.seek(1, 1)
        elif mark == b",":
            frames += 1
            left, top, wide, high, flags = struct.unpack("<HHHHB", handle.read(9))
            width, height = max(width, left + wide), max(height, top + high)
            handle.seek(_gif_palette(flags) + 1, 1)
        else:
            break
        while (block := handle.read(1)) and block[0]:
            handle.seek(block[0], 1)
    return PictureSize(width_px=width, height_px=height, frames=frames)


def _gif_palette(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _bmp(handle: IO[bytes]) -> PictureSize:
    head = handle.read(26)
    if struct.unpack_from("<I", head, 14)[0] == 12:
        width, height = struct.unpack_from("<HH", head, 18)
    else:
        width, height = struct.unpack_from("<ii", head, 18)
    return PictureSize(width_px=abs(width), height_px=abs(height))


def _webp(handle: IO[bytes]) -> PictureSize:
    handle.seek(12)
    size: tuple[int, int] = (0, 0)
    frames = 0
    for _ in range(_FRAME_STEPS):
        head = handle.read(8)
        if len(head) < 8:
            break
        length = int.from_bytes(head[4:], "little")
        body = handle.read(min(length, 10))
        size = max(size, _webp_size(head[:4], body), key=lambda s: s[0] * s[1])
        frames += head[:4] == b"ANMF"
        handle.seek(length - len(body) + (length & 1), 1)
    return PictureSize(width_px=size[0], height_px=size[1], frames=max(1, frames))


def _webp_size(name: bytes, body: bytes) -> tuple[int, int]:
    if name == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _tiff(handle: IO[bytes]) -> PictureSize:
    mark = handle.read(8)
    order = "<" if mark[:2] == b"II" else ">"
    big = struct.unpack_from(f"{order}H", mark, 2)[0] == 43
    if big:
        at = struct.unpack(f"{order}Q", handle.read(8))[0]
    else:
        at = struct.unpack_from(f"{order}I", mark, 4)[0]
    width = height = frames = 0
    seen: set[int] = set()
    while at and at not in seen and len(seen) < _FRAME_STEPS:
        seen.add(at)
        handle.seek(at)
        tags, at = _tiff_directory(handle, order, big=big)
        frames += 1
        wide, high = tags.get(256, 0), tags.get(257, 0)
        if wide * high > width * height:
            width, height = wide, high
    return PictureSize(width_px=width, height_px=height, frames=frames)


def _tiff_directory(handle: IO[bytes], order: str, *, big: bool) -> tuple[dict[int, int], int]:
    """(width and height by tag, offset of the next directory)."""
    count_format, entry, next_format = ("Q", 20, "Q") if big else ("H", 12, "I")
    raw = handle.read(struct.calcsize(order + count_format))
    count = min(struct.unpack(order + count_format, raw)[0], 10_000)
    block = handle.read(count * entry)
    tags: dict[int, int] = {}
    for at in range(0, len(block) - entry + 1, entry):
        tag, kind = struct.unpack_from(f"{order}HH", block, at)
        if tag in (256, 257):
            value = at + (12 if big else 8)
            tags[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), block, value)[0]
    following = handle.read(struct.calcsize(order + next_format))
    if len(following) < struct.calcsize(order + next_format):
        return tags, 0  # cut off here: what came before counts
    return tags, struct.unpack(order + next_format, following)[0]


_BOXES = {b"meta", b"iprp", b"ipco", b"moov", b"trak", b"mdia", b"minf", b"stbl"}


def _iso(handle: IO[bytes]) -> PictureSize:
    """HEIC, AVIF: the largest `ispe` of all items, tiles and previews included."""
    end = handle.seek(0, 2)
    size: tuple[int, int] = (0, 0)
    for name, body in _iso_boxes(handle, 0, end):
        if name == b"ispe":
            size = max(size, struct.unpack(">II", body[4:12]), key=lambda s: s[0] * s[1])
    return PictureSize(width_px=size[0], height_px=size[1])


def _iso_boxes(handle: IO[bytes], start: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """(name, first bytes) of every box, walked without recursion."""
    waiting = [(start, end)]
    for _ in range(_FRAME_STEPS):
        if not waiting:
            return
        at, stop = waiting.pop()
        if at + 8 > stop:
            continue
        handle.seek(at)
        head = handle.read(16)
        length, name = int.from_bytes(head[:4], "big"), head[4:8]
        skip = 8
        if length == 1:
            length, skip = int.from_bytes(head[8:16], "big"), 16
        length = length or stop - at
        if length < skip:
            continue
        waiting.append((at + length, stop))
        if name in _BOXES:
            inside = at + skip + (4 if name == b"meta" else 0)
            waiting.append((inside, min(at + length, stop)))
        handle.seek(at + skip)
        yield name, handle.read(12)


_READERS: dict[str, Callable[[IO[bytes]], PictureSize]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/bmp": _bmp,
    "image/webp": _webp,
    "image/tiff": _tiff,
    "image/heic": _iso,
    "image/avif": _iso,
}
