"""Draw the video samples, each with its truth: cuts, words with their times, motion, speech.

    python assets/samples/make_videos.py             the committed clips (small) and their list
    python assets/samples/make_videos.py --all DIR   every clip of both splits, and the long one

Truth lies in videos.jsonl (one object a clip): `cuts` in seconds, `texts` with their times and
boxes in pixels, `motion` spans, and the id of the recording that is heard from `voice_s` on.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from video_scenes import KINDS, Mover, Sign, background, put_mover, put_sign  # noqa: E402

VOICE_S = 0.5
"""When the voice begins."""
PAN = 0.3
"""A background is so much wider than the picture."""
LICENCE = "AGPL-3.0-or-later (drawing and text: Minwon Desk; voice: Kokoro-82M, Apache-2.0)"
WORDS = {
    "dev": {
        "board": [
            "공사 중 우회하세요",
            "무단 투기 금지",
            "어린이 보호구역",
            "주차 금지 구역",
            "미끄럼 주의",
            "출입 통제",
            "낙석 위험 지역",
            "자전거 전용 도로",
        ],
        "caption": [
            "가로등이 꺼져 있습니다",
            "하수구가 막혔습니다",
            "도로가 움푹 파였습니다",
            "쓰레기가 쌓여 있습니다",
        ],
        "banner": ["긴급 단수 안내", "주민 설명회 개최", "도로 점용 공사"],
    },
    "test": {
        "board": [
            "보행자 통행 제한",
            "서행 운전 구간",
            "쓰레기 배출 장소",
            "버스 정류장 이전",
            "수심이 깊은 곳",
            "노인 보호구역",
            "견인 지역 안내",
            "화재 위험 금연",
            "공원 이용 시간",
            "안전모 착용",
        ],
        "caption": [
            "맨홀 뚜껑이 열려 있습니다",
            "신호등이 고장 났습니다",
            "나무가 쓰러져 있습니다",
            "보도블록이 깨졌습니다",
            "배수로에서 냄새가 납니다",
        ],
        "banner": ["임시 휴관 알림", "교통 통제 안내", "불법 주차 단속", "재건축 설명회"],
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One stretch without a cut. `pan` in widths of the picture."""

    seconds: float
    kind: str
    seed: int
    pan: float
    movers: tuple[Mover, ...]
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One clip."""

    id: str
    split: str
    size: tuple[int, int]
    fps: int
    keyframe_s: float
    shots: tuple[Shot, ...]
    clock: str
    voice: str
    crf: int = 31


def planned(number: int, split: str, *, seconds: float = 10.0, big: bool = True) -> Plan:
    """A clip from its number: its shots, its words and what moves when."""
    draw = random.Random(f"{split}-{number}")
    words = WORDS[split]
    shots: list[Shot] = []
    length, before = 0.0, ""
    while length < seconds:
        span = round(draw.uniform(2.4, 5.5), 1)
        kind = draw.choice([kind for kind in KINDS if kind != before])
        before = kind
        signs: list[Sign] = []
        style = draw.choice(["board", "caption", "banner", ""])
        if style:
            start = round(draw.choice([0.0, draw.uniform(0.3, span / 2)]), 1)
            end = (
                round(draw.choice([span, draw.uniform(start + 1.2, span)]), 1)
                if span - start > 1.4
                else span
            )
            signs.append(
                Sign(text=draw.choice(words[style]), style=style, start_s=start, end_s=end)
            )
        movers = ()
        if draw.random() < 0.5:
            start = round(draw.uniform(0.0, span / 3), 1)
            movers = (
                Mover(kind=draw.choice(["car", "person", "ball"]), start_s=start, end_s=span),
            )
        pan = draw.choice([0.0, 0.0, 0.0, 0.15])
        shots.append(
            Shot(
                seconds=span,
                kind=kind,
                seed=draw.randint(0, 9999),
                pan=pan,
                movers=movers,
                signs=tuple(signs),
            )
        )
        length += span
    voices = voices_up_to(length) if big else []
    return Plan(
        id=f"{split}{number:02d}",
        split=split,
        size=(1280, 720),
        fps=draw.choice([24, 30]),
        keyframe_s=draw.choice([1.0, 2.0, 8.0]),
        shots=tuple(shots),
        clock=draw.choice(["", _clock(draw)]),
        voice=draw.choice([*voices, ""]) if voices else "",
    )


def voices_up_to(seconds: float) -> list[str]:
    """The Korean recordings that are over before the clip is."""
    rows = (json.loads(line) for line in (HERE / "samples.jsonl").open(encoding="utf-8"))
    return sorted(
        Path(row["file"]).name
        for row in rows
        if row["language"] == "ko"
        and row["condition"] == "clean"
        and row["seconds"] + VOICE_S < seconds
    )


def _clock(draw: random.Random) -> str:
    hour, minute = draw.randint(6, 20), draw.randint(0, 50)
    return f"2026-03-{draw.randint(10, 28)} {hour:02d}:{minute:02d}:10"


def clock_text(start: str, passed_s: float) -> str:
    """The burnt-in clock after some seconds."""
    day, _, time = start.partition(" ")
    hours, minutes, seconds = (int(part) for part in time.split(":"))
    total = hours * 3600 + minutes * 60 + seconds + int(passed_s + 1e-6)
    return f"{day} {total // 3600 % 24:02d}:{total // 60 % 60:02d}:{total % 60:02d}"


def seen_moving(mover: Mover) -> tuple[float, float]:
    """While a mover is on the picture: it comes from beyond the edge and goes beyond the other."""
    wide = {"car": 0.18, "person": 0.04, "ball": 0.055}[mover.kind]
    span = mover.end_s - mover.start_s
    return mover.start_s + span * (0.2 - wide) / 1.4, mover.start_s + span * 1.2 / 1.4


def draw_frame(
    shot: Shot, place: Image.Image, at: float, size: tuple[int, int]
) -> tuple[Image.Image, dict[str, list[int]]]:
    """The picture at `at` seconds into the shot, and the boxes of its words."""
    shift = round(min(PAN, shot.pan * at) * size[0])
    picture = place.crop((shift, 0, shift + size[0], size[1]))
    pen = ImageDraw.Draw(picture)
    for mover in shot.movers:
        if mover.start_s <= at < mover.end_s:
            put_mover(pen, mover.kind, (at - mover.start_s) / (mover.end_s - mover.start_s), size)
    boxes = {
        sign.text: list(put_sign(picture, sign.text, sign.style))
        for sign in shot.signs
        if sign.start_s <= at < sign.end_s
    }
    return picture, boxes


def make(plan: Plan, path: Path) -> dict[str, object]:
    """Write the clip; returns its truth."""
    cuts: list[float] = []
    texts: list[dict[str, object]] = []
    motion: list[list[float]] = []
    start = 0.0
    with av.open(str(path), "w", options={"movflags": "faststart"}) as out:
        video = out.add_stream("libx264", rate=plan.fps)
        video.width, video.height, video.pix_fmt = *plan.size, "yuv420p"
        video.options = {
            "crf": str(plan.crf),
            "preset": "veryfast",
            "g": str(round(plan.keyframe_s * plan.fps)),
            "sc_threshold": "0" if plan.keyframe_s < 4 else "40",
            "threads": "2",
        }
        sound = out.add_stream("aac", rate=24_000, layout="mono") if plan.voice else None
        count = 0
        for shot in plan.shots:
            place = background(shot.kind, shot.seed, plan.size)
            frames = round(shot.seconds * plan.fps)
            boxes: dict[str, list[int]] = {}
            for number in range(frames):
                picture, seen = draw_frame(shot, place, number / plan.fps, plan.size)
                boxes |= seen
                if plan.clock:
                    put_sign(picture, clock_text(plan.clock, count / plan.fps), "clock")
                frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
                frame.pts, frame.time_base = count, Fraction(1, plan.fps)
                out.mux(video.encode(frame))
                count += 1
            if start:
                cuts.append(round(start, 3))
            texts += [
                {
                    "text": sign.text,
                    "style": sign.style,
                    "start_s": round(start + sign.start_s, 2),
                    "end_s": round(start + min(sign.end_s, shot.seconds), 2),
                    "box": boxes[sign.text],
                }
                for sign in shot.signs
            ]
            motion += [[round(start + at, 2) for at in seen_moving(m)] for m in shot.movers]
            if shot.pan:
                motion.append(
                    [round(start, 2), round(start + min(shot.seconds, PAN / shot.pan), 2)]
                )
            start = count / plan.fps
        out.mux(video.encode(None))
        if sound is not None:
            _speak(out, sound, HERE / "voice" / plan.voice, start)
    return {
        "id": plan.id,
        "split": plan.split,
        "file": f"video/{path.name}",
        "seconds": round(start, 2),
        "fps": plan.fps,
        "keyframe_s": plan.keyframe_s,
        "cuts": cuts,
        "texts": texts,
        "motion": motion,
        "clock": plan.clock,
        "voice": plan.voice.removesuffix(".opus"),
        "voice_s": VOICE_S if plan.voice else 0.0,
        "licence": LICENCE,
    }


def _speak(
    out: av.container.OutputContainer, stream: av.AudioStream, voice: Path, limit_s: float
) -> None:
    """The recording from half a second on, cut at the end of the pictures."""
    samples = [np.zeros((1, 12_000), np.float32)]
    with av.open(str(voice)) as source:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=24_000)
        for frame in source.decode(audio=0):
            samples += [part.to_ndarray() for part in resampler.resample(frame)]
    whole = np.concatenate(samples, axis=1)[:, : round(limit_s * 24_000)]
    for at in range(0, whole.shape[1], 1024):
        part = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(whole[:, at : at + 1024]), format="flt", layout="mono"
        )
        part.sample_rate, part.pts = 24_000, at
        out.mux(stream.encode(part))
    out.mux(stream.encode(None))


COMMITTED = ("dev01", "dev06", "test01", "test04", "test06", "test08", "test15")
"""Small ones of each kind: with and without clock, speech, boards, captions, motion."""
ALL = {"dev": 8, "test": 16}


def main() -> None:
    """Draw what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="DIR", help="every clip, into this folder")
    parser.add_argument("--only", nargs="+", default=(), help="ids")
    parser.add_argument("--long", type=Path, metavar="FILE", help="one clip of 60 seconds")
    options = parser.parse_args()
    if options.long:
        plan = planned(99, "test", seconds=60.0)
        truth = make(plan, options.long)
        options.long.with_suffix(".json").write_text(
            json.dumps(truth, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        return
    folder = options.all or HERE / "video"
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    wanted = options.only or (() if options.all else COMMITTED)
    for split, count in ALL.items():
        for number in range(1, count + 1):
            plan = planned(number, split)
            if wanted and plan.id not in wanted:
                continue
            rows.append(make(plan, folder / f"{plan.id}.mp4"))
            print(
                plan.id,
                rows[-1]["seconds"],
                "s",
                (folder / f"{plan.id}.mp4").stat().st_size // 1000,
                "kB",
            )
    listed = (folder if options.all else HERE) / "videos.jsonl"
    listed.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
