"""Documents and pictures for the tests: the smallest honest ones, and hostile ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

from PIL import Image

_OOXML = "application/vnd.openxmlformats-officedocument"
CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Override PartName="/main.xml" ContentType="{}"/></Types>'
)
MAIN_PARTS = {
    "docx": f"{_OOXML}.wordprocessingml.document.main+xml",
    "xlsx": f"{_OOXML}.spreadsheetml.sheet.main+xml",
    "pptx": f"{_OOXML}.presentationml.presentation.main+xml",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
}
MIMETYPES = {
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "hwpx": "application/hwp+zip",
    "epub": "application/epub+zip",
}


def package(path: Path, parts: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A ZIP file of these parts, in this order."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def office(path: Path, kind: str, parts: dict[str, bytes | str] | None = None) -> Path:
    """A package whose main part says that it is of this kind."""
    listed = CONTENT_TYPES.format(MAIN_PARTS[kind])
    return package(path, {"[Content_Types].xml": listed, "main.xml": "<a/>", **(parts or {})})


def open_document(path: Path, kind: str, parts: dict[str, bytes | str] | None = None) -> Path:
    """A package with a `mimetype` entry."""
    return package(path, {"mimetype": MIMETYPES[kind], "content.xml": "<a/>", **(parts or {})})


def ole(path: Path, names: list[str]) -> Path:
    """An OLE file whose directory holds streams of these names (512-byte sectors)."""
    entries = b""
    for index, name in enumerate(["Root Entry", *names]):
        raw = name.encode("utf-16-le") + b"\0\0"
        kind = 5 if index == 0 else 2
        entry = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1) + b"\xff" * 12
        entries += entry.ljust(128, b"\0")
    entries = entries.ljust(-(-len(entries) // 512) * 512, b"\0")
    sectors = len(entries) // 512
    fat = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff" * (108 * 4)
    path.write_bytes(header + table + entries)
    return path


def picture(path: Path, kind: str, size: tuple[int, int] = (60, 40), **options: object) -> Path:
    """A small picture with a gradient, in any format that Pillow writes."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    image.save(path, format=kind, **options)
    return path


def png_chunk(name: bytes, body: bytes) -> bytes:
    """One chunk with its right checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_bomb(path: Path, side: int = 35_000) -> Path:
    """A true one-bit PNG of side x side pixels: a few hundred kilobytes of nothing."""
    row = bytes(1 + side // 8 + 1)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", data)
        + png_chunk(b"IEND", b"")
    )
    return path


def zip_bomb(path: Path, unpacked_mb: int, parts: int = 4) -> Path:
    """A DOCX whose parts are zeros, made without holding them in memory."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES.format(MAIN_PARTS["docx"]))
        for number in range(parts):
            with archive.open(f"word/{number}.xml", "w") as out:
                for _ in range(unpacked_mb // parts):
                    out.write(bytes(1 << 20))
    return path


def forged_sizes(path: Path, claimed: int) -> Path:
    """The same bomb, but its tables say that no part has more than `claimed` bytes."""
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(raw))) as archive:
        infos = archive.infolist()
    at = 0
    for info in infos:
        at = raw.index(b"PK\x01\x02", at)
        if info.file_size <= claimed:
            at += 4
            continue
        raw[at + 24 : at + 28] = struct.pack("<I", claimed)
        raw[info.header_offset + 22 : info.header_offset + 26] = struct.pack("<I", claimed)
        at += 4
    path.write_bytes(raw)
    return path
