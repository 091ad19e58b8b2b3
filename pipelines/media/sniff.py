"""The first bytes of a file -> what it is. Names and claims of senders are not looked at.

Every type that a later pipeline takes gets a row here; what no row knows is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.types import Kind

HEAD_BYTES = 128 * 1024
"""How much of the start of a file is enough to name it (an mp3 may begin with a picture)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileType:
    """A recognised type. `demuxer` is FFmpeg's name of the parser, empty for what has no sound."""

    media_type: str
    demuxer: str = ""
    kind: Kind | None = None
    """The pipeline that takes it; None for what no pipeline takes."""


def _sound(media_type: str, demuxer: str) -> FileType:
    return FileType(media_type=media_type, demuxer=demuxer, kind="voice")


WAV = _sound("audio/wav", "wav")
MP3 = _sound("audio/mpeg", "mp3")
ADTS = _sound("audio/aac", "aac")
MP4 = _sound("audio/mp4", "mov")
MPEG_TS = _sound("video/mp2t", "mpegts")

SOUND: tuple[FileType, ...] = (
    WAV,
    MP3,
    ADTS,
    MP4,
    MPEG_TS,
    _sound("audio/w64", "w64"),
    _sound("audio/aiff", "aiff"),
    _sound("audio/ogg", "ogg"),
    _sound("audio/flac", "flac"),
    _sound("audio/webm", "matroska"),
    _sound("audio/x-caf", "caf"),
    _sound("audio/basic", "au"),
    _sound("audio/amr", "amr"),
    _sound("audio/x-ms-wma", "asf"),
    _sound("audio/x-wavpack", "wv"),
    _sound("audio/ac3", "ac3"),
    _sound("video/x-msvideo", "avi"),
    _sound("video/x-flv", "flv"),
    _sound("video/mpeg", "mpeg"),
)
_BY_DEMUXER = {entry.demuxer: entry for entry in SOUND}

# (offset, bytes, demuxer or refused type)
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"OggS", "ogg"),
    (0, b"fLaC", "flac"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (0, b"caff", "caf"),
    (0, b".snd", "au"),
    (0, b"#!AMR", "amr"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "asf"),
    (0, b"wvpk", "wv"),
    (0, b"\x0b\x77", "ac3"),
    (0, b"FLV\x01", "flv"),
    (0, b"\x00\x00\x01\xba", "mpeg"),
    (0, b"riff\x2e\x91\xcf\x11", "w64"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"MZ", "application/x-msdownload"),
    (0, b"\xca\xfe\xba\xbe", "application/x-mach-binary"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (0, b"\x00asm", "application/wasm"),
)
_STILL_BRANDS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis"}
_MP4_FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_TEXT_BYTES = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0C, 0x0D} | frozenset(range(0x80, 256))


def identify(head: bytes) -> FileType:
    """Name a file by its first `HEAD_BYTES` bytes. Never fails; the unknown is octet-stream."""
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return _riff(head)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _BY_DEMUXER["aiff"]
    if head[4:8] in _MP4_FIRST_BOXES:
        return _iso_media(head)
    if head[:3] == b"ID3":
        return _behind_id3(head)
    for offset, magic, name in _MAGIC:
        if head.startswith(magic, offset):
            return _BY_DEMUXER.get(name) or FileType(media_type=name)
    return _without_magic(head)


def _riff(head: bytes) -> FileType:
    form = head[8:12]
    if form == b"WAVE":
        return WAV
    if form == b"AVI ":
        return _BY_DEMUXER["avi"]
    return FileType(media_type="image/webp" if form == b"WEBP" else "application/octet-stream")


def _iso_media(head: bytes) -> FileType:
    if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS:
        return FileType(media_type="image/heic")
    return MP4


def _behind_id3(head: bytes) -> FileType:
    """An ID3 tag stands before mp3, but also before raw AAC and FLAC."""
    size = sum(
        (byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True)
    )
    rest = head[10 + size :]
    if rest.startswith(b"fLaC"):
        return _BY_DEMUXER["flac"]
    return ADTS if _adts_frames(rest, 0) >= 2 else MP3


def _without_magic(head: bytes) -> FileType:
    if _mpeg_ts_packets(head) >= 3:
        return MPEG_TS
    start = head.find(b"\xff")
    while 0 <= start < len(head) // 2:
        if _adts_frames(head, start) >= 3:
            return ADTS
        if _mp3_frames(head, start) >= 3:
            return MP3
        start = head.find(b"\xff", start + 1)
    if looks_like_text(head):
        return FileType(media_type=_text_type(head))
    return FileType(media_type="application/octet-stream")


def looks_like_text(head: bytes) -> bool:
    """True for text in UTF-8 or an 8-bit encoding (no control signs), or UTF-16 with its mark."""
    return head[:2] in (b"\xff\xfe", b"\xfe\xff") or all(b in _TEXT_BYTES for b in head[:4096])


def _text_type(head: bytes) -> str:
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    if start.startswith((b"<?xml", b"<svg")):
        return "image/svg+xml" if b"<svg" in start else "application/xml"
    return "text/plain"


def _mpeg_ts_packets(head: bytes) -> int:
    count = 0
    while count * 188 < len(head) and head[count * 188] == 0x47:
        count += 1
    return count


# Bit rates in kbit/s by (MPEG-1?, layer), then by the 4-bit index; rates by 2-bit index.
_KBITS = {
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_HZ = (44_100, 48_000, 32_000)


def _mp3_frame_bytes(head: bytes, at: int) -> int:
    """Length of the MPEG audio frame that starts at `at`; 0 where none does."""
    if at + 4 > len(head) or head[at] != 0xFF or head[at + 1] & 0xE0 != 0xE0:
        return 0
    version, layer_bits = head[at + 1] >> 3 & 3, head[at + 1] >> 1 & 3
    rate_index, hz_index = head[at + 2] >> 4, head[at + 2] >> 2 & 3
    if version == 1 or layer_bits == 0 or rate_index in (0, 15) or hz_index == 3:
        return 0
    layer = 4 - layer_bits
    hz = _HZ[hz_index] >> {3: 0, 2: 1, 0: 2}[version]
    bits = _KBITS[(version == 3, layer)][rate_index] * 1000
    padding = head[at + 2] >> 1 & 1
    if layer == 1:
        return (12 * bits // hz + padding) * 4
    return (144 if version == 3 or layer == 2 else 72) * bits // hz + padding


def _mp3_frames(head: bytes, at: int) -> int:
    """How many whole frames follow each other from `at` on, at most 4."""
    count = 0
    while count < 4 and (size := _mp3_frame_bytes(head, at)):
        at, count = at + size, count + 1
    return count


def _adts_frames(head: bytes, at: int) -> int:
    count = 0
    while count < 4 and at + 7 <= len(head):
        if head[at] != 0xFF or head[at + 1] & 0xF6 != 0xF0:
            break
        size = (head[at + 3] & 3) << 11 | head[at + 4] << 3 | head[at + 5] >> 5
        if size < 7:
            break
        at, count = at + size, count + 1
    return count
