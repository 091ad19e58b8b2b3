"""Sound and video containers, named by their first bytes."""

from __future__ import annotations

from pipelines.media.kinds import FileType


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

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"caff", "caf"),
    (b".snd", "au"),
    (b"#!AMR", "amr"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "asf"),
    (b"wvpk", "wv"),
    (b"\x0b\x77", "ac3"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"riff\x2e\x91\xcf\x11", "w64"),
)
_MP4_FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


def by_mark(head: bytes) -> FileType | None:
    """The container whose mark stands at the start; None where none does."""
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return {b"WAVE": WAV, b"AVI ": _BY_DEMUXER["avi"]}.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _BY_DEMUXER["aiff"]
    if head[4:8] in _MP4_FIRST_BOXES:
        return MP4
    if head[:3] == b"ID3":
        return _behind_id3(head)
    for mark, demuxer in _MAGIC:
        if head.startswith(mark):
            return _BY_DEMUXER[demuxer]
    return None


def by_frames(head: bytes) -> FileType | None:
    """Streams without a mark of their own: three whole frames that follow each other."""
    if _mpeg_ts_packets(head) >= 3:
        return MPEG_TS
    start = head.find(b"\xff")
    while 0 <= start < len(head) // 2:
        if _adts_frames(head, start) >= 3:
            return ADTS
        if _mp3_frames(head, start) >= 3:
            return MP3
        start = head.find(b"\xff", start + 1)
    return None


def _behind_id3(head: bytes) -> FileType:
    """An ID3 tag stands before mp3, but also before raw AAC and FLAC."""
    size = sum(
        (byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True)
    )
    rest = head[10 + size :]
    if rest.startswith(b"fLaC"):
        return _BY_DEMUXER["flac"]
    return ADTS if _adts_frames(rest, 0) >= 2 else MP3


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
