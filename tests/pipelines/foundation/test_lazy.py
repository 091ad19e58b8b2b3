"""Loading once, on demand, and again after a failure."""

from __future__ import annotations

import threading

import pytest

from pipelines.errors import Cancelled, DiskFull, ModelFailed, ModelTimeout
from pipelines.foundation.fake import FakeModel
from pipelines.foundation.lazy import LazyModel
from pipelines.foundation.model import FoundationModel
from pipelines.types import Ask, Cancel

ASK = Ask(system="s", user="u")


class Factory:
    """Loads slowly: not before `gate` is open. Fails as often as it holds failures."""

    def __init__(self, *failures: Exception) -> None:
        self.calls = 0
        self.begun = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self._failures = list(failures)

    def __call__(self) -> FoundationModel:
        self.calls += 1
        self.begun.set()
        assert self.gate.wait(30)
        if self._failures:
            raise self._failures.pop(0)
        return FakeModel(["네"] * 20)


def loading(lazy: LazyModel, factory: Factory) -> threading.Thread:
    factory.gate.clear()
    thread = threading.Thread(target=lazy.warm)
    thread.start()
    assert factory.begun.wait(30)
    return thread


def test_nothing_is_loaded_before_it_is_needed() -> None:
    factory = Factory()
    lazy = LazyModel(factory, name="m", modalities=frozenset({"text", "image"}))
    assert (lazy.name, lazy.modalities, lazy.state) == ("m", {"text", "image"}, "cold")
    assert factory.calls == 0
    assert lazy.generate(ASK).text == "네"
    assert (lazy.state, lazy.error, factory.calls) == ("ready", None, 1)


def test_it_loads_once_for_many_callers() -> None:
    factory = Factory()
    lazy = LazyModel(factory, name="m")
    warming = loading(lazy, factory)
    assert lazy.state == "loading"
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda: texts.append(lazy.generate(ASK).text)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    factory.gate.set()
    for thread in [warming, *threads]:
        thread.join(30)
    assert texts == ["네"] * 8
    assert factory.calls == 1


def test_a_failed_load_keeps_its_reason_and_is_tried_again() -> None:
    factory = Factory(DiskFull(path="/cache", needed_mb=9))
    lazy = LazyModel(factory, name="m", retry_after_s=0)
    with pytest.raises(DiskFull):
        lazy.warm()
    assert lazy.state == "failed"
    assert isinstance(lazy.error, DiskFull)
    assert lazy.generate(ASK).text == "네"
    assert (lazy.state, lazy.error) == ("ready", None)


def test_a_failed_load_is_not_repeated_at_once() -> None:
    factory = Factory(DiskFull(path="/cache", needed_mb=9))
    lazy = LazyModel(factory, name="m", retry_after_s=60)
    for _ in range(3):
        with pytest.raises(DiskFull) as caught:
            lazy.generate(ASK)
        assert caught.value.facts == {"path": "/cache", "needed_mb": 9}
    assert factory.calls == 1


def test_a_crash_in_the_factory_is_a_failure_and_no_hang() -> None:
    lazy = LazyModel(Factory(ZeroDivisionError()), name="m")
    with pytest.raises(ZeroDivisionError):
        lazy.warm()
    assert lazy.state == "failed"
    with pytest.raises(ModelFailed):
        lazy.generate(ASK)


def test_deadline_and_cancel_hold_while_another_thread_loads() -> None:
    factory = Factory()
    lazy = LazyModel(factory, name="m")
    warming = loading(lazy, factory)
    with pytest.raises(ModelTimeout) as caught:
        lazy.generate(Ask(system="s", user="u", deadline_s=0.1))
    assert caught.value.facts == {"deadline_s": 0.1}
    cancel = Cancel()
    threading.Timer(0.1, cancel.set).start()
    with pytest.raises(Cancelled):
        lazy.generate(ASK, cancel=cancel)
    factory.gate.set()
    warming.join(30)
    assert lazy.state == "ready"


def test_closing_while_it_loads() -> None:
    factory = Factory()
    lazy = LazyModel(factory, name="m")
    ended: list[Exception] = []

    def warm() -> None:
        try:
            lazy.warm()
        except ModelFailed as exc:
            ended.append(exc)

    factory.gate.clear()
    warming = threading.Thread(target=warm)
    warming.start()
    assert factory.begun.wait(30)
    closing = threading.Thread(target=lazy.close)
    closing.start()
    closing.join(0.2)
    assert closing.is_alive()  # it waits for the load, and frees what was loaded
    factory.gate.set()
    closing.join(30)
    warming.join(30)
    with pytest.raises(ModelFailed):
        lazy.generate(ASK)
    assert len(ended) <= 1
