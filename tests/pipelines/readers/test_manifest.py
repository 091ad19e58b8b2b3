"""Pictures that nobody of this project made: refused by name, or opened upright and clean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.evaluation import image_manifest
from pipelines.media.worker import Limits, Worker
from pipelines.readers.faces import FaceFinder
from pipelines.readers.photos import PhotoReader
from pipelines.readers.tags import Tagger


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhotoReader]:
    cache = tmp_path_factory.mktemp("weights")
    limits = Limits(memory_mb=image_manifest.MEMORY_MB)
    with Worker(limits=limits) as worker:
        yield PhotoReader(worker=worker, tagger=Tagger(cache), faces=FaceFinder(cache))


@pytest.mark.slow
def test_every_picture_line_holds(reader: PhotoReader, shared_data: Path) -> None:
    folder = shared_data / "real"
    missed = [
        row
        for path, demand in image_manifest.rows(folder / "MANIFEST.tsv")
        if (folder / path).is_file() and "/ocr/" not in path
        if not (row := image_manifest.check(folder, path, demand, reader)).holds
    ]
    assert missed == []
