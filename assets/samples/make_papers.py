"""Makes the papers that a visitor of the documents page may open: `papers/`.

    python assets/samples/make_papers.py

A notice in two versions (PDF, two pages), a filled form (HWPX), and a letter as somebody's
telephone sees it (JPG). The town, the people and the numbers are made up; see papers/LICENCE.md.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from pipelines.readers import mupdf  # noqa: E402 - after the path is set

PAPERS = Path(__file__).resolve().parent / "papers"
FONTS = Path("/usr/share/fonts/truetype/nanum")
CSS = """
@font-face { font-family: body; src: url(NanumMyeongjo.ttf); }
@font-face { font-family: body; font-weight: bold; src: url(NanumMyeongjoBold.ttf); }
* { font-family: body; } body { font-size: 11pt; line-height: 1.55; }
h1 { font-size: 19pt; text-align: center; margin: 0 0 10pt 0; }
h2 { font-size: 13pt; margin: 13pt 0 4pt 0; } p { margin: 0 0 6pt 0; }
.head { font-size: 10pt; text-align: right; } .office { font-size: 15pt; font-weight: bold;
text-align: center; margin-top: 24pt; }
"""
OLD = {
    "year": "2026", "number": "제2025-311호", "day": "2025년 11월 20일", "share": "70",
    "most": "300만 원", "open": "2026년 1월 12일", "close": "2026년 2월 6일", "homes": "40",
    "extra": "",
}  # fmt: skip
NEW = {
    "year": "2027", "number": "제2026-287호", "day": "2026년 11월 23일", "share": "80",
    "most": "400만 원", "open": "2027년 1월 11일", "close": "2027년 2월 12일", "homes": "60",
    "extra": "<p>6. 지난 3년 안에 물에 잠긴 적이 있는 집은 먼저 지원합니다.</p>",
}  # fmt: skip
ROWS = (
    ("빗물받이 새로 놓기", "한 곳당 120만 원", "집 앞 도로와 이어진 곳"),
    ("빗물받이 고치기", "한 곳당 45만 원", "덮개와 거름망 바꾸기를 포함"),
    ("집 앞 보도 고치기", "1㎡당 9만 원", "깨지거나 내려앉은 보도블록"),
    ("물막이판 달기", "한 집당 150만 원", "반지하와 1층 출입구"),
)


def notice(words: dict[str, str], path: Path) -> None:
    """Two pages: what is paid for and how one applies."""
    first = f"""<p class="head">가온시 공고 {words["number"]}</p>
<h1>{words["year"]}년 빗물받이·보도 정비 지원사업 안내</h1>
<p>가온시는 집중호우에 따른 침수를 막기 위하여 주택가의 빗물받이와 보도를 고치는 비용의
일부를 지원합니다.</p>
<h2>1. 지원 대상</h2>
<p>가. 가온시에 있는 단독주택과 다세대주택의 소유자 또는 세입자</p>
<p>나. 세입자는 소유자의 동의서를 함께 내야 합니다.</p>
<h2>2. 지원 내용</h2>
<p>가. 지원 금액은 실제 든 비용의 {words["share"]}%이며, 한 집에 {words["most"]}을 넘을 수
없습니다.</p>
<p>나. 올해 지원할 집은 모두 {words["homes"]}집입니다.</p>
<p>다. 공사별 기준 금액은 다음 표와 같습니다.</p>"""
    second = f"""<h2>3. 신청 방법</h2>
<p>가. 신청 기간은 {words["open"]}부터 {words["close"]}까지입니다.</p>
<p>나. 신청서와 공사 견적서, 현장 사진 두 장을 가온시청 도로과에 내시면 됩니다.</p>
<p>다. 방문 접수는 평일 오전 9시부터 오후 6시까지이며, 우편 접수는 마감일 도착분까지
받습니다.</p>
<h2>4. 선정과 지급</h2>
<p>1. 담당자가 신청일부터 14일 안에 현장을 확인합니다.</p>
<p>2. 선정 결과는 문자 메시지로 알려 드립니다.</p>
<p>3. 선정된 날부터 60일 안에 공사를 마쳐야 합니다.</p>
<p>4. 지원금은 공사 확인 뒤 30일 안에 신청인의 계좌로 보냅니다.</p>
<p>5. 거짓으로 신청한 사람은 지원금을 돌려주어야 하며 3년 동안 다시 신청할 수 없습니다.</p>
{words["extra"]}
<h2>5. 문의</h2>
<p>가온시청 도로과 보도정비팀 (전화 000-1234-5678, 전자우편 road@gaon.example)</p>
<p style="text-align:center">{words["day"]}</p><p class="office">가온시장</p>"""
    pymupdf = mupdf.library()
    document = pymupdf.open()
    archive = pymupdf.Archive(str(FONTS))
    page = document.new_page(width=595, height=842)
    page.insert_htmlbox((64, 60, 531, 520), first, css=CSS, archive=archive)
    _table(page, archive)
    page = document.new_page(width=595, height=842)
    page.insert_htmlbox((64, 64, 531, 780), second, css=CSS, archive=archive)
    document.set_metadata({"title": f"{words['year']}년 빗물받이·보도 정비 지원사업 안내"})
    document.subset_fonts()
    document.save(path, garbage=4, deflate=True, no_new_id=True)


def _table(page: object, archive: object) -> None:
    edges, top, height = (64, 200, 320, 531), 505, 34
    for number, row in enumerate((("공사", "기준 금액", "비고"), *ROWS)):
        for column, text in enumerate(row):
            box = (
                edges[column],
                top + number * height,
                edges[column + 1],
                top + (number + 1) * height,
            )
            page.draw_rect(box, width=0.7, fill=(0.93, 0.95, 1.0) if number == 0 else None)  # type: ignore[attr-defined]
            inside = (box[0] + 7, box[1] + 7, box[2] - 5, box[3] - 3)
            shown = f"<b>{text}</b>" if number == 0 else text
            page.insert_htmlbox(inside, shown, css=CSS.replace("11pt", "10pt"), archive=archive)  # type: ignore[attr-defined]


FORM = (
    ("접수번호", "2027-0153", "신청일", "2027년 1월 18일"),
    ("성명", "한가온", "생년월일", "1984년 5월 3일"),
    ("전화번호", "010-0000-2468", "전자우편", "gaon.han@example.com"),
    ("주소", "가온시 은행동 나래길 12", "주택 구분", "다세대주택 (세입자)"),
    ("신청 내용", "집 앞 보도 고치기와 물막이판 달기", "신청 금액", "2,850,000원"),
)


def form(path: Path) -> None:
    """An application, filled in."""
    from jakal_hwpx import HancomDocument

    document = HancomDocument.blank()
    document.append_paragraph("빗물받이·보도 정비 지원금 신청서")
    document.append_paragraph("아래와 같이 지원금을 신청합니다. 적은 내용은 사실과 같습니다.")
    document.append_table(rows=len(FORM), cols=4, cell_texts=[list(row) for row in FORM])
    document.append_paragraph("붙임: 공사 견적서 1부, 현장 사진 2장, 소유자 동의서 1부.")
    document.append_paragraph("신청인 한가온 (서명)")
    document.append_paragraph("가온시장 귀하")
    document.write_to_hwpx(str(path))


LETTER = """<h1 style="text-align:left;font-size:17pt">은행동 나래길 보도를 고쳐 주세요</h1>
<p>가온시장님께</p>
<p>은행동 나래길 12번지 앞 보도블록이 지난 9월 큰비에 내려앉았습니다. 그 뒤로 물이 고이고
주민 두 명이 넘어져 다쳤습니다.</p>
<p>10월 14일에 전화로 알렸으나 아직 고쳐지지 않았습니다. 아이들이 학교에 가는 길이라 더욱
위험합니다.</p>
<p>내려앉은 보도블록을 하루빨리 고쳐 주시고, 빗물받이도 함께 살펴봐 주시기 바랍니다.</p>
<p style="text-align:right">2026년 11월 19일<br>나래길 주민 한가온</p>"""


def letter(path: Path) -> None:
    """A letter on a table, a little askew, in the light of a lamp."""
    pymupdf = mupdf.library()
    document = pymupdf.open()
    page = document.new_page(width=595, height=620)
    css = CSS.replace("11pt", "14pt").replace("1.55", "1.8")
    page.insert_htmlbox((56, 60, 540, 590), LETTER, css=css, archive=pymupdf.Archive(str(FONTS)))
    pixels = page.get_pixmap(dpi=190, alpha=False)
    sheet = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    width, height = sheet.width + 220, sheet.height + 220
    table = Image.new("RGB", (width, height), (126, 101, 78))
    mask = Image.new("L", sheet.size, 255).rotate(1.4, expand=True)
    turned = sheet.rotate(1.4, resample=Image.Resampling.BICUBIC, expand=True)
    shadow = Image.new("L", table.size, 0)
    ImageDraw.Draw(shadow).rectangle((105, 115, width - 85, height - 80), fill=110)
    table.paste((60, 46, 34), (0, 0), shadow.filter(ImageFilter.GaussianBlur(18)))
    table.paste(turned, (90, 90), mask)
    values = np.asarray(table, dtype=np.float32)
    light = np.linspace(1.02, 0.84, width)[None, :, None]
    light = light * np.linspace(1.0, 0.93, height)[:, None, None]
    noise = np.random.default_rng(7).normal(0, 3.0, (height, width, 1))
    lit = Image.fromarray((values * light + noise).clip(0, 255).astype(np.uint8))
    out = io.BytesIO()
    lit.filter(ImageFilter.GaussianBlur(0.5)).save(out, format="JPEG", quality=72)
    path.write_bytes(out.getvalue())


def main() -> None:
    """All of them."""
    PAPERS.mkdir(exist_ok=True)
    notice(OLD, PAPERS / "3 지원사업 안내 (2026년).pdf")
    notice(NEW, PAPERS / "4 지원사업 안내 (2027년).pdf")
    form(PAPERS / "2 지원금 신청서.hwpx")
    letter(PAPERS / "1 나래길 주민 편지.jpg")


if __name__ == "__main__":
    main()
