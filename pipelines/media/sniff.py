"""The first bytes of a file -> what it is. Names and claims of senders are not looked at.

Every type that a pipeline takes has a row in `sound_types`, `document_types` or `image_types`;
what no row knows is refused. Archives (ZIP, OLE) are told apart by `containers`, which looks
inside.
"""

from __future__ import annotations

from pipelines.media import document_types, image_types, sound_types
from pipelines.media.kinds import HEAD_BYTES, FileType

__all__ = ["HEAD_BYTES", "FileType", "identify"]

# Taken by nobody, but named, so that a refusal can say what it is.
_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/x-msdownload"),
    (b"\xca\xfe\xba\xbe", "application/x-mach-binary"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"\x00asm", "application/wasm"),
    (b"%!PS", "application/postscript"),
    (b"\xc5\xd0\xd3\xc6", "application/postscript"),
    (b"HWP Document File V", "application/x-hwp-v3"),
    (b"{\\rtf", "application/rtf"),
)


def identify(head: bytes) -> FileType:
    """Name a file by its first `HEAD_BYTES` bytes. Never fails; the unknown is octet-stream."""
    # HEIC begins like an MP4 and WEBP like a WAV: pictures are asked first.
    found = image_types.by_mark(head) or sound_types.by_mark(head) or document_types.by_mark(head)
    if found is not None:
        return found
    for mark, media_type in _REFUSED:
        if head.startswith(mark):
            return FileType(media_type=media_type)
    return (
        sound_types.by_frames(head)
        or document_types.by_late_mark(head)
        or document_types.by_text(head)
        or FileType(media_type="application/octet-stream")
    )
