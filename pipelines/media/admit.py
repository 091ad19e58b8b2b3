"""A path -> a MediaFile, or the refusal that names its reason. Nothing is decoded here."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

from pipelines.errors import (
    MediaEmpty,
    MediaHasNoSound,
    MediaMissing,
    MediaRejected,
    MediaTooLarge,
    MediaUnsupported,
)
from pipelines.media import archives, audio, clips, containers, document_types, pixels
from pipelines.media.sniff import HEAD_BYTES, FileType, identify
from pipelines.refusals import (
    DocumentUnsupported,
    MediaIsDocument,
    MediaIsImage,
    MediaIsRecording,
    MediaMislabelled,
    VideoHasNoPicture,
)
from pipelines.settings import Settings
from pipelines.types import Kind, MediaFile

VIDEOS: frozenset[Kind] = frozenset({"video"})
"""Moving pictures, with or without sound; recordings must have sound, with or without pictures."""
RECORDINGS: frozenset[Kind] = frozenset({"voice", "video"})
PAPERS: frozenset[Kind] = frozenset({"document", "image"})
GIF = "image/gif"
"""A picture, or a film: videos take it, too."""
NAME_LENGTH = 120
_BLOCK_BYTES = 1 << 20
_AS_VIDEO = {
    "audio/mp4": "video/mp4",
    "audio/webm": "video/webm",
    "audio/ogg": "video/ogg",
    "audio/x-ms-wma": "video/x-ms-wmv",
}


def admit(
    path: Path, *, settings: Settings, name: str = "", accept: frozenset[Kind] = RECORDINGS
) -> MediaFile:
    """Look at a file's content and say what it is.

    `name` is the sender's name for it (default: the path's last part); it is cleaned and only
    ever shown, and tells texts apart. `kind` is "video" for a container with a moving picture,
    else "voice"; "document" and "image" for what `accept` must name.

    Of any kind: raises MediaMissing, MediaEmpty, MediaTooLarge, MediaIsDocument, MediaIsImage,
    MediaIsRecording. Of recordings: MediaUnsupported, MediaUndecodable, MediaHasNoSound,
    MediaTooLong. Of videos (`accept` VIDEOS): MediaUnsupported, MediaUndecodable, MediaTooLong,
    VideoHasNoPicture, VideoFrameTooLarge. Of documents and pictures: DocumentUnsupported,
    DocumentEncrypted,
    MediaMislabelled, DocumentDamaged, PictureTooLarge, MediaTooManyFrames, ArchiveTooLarge,
    ArchiveRatio, ArchiveTooManyEntries, ArchiveNested, ArchiveUnsafe.
    """
    size_bytes = _size_of(path)
    if size_bytes == 0:
        raise MediaEmpty
    limit_mb = settings.max_file_mb if accept & RECORDINGS else settings.max_document_mb
    _check_size(size_bytes, limit_mb)
    head, sha256 = _read_through(path)
    shown = clean_name(name or path.name)
    file_type = identify(head)
    if accept == VIDEOS and (file_type.kind in RECORDINGS or file_type.media_type == GIF):
        return _admit_video(path, file_type, size_bytes, sha256, shown, settings)
    if file_type.kind in RECORDINGS and accept & RECORDINGS:
        return _admit_sound(path, file_type, size_bytes, sha256, shown, settings.max_audio_s)
    found = _looked_into(path, file_type, head, shown, settings, wanted=bool(accept & PAPERS))
    _check_kind(found, accept)
    _check_size(size_bytes, settings.max_document_mb)
    _check_ending(found, shown)
    if found.kind == "image":
        pixels.check(
            pixels.measure(path, found.media_type),
            limit_mp=settings.max_picture_mp,
            limit_frames=settings.max_pages,
        )
    return MediaFile(
        path=path,
        kind="image" if found.kind == "image" else "document",
        media_type=found.media_type,
        size_bytes=size_bytes,
        sha256=sha256,
        name=shown,
    )


def admit_any(path: Path, *, settings: Settings, name: str = "") -> MediaFile:
    """A file of whatever kind, for a case of several. Raises what `admit` raises."""
    try:
        media = admit(path, settings=settings, name=name, accept=RECORDINGS | PAPERS)
    except MediaHasNoSound:
        return admit(path, settings=settings, name=name, accept=VIDEOS)
    if media.kind == "video":
        return admit(path, settings=settings, name=name, accept=VIDEOS)
    return media


def demuxer_of(media: MediaFile) -> str:
    """The parser for an admitted file, from its content as it is now. Raises MediaMissing."""
    try:
        with media.path.open("rb") as handle:
            found = identify(handle.read(HEAD_BYTES))
            return found.demuxer or ("gif" if found.media_type == GIF else "")
    except OSError as exc:
        raise MediaMissing from exc


def _check_size(size_bytes: int, limit_mb: int) -> None:
    if size_bytes > limit_mb * 1_000_000:
        raise MediaTooLarge(size_mb=-(-size_bytes // 1_000_000), limit_mb=limit_mb)


def _looked_into(
    path: Path, found: FileType, head: bytes, name: str, settings: Settings, *, wanted: bool
) -> FileType:
    """The type once archives are opened and texts are told apart.

    An archive that no pipeline here would take is not measured: its contents table is enough to
    say what it is, and where even that can't be read it stays what its first bytes say.
    """
    try:
        if found == document_types.OLE:
            return containers.in_ole(path)
        if found == document_types.ZIP:
            limits = archives.ArchiveLimits(unpacked_mb=settings.max_unpacked_mb)
            package = archives.open_package(path, limits)
            inside = containers.in_zip(package)
            if wanted and inside.kind:
                archives.measure(package, limits)
            return inside
    except MediaRejected:
        if wanted:
            raise
        return found
    return document_types.hinted(found, head, name)


def _check_kind(found: FileType, accept: frozenset[Kind]) -> None:
    """Raises the error that says what it is and where it can go."""
    if found.kind in accept:
        return
    if found.kind == "document":
        raise MediaIsDocument(label=found.label)
    if found.kind == "image":
        raise MediaIsImage(label=found.label)
    if found.kind in RECORDINGS:
        raise MediaIsRecording(media_type=found.media_type)
    if accept & PAPERS:
        raise DocumentUnsupported(
            media_type=found.media_type, label=found.label or found.media_type
        )
    raise MediaUnsupported(media_type=found.media_type)


_PICTURE_ENDINGS = frozenset(
    ".png .jpg .jpeg .jfif .gif .bmp .tif .tiff .webp .heic .heif .avif".split()
)
_PAPER_ENDINGS = frozenset(".pdf .hwp .hwpx .docx .xlsx .pptx .odt .ods .odp".split())


def _check_ending(found: FileType, name: str) -> None:
    """A name that promises another kind of thing is no slip of a telephone or an office program.

    A PNG named .jpg, a DOCX named .hwp and a web page named .xls are ordinary and are read as
    what they are; a picture named .pdf, or bare text named .docx, is not what anybody meant.
    """
    ending = Path(name.lower()).suffix
    text = found in document_types.TEXTS and found != document_types.HTML
    wrong = (
        found.kind == "document"
        if ending in _PICTURE_ENDINGS
        else ending in _PAPER_ENDINGS and (found.kind == "image" or text)
    )
    if wrong:
        raise MediaMislabelled(ending=ending, label=found.label)


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


def _admit_video(
    path: Path, file_type: FileType, size_bytes: int, sha256: str, name: str, settings: Settings
) -> MediaFile:
    try:
        found = clips.probe(
            path,
            file_type.demuxer or "gif",
            limit_s=settings.max_video_s,
            limit_mp=settings.max_frame_mp,
        )
    except VideoHasNoPicture:
        if file_type.media_type == GIF:
            raise MediaIsImage(label=file_type.label) from None
        raise
    return MediaFile(
        path=path,
        kind="video",
        media_type=_AS_VIDEO.get(file_type.media_type, file_type.media_type),
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
