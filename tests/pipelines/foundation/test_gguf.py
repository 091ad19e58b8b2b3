"""What the embedded engine promises beyond the contract. Real weights."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.errors import ModelFailed
from pipelines.foundation.catalog import load_catalog
from pipelines.foundation.gguf import GgufModel, GgufOptions, load_server
from pipelines.settings import Settings
from pipelines.types import Ask
from pipelines.weights import assemble

from .engines import SMALL

pytestmark = pytest.mark.slow
OPTIONS = GgufOptions(context_tokens=1024)
ASK = Ask(system="You are brief.", user="Say hello.", max_new_tokens=6)


@pytest.fixture
def weights() -> Path:
    return assemble(load_catalog()[SMALL].weights(), Settings().cache_dir)


@pytest.fixture
def model(weights: Path) -> Iterator[GgufModel]:
    model = GgufModel(SMALL, weights, OPTIONS)
    yield model
    model.close()


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_ctrl_c_still_reaches_python(model: GgufModel) -> None:
    model.generate(ASK)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert "OMP_WAIT_POLICY" not in os.environ


def test_a_file_deleted_while_loaded_does_no_harm(weights: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model.gguf"
    shutil.copy(weights, copy)
    model = GgufModel(SMALL, copy, OPTIONS)
    copy.unlink()
    assert model.generate(ASK).text
    model.close()


def test_a_file_that_is_gone_or_cut_short_is_one_clear_error(weights: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    with pytest.raises(ModelFailed, match="gone"):
        GgufModel(SMALL, cut, OPTIONS)
    with weights.open("rb") as source, cut.open("wb") as target:
        target.write(source.read(200_000_000))
    with pytest.raises(ModelFailed, match="can't be loaded"):
        GgufModel(SMALL, cut, OPTIONS)
    cut.write_bytes(b"no model at all")
    with pytest.raises(ModelFailed, match="can't be loaded"):
        GgufModel(SMALL, cut, OPTIONS)


def test_a_schema_that_is_none_is_one_clear_error(model: GgufModel) -> None:
    with pytest.raises(ModelFailed, match="refused"):
        model.generate(Ask(system="s", user="u", schema={"type": "objekt"}))
    assert model.generate(ASK).text


def test_nobody_else_on_the_machine_gets_answers(weights: Path) -> None:
    server = load_server(SMALL, weights, OPTIONS)
    address = server.listening_address  # type: ignore[attr-defined]
    assert address.startswith("http://127.0.0.1:")
    for path in ("/slots", "/props", "/v1/models"):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(address + path, timeout=10)


def test_closing_gives_the_memory_back(weights: Path) -> None:
    model = GgufModel(SMALL, weights, OPTIONS)
    model.generate(ASK)
    loaded_mb = resident_mb()
    model.close()
    assert loaded_mb - resident_mb() > 400
    model.close()
    with pytest.raises(ModelFailed):
        model.generate(ASK)


def test_python_goes_on_while_the_engine_works(model: GgufModel) -> None:
    """Many sessions share one process: an answer must not hold the interpreter."""
    done = threading.Event()
    gaps: list[float] = []

    def watch() -> None:
        last = time.monotonic()
        while not done.wait(0.005):
            now = time.monotonic()
            gaps.append(now - last)
            last = now

    watcher = threading.Thread(target=watch)
    watcher.start()
    model.generate(Ask(system="You count.", user="Count to 100." * 60, max_new_tokens=20))
    done.set()
    watcher.join()
    assert sorted(gaps)[int(len(gaps) * 0.95)] < 0.05
