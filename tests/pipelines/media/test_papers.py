"""Documents and pictures at the gate: what they are, and what is refused before it is opened."""

from __future__ import annotations

import io
import stat
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipelines.errors import (
    DocumentDamaged,
    DocumentEncrypted,
    MediaEmpty,
    MediaRejected,
    MediaTooLarge,
    PictureTooLarge,
)
from pipelines.media import pixels
from pipelines.media.admit import PAPERS, RECORDINGS, admit
from pipelines.refusals import (
    ArchiveNested,
    ArchiveRatio,
    ArchiveTooLarge,
    ArchiveTooManyEntries,
    ArchiveUnsafe,
    DocumentUnsupported,
    MediaIsDocument,
    MediaIsRecording,
    MediaMislabelled,
    MediaTooManyFrames,
)
from pipelines.settings import Settings
from pipelines.types import MediaFile
from pipelines.wording import explain
from tests.pipelines.media import kit, papers

SETTINGS = Settings(max_document_mb=5, max_pages=20)


def taken(path: Path, name: str = "", settings: Settings = SETTINGS) -> MediaFile:
    return admit(path, settings=settings, name=name or "file", accept=PAPERS)


def refused(path: Path, name: str = "", settings: Settings = SETTINGS) -> MediaRejected:
    with pytest.raises(MediaRejected) as caught:
        taken(path, name, settings)
    for language in ("ko", "en"):
        said = explain(caught.value, language)
        assert "{" not in said
        assert caught.value.code not in said
    return caught.value


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pptx"])
def test_office_packages_are_known_by_their_main_part(tmp_path: Path, kind: str) -> None:
    media = taken(papers.office(tmp_path / "a", kind), f"../신청서.{kind}")
    assert (media.kind, media.name) == ("document", f"신청서.{kind}")
    assert {"docx": "word", "xlsx": "spreadsheet", "pptx": "presentation"}[kind] in media.media_type


def test_a_workbook_with_macros_is_still_a_workbook(tmp_path: Path) -> None:
    media = taken(papers.office(tmp_path / "a", "xlsm", {"xl/vbaProject.bin": b"x" * 100}))
    assert media.media_type.endswith("spreadsheetml.sheet")


@pytest.mark.parametrize("kind", ["odt", "ods", "odp", "hwpx"])
def test_packages_with_a_mimetype(tmp_path: Path, kind: str) -> None:
    assert taken(papers.open_document(tmp_path / "a", kind)).media_type == papers.MIMETYPES[kind]


def test_hwpx_without_its_mimetype(tmp_path: Path) -> None:
    path = papers.package(tmp_path / "a", {"version.xml": "<v/>", "Contents/header.xml": "<h/>"})
    assert taken(path).media_type == "application/hwp+zip"


@pytest.mark.parametrize(
    ("parts", "media_type"),
    [
        ({"mimetype": "application/epub+zip"}, "application/epub+zip"),
        ({"META-INF/MANIFEST.MF": "Main-Class: A"}, "application/java-archive"),
        ({"AndroidManifest.xml": "x"}, "application/vnd.android.package-archive"),
        ({"[Content_Types].xml": "<Types/>"}, "application/zip"),
        ({"a.txt": "hello"}, "application/zip"),
    ],
)
def test_other_packages_are_refused_by_name(
    tmp_path: Path, parts: dict[str, bytes | str], media_type: str
) -> None:
    error = refused(papers.package(tmp_path / "a.docx", parts))
    assert isinstance(error, DocumentUnsupported)
    assert error.facts["media_type"] == media_type


@pytest.mark.parametrize(
    ("names", "media_type"),
    [
        (["FileHeader", "DocInfo", "BodyText", "PrvText"], "application/x-hwp"),
        (["x" * 20] * 9 + ["FileHeader", "DocInfo"], "application/x-hwp"),
    ],
)
def test_hwp_is_known_by_its_streams(tmp_path: Path, names: list[str], media_type: str) -> None:
    assert taken(papers.ole(tmp_path / "a", names)).media_type == media_type


@pytest.mark.parametrize(
    ("names", "label"),
    [(["WordDocument"], "DOC"), (["Workbook"], "XLS"), (["PowerPoint Document"], "PPT")],
)
def test_old_office_files_are_refused_by_name(tmp_path: Path, names: list[str], label: str) -> None:
    error = refused(papers.ole(tmp_path / "a", names))
    assert isinstance(error, DocumentUnsupported)
    assert error.facts["label"] == label


def test_locked_documents(tmp_path: Path) -> None:
    assert isinstance(
        refused(papers.ole(tmp_path / "a", ["EncryptionInfo", "EncryptedPackage"])),
        DocumentEncrypted,
    )
    manifest = {"META-INF/manifest.xml": "<m><encryption-data/></m>"}
    for kind in ("odt", "hwpx"):
        path = papers.open_document(tmp_path / kind, kind, manifest)
        assert isinstance(refused(path), DocumentEncrypted)


def test_damaged_packages(tmp_path: Path) -> None:
    whole = papers.office(tmp_path / "a", "docx", {"b.xml": "가" * 5000}).read_bytes()
    for size in (30, 200, len(whole) // 2, len(whole) - 10):
        (tmp_path / "b").write_bytes(whole[:size])
        assert isinstance(refused(tmp_path / "b"), DocumentDamaged)
    (tmp_path / "c").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 100)
    assert isinstance(refused(tmp_path / "c"), DocumentDamaged)


def test_an_ole_directory_that_bites_its_tail_ends(tmp_path: Path) -> None:
    raw = bytearray(papers.ole(tmp_path / "a", ["x"]).read_bytes())
    raw[512 + 4 : 512 + 8] = (1).to_bytes(4, "little")
    (tmp_path / "a").write_bytes(raw)
    assert isinstance(refused(tmp_path / "a"), DocumentUnsupported)


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        ("도로가 파였습니다.\n" * 20, "글.txt", "text/plain"),
        ("# 제목\n\n- 하나\n", "a.md", "text/markdown"),
        ("이름,나이\n김,3\n이,4\n", "a", "text/csv"),
        ("이름,나이\n김,3\n이,4\n", "a.txt", "text/plain"),
        ("안녕하세요, 김입니다.\n그런데\n고쳐, 주세요, 네\n", "a", "text/plain"),
        ("<html><body>가</body></html>", "a.hwp", "text/html"),
        ("<!DOCTYPE html>\n<p>", "a.xls", "text/html"),
        (
            "From: a@b.kr\nSubject: =?utf-8?b?7JWI?=\nMIME-Version: 1.0\n\n안녕",
            "a",
            "message/rfc822",
        ),
        ("참고: 하나\n제목: 둘\n", "a", "text/plain"),
        ("BM회사에서 알려 드립니다.\n", "a", "text/plain"),
    ],
)
def test_texts_are_told_apart(tmp_path: Path, content: str, name: str, media_type: str) -> None:
    (tmp_path / "a").write_text(content, encoding="utf-8")
    assert taken(tmp_path / "a", name).media_type == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"#!/bin/sh\nrm -rf /\n",
        b"<?xml version='1.0'?><!-- a --><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<svg onload='alert(1)'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"MZ\x90\0" + bytes(300),
        b"\x7fELF" + bytes(300),
        b"HWP Document File V3.00 \x1a" + bytes(300),
    ],
)
def test_programs_and_drawings_are_refused_whatever_their_name(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a").write_bytes(content)
    for name in ("a.pdf", "a.png", "a.txt", "a"):
        assert isinstance(refused(tmp_path / "a", name), DocumentUnsupported)


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("TIFF", "image/tiff"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("AVIF", "image/avif"),
        ("HEIF", "image/heic"),
    ],
)
def test_pictures_are_known_and_measured_by_their_header(
    tmp_path: Path, kind: str, media_type: str
) -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    path = papers.picture(tmp_path / "a", kind, (98, 64))
    media = taken(path, "사진.jpg")
    assert (media.kind, media.media_type) == ("image", media_type)
    size = pixels.measure(path, media_type)
    assert (size.width_px, size.height_px, size.frames) == (98, 64, 1)


def test_frames_are_counted_in_the_header(tmp_path: Path) -> None:
    frames = [Image.new("L", (30, 20 + number)) for number in range(7)]
    frames = [frame.point(lambda _, n=n: n * 30) for n, frame in enumerate(frames)]
    for kind, media_type in (("TIFF", "image/tiff"), ("GIF", "image/gif"), ("WEBP", "image/webp")):
        same = frames if kind == "TIFF" else [frame.resize((30, 26)) for frame in frames]
        same[0].save(tmp_path / kind, format=kind, save_all=True, append_images=same[1:])
        size = pixels.measure(tmp_path / kind, media_type)
        assert (size.width_px, size.height_px, size.frames) == (30, 26, 7)
        error = refused(tmp_path / kind, settings=Settings(max_pages=6))
        assert isinstance(error, MediaTooManyFrames)
        assert error.facts == {"frames": 7, "limit_frames": 6}


def test_a_tiff_whose_pages_go_in_a_circle(tmp_path: Path) -> None:
    raw = bytearray(papers.picture(tmp_path / "a.tif", "TIFF").read_bytes())
    start = int.from_bytes(raw[4:8], "little")
    count = int.from_bytes(raw[start : start + 2], "little")
    raw[start + 2 + 12 * count : start + 6 + 12 * count] = start.to_bytes(4, "little")
    (tmp_path / "a.tif").write_bytes(raw)
    assert pixels.measure(tmp_path / "a.tif", "image/tiff").frames == 1


def test_a_picture_of_a_billion_pixels_is_refused_by_its_header(tmp_path: Path) -> None:
    path = papers.png_bomb(tmp_path / "a.png")
    tracemalloc.start()
    error = refused(path)
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()
    assert isinstance(error, PictureTooLarge)
    assert error.facts == {"megapixels": 1225, "limit": 120}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "AVIF"])
def test_headers_cut_anywhere_give_a_reason(tmp_path: Path, kind: str) -> None:
    whole = papers.picture(tmp_path / "whole", kind).read_bytes()
    for size in range(12, min(len(whole), 400), 3):
        (tmp_path / "a").write_bytes(whole[:size])
        try:
            taken(tmp_path / "a")
        except MediaRejected as error:
            assert error.code in {"document.damaged", "document.unsupported"}  # noqa: PT017


def test_one_pixel_is_a_picture(tmp_path: Path) -> None:
    assert taken(papers.picture(tmp_path / "a", "PNG", (1, 1))).kind == "image"


@pytest.mark.slow
def test_zip_bombs_are_counted_not_believed(tmp_path: Path) -> None:
    path = papers.zip_bomb(tmp_path / "a.docx", 512)
    assert path.stat().st_size < 600_000
    started = time.monotonic()
    tracemalloc.start()
    error = refused(path)
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()
    assert time.monotonic() - started < 5
    assert isinstance(error, ArchiveRatio | ArchiveTooLarge)
    forged = refused(papers.forged_sizes(path, 1000))
    assert isinstance(forged, ArchiveRatio | ArchiveTooLarge)


def test_each_archive_limit_has_its_own_error_with_both_numbers(tmp_path: Path) -> None:
    small = Settings(max_unpacked_mb=10)
    noise = {"picture.bin": np.random.default_rng(1).bytes(3_000_000)}
    big = papers.office(tmp_path / "a", "docx", {f"{n}.xml": bytes(3_000_000) for n in range(5)})
    error = refused(big, settings=small)
    assert isinstance(error, ArchiveTooLarge)
    assert error.facts == {"unpacked_mb": 11, "limit_mb": 10}

    many = papers.office(tmp_path / "b", "xlsx", {f"{n}.xml": "" for n in range(15_000)})
    error = refused(many)
    assert isinstance(error, ArchiveTooManyEntries)
    assert error.facts == {"entries": 15_002, "limit_entries": 10_000}

    inner = papers.package(tmp_path / "c", {"a.txt": "deep"}).read_bytes()
    for number in range(3):
        inner = papers.package(tmp_path / "c", {f"{number}.zip": inner}).read_bytes()
    error = refused(papers.office(tmp_path / "d", "docx", {"word/embeddings/a.bin": inner}))
    assert isinstance(error, ArchiveNested)
    assert error.facts == {"depth": 3, "limit_depth": 2}

    honest = papers.office(tmp_path / "e", "docx", noise)
    assert taken(honest, settings=small).kind == "document"


def test_a_workbook_inside_a_document_is_honest_and_counted(tmp_path: Path) -> None:
    inner = papers.office(tmp_path / "a", "xlsx", {"sheet.xml": bytes(8_000_000)}).read_bytes()
    outer = papers.office(tmp_path / "b", "docx", {"word/embeddings/a.xlsx": inner})
    assert taken(outer).kind == "document"
    assert isinstance(refused(outer, settings=Settings(max_unpacked_mb=7)), ArchiveTooLarge)


def test_forged_sizes_below_every_limit_are_refused_too(tmp_path: Path) -> None:
    path = papers.office(tmp_path / "a", "docx", {"a.xml": "가" * 1000})
    error = refused(papers.forged_sizes(path, 5))
    assert isinstance(error, ArchiveUnsafe)
    assert error.facts == {"problem": "size"}


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "/etc/passwd", "C:\\a", "a/../../b", "..\\b"]
)
def test_names_that_leave_the_package(tmp_path: Path, name: str) -> None:
    error = refused(papers.office(tmp_path / "a", "docx", {name: "x"}))
    assert isinstance(error, ArchiveUnsafe)
    assert error.facts == {"problem": "name"}
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_links_and_locked_entries(tmp_path: Path) -> None:
    path = papers.office(tmp_path / "a", "docx")
    link = zipfile.ZipInfo("word/media")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc")
    assert refused(path).facts == {"problem": "link"}
    raw = bytearray(papers.office(tmp_path / "b", "docx").read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "b").write_bytes(raw)
    assert isinstance(refused(tmp_path / "b"), DocumentEncrypted)
    odd = papers.package(
        tmp_path / "c", {"[Content_Types].xml": papers.CONTENT_TYPES}, zipfile.ZIP_LZMA
    )
    assert refused(odd).facts == {"problem": "method"}


def test_polyglots_are_what_they_begin_as(tmp_path: Path) -> None:
    """The reader gets the admitted type, so the other half is never looked at by its own parser."""
    pdf = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
    archive = papers.office(tmp_path / "zip", "docx").read_bytes()
    (tmp_path / "a").write_bytes(pdf + archive)
    assert zipfile.is_zipfile(tmp_path / "a")
    assert taken(tmp_path / "a").media_type == "application/pdf"
    gif = papers.picture(tmp_path / "gif", "GIF").read_bytes()
    (tmp_path / "b").write_bytes(gif + b"/*<script>alert(1)</script>*/")
    assert taken(tmp_path / "b").media_type == "image/gif"
    (tmp_path / "c").write_bytes(b"mail gateway line\n" + pdf)
    assert taken(tmp_path / "c").media_type == "application/pdf"
    (tmp_path / "d").write_bytes(b"GIF89a=1;alert(1);//")
    assert isinstance(refused(tmp_path / "d"), DocumentDamaged)


def test_names_that_promise_something_else(tmp_path: Path) -> None:
    picture = papers.picture(tmp_path / "a", "JPEG")
    error = refused(picture, "진단서.pdf")
    assert isinstance(error, MediaMislabelled)
    assert error.facts == {"ending": ".pdf", "label": "JPG"}
    assert taken(picture, "사진.png").media_type == "image/jpeg"
    (tmp_path / "b").write_text("그냥 글입니다.\n", encoding="utf-8")
    assert isinstance(refused(tmp_path / "b", "a.hwp"), MediaMislabelled)
    assert isinstance(refused(tmp_path / "b", "a.jpg"), MediaMislabelled)
    assert taken(papers.office(tmp_path / "c", "docx"), "신청서.hwp").kind == "document"


def test_a_recording_among_the_papers_is_told_where_it_can_go(tmp_path: Path) -> None:
    path = kit.write(tmp_path / "a.wav", kit.tone(1.0))
    error = refused(path)
    assert isinstance(error, MediaIsRecording)
    assert "음성 탭" in explain(error, "ko")
    assert "voice tab" in explain(error, "en")
    both = admit(path, settings=SETTINGS, accept=PAPERS | RECORDINGS)
    assert both.kind == "voice"


def test_a_package_in_the_voice_tab_is_named_without_being_inflated(tmp_path: Path) -> None:
    path = papers.zip_bomb(tmp_path / "a.wav", 64)
    with pytest.raises(MediaIsDocument) as caught:
        admit(path, settings=SETTINGS)
    assert caught.value.facts == {"label": "DOCX"}


def test_size_and_emptiness(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert isinstance(refused(tmp_path / "a"), MediaEmpty)
    buffer = io.BytesIO()
    Image.new("RGB", (1500, 1200)).save(buffer, "BMP")
    (tmp_path / "b").write_bytes(buffer.getvalue())
    error = refused(tmp_path / "b")
    assert isinstance(error, MediaTooLarge)
    assert error.facts == {"size_mb": 6, "limit_mb": 5}
