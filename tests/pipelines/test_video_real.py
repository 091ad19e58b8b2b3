"""A committed clip through the application's own parts: pictures, print and speech together."""

from __future__ import annotations

from pathlib import Path

import pytest
from rapidfuzz import fuzz

from pipelines.build import Parts
from pipelines.evaluation.clips import committed_clips
from pipelines.media.admit import VIDEOS, admit
from pipelines.readers.score import cer
from pipelines.readers.timeline import time_of


@pytest.mark.slow
def test_a_clip_is_seen_read_and_heard(parts: Parts, tmp_path: Path) -> None:
    clip, path = next((c, p) for c, p in committed_clips("test") if c.id == "test15")
    media = admit(path, settings=parts.settings, accept=VIDEOS)
    seen = parts.video.read(media, tmp_path).video
    assert [shot.start_s for shot in seen.shots[1:]] == pytest.approx(list(clip.cuts), abs=0.2)
    read = [text.text for text in seen.texts if text.clock_s is None]
    assert max(fuzz.ratio(clip.texts[0].text, text) for text in read) >= 80
    clocks = [text.clock_s for text in seen.texts if text.clock_s is not None]
    assert clocks == pytest.approx([9 * 3600 + 7 * 60 + 10], abs=1.5)
    said = [p for p, kind in zip(seen.evidence, seen.kinds, strict=True) if kind == "speech"]
    assert seen.language == "ko"
    assert all(word.start_s <= word.end_s <= clip.seconds + 0.2 for p in said for word in p.words)
    assert time_of(said[0])[0] == pytest.approx(clip.voice_s, abs=1.0)
    spoken = (
        "김해시 하천 옆에 누가 냉장고와 침대를 몰래 버렸습니다. "
        "수거해 가시고 감시 카메라도 달아 주세요."
    )
    assert cer(spoken, " ".join(piece.text for piece in said)) < 0.4
