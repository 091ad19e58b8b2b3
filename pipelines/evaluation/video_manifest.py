"""The `video` lines of a manifest of outside files, each held against what it demands.

    python -m pipelines.evaluation.video_manifest [FOLDER]

What is demanded, by the words of the line: golden cuts within 0.2 s, "TEXT" what is said, "must
match" the transcript of another file, "no speech invented" and "no audio" no word at all, "warning"
a note about the sound, "REFUSE" a refusal with a name (with "or", anything that ends well).
Everything else: that it ends in a timeline or in a refusal of ours.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from pipelines.build import Parts, build
from pipelines.errors import MediaRejected
from pipelines.media.admit import VIDEOS, admit
from pipelines.readers.score import bare, cer
from pipelines.readers.videos import SeenVideo
from pipelines.settings import ROOT, load_settings

FOLDER = ROOT.parent / "shared" / "data" / "real"
CUT_S, TEXT_ERROR, PART_LIKENESS = 0.2, 0.05, 90.0
SOUND_NOTES = frozenset(
    {"video.sound_damaged", "video.sound_stops", "speech.cut_short", "video.no_sound"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line and what came of it; `holds` None where there is nothing to hold it against."""

    path: str
    expected: str
    got: str
    holds: bool | None
    seconds: float


def check(folder: Path, parts: Parts) -> list[Row]:
    """Every `video` line. Raises FileNotFoundError without a manifest."""
    rows = []
    for line in (folder / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        path, kind, _, _, expected = line.split("\t")[:5]
        if kind != "video":
            continue
        started = time.perf_counter()
        got, holds = (
            _golden(folder / path, parts)
            if path.endswith(".json")
            else _file(folder, path, expected, parts)
        )
        rows.append(
            Row(
                path=path,
                expected=expected,
                got=got,
                holds=holds,
                seconds=round(time.perf_counter() - started, 1),
            )
        )
    return rows


def _seen(path: Path, parts: Parts, *, speech: bool) -> SeenVideo:
    media = admit(path, settings=parts.settings, accept=VIDEOS)
    with tempfile.TemporaryDirectory(prefix="minwon-manifest-") as frames:
        return parts.video.reader.read(media, Path(frames), with_speech=speech)


def _golden(listed: Path, parts: Parts) -> tuple[str, bool | None]:
    """Frame numbers of cuts, from 0, against the video of the same name."""
    name = listed.name.removesuffix(".cuts.json")
    video = next((p for p in sorted(listed.parent.glob(f"{name}.*")) if p.suffix != ".json"), None)
    if video is None:
        return f"no video beside it: {name}", None
    seen = _seen(video, parts, speech=False)
    golden = [frame / seen.watched.probe.fps for frame in json.loads(listed.read_text())["cuts"]]
    found = [shot.end_s for shot in seen.shots[:-1]]
    hits = sum(any(abs(at - cut) <= CUT_S for at in found) for cut in golden)
    holds = hits == len(golden) and len(found) == len(golden)
    return f"cuts {[round(at, 2) for at in found]} for {[round(at, 2) for at in golden]}", holds


def _file(folder: Path, path: str, expected: str, parts: Parts) -> tuple[str, bool | None]:
    try:
        seen = _seen(folder / path, parts, speech=True)
    except MediaRejected as refusal:
        may = "REFUSE" in expected or "clear" in expected
        return f"refused: {refusal.code}", may
    said = " ".join(p.text for p, k in zip(seen.evidence, seen.kinds, strict=True) if k == "speech")
    notes = {note.code for note in seen.notes}
    got = (
        f"{seen.watched.end_s:.1f} s, {len(seen.shots)} shots, {len(seen.frames)} frames, "
        f"words {[text.text for text in seen.texts][:3]}, said {said[:60]!r}, {sorted(notes)}"
    )
    demands = [_said(folder, expected, said, parts)]
    if "no speech invented" in expected or "no audio" in expected:
        demands.append(not said)
    if "warning" in expected and "partial" not in expected:
        demands.append(bool(notes & SOUND_NOTES))
    return got, all(demands)


def _said(folder: Path, expected: str, said: str, parts: Parts) -> bool:
    if found := re.search(r"TEXT[^:]*: (.+)", expected):
        return fuzz.partial_ratio(bare(found[1]), bare(said)) >= PART_LIKENESS
    if found := re.search(r"transcript must match (\S+)", expected):
        other = folder / found[1]  # the list may name it without its container's ending
        other = next(iter(sorted(other.parent.glob(f"{other.stem}*"))), other)
        heard = parts.voice.reader.read(admit(other, settings=parts.settings))
        return cer(" ".join(piece.text for piece in heard.evidence), said) <= TEXT_ERROR
    return True


def run(parts: Parts, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Check and print; an empty list where the files don't lie beside the checkout."""
    if not (folder / "MANIFEST.tsv").is_file():
        print("\nno outside files beside this checkout")
        return []
    rows = check(folder, parts)
    print("\nvideo lines of the manifest")
    for row in rows:
        holds = {True: "yes", False: "NO", None: "-"}[row.holds]
        print(f"{holds:4}{row.seconds:6.1f} s  {row.path}: {row.got}")
    held = [row for row in rows if row.holds is not None]
    print(f"{sum(bool(row.holds) for row in held)} of {len(held)} hold; {len(rows)} lines")
    return [asdict(row) for row in rows]


def main() -> int:
    """The exit status is 1 where a line does not hold."""
    parts = build(load_settings())
    try:
        rows = run(parts, Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
    finally:
        parts.close()
    return 1 if any(row["holds"] is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
