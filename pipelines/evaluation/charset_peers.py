"""Guessers of character sets side by side, on sentences of our own in the sets of their countries.

    python -m pipelines.evaluation.charset_peers

A guess is right when it gives back the very text. A guesser that isn't installed is left out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from pipelines.errors import MinwonError
from pipelines.evaluation.office_truth import SEED, sentences
from pipelines.evaluation.stats import share
from pipelines.readers.charsets import decode

SETS = (
    ("cp949", r"[가-힣]"),
    ("cp932", r"[ぁ-ヿ]"),
    ("euc_jp", r"[ぁ-ヿ]"),
    ("gb18030", r"^[^가-힣ぁ-ヿ]*[一-龥][^가-힣ぁ-ヿ]*$"),
    ("cp1252", r"[áéíóúñ¿]"),
)
LENGTHS = {"12 signs": 0, "1 sentence": 1, "3 sentences": 3, "20 sentences": 20}
TRIES = 40
Guess = Callable[[bytes], str | None]
"""Bytes -> the text, None where the guesser gives up."""


def _ours(data: bytes) -> str | None:
    try:
        return decode(data).text
    except MinwonError:
        return None


def _charset_normalizer(data: bytes) -> str | None:
    import charset_normalizer

    best = charset_normalizer.from_bytes(data).best()
    return None if best is None else data.decode(best.encoding, "replace")


def _cchardet(data: bytes) -> str | None:
    import cchardet

    name = cchardet.detect(data)["encoding"]
    try:
        return data.decode(name, "replace") if name else None
    except LookupError:  # it names sets that Python doesn't know
        return None


PEERS: dict[str, Guess] = {
    "this project (chardet)": _ours,
    "charset-normalizer": _charset_normalizer,
    "faust-cchardet": _cchardet,
}


def _samples(encoding: str, pattern: str, count: int, draw: random.Random) -> list[bytes]:
    fitting = [text for text in sentences() if re.search(pattern, text)]
    made = []
    for _ in range(TRIES):
        text = "\r\n".join(draw.choices(fitting, k=max(count, 1)))
        made.append((text if count else text[:12]).encode(encoding, "ignore"))
    return made


def main() -> None:
    """Print one row for each guesser and length."""
    for name, guess in PEERS.items():
        draw = random.Random(SEED["test"])  # noqa: S311 - samples, not secrets
        for label, count in LENGTHS.items():
            hits = 0
            try:
                for encoding, pattern in SETS:
                    for data in _samples(encoding, pattern, count, draw):
                        hits += guess(data) == data.decode(encoding)
            except ImportError as exc:
                print(f"{name:24} not installed: {exc.name}")
                break
            figure = share(hits, TRIES * len(SETS))
            print(
                f"{name:24} {label:13} {figure.value * 100:5.1f} % right "
                f"({figure.low * 100:.1f} .. {figure.high * 100:.1f}, n {figure.n})"
            )


if __name__ == "__main__":
    main()
