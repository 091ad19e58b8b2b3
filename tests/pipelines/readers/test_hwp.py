"""HWP 5 and HWPX: written by a library or by hand, and, where it lies beside us, real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import DocumentDamaged, DocumentEncrypted, MinwonError
from pipelines.evaluation.hwp_truth import true_tables, true_text
from pipelines.evaluation.office_files import WRITERS
from pipelines.evaluation.office_truth import gram_hits, make_truth
from pipelines.readers import hwp_raw
from pipelines.readers.flow import squeezed
from pipelines.readers.hwp import read_hwp
from pipelines.readers.office import read_document
from pipelines.refusals import DocumentNoText, DocumentUnsupported
from tests.pipelines.readers import flow_kit as kit


def cell(text: str, row: int, col: int, down: int = 1, across: int = 1, inside: str = "") -> str:
    return (
        f'<hp:tc><hp:subList>{kit.hp_p(text, inside)}</hp:subList><hp:cellAddr colAddr="{col}" '
        f'rowAddr="{row}"/><hp:cellSpan colSpan="{across}" rowSpan="{down}"/></hp:tc>'
    )


def test_hwpx_tables_captions_boxes_and_notes_stay_where_they_stand(tmp_path: Path) -> None:
    note = (
        "<hp:ctrl><hp:footNote><hp:subList>" + kit.hp_p("각주의 글") + "</hp:subList>"
        "</hp:footNote></hp:ctrl>"
    )
    table = (
        '<hp:tbl rowCnt="2" colCnt="2"><hp:tr>'
        + cell("합친 칸", 0, 0, 1, 2, note)
        + "</hp:tr><hp:tr>"
        + cell("왼쪽", 1, 0)
        + cell("오른쪽", 1, 1)
        + "</hp:tr></hp:tbl>"
    )
    box = (
        "<hp:rect><hp:drawText><hp:subList>" + kit.hp_p("글상자 안의 글") + "</hp:subList>"
        "</hp:drawText><hp:caption><hp:subList>" + kit.hp_p("그림의 설명") + "</hp:subList>"
        "</hp:caption></hp:rect>"
    )
    body = kit.hp_p("앞의 글") + kit.hp_p("", table) + kit.hp_p("뒤의 글", box) + kit.hp_p("끝")
    document = read_hwp(kit.hwpx(tmp_path / "a.hwpx", body))
    words = [item.text for item in document.items]
    assert words.index("앞의 글") < words.index("[1]합친 칸\n왼쪽\t오른쪽") < words.index("끝")
    table_item = next(item for item in document.items if item.table)
    assert table_item.table is not None
    assert [(c.row, c.col, c.col_span) for c in table_item.table.cells] == [
        (0, 0, 2),
        (1, 0, 1),
        (1, 1, 1),
    ]
    whole = "".join(words)
    for text in ("각주의 글", "글상자 안의 글", "그림의 설명", "뒤의 글"):
        assert whole.count(text) == 1, text


def test_text_in_a_place_that_the_library_skips_is_put_back_at_its_place(tmp_path: Path) -> None:
    caption = (
        "<hp:rect><hp:caption><hp:subList>" + kit.hp_p("아무도 읽지 않는 설명") + "</hp:subList>"
        "</hp:caption></hp:rect>"
    )
    body = kit.hp_p("첫 문단입니다.") + kit.hp_p("", caption) + kit.hp_p("둘째 문단입니다.")
    document = read_hwp(kit.hwpx(tmp_path / "a.hwpx", body))
    assert [item.text for item in document.items] == [
        "첫 문단입니다.",
        "아무도 읽지 않는 설명",
        "둘째 문단입니다.",
    ]
    assert [note.code for note in document.notes] == ["document.recovered"]


def test_foot_and_endnotes_are_counted_apart_as_they_are_printed(tmp_path: Path) -> None:
    def note(kind: str, text: str) -> str:
        inner = f"<hp:subList>{kit.hp_p(text)}</hp:subList>"
        return f"<hp:ctrl><hp:{kind}>{inner}</hp:{kind}></hp:ctrl>"

    body = kit.hp_p("가", note("footNote", "각주")) + kit.hp_p("나", note("endNote", "미주"))
    document = read_hwp(kit.hwpx(tmp_path / "a.hwpx", body))
    assert [i.text for i in document.items if i.kind == "note"] == ["[1] 각주", "[1] 미주"]


def test_a_package_is_hwpx_by_what_it_holds_not_by_its_mark(tmp_path: Path) -> None:
    path = kit.hwpx(tmp_path / "a", kit.hp_p("표시가 다른 문서"), mimetype="text/plain")
    assert [item.text for item in read_hwp(path).items] == ["표시가 다른 문서"]


def test_tracked_changes_leave_the_final_text(tmp_path: Path) -> None:
    changed = (
        "<hp:p><hp:run><hp:t>금액은 <hp:deleteBegin Id='1' TcId='1'/>백만<hp:deleteEnd Id='1' "
        "TcId='1' paraend='0'/><hp:insertBegin Id='2' TcId='2'/>이백만<hp:insertEnd Id='2' "
        "TcId='2' paraend='0'/> 원</hp:t></hp:run></hp:p>"
    )
    path = kit.hwpx(tmp_path / "a.hwpx", changed)
    parts = _parts(path)
    parts["Contents/header.xml"] = (
        b'<hh:head xmlns:hh="http://www.hancom.co.kr/hwpml/2011/head"><hh:trackChanges>'
        b'<hh:trackChange type="Delete" id="1"/><hh:trackChange type="Insert" id="2"/>'
        b"</hh:trackChanges></hh:head>"
    )
    document = read_hwp(kit.pack(path, parts))
    assert [item.text for item in document.items] == ["금액은 이백만 원"]
    assert [note.code for note in document.notes] == ["document.tracked_changes"]


def _parts(path: Path) -> dict[str, str | bytes]:
    import zipfile

    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_scripts_that_do_something_are_told_from_the_empty_frame(tmp_path: Path) -> None:
    frame = "var Documents = XHwpDocuments;\nfunction OnDocument_New()\n{\n\t//todo : \n}\n"
    assert not hwp_raw.script_does_something(frame.encode("utf-16-le"))
    acting = frame.replace("//todo : ", "Run('cmd');")
    assert hwp_raw.script_does_something(acting.encode("utf-16-le"))
    path = kit.hwpx(tmp_path / "a.hwpx", kit.hp_p("글"))
    parts = _parts(path) | {"Scripts/sourceScripts.js": acting.encode("utf-16-le")}
    assert [note.code for note in read_hwp(kit.pack(path, parts)).notes] == ["document.macros"]


# --- refused ------------------------------------------------------------------------------------


def with_flag(path: Path, flag: int) -> Path:
    """The same HWP 5 file with one more flag in its header."""
    WRITERS["hwp"][1](make_truth("dev", 0), path)
    data = bytearray(path.read_bytes())
    data[data.index(hwp_raw.SIGNATURE) + 36] |= flag
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("flag", [0x02, 0x10], ids=["password", "rights"])
def test_a_locked_hwp_is_refused_by_name(tmp_path: Path, flag: int) -> None:
    with pytest.raises(DocumentEncrypted):
        read_hwp(with_flag(tmp_path / "a.hwp", flag))


def test_a_locked_hwpx_is_refused_by_name(tmp_path: Path) -> None:
    path = kit.hwpx(tmp_path / "a.hwpx", kit.hp_p("글"))
    parts = _parts(path)
    parts["META-INF/manifest.xml"] = (
        "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    )
    with pytest.raises(DocumentEncrypted):
        read_hwp(kit.pack(path, parts))


def test_a_copy_that_claims_to_be_scrambled_and_is_not(tmp_path: Path) -> None:
    """The flag for distribution copies without the scrambled streams: no empty success."""
    with pytest.raises(MinwonError):
        read_document(with_flag(tmp_path / "a.hwp", 0x04), kit.HWP)


def test_other_containers_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(DocumentDamaged):
        read_hwp(path)
    WRITERS["hwp"][1](make_truth("dev", 0), path.with_suffix(".hwp"))
    data = path.with_suffix(".hwp").read_bytes()
    path.write_bytes(data.replace(hwp_raw.SIGNATURE, b"XWP Document File"))
    with pytest.raises(DocumentUnsupported):
        read_hwp(path)


# --- real files, where they lie beside the checkout --------------------------------------------


def test_real_files_lose_no_text_and_no_cell(shared_data: Path) -> None:
    found = wanted = cells = placed = 0
    files = sorted((shared_data / "real" / "hwp").rglob("*.hwp*"))
    for path in files:
        if path.suffix not in (".hwp", ".hwpx") or "password-" in path.name:
            continue
        document = read_hwp(path)
        hits = gram_hits(true_text(path), "\n".join(item.text for item in document.items))
        found, wanted = found + hits.found, wanted + hits.wanted
        grids = [
            {(c.row, c.col): squeezed(c.text) for c in item.table.cells}
            for item in document.items
            if item.table
        ]
        for table in true_tables(path):
            filled = [c for c in table.cells if squeezed(c.text)]
            cells += len(filled)
            placed += max(
                (
                    sum(squeezed(c.text) in grid.get((c.row, c.col), "") for c in filled)
                    for grid in grids
                ),
                default=0,
            )
    assert wanted > 10_000
    assert found / wanted >= 0.99
    assert placed / cells >= 0.95


def test_real_files_without_words_say_so(shared_data: Path) -> None:
    folder = shared_data / "real" / "hwp"
    for name in ("hwplib/blank.hwp", "hwpxlib/tool__blank.hwpx"):
        media_type = kit.HWPX if name.endswith("x") else kit.HWP
        with pytest.raises(DocumentNoText):
            read_document(folder / name, media_type)
