"""The parts of the application, joined once for all tests that use their real weights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipelines.build import Parts, build
from pipelines.settings import Settings


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """As the application builds them; each model loads with its first use and stays."""
    made = build(Settings(), previews=tmp_path_factory.mktemp("previews"))
    yield made
    made.close()
