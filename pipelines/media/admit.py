"""A path -> a MediaFile, or the refusal that names its reason. Nothing is decoded here."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

from pipelines.errors import MediaEmpty, MediaMissing, MediaTooLarge, MediaUnsupported
from pipelines.media import audio
from pipelines.media.sniff import HEAD_BYTES, FileType, identify
from pipelines.settings import Settings
from pipelines.types import MediaFile

NAME_LENGTH = 120
_BLOCK_BYTES = 1 << 20
_AS_VIDEO = {
    "audio/mp4": "video/mp4",
    "audio/webm": "video/webm",
    "audio/ogg": "video/ogg",
    "audio/x-ms-wma": "video/x-ms-wmv",
}


def admit(path: Path, *, settings: Settings, name: str = "") -> MediaFile:
    """Look at a file's content and say what it is.

    `name` is the sender's name for it (default: the path's last part); it is cleaned and only
    ever shown. `kind` is "video" for a container with a moving picture, else "voice".

    Raises MediaMissing, MediaEmpty, MediaTooLarge, MediaUnsupported, MediaUndecodable,
    MediaHasNoSound, MediaTooLong.
    """
    size_bytes = _size_of(path)
    if size_bytes == 0:
        raise MediaEmpty
    if size_bytes > settings.max_file_mb * 1_000_000:
        raise MediaTooLarge(size_mb=-(-size_bytes // 1_000_000), limit_mb=settings.max_file_mb)
    head, sha256 = _read_through(path)
    file_type = identify(head)
    if file_type.kind is None:
        raise MediaUnsupported(media_type=file_type.media_type)
    return _admit_sound(
        path, file_type, size_bytes, sha256, clean_name(name or path.name), settings.max_audio_s
    )


def demuxer_of(media: MediaFile) -> str:
    """The parser for an admitted file, from its content as it is now. Raises MediaMissing."""
    try:
        with media.path.open("rb") as handle:
            return identify(handle.read(HEAD_BYTES)).demuxer
    except OSError as exc:
        raise MediaMissing from exc


def clean_name(name: str) -> str:
    """A sender's file name, fit to be shown: its last part, on one line, short, no hidden marks."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # The categories C: control, bidi and zero-width marks, surrogates, unassigned.
    spaced = (" " if c.isspace() else c for c in last)
    seen = "".join(c for c in spaced if unicodedata.category(c)[0] != "C")
    text = " ".join(seen.split()).strip(". ")
    if len(text) <= NAME_LENGTH:
        return text
    stem, dot, suffix = text.rpartition(".")
    if not dot or len(suffix) > 8:
        return text[: NAME_LENGTH - 1] + "…"
    return stem[: NAME_LENGTH - len(suffix) - 2] + "…." + suffix


def _admit_sound(
    path: Path, file_type: FileType, size_bytes: int, sha256: str, name: str, limit_s: float
) -> MediaFile:
    found = audio.probe(path, file_type.demuxer, limit_s=limit_s)
    media_type = file_type.media_type
    if found.has_picture:
        media_type = _AS_VIDEO.get(media_type, media_type)
    return MediaFile(
        path=path,
        kind="video" if found.has_picture else "voice",
        media_type=media_type,
        size_bytes=size_bytes,
        sha256=sha256,
        name=name,
        duration_s=found.length_s,
    )


def _size_of(path: Path) -> int:
    """Raises MediaMissing for what is not an ordinary file (a folder, a pipe, a device)."""
    try:
        if not path.is_file():
            raise MediaMissing
        return path.stat().st_size
    except (OSError, ValueError) as exc:
        raise MediaMissing from exc


def _read_through(path: Path) -> tuple[bytes, str]:
    """(the first HEAD_BYTES, sha256 of everything), read once in blocks."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as handle:
            head = handle.read(HEAD_BYTES)
            digest.update(head)
            while block := handle.read(_BLOCK_BYTES):
                digest.update(block)
    except OSError as exc:
        raise MediaMissing from exc
    return head, digest.hexdigest()
