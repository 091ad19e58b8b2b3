"""Picture files: every format and mode, turned as the camera held it, limits before decoding."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipelines.errors import (
    DocumentDamaged,
    DocumentTooLong,
    MediaEmpty,
    MediaMissing,
    PictureTooLarge,
)
from pipelines.readers import mupdf, pictures
from tests.pipelines.readers.paper_kit import print_picture


def corner() -> Image.Image:
    """White, the upper left quarter black."""
    picture = Image.new("RGB", (60, 40), "white")
    picture.paste((0, 0, 0), (0, 0, 30, 20))
    return picture


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "HEIF"])
def test_every_format_opens(tmp_path: Path, format_: str) -> None:
    pictures._formats()
    corner().save(tmp_path / "any.bin", format=format_)
    (only,) = pictures.frames(tmp_path / "any.bin")
    assert (only.mode, only.size) == ("RGB", (60, 40))
    assert max(only.getpixel((5, 5))) < 40  # type: ignore[arg-type]
    assert min(only.getpixel((50, 35))) > 215  # type: ignore[arg-type]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_camera_s_turn_is_applied(tmp_path: Path, orientation: int) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = corner() if orientation == 1 else corner().transpose(turns[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.png", exif=exif)
    (only,) = pictures.frames(tmp_path / "a.png")
    assert np.array_equal(np.asarray(only), np.asarray(corner()))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode_becomes_rgb_and_keeps_black_and_white(tmp_path: Path, mode: str) -> None:
    if mode in ("I;16", "I", "F"):
        deep = np.asarray(corner().convert("L")).astype(np.float32) * 16
        picture = Image.fromarray(deep.astype({"I;16": "u2", "I": "i4", "F": "f4"}[mode]))
    else:
        picture = corner().convert(mode)
    picture.save(tmp_path / "a.tif")
    (only,) = pictures.frames(tmp_path / "a.tif")
    assert only.mode == "RGB"
    assert max(only.getpixel((5, 5))) < 20  # type: ignore[arg-type]
    assert min(only.getpixel((50, 35))) > 235  # type: ignore[arg-type]


def test_what_is_transparent_lies_on_white_paper(tmp_path: Path) -> None:
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(tmp_path / "a.png")
    (only,) = pictures.frames(tmp_path / "a.png")
    assert only.getpixel((5, 5)) == (255, 255, 255)


def test_all_pages_of_a_tiff_and_one_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.new("L", (20, 20), shade) for shade in (10, 120, 240)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    shades = [page.getpixel((5, 5))[0] for page in pictures.frames(tmp_path / "a.tif")]  # type: ignore[index]
    assert shades == [10, 120, 240]
    assert len(list(pictures.frames(tmp_path / "a.gif"))) == 1
    with pytest.raises(DocumentTooLong) as caught:
        list(pictures.frames(tmp_path / "a.tif", max_frames=2))
    assert caught.value.facts == {"pages": 3, "limit": 2}
    assert pictures.frame(tmp_path / "a.tif", 2).getpixel((5, 5)) == (120, 120, 120)
    with pytest.raises(MediaMissing):
        pictures.frame(tmp_path / "a.tif", 4)


def test_a_picture_of_a_billion_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    for side in (35_000, 12_000):
        header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100)))
        (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b""))
        with pytest.raises(PictureTooLarge):
            list(pictures.frames(tmp_path / "bomb.png"))


def test_refusals_have_names(tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_bytes(b"no picture at all")
    (tmp_path / "a.eps").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    out = io.BytesIO()
    print_picture("cut off").save(out, format="PNG")
    (tmp_path / "cut.png").write_bytes(out.getvalue()[: len(out.getvalue()) // 2])
    for name, error in (
        ("absent.png", MediaMissing),
        ("empty.png", MediaEmpty),
        ("text.png", DocumentDamaged),
        ("a.eps", DocumentDamaged),
        ("cut.png", DocumentDamaged),
    ):
        with pytest.raises(error):
            list(pictures.frames(tmp_path / name))


def test_one_pixel_is_a_picture(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "a.png")
    (only,) = pictures.frames(tmp_path / "a.png")
    assert only.size == (1, 1)


def test_a_picture_is_shown_with_its_boxes_at_its_own_pixels(tmp_path: Path) -> None:
    print_picture("hello").save(tmp_path / "a.png")
    shown = Image.open(
        io.BytesIO(mupdf.render_page(tmp_path / "a.png", 1, 36, [(600, 200, 800, 280)]))
    )
    assert shown.size == (450, 150)
    assert shown.getpixel((350, 120)) == (255, 240, 170)
    assert shown.getpixel((200, 140)) == (255, 255, 255)
