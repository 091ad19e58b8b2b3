"""HWP parsers side by side on a folder of real files: share of the text, share of the cells.

    python -m pipelines.evaluation.hwp_peers FOLDER

The truth is what the files' own records hold (`hwp_truth`). A parser that isn't installed is
left out; none but ours is needed to run the program.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import MinwonError
from pipelines.evaluation.hwp_truth import true_tables, true_text
from pipelines.evaluation.office_truth import Hits, TrueTable, gram_hits
from pipelines.readers.flow import squeezed
from pipelines.readers.hwp import read_hwp
from pipelines.readers.native import read_native
from pipelines.readers.pages import Cell, Item

Cells = set[tuple[int, int, str]]
Read = Callable[[Path], tuple[str, list[Cells]]]
"""A file -> its whole text, and of every table the places (row, col, words) of its cells."""


def _ours(path: Path) -> tuple[str, list[Cells]]:
    return _of(read_hwp(path).items)


def _dochan(path: Path) -> tuple[str, list[Cells]]:
    return _of(read_native(path).items)


def _of(items: Sequence[Item]) -> tuple[str, list[Cells]]:
    tables = [item.table for item in items if item.table]
    text = "\n".join(item.text for item in items)
    return text, [{(c.row, c.col, squeezed(c.text)) for c in table.cells} for table in tables]


def _hwp_hwpx_parser(path: Path) -> tuple[str, list[Cells]]:
    from hwp_hwpx_parser import Reader

    with Reader(str(path)) as reader:
        notes = reader.extract_text_with_notes()
        grids = [table.rows for table in reader.get_tables()]
        text = "\n".join(str(value) for value in vars(notes).values())
    return text, [_grid(rows) for rows in grids]


def _hwp2md(path: Path) -> tuple[str, list[Cells]]:
    from hwp2md.blocks import Table
    from hwp2md.convert import read_blocks
    from hwp2md.render import render_blocks

    blocks = read_blocks(path)
    grids = [block.rows for block in blocks if isinstance(block, Table)]
    return render_blocks(blocks, image_dir="x"), [_grid(rows) for rows in grids]


def _ai_hwp_reader(path: Path) -> tuple[str, list[Cells]]:
    from hwp_reader import read, render

    blocks = read(str(path))
    tables = [block for block in blocks if block.get("type") == "table"]
    cells = [
        {(c["row"], c["col"], squeezed(c["text"])) for c in table.get("cells", ())}
        for table in tables
    ]
    return render(blocks, "txt"), cells


def _unhwp(path: Path) -> tuple[str, list[Cells]]:
    import unhwp

    return unhwp.extract_text(str(path)), []


def _grid(rows: Iterable[Iterable[str]]) -> Cells:
    return {
        (row, col, squeezed(str(text)))
        for row, line in enumerate(rows)
        for col, text in enumerate(line)
    }


PEERS: dict[str, Read] = {
    "this project": _ours,
    "dochan alone": _dochan,
    "hwp-hwpx-parser": _hwp_hwpx_parser,
    "hwp2markdown": _hwp2md,
    "ai-hwp-reader": _ai_hwp_reader,
    "unhwp": _unhwp,
}


@dataclass(slots=True, kw_only=True)
class _Sum:
    text: list[Hits]
    cells: list[Hits]
    empty: int = 0
    failed: int = 0
    seconds: float = 0.0


def compare(folder: Path) -> None:
    """Print one line for each parser."""
    files = [path for path in sorted(folder.rglob("*.hwp*")) if path.suffix in (".hwp", ".hwpx")]
    truths = [(path, *_truth(path)) for path in files]
    truths = [row for row in truths if any(map(squeezed, row[1]))]
    print(f"{len(truths)} of {len(files)} files hold text that can be had without a password")
    for name, read in PEERS.items():
        total = _Sum(text=[], cells=[])
        try:
            for path, text, tables in truths:
                _hold(read, path, text, tables, total)
        except ImportError as exc:
            print(f"{name:18} not installed: {exc.name}")
            continue
        shown = "  ".join(f"{label} {_share(hits)}" for label, hits in _parts(total))
        print(
            f"{name:18} {shown}  empty {total.empty}  failed {total.failed}  {total.seconds:.1f} s"
        )


def _parts(total: _Sum) -> Iterable[tuple[str, list[Hits]]]:
    return (("text", total.text), ("cells", total.cells))


def _truth(path: Path) -> tuple[list[str], list[TrueTable]]:
    try:
        return true_text(path), true_tables(path)
    except (MinwonError, ValueError, KeyError, OSError, IndexError):
        return [], []


def _hold(read: Read, path: Path, text: list[str], tables: list[TrueTable], total: _Sum) -> None:
    begun = time.perf_counter()
    try:
        found, grids = read(path)
    except ImportError:
        raise
    except Exception:  # noqa: BLE001 - peers raise whatever they like
        found, grids = "", []
        total.failed += 1
    total.seconds += time.perf_counter() - begun
    total.empty += not squeezed(found)
    total.text.append(gram_hits(text, found))
    total.cells.append(_best(tables, grids))


def _best(tables: list[TrueTable], grids: list[Cells]) -> Hits:
    """Each table against the one that was read which holds most of it."""
    found = wanted = 0
    for table in tables:
        cells = [c for c in table.cells if squeezed(c.text)]
        wanted += len(cells)
        found += max((_inside(cells, grid) for grid in grids), default=0)
    return Hits(found=found, wanted=wanted)


def _inside(cells: Iterable[Cell], grid: Cells) -> int:
    texts: dict[tuple[int, int], str] = {}
    for row, col, text in grid:
        texts[row, col] = texts.get((row, col), "") + text
    return sum(squeezed(c.text) in texts.get((c.row, c.col), "") for c in cells)


def _share(hits: list[Hits]) -> str:
    wanted = sum(hit.wanted for hit in hits)
    found = sum(hit.found for hit in hits)
    return f"{found}/{wanted} {100 * found / max(1, wanted):6.2f} %"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    compare(parser.parse_args().folder)


if __name__ == "__main__":
    main()
