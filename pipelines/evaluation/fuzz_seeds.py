"""The small honest files that `fuzz` damages, made here, one or more for every media type."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Callable

Draw = random.Random
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OOXML = "application/vnd.openxmlformats-officedocument"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_HP = "http://www.hancom.co.kr/hwpml/2011/paragraph"


def pdf() -> bytes:
    """One page: a heading, a line, a ruled table, in a compressed stream."""
    drawing = b"BT /F1 14 Tf 72 760 Td (Civil complaint 2026) Tj ET\n72 600 200 80 re S\n"
    drawing += b"172 600 m 172 680 l S\nBT /F1 10 Tf 80 640 Td (Street lamp) Tj ET\n"
    packed = zlib.compress(drawing)
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 6\n0000000000 65535 f \n%s" % table
    return out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % out.rindex(b"xref\n0 6")


def picture(kind: str, **options: object) -> bytes:
    """A gradient of 120 x 80 pixels."""
    from PIL import Image

    if kind == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    image = Image.linear_gradient("L").resize((120, 80)).convert("RGB")
    out = io.BytesIO()
    image.save(out, format=kind, **options)
    return out.getvalue()


def package(parts: dict[str, str]) -> bytes:
    """A ZIP file of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def _related(kind: str, target: str) -> str:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return (
        f'<Relationships xmlns="{space}"><Relationship Id="r1" Type="{_R}/{kind}" '
        f'Target="{target}"/></Relationships>'
    )


def _types(part: str, kind: str) -> str:
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return (
        f'<Types xmlns="{space}"><Default Extension="rels" ContentType="application/vnd.'
        'openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="{part}" ContentType="{kind}"/></Types>'
    )


def docx() -> bytes:
    """Two paragraphs and a table."""
    cell = "<w:tc><w:p><w:r><w:t>가로등</w:t></w:r></w:p></w:tc>"
    text = "<w:p><w:r><w:t>민원 신청서</w:t></w:r></w:p>"
    return package(
        {
            "[Content_Types].xml": _types(
                "/word/document.xml", f"{_OOXML}.wordprocessingml.document.main+xml"
            ),
            "_rels/.rels": _related("officeDocument", "word/document.xml"),
            "word/document.xml": f'<w:document xmlns:w="{_W}"><w:body>{text}'
            f"<w:tbl><w:tr>{cell * 2}</w:tr></w:tbl>{text}</w:body></w:document>",
        }
    )


def xlsx() -> bytes:
    """One sheet of two cells."""
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>이름</t></is></c><c r="B1"><v>3</v></c></row>'
    return package(
        {
            "[Content_Types].xml": _types(
                "/xl/workbook.xml", f"{_OOXML}.spreadsheetml.sheet.main+xml"
            ).replace(
                "</Types>",
                '<Override PartName="/xl/s.xml" ContentType="'
                f'{_OOXML}.spreadsheetml.worksheet+xml"/></Types>',
            ),
            "_rels/.rels": _related("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{_S}" xmlns:r="{_R}"><sheets>'
            '<sheet name="표" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _related("worksheet", "s.xml"),
            "xl/s.xml": f'<worksheet xmlns="{_S}"><sheetData>{row}</sheetData></worksheet>',
        }
    )


def odt() -> bytes:
    """One paragraph."""
    space = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    return package(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f'<office:document-content xmlns:office="{_OFFICE}" '
            f'xmlns:text="{space}"><office:body>'
            "<office:text><text:p>민원</text:p></office:text></office:body>"
            "</office:document-content>",
        }
    )


def hwpx() -> bytes:
    """One section of one paragraph."""
    section = "http://www.hancom.co.kr/hwpml/2011/section"
    return package(
        {
            "mimetype": "application/hwp+zip",
            "version.xml": "<version/>",
            "Contents/header.xml": "<head/>",
            "Contents/section0.xml": f'<hs:sec xmlns:hs="{section}" xmlns:hp="{_HP}">'
            '<hp:p id="0"><hp:run><hp:t>민원</hp:t></hp:run></hp:p></hs:sec>',
        }
    )


def _text(text: str) -> Callable[[], bytes]:
    return lambda: text.encode()


SEEDS: dict[str, tuple[Callable[[], bytes], ...]] = {
    "application/pdf": (pdf,),
    "image/png": (lambda: picture("PNG"),),
    "image/jpeg": (lambda: picture("JPEG"), lambda: picture("JPEG", progressive=True)),
    "image/webp": (lambda: picture("WEBP"), lambda: picture("WEBP", lossless=True)),
    "image/tiff": (
        lambda: picture("TIFF"),
        lambda: picture("TIFF", compression="tiff_lzw"),
        lambda: picture("TIFF", compression="jpeg"),
    ),
    "image/gif": (lambda: picture("GIF"),),
    "image/bmp": (lambda: picture("BMP"),),
    "image/avif": (lambda: picture("AVIF"),),
    "image/heic": (lambda: picture("HEIF"),),
    f"{_OOXML}.wordprocessingml.document": (docx,),
    f"{_OOXML}.spreadsheetml.sheet": (xlsx,),
    "application/vnd.oasis.opendocument.text": (odt,),
    "application/hwp+zip": (hwpx,),
    "text/html": (_text("<html><body><h1>민원</h1><table><tr><td>1</table></body></html>"),),
    "text/csv": (_text("이름,나이\n김,3\n이,4\n"),),
    "message/rfc822": (_text("From: a@b.kr\nTo: c@d.kr\nSubject: hello\n\n민원입니다.\n"),),
}


def damaged(raw: bytes, draw: Draw) -> bytes:
    """One to eight hurts; of a package, half of the time inside one of its parts."""
    if raw[:2] == b"PK" and draw.random() < 0.5:
        return _damaged_inside(raw, draw)
    for _ in range(draw.randint(1, 8)):
        raw = draw.choice(_HURTS)(raw, draw)
    return raw


def _damaged_inside(raw: bytes, draw: Draw) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    hurt = draw.choice(list(parts))
    parts[hurt] = draw.choice(_HURTS)(parts[hurt], draw)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _at(raw: bytes, draw: Draw) -> int:
    return draw.randrange(len(raw) + 1)


def _flip(raw: bytes, draw: Draw) -> bytes:
    out = bytearray(raw)
    for _ in range(draw.randint(1, 4) if out else 0):
        out[draw.randrange(len(out))] ^= 1 << draw.randrange(8)
    return bytes(out)


def _number(raw: bytes, draw: Draw) -> bytes:
    """A length or a count becomes an extreme one."""
    at = _at(raw, draw)
    value = draw.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\1"))
    return raw[:at] + value + raw[at + len(value) :]


def _cut(raw: bytes, draw: Draw) -> bytes:
    return raw[: _at(raw, draw)]


def _repeat(raw: bytes, draw: Draw) -> bytes:
    at, size = _at(raw, draw), draw.randint(1, 64)
    return raw[:at] + raw[at : at + size] * draw.randint(2, 60) + raw[at:]


def _drop(raw: bytes, draw: Draw) -> bytes:
    at = _at(raw, draw)
    return raw[:at] + raw[at + draw.randint(1, 64) :]


def _noise(raw: bytes, draw: Draw) -> bytes:
    at = _at(raw, draw)
    return raw[:at] + draw.randbytes(draw.randint(1, 32)) + raw[at:]


def _figure(raw: bytes, draw: Draw) -> bytes:
    """A figure in a text (a length in a PDF, a count in XML) becomes a huge one."""
    places = [at for at, byte in enumerate(raw) if 0x30 <= byte <= 0x39]
    if not places:
        return raw
    at = draw.choice(places)
    return raw[:at] + draw.choice((b"-1", b"99999999999", b"2147483647", b"0")) + raw[at + 1 :]


_HURTS = (_flip, _flip, _number, _number, _cut, _repeat, _drop, _noise, _figure)
