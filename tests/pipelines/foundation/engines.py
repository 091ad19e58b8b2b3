"""The engines that must keep the contract, each as a way to make a fresh one."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.foundation.catalog import load_catalog, open_model
from pipelines.foundation.fake import FakeModel
from pipelines.foundation.hf import HfModel, HfOptions
from pipelines.foundation.lazy import LazyModel
from pipelines.foundation.model import FoundationModel
from pipelines.foundation.remote import RemoteModel
from pipelines.settings import Settings
from pipelines.weights import assemble

from .server_kit import LlamaServer
from .tiny import counting_folder

SMALL = "qwen2.5-coder-0.5b"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a test needs. Real engines answer for themselves; `answers` are for the fakes."""

    answers: tuple[str, ...] = ("네, 알겠습니다.",) * 20
    queue_limit: int = 32
    context_tokens: int = 2048


@dataclass(frozen=True, kw_only=True)
class Engine:
    make: Callable[[Wish], FoundationModel]
    weighs: bool
    """It loads weights: that takes its time, and what it has read of a prompt stays in a cache."""


def fake(wish: Wish) -> FoundationModel:
    return FakeModel(
        wish.answers,
        0.004,
        queue_limit=wish.queue_limit,
        context_tokens=wish.context_tokens,
    )


def lazy_fake(wish: Wish) -> FoundationModel:
    return LazyModel(lambda: fake(wish), name="fake")


def embedded(wish: Wish) -> FoundationModel:
    """As the application opens it: llama.cpp in this process, loaded with its first ask."""
    return open_model(
        Settings(
            model=SMALL,
            context_tokens=wish.context_tokens,
            queue_limit=wish.queue_limit,
        )
    )


class OnItsServer(RemoteModel):
    """A remote model that ends its server when it is closed."""

    def __init__(self, server: LlamaServer, queue_limit: int) -> None:
        super().__init__(SMALL, server.endpoint, queue_limit=queue_limit)
        self._server = server

    def close(self) -> None:
        super().close()
        self._server.kill()


def remote(wish: Wish) -> FoundationModel:
    path = assemble(load_catalog()[SMALL].weights(), Settings().cache_dir)
    return OnItsServer(LlamaServer(SMALL, path, wish.context_tokens), wish.queue_limit)


@functools.cache
def counting() -> Path:
    """One folder for all tests: it is only read."""
    folder = Path(tempfile.mkdtemp(prefix="minwon-counting-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return counting_folder(folder, layers=12)


def transformers(wish: Wish) -> FoundationModel:
    options = HfOptions(context_tokens=wish.context_tokens)
    return HfModel("counting", counting(), options, queue_limit=wish.queue_limit)


ENGINES = {
    "fake": Engine(make=fake, weighs=False),
    "lazy fake": Engine(make=lazy_fake, weighs=False),
    "embedded": Engine(make=embedded, weighs=True),
    "transformers": Engine(make=transformers, weighs=True),
    "remote": Engine(make=remote, weighs=True),
}
