"""What a long recording costs: time, memory, and how often people hear of progress.

    python -m pipelines.readers.long_bench FILE

Prints the peak memory of the process once the model is loaded and after the whole recording was
read, and the longest wait between two signs of life.
"""

from __future__ import annotations

import itertools
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines import korean
from pipelines.build import build
from pipelines.media.admit import admit
from pipelines.readers.speech import SpeechReader
from pipelines.settings import Settings, load_settings
from pipelines.types import Event, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One recording, read once."""

    audio_s: float
    seconds: float
    loaded_mb: float
    """Peak memory before reading."""
    peak_mb: float
    """Peak memory after it."""
    sentences: int
    progress: int
    """Progress events with a fraction."""
    backward: int
    """How many of them named a smaller fraction than the one before."""
    longest_wait_s: float
    """Between two events of any kind."""


def measure(path: Path, *, reader: SpeechReader, settings: Settings) -> Cost:
    """Read one recording as the application does.

    Raises what `admit` and `SpeechReader.read` raise.
    """
    reader.recogniser.warm()
    korean.warm()
    loaded_mb = peak_mb()
    media = admit(path, settings=settings)
    events: list[tuple[float, Event]] = []
    started = time.monotonic()
    heard = reader.read(media, on_event=lambda event: events.append((time.monotonic(), event)))
    ended = time.monotonic()
    moments = [started, *(at for at, _ in events), ended]
    fractions = [
        event.fraction
        for _, event in events
        if isinstance(event, Progress) and event.fraction is not None
    ]
    return Cost(
        audio_s=media.duration_s or 0.0,
        seconds=ended - started,
        loaded_mb=loaded_mb,
        peak_mb=peak_mb(),
        sentences=len(heard.evidence),
        progress=len(fractions),
        backward=sum(after < before for before, after in itertools.pairwise(fractions)),
        longest_wait_s=max(after - before for before, after in itertools.pairwise(moments)),
    )


def peak_mb() -> float:
    """The most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(cost: Cost) -> str:
    """The figures as text."""
    return (
        f"{cost.audio_s:.0f} s read in {cost.seconds:.0f} s ({cost.audio_s / cost.seconds:.1f} "
        f"times as fast as it plays), {cost.sentences} sentences\n"
        f"memory: {cost.loaded_mb:.0f} MB with the model loaded, {cost.peak_mb:.0f} MB at most\n"
        f"{cost.progress} progress events, {cost.backward} of them backward, "
        f"longest wait {cost.longest_wait_s:.1f} s"
    )


def main(arguments: Sequence[str]) -> int:
    """Print the figures of one recording."""
    settings = load_settings()
    cost = measure(Path(arguments[0]), reader=build(settings).voice.reader, settings=settings)
    sys.stdout.write(table(cost) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
