from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pipelines.errors import (
    MediaEmpty,
    MediaHasNoSound,
    MediaMissing,
    MediaRejected,
    MediaTooLarge,
    MediaTooLong,
    MediaUndecodable,
    MediaUnsupported,
)
from pipelines.media.admit import admit, clean_name, demuxer_of
from pipelines.refusals import MediaIsDocument, MediaIsImage
from pipelines.settings import Settings
from pipelines.wording import explain
from tests.pipelines.media import kit

SETTINGS = Settings(max_audio_s=60.0, max_file_mb=5)


def refused(path: Path, settings: Settings = SETTINGS) -> MediaRejected:
    with pytest.raises(MediaRejected) as caught:
        admit(path, settings=settings)
    return caught.value


def test_a_recording_is_admitted_with_what_its_content_says(tmp_path: Path) -> None:
    path = kit.write(tmp_path / "voice.dat", kit.tone(2.0), container="wav")
    media = admit(path, settings=SETTINGS, name="../../민원 녹음.wav")
    assert (media.kind, media.media_type, media.name) == ("voice", "audio/wav", "민원 녹음.wav")
    assert media.size_bytes == path.stat().st_size
    assert len(media.sha256) == 64
    assert media.duration_s == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize(
    ("name", "codec", "media_type", "rate"),
    [
        ("a.mp3", "libmp3lame", "audio/mpeg", 44_100),
        ("a.m4a", "aac", "audio/mp4", 44_100),
        ("a.aac", "aac", "audio/aac", 44_100),
        ("a.ogg", "libopus", "audio/ogg", 48_000),
        ("a.flac", "flac", "audio/flac", 16_000),
        ("a.webm", "libopus", "audio/webm", 48_000),
        ("a.aiff", "pcm_s16be", "audio/aiff", 16_000),
        ("a.au", "pcm_s16be", "audio/basic", 16_000),
        ("a.caf", "pcm_s16le", "audio/x-caf", 16_000),
        ("a.wma", "wmav2", "audio/x-ms-wma", 44_100),
        ("a.w64", "pcm_s16le", "audio/w64", 16_000),
    ],
)
def test_every_container_is_known_by_content(
    tmp_path: Path, name: str, codec: str, media_type: str, rate: int
) -> None:
    made = kit.write(tmp_path / name, kit.tone(3.0, rate=rate), codec=codec, rate=rate)
    renamed = made.rename(tmp_path / "without-ending")
    media = admit(renamed, settings=SETTINGS)
    assert media.media_type == media_type
    assert media.kind == "voice"
    assert media.duration_s == pytest.approx(3.0, abs=0.15)


def test_missing_and_special_files(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.wav", tmp_path, Path("/dev/zero"), Path("a\0b")):
        assert isinstance(refused(path), MediaMissing)


def test_zero_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    assert isinstance(refused(tmp_path / "a.wav"), MediaEmpty)


def test_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.wav").open("wb") as out:
        out.truncate(6_000_001)
    error = refused(tmp_path / "a.wav")
    assert isinstance(error, MediaTooLarge)
    assert error.facts == {"size_mb": 7, "limit_mb": 5}


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"#!/bin/sh\nrm -rf /\n", "text/x-script"),
        (b"MZ\x90\x00" + bytes(200), "application/x-msdownload"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "application/x-ole-storage"),
        (bytes(5000), "application/octet-stream"),
        (np.random.default_rng(1).bytes(200_000), "application/octet-stream"),
    ],
)
def test_other_content_renamed_wav(tmp_path: Path, content: bytes, media_type: str) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    error = refused(tmp_path / "a.wav")
    assert isinstance(error, MediaUnsupported)
    assert error.facts == {"media_type": media_type}


@pytest.mark.parametrize(
    ("content", "kind", "label"),
    [
        (b"This is not a recording.\n" * 50, MediaIsDocument, "TXT"),
        ("가로등이 꺼졌습니다.\n".encode() * 500, MediaIsDocument, "TXT"),
        ("가로등이 꺼졌습니다.\n".encode("cp949") * 50, MediaIsDocument, "TXT"),
        ("가로등".encode("utf-16"), MediaIsDocument, "TXT"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", MediaIsDocument, "TXT"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", MediaIsDocument, "TXT"),
        (b"<!DOCTYPE html><html><body>hello</body></html>", MediaIsDocument, "HTML"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", MediaIsDocument, "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), MediaIsImage, "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(100), MediaIsImage, "JPG"),
    ],
)
def test_a_paper_sent_as_a_recording_is_told_where_it_can_go(
    tmp_path: Path, content: bytes, kind: type[MediaRejected], label: str
) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    error = refused(tmp_path / "a.wav")
    assert type(error) is kind
    assert error.facts == {"label": label}
    assert label in explain(error, "ko")
    assert "문서 탭" in explain(error, "ko")
    assert "documents tab" in explain(error, "en")


def test_a_program_and_an_archive_renamed_wav(tmp_path: Path) -> None:
    shutil.copy(Path(sys.executable).resolve(), tmp_path / "a.wav")
    wide = Settings(max_file_mb=500)
    assert refused(tmp_path / "a.wav", wide).facts == {"media_type": "application/x-executable"}
    with zipfile.ZipFile(tmp_path / "b.wav", "w") as archive:
        archive.writestr("a.txt", "hello")
    assert refused(tmp_path / "b.wav").facts == {"media_type": "application/zip"}


def test_too_long_names_both_numbers(tmp_path: Path) -> None:
    path = kit.write(tmp_path / "a.ogg", kit.tone(90.0, rate=48_000), codec="libopus", rate=48_000)
    error = refused(path)
    assert isinstance(error, MediaTooLong)
    assert error.facts["limit_min"] == 1.0
    assert error.facts["length_min"] >= 1.0


def test_three_hours_are_refused_by_the_default_limit(tmp_path: Path) -> None:
    """A real 3 h file: 8 kHz, 8 bit, so that it stays small."""
    seconds = 3 * 3600
    header = kit.write(
        tmp_path / "head.wav", np.zeros(8, np.float32), rate=8000, codec="pcm_u8"
    ).read_bytes()
    data = header.index(b"data")
    sized = header[:4] + (data + seconds * 8000).to_bytes(4, "little") + header[8 : data + 4]
    path = tmp_path / "long.wav"
    path.write_bytes(sized + (seconds * 8000).to_bytes(4, "little") + b"\x80" * (seconds * 8000))
    error = refused(path, Settings())
    assert isinstance(error, MediaTooLong)
    assert error.facts["limit_min"] == 150.0


@pytest.mark.parametrize("name", ["a.m4a", "a.webm", "a.flac", "a.ogg", "a.mp3"])
def test_the_first_bytes_alone_are_no_recording(tmp_path: Path, name: str) -> None:
    codec = {"a.m4a": "aac", "a.flac": "flac", "a.mp3": "libmp3lame"}.get(name, "libopus")
    whole = kit.write(tmp_path / name, kit.tone(3.0, rate=48_000), codec=codec, rate=48_000)
    whole.write_bytes(whole.read_bytes()[:60])
    assert isinstance(refused(whole), MediaUndecodable | MediaUnsupported)


def test_an_mp4_cut_off_before_its_index(tmp_path: Path) -> None:
    whole = kit.write(tmp_path / "a.m4a", kit.tone(5.0, rate=48_000), codec="aac", rate=48_000)
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) // 2])
    assert isinstance(refused(whole), MediaUndecodable)


def test_a_header_without_sound(tmp_path: Path) -> None:
    whole = kit.write(tmp_path / "a.wav", kit.tone(1.0)).read_bytes()
    (tmp_path / "a.wav").write_bytes(whole[: whole.index(b"data") + 8])
    assert isinstance(refused(tmp_path / "a.wav"), MediaUndecodable)


def test_a_video_gives_its_sound_or_says_that_it_has_none(tmp_path: Path) -> None:
    media = admit(kit.with_picture(tmp_path / "a.mp4", 2, sound=True), settings=SETTINGS)
    assert (media.kind, media.media_type) == ("video", "video/mp4")
    silent = kit.with_picture(tmp_path / "b.mp4", 2, sound=False)
    assert isinstance(refused(silent), MediaHasNoSound)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\kim\\녹음.wav", "녹음.wav"),
        ("line\nbreak\r\n.wav", "line break .wav"),
        ("evil\u202egpj.wav", "evilgpj.wav"),
        ("zero\u200bwidth\u2066.wav", "zerowidth.wav"),
        ("bell\x07nul\x00.wav", "bellnul.wav"),
        ("...", ""),
        ("가" * 4000 + ".wav", None),
        ("x" * 4000, None),
    ],
)
def test_names_are_fit_to_be_shown(name: str, clean: str | None) -> None:
    shown = clean_name(name)
    assert clean is None or shown == clean
    assert len(shown) <= 120
    assert shown.endswith(".wav") or not name.endswith(".wav")


def test_the_parser_follows_the_content(tmp_path: Path) -> None:
    media = admit(kit.write(tmp_path / "a.mp3", kit.tone(1.0), container="wav"), settings=SETTINGS)
    assert demuxer_of(media) == "wav"
    media.path.unlink()
    with pytest.raises(MediaMissing):
        demuxer_of(media)
