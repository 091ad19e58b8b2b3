"""Pictures, named by their first bytes. SVG is a program in disguise and stays a refused text."""

from __future__ import annotations

from pipelines.media.kinds import FileType


def _image(media_type: str, label: str) -> FileType:
    return FileType(media_type=media_type, kind="image", label=label)


PNG = _image("image/png", "PNG")
JPEG = _image("image/jpeg", "JPG")
GIF = _image("image/gif", "GIF")
BMP = _image("image/bmp", "BMP")
TIFF = _image("image/tiff", "TIFF")
WEBP = _image("image/webp", "WEBP")
HEIC = _image("image/heic", "HEIC")
AVIF = _image("image/avif", "AVIF")
IMAGES = (PNG, JPEG, GIF, BMP, TIFF, WEBP, HEIC, AVIF)

_MAGIC: tuple[tuple[bytes, FileType], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
)
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
_BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}


def by_mark(head: bytes) -> FileType | None:
    """The picture format whose mark stands at the start; None where none does."""
    for mark, found in _MAGIC:
        if head.startswith(mark):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return _iso_still(head)
    # Two letters alone would claim texts that begin with BM; the header's length settles it.
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return BMP
    return None


def _iso_still(head: bytes) -> FileType | None:
    """HEIC or AVIF by the major brand; the general brand mif1 is settled by the others."""
    major, size = head[8:12], int.from_bytes(head[:4], "big")
    others = {head[at : at + 4] for at in range(16, min(size, 256), 4)}
    if major in _AVIF_BRANDS or (major in {b"mif1", b"msf1"} and others & _AVIF_BRANDS):
        return AVIF
    return HEIC if major in _HEIC_BRANDS else None
