"""Small office files made by hand: only the parts that a test is about."""

from __future__ import annotations

import zipfile
from pathlib import Path

OOXML = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"
DOCX = f"{OOXML}.wordprocessingml.document"
XLSX = f"{OOXML}.spreadsheetml.sheet"
PPTX = f"{OOXML}.presentationml.presentation"
ODT, ODS, ODP = f"{ODF}.text", f"{ODF}.spreadsheet", f"{ODF}.presentation"
HWP, HWPX = "application/x-hwp", "application/hwp+zip"
OLE = "application/x-ole-storage"

_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PKG = "http://schemas.openxmlformats.org/package/2006"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def pack(path: Path, parts: dict[str, str | bytes]) -> Path:
    """A package of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return path


def relations(*rows: tuple[str, str, str, bool]) -> str:
    """(id, kind, target, outside) -> a part of relations."""
    body = "".join(
        f'<Relationship Id="{key}" Type="{_REL}/{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if outside else "/>")
        for key, kind, target, outside in rows
    )
    return f'<Relationships xmlns="{_PKG}/relationships">{body}</Relationships>'


def docx(path: Path, body: str, *, prolog: str = "", **parts: str | bytes) -> Path:
    """A DOCX with this body; `parts` are further parts, "__" for "/" and "_dot_" for "."."""
    document = (
        f'{prolog}<w:document xmlns:w="{_W}" xmlns:r="{_REL}"><w:body>{body}</w:body></w:document>'
    )
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    whole: dict[str, str | bytes] = {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PKG}/content-types"><Default Extension="xml" '
            f'ContentType="application/xml"/><Default Extension="rels" ContentType='
            f'"application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
        ),
        "_rels/.rels": relations(("r1", "officeDocument", "word/document.xml", False)),
        "word/document.xml": document,
    }
    for name, data in parts.items():
        whole[name.replace("__", "/").replace("_dot_", ".")] = data
    return pack(path, whole)


def w_p(text: str) -> str:
    """A paragraph of Word."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(path: Path, sheets: dict[str, str], *, strings: str = "") -> Path:
    """An XLSX; each value is the XML inside <worksheet>."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{name}" sheetId="{i}" r:id="s{i}"/>' for i, name in enumerate(names, 1)
    )
    rows = [(f"s{i}", "worksheet", f"worksheets/s{i}.xml", False) for i in range(1, len(names) + 1)]
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/s{i}.xml" ContentType="{kind}.worksheet+xml"/>'
        for i in range(1, len(names) + 1)
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PKG}/content-types"><Default Extension="rels" ContentType='
            f'"application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f"{overrides}</Types>"
        ),
        "_rels/.rels": relations(("r1", "officeDocument", "xl/workbook.xml", False)),
        "xl/workbook.xml": (
            f'<workbook xmlns="{_S}" xmlns:r="{_REL}"><sheets>{listed}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": relations(*rows),
    }
    for i, body in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/s{i}.xml"] = f'<worksheet xmlns="{_S}">{body}</worksheet>'
    return pack(path, parts)


def hwpx(path: Path, body: str, *, mimetype: str = "application/hwp+zip", prolog: str = "") -> Path:
    """An HWPX with one section; `body` stands inside it."""
    paragraph = "http://www.hancom.co.kr/hwpml/2011/paragraph"
    section = "http://www.hancom.co.kr/hwpml/2011/section"
    head = "http://www.hancom.co.kr/hwpml/2011/head"
    return pack(
        path,
        {
            "mimetype": mimetype,
            "version.xml": "<version/>",
            "Contents/content.hpf": (
                '<opf:package xmlns:opf="http://www.idpf.org/2007/opf/"><opf:manifest>'
                '<opf:item id="section0" href="Contents/section0.xml" '
                'media-type="application/xml"/></opf:manifest>'
                '<opf:spine><opf:itemref idref="section0"/></opf:spine></opf:package>'
            ),
            "Contents/header.xml": f'<hh:head xmlns:hh="{head}"/>',
            "Contents/section0.xml": (
                f'{prolog}<hs:sec xmlns:hs="{section}" xmlns:hp="{paragraph}">{body}</hs:sec>'
            ),
        },
    )


def hp_p(text: str, inside: str = "") -> str:
    """A paragraph of HWPX with something hanging in it."""
    return f"<hp:p><hp:run>{inside}<hp:t>{text}</hp:t></hp:run></hp:p>"


def odt(path: Path, body: str, *, prolog: str = "", manifest: str = "") -> Path:
    """An ODT; `body` stands inside <office:text>."""
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(
        f'xmlns:{short}="{urn}:{long}:1.0"'
        for short, long in (
            ("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"),
        )
    )  # fmt: skip
    return pack(
        path,
        {
            "mimetype": ODT,
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
            "content.xml": (
                f"{prolog}<office:document-content {names}><office:body><office:text>{body}"
                "</office:text></office:body></office:document-content>"
            ),
        },
    )


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = '<!DOCTYPE b [<!ENTITY c SYSTEM "file:///etc/passwd">]>'
