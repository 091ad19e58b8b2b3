"""Makes the printed samples: a few small committed ones, and whole splits on demand.

    python assets/samples/make_documents.py                 the committed ones, in documents/
    python assets/samples/make_documents.py --split dev     a whole split, into build/documents/

Beside every file stands its truth, as one JSON line of truth.jsonl. The same call makes the same
files. Texts and pictures are ours; see documents/LICENCE.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from pipelines.evaluation import digital, printed, worn  # noqa: E402 - after the path is set
from pipelines.readers import mupdf  # noqa: E402

SAMPLES = Path(__file__).resolve().parent / "documents"
KINDS = ("ko", "mixed", "en", "ja", "zh", "es")


def committed() -> None:
    """One notice as PDF, one scanned letter, one table, small enough to be committed."""
    SAMPLES.mkdir(exist_ok=True)
    font = printed.FONTS["dev"]["ko"][1]
    notice = printed.sheet("dev", "mixed", font, 11.0)
    letter = printed.sheet("dev", "ko", font, 12.0)
    table = digital.table_pdf("dev", "grid", 0, rotation=0)
    (SAMPLES / "notice.pdf").write_bytes(printed.as_pdf([notice]))
    (SAMPLES / "table.pdf").write_bytes(table.data)
    picture, skew = worn.worn(printed.as_scan(letter, dpi=150), letter.id)
    picture.convert("L").save(SAMPLES / "letter.jpg", quality=40)
    rows = [
        sheet_truth(notice, "notice.pdf", 0.0),
        sheet_truth(letter, "letter.jpg", skew),
        table_truth(table, "table.pdf"),
    ]
    write_truth(SAMPLES, rows)


def whole(split: printed.Split, out: Path) -> None:
    """Every sheet of a split as PDF and scan, Korean ones degraded too, and all digital PDFs."""
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for kind in KINDS:
        for sheet in printed.sheets(split, kind):
            (out / f"{sheet.id}.pdf").write_bytes(printed.as_pdf([sheet]))
            scan = printed.as_scan(sheet)
            scan.save(out / f"{sheet.id}.png")
            rows += [sheet_truth(sheet, f"{sheet.id}{end}", 0.0) for end in (".pdf", ".png")]
            if kind == "ko":
                picture, skew = worn.worn(scan, sheet.id)
                picture.save(out / f"{sheet.id}.jpg", quality=95)
                rows.append(sheet_truth(sheet, f"{sheet.id}.jpg", skew))
    others = [digital.column_pdf(split, n) for n in range(8)]
    others += [digital.form_pdf(split, n) for n in range(6)]
    for pdf in (*digital.table_pdfs(split), *others):
        (out / f"{pdf.id}.pdf").write_bytes(pdf.data)
        rows.append(table_truth(pdf, f"{pdf.id}.pdf"))
    write_truth(out, rows)


def sheet_truth(sheet: printed.Sheet, file: str, skew: float) -> dict[str, object]:
    """The truth of one page; boxes in points of an A4 page, upright boxes around turned lines."""
    lines = [
        {
            "text": line.text,
            "box_pt": [round(v, 1) for v in worn.turned_box(line.box_pt, skew, *printed.A4_PT)],
        }
        for line in sheet.lines
    ]
    about = {"kind": sheet.kind, "font": Path(sheet.font).name, "size_pt": sheet.size_pt}
    return {"file": file, **about, "skew_deg": round(skew, 2), "lines": lines}


def table_truth(pdf: digital.TruePdf, file: str) -> dict[str, object]:
    """The truth of a page with a table, columns or fields."""
    cells = [[cell.row, cell.col, cell.row_span, cell.col_span, cell.text] for cell in pdf.cells]
    return {
        "file": file,
        "words": pdf.words,
        "cells": cells,
        "fields": [list(f) for f in pdf.fields],
    }


def write_truth(folder: Path, rows: list[dict[str, object]]) -> None:
    """One JSON line a file."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "truth.jsonl").write_text(text, encoding="utf-8")


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("dev", "test"))
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "documents")
    options = parser.parse_args()
    mupdf.library()
    if options.split is None:
        committed()
    else:
        whole(options.split, options.out / options.split)


if __name__ == "__main__":
    main()
