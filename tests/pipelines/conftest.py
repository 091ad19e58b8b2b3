"""What tests of the pipelines share: the parts joined once with real weights, the command line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest

from pipelines.__main__ import main
from pipelines.build import Parts, build
from pipelines.settings import Settings

Told = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """As the application builds them; each model loads with its first use and stays."""
    made = build(Settings(), previews=tmp_path_factory.mktemp("previews"))
    yield made
    made.close()


@pytest.fixture
def told(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """The command line in this process: arguments and settings -> what a process would leave."""

    def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as changed:
            for name, value in variables.items():
                changed.setenv(name, value)
            status = main(list(arguments))
        return subprocess.CompletedProcess(arguments, status, *capfd.readouterr())

    return call
