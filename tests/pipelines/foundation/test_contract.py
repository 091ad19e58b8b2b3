"""The one contract: every engine passes every test, or it is no FoundationModel."""

from __future__ import annotations

import itertools
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.errors import (
    Cancelled,
    ModelBusy,
    ModelCannotTake,
    ModelFailed,
    ModelTimeout,
    PromptTooLong,
)
from pipelines.foundation.model import FoundationModel
from pipelines.types import Ask, Cancel, Reply

from .engines import ENGINES, Engine, Wish

SYSTEM = "You are a careful clerk. Answer in one short sentence. " * 8
HELLO = Ask(system=SYSTEM, user="Say hello.", max_new_tokens=8)
LONG = Ask(
    system="You count. You never stop early.",
    user="Count from 1 to 900 in English words, separated by commas.",
    max_new_tokens=900,
)
ENDLESS = ", ".join(map(str, range(1000, 3000)))
LONG_WISH = Wish(answers=(ENDLESS,) + ("네, 알겠습니다.",) * 20)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=() if "fake" in name else pytest.mark.slow) for name in ENGINES
    ],
)
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]


@pytest.fixture(scope="module")
def loaded(engine: Engine) -> Iterator[dict[tuple[int, int], FoundationModel]]:
    """The models of this engine that tests share, by what they were asked for."""
    models: dict[tuple[int, int], FoundationModel] = {}
    yield models
    for model in models.values():
        model.close()


@pytest.fixture
def make(
    engine: Engine, loaded: dict[tuple[int, int], FoundationModel]
) -> Iterator[Callable[..., FoundationModel]]:
    """A model as wished for; one with weights is shared unless the test needs it `fresh`."""
    made: list[FoundationModel] = []

    def build(wish: Wish | None = None, *, fresh: bool = False) -> FoundationModel:
        wish = wish or Wish()
        if fresh or not engine.weighs:
            made.append(engine.make(wish))
            return made[-1]
        kind = (wish.queue_limit, wish.context_tokens)
        if kind not in loaded:
            loaded[kind] = engine.make(wish)
        return loaded[kind]

    yield build
    for model in made:
        model.close()


class Running:
    """An ask in its own thread."""

    def __init__(self, model: FoundationModel, ask: Ask) -> None:
        self.cancel = Cancel()
        self.first = threading.Event()
        self.tokens: list[str] = []
        self.reply: Reply | None = None
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._work, args=(model, ask))
        self._thread.start()

    def _work(self, model: FoundationModel, ask: Ask) -> None:
        try:
            self.reply = model.generate(ask, self._take, self.cancel)
        except Exception as exc:  # noqa: BLE001  handed to the test's own thread
            self.error = exc

    def _take(self, text: str) -> None:
        self.tokens.append(text)
        self.first.set()

    def join(self) -> None:
        self._thread.join(60)
        assert not self._thread.is_alive()


def started(model: FoundationModel, ask: Ask = LONG) -> Running:
    running = Running(model, ask)
    assert running.first.wait(60), running.error
    return running


def stopped(running: Running) -> None:
    running.cancel.set()
    running.join()
    assert isinstance(running.error, Cancelled)


def test_it_names_itself_and_what_it_takes(make: Callable[..., FoundationModel]) -> None:
    model = make()
    assert model.name
    assert "text" in model.modalities


def test_joined_tokens_are_the_text(make: Callable[..., FoundationModel]) -> None:
    tokens: list[str] = []
    threads: set[threading.Thread] = set()

    def take(text: str) -> None:
        tokens.append(text)
        threads.add(threading.current_thread())

    reply = make().generate(HELLO, take)
    assert reply.text == "".join(tokens) != ""
    assert threads == {threading.current_thread()}
    assert reply.stop in {"end", "length"}
    assert 0 < reply.first_token_s <= reply.elapsed_s
    assert reply.prompt_tokens > 0
    assert len(tokens) <= reply.output_tokens <= HELLO.max_new_tokens


def test_korean_and_emoji_survive_streaming(make: Callable[..., FoundationModel]) -> None:
    said = "가로등이 👨‍👩‍👧 꺼졌어요 𠮷 똠방각하"
    schema: dict[str, object] = {
        "type": "object",
        "properties": {"말": {"enum": [said]}},
        "required": ["말"],
        "additionalProperties": False,
    }
    answer = json.dumps({"말": said}, ensure_ascii=False)
    model = make(Wish(answers=(answer,)))
    tokens: list[str] = []
    ask = Ask(system=SYSTEM, user="말", schema=schema, max_new_tokens=120)
    reply = model.generate(ask, tokens.append)
    assert json.loads("".join(tokens)) == {"말": said}
    assert reply.text == "".join(tokens)


def test_a_schema_is_obeyed(make: Callable[..., FoundationModel]) -> None:
    schema: dict[str, object] = {
        "type": "object",
        "properties": {
            "place": {"type": ["string", "null"], "maxLength": 40},
            "urgency": {"enum": ["low", "normal", "high"]},
        },
        "required": ["place", "urgency"],
        "additionalProperties": False,
    }
    model = make(Wish(answers=('{"place": "효자동", "urgency": "high"}',)))
    ask = Ask(
        system=SYSTEM,
        user="전주시 효자동 맨홀 뚜껑이 없어요. 위험해요!",
        schema=schema,
        max_new_tokens=100,
    )
    draft = json.loads(model.generate(ask).text)
    assert set(draft) == {"place", "urgency"}
    assert draft["urgency"] in {"low", "normal", "high"}


def test_earlier_turns_are_part_of_the_prompt(make: Callable[..., FoundationModel]) -> None:
    model = make()
    bare = model.generate(HELLO)
    turns = (("What is your name?", "My name is Clerk."),)
    longer = model.generate(
        Ask(system=HELLO.system, user=HELLO.user, turns=turns, max_new_tokens=8)
    )
    assert longer.prompt_tokens > bare.prompt_tokens


def test_the_token_cap_stops_it(make: Callable[..., FoundationModel]) -> None:
    ask = Ask(system=LONG.system, user=LONG.user, max_new_tokens=5)
    reply = make(LONG_WISH).generate(ask)
    assert reply.stop == "length"
    assert reply.output_tokens == 5


def test_an_endless_loop_is_stopped(make: Callable[..., FoundationModel]) -> None:
    endless = "살려 " * 100
    schema: dict[str, object] = {"enum": [endless]}
    model = make(Wish(answers=(json.dumps(endless, ensure_ascii=False),)))
    reply = model.generate(Ask(system=SYSTEM, user="반복", schema=schema, max_new_tokens=600))
    assert reply.stop == "length"
    assert len(reply.text) < 250


def test_cancel_from_another_thread_stops_the_generation(
    make: Callable[..., FoundationModel],
) -> None:
    model = make(LONG_WISH)
    running = started(model)
    asked = time.monotonic()
    stopped(running)
    assert time.monotonic() - asked < 1
    assert len(running.tokens) < 600
    # The engine itself is free again, long before the cancelled answer would have ended.
    assert model.generate(HELLO).text
    assert time.monotonic() - asked < 10


def test_cancel_before_the_start_answers_nothing(make: Callable[..., FoundationModel]) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        make().generate(HELLO, pytest.fail, cancel)


def test_the_deadline_keeps_what_was_made(make: Callable[..., FoundationModel]) -> None:
    model = make(Wish(answers=("네", ENDLESS, "네")))
    model.generate(Ask(system=LONG.system, user=LONG.user, max_new_tokens=1))
    ask = Ask(system=LONG.system, user=LONG.user, max_new_tokens=900, deadline_s=2.0)
    tokens: list[str] = []
    reply = model.generate(ask, tokens.append)
    assert reply.stop == "deadline"
    assert reply.text == "".join(tokens) != ""
    assert 2.0 <= reply.elapsed_s < 3.0
    assert model.generate(HELLO).text


def test_a_deadline_before_the_first_token_is_an_error(
    make: Callable[..., FoundationModel],
) -> None:
    model = make(LONG_WISH)
    running = started(model)
    with pytest.raises(ModelTimeout) as caught:
        model.generate(Ask(system="s", user="u", deadline_s=0.2))
    assert caught.value.facts == {"deadline_s": 0.2}
    stopped(running)


def test_first_come_first_served(make: Callable[..., FoundationModel]) -> None:
    model = make(LONG_WISH)
    first = started(model)
    order: list[int] = []
    wait = threading.Event()

    def ask(number: int) -> None:
        ask = Ask(system="You are brief.", user=f"Say {number}.", max_new_tokens=4)
        mine: list[str] = []
        model.generate(ask, lambda text: mine or (mine.append(text), order.append(number)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
        wait.wait(0.03)  # so that "first" means something
    stopped(first)
    for thread in threads:
        thread.join(60)
    assert order == list(range(8))


def test_a_full_line_says_so_and_moves_on(make: Callable[..., FoundationModel]) -> None:
    model = make(Wish(answers=LONG_WISH.answers, queue_limit=1))
    running = started(model)
    waiting = Running(model, HELLO)
    until = time.monotonic() + 10
    busy: ModelBusy | None = None
    while busy is None and time.monotonic() < until:
        try:
            model.generate(Ask(system="s", user="u", deadline_s=0.01))
        except ModelTimeout:  # the waiting thread has not reached the line yet
            continue
        except ModelBusy as exc:
            busy = exc
    assert busy is not None
    assert busy.facts == {"waiting": 1}
    stopped(running)
    waiting.join()
    assert waiting.reply is not None


def test_who_gives_up_leaves_the_line(make: Callable[..., FoundationModel]) -> None:
    model = make(Wish(answers=LONG_WISH.answers, queue_limit=1))
    running = started(model)
    for _ in range(3):
        with pytest.raises(ModelTimeout):
            model.generate(Ask(system="s", user="u", deadline_s=0.05))
    stopped(running)


def test_a_prompt_too_long_is_refused_with_both_numbers(
    make: Callable[..., FoundationModel],
) -> None:
    model = make(Wish(context_tokens=1024))
    long = " ".join(str(number) for number in range(3000))
    with pytest.raises(PromptTooLong) as caught:
        model.generate(Ask(system="s", user=long, max_new_tokens=100))
    assert caught.value.facts["limit"] == 924
    assert int(caught.value.facts["tokens"]) > 924
    # Room for the answer counts too.
    with pytest.raises(PromptTooLong):
        model.generate(Ask(system="s", user="u" * 60, max_new_tokens=1020))
    assert model.generate(HELLO).text


def test_an_image_is_refused_where_none_can_be_seen(
    make: Callable[..., FoundationModel], tmp_path: Path
) -> None:
    model = make()
    if "image" in model.modalities:
        pytest.fail("this engine sees: give it a test of its own")
    with pytest.raises(ModelCannotTake) as caught:
        model.generate(Ask(system="s", user="u", images=(tmp_path / "photo.jpg",)))
    assert caught.value.facts == {"part": "image"}


def test_the_fixed_front_part_is_cached(
    make: Callable[..., FoundationModel], engine: Engine
) -> None:
    model = make(fresh=True)
    first = model.generate(HELLO)
    again = model.generate(Ask(system=SYSTEM, user="Say good night.", max_new_tokens=8))
    assert first.cached_tokens == 0
    if engine.weighs:
        assert again.cached_tokens > 0.8 * again.prompt_tokens
    else:
        assert again.cached_tokens == 0


def test_an_error_in_the_callers_callback_reaches_the_caller(
    make: Callable[..., FoundationModel],
) -> None:
    model = make(LONG_WISH)

    def break_off(_: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        model.generate(LONG, break_off)
    assert model.generate(HELLO).text


def test_after_closing_it_refuses(make: Callable[..., FoundationModel]) -> None:
    model = make(fresh=True)
    model.generate(HELLO)
    model.close()
    model.close()
    with pytest.raises(ModelFailed):
        model.generate(HELLO)


def test_closing_ends_what_runs_and_what_waits(make: Callable[..., FoundationModel]) -> None:
    model = make(LONG_WISH, fresh=True)
    running = started(model)
    waiting = Running(model, HELLO)
    model.close()
    for each in (running, waiting):
        each.join()
        assert isinstance(each.error, ModelFailed)


def test_no_word_of_a_prompt_reaches_a_log(
    make: Callable[..., FoundationModel],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    model = make(Wish(answers=("Zanzibar", "Zanzibar"), context_tokens=1024), fresh=True)
    model.generate(Ask(system="Zanzibar", user="Say Zanzibar.", max_new_tokens=8))
    with pytest.raises(PromptTooLong):
        model.generate(Ask(system="s", user="Zanzibar " * 2000, max_new_tokens=8))
    model.close()
    said = "".join(itertools.chain(capfd.readouterr(), (r.getMessage() for r in caplog.records)))
    assert "Zanzibar" not in said
