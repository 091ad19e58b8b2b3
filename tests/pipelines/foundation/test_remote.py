"""A model behind a server: what goes over the wire, and everything that a server can do wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from pipelines.engine_errors import (
    ModelResting,
    ServerBroke,
    ServerBusy,
    ServerRefused,
    ServerStalled,
    ServerStrange,
    ServerUnreachable,
)
from pipelines.errors import (
    Cancelled,
    MinwonError,
    ModelCannotTake,
    ModelFailed,
    PromptTooLong,
    SettingsInvalid,
)
from pipelines.foundation.catalog import load_catalog
from pipelines.foundation.endpoint import Breaker, Endpoint, checked_url
from pipelines.foundation.remote import RemoteModel
from pipelines.settings import Settings
from pipelines.types import Ask
from pipelines.weights import assemble
from tests.pipelines.drafting.draft_kit import STREET_LAMP, TODAY, answer, areas, heard, policy
from tests.pipelines.drafting.draft_kit import FixedRanker as Ranker

from .engines import SMALL
from .server_kit import (
    FAST,
    KEY,
    LlamaServer,
    Scripted,
    Step,
    at,
    breaks_after,
    chunk,
    event,
    refuses,
    says,
    sends,
    serving,
    stalls_after,
)
from .test_contract import Running

ASK = Ask(system="You are brief.", user="안녕하세요?", max_new_tokens=20, deadline_s=20)
SCHEMA: dict[str, object] = {"type": "object"}


@contextmanager
def asking(*steps: Step, **changed: object) -> Iterator[tuple[RemoteModel, Scripted]]:
    with serving(*steps) as server:
        model = RemoteModel("m", at(server, **changed))
        yield model, server
        model.close()


def test_an_answer_arrives_piece_by_piece_with_its_counts() -> None:
    with asking(says("안녕", "하세요")) as (model, server):
        pieces: list[str] = []
        reply = model.generate(ASK, pieces.append)
        assert pieces == ["안녕", "하세요"]
        assert (reply.text, reply.stop) == ("안녕하세요", "end")
        assert (reply.prompt_tokens, reply.cached_tokens, reply.output_tokens) == (40, 30, 2)
        assert (model.usage.asks, model.usage.tries, model.usage.failures) == (1, 1, 0)
        assert (model.usage.prompt_tokens, model.usage.output_tokens) == (40, 2)
    body, head = server.requests[0], server.seen[0]
    assert head["path"] == "/v1/chat/completions"
    assert head["Authorization"] == f"Bearer {KEY}"
    assert [turn["role"] for turn in body["messages"]] == ["system", "user"]
    assert body["stream"] is True


@pytest.mark.parametrize(
    ("dialect", "field"),
    [
        ("openai", "response_format"),
        ("sglang", "response_format"),
        ("vllm", "structured_outputs"),
        ("llama", "json_schema"),
    ],
)
def test_each_server_is_told_of_the_schema_in_its_own_words(dialect: str, field: str) -> None:
    known = {"response_format", "structured_outputs", "json_schema"}
    template = {"enable_thinking": False}
    with asking(says("{}"), dialect=dialect, template=template) as (model, server):
        model.generate(Ask(system="s", user="u", schema=SCHEMA))
    body = server.requests[0]
    assert known & set(body) == {field}
    assert '"type": "object"' in json.dumps(body[field])
    # OpenAI's own interface knows no template: it would refuse the field.
    assert body.get("chat_template_kwargs") == (None if dialect == "openai" else template)


def test_a_picture_goes_without_its_metadata(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    Image.new("RGB", (3000, 40), "red").save(path, exif=exif)
    with serving(says("빨강")) as server:
        model = RemoteModel("m", at(server), modalities=frozenset({"text", "image"}))
        model.generate(Ask(system="s", user="무슨 색?", images=(path,)))
        path.write_bytes(b"no picture")
        with pytest.raises(ModelCannotTake):
            model.generate(Ask(system="s", user="무슨 색?", images=(path,)))
        model.close()
    image, text = server.requests[0]["messages"][-1]["content"]
    assert text == {"type": "text", "text": "무슨 색?"}
    assert image["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert len(server.requests) == 1


WHOLE = {"choices": [{"message": {"role": "assistant", "content": "네"}, "finish_reason": "stop"}]}


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(sends(json.dumps(WHOLE), kind="application/json"), id="not streamed"),
        pytest.param(
            # After the reasoning parsers of vLLM and SGLang: thoughts are no answer.
            sends(
                event({"choices": [{"delta": {"role": "assistant", "reasoning_content": "음"}}]}),
                chunk("네", usage=None),
                chunk("", "stop"),
            ),
            id="thoughts, no usage, no DONE",
        ),
        pytest.param(
            sends(": hello\n\n", "event: x\nid: 3\n" + chunk("네"), chunk(None, "stop")),
            id="comments and ids",
        ),
        pytest.param(sends(chunk("네", "stop").replace("\n", "\r\n")), id="CRLF"),
    ],
)
def test_the_shapes_that_servers_send(step: Step) -> None:
    with asking(step) as (model, _):
        reply = model.generate(ASK)
        assert (reply.text, reply.stop) == ("네", "end")
        assert reply.output_tokens == 1


@pytest.mark.parametrize(
    ("step", "error", "facts"),
    [
        (refuses(200, "<html>hi", "text/html"), ServerStrange, {"what": "text/html"}),
        (refuses(200, "hi", "<script>"), ServerStrange, {"what": "nothing"}),
        (refuses(200, '{"ok": true}'), ServerStrange, {"what": "chunk"}),
        (sends(event({"choices": "none"})), ServerStrange, {"what": "chunk"}),
        (sends("data: {{{\n\n"), ServerStrange, {"what": "chunk"}),
        (sends(event([])), ServerStrange, {"what": "chunk"}),
        (refuses(302, Location="http://127.0.0.1:9/"), ServerStrange, {"what": "redirect"}),
        (refuses(401), ServerRefused, {"status": 401}),
        (refuses(404, "<html>", "text/html"), ServerRefused, {"status": 404}),
        (sends(chunk("나쁜", "content_filter")), ModelFailed, None),
        (refuses(200, "x" * 5_000_000), ServerStrange, {"what": "size"}),
    ],
)
def test_what_is_no_answer_is_one_error_and_is_not_tried_again(
    step: Step, error: type[MinwonError], facts: dict[str, object] | None
) -> None:
    with asking(step) as (model, server):
        with pytest.raises(error) as caught:
            model.generate(ASK)
        assert facts is None or caught.value.facts == facts
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "step", [refuses(500), refuses(502, "<html>", "text/html"), breaks_after(), sends()]
)
def test_a_passing_failure_is_tried_again(step: Step) -> None:
    with asking(step, says("네")) as (model, server):
        assert model.generate(ASK).text == "네"
        assert len(server.requests) == 2
        assert model.usage.tries == 2


def test_a_failure_that_stays_is_one_error() -> None:
    with asking(refuses(500)) as (model, server):
        with pytest.raises(ServerBroke):
            model.generate(ASK)
        assert len(server.requests) == FAST.tries


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(breaks_after("반", "쪽"), id="killed"),
        pytest.param(sends(chunk("반"), chunk("쪽")), id="ended without an end"),
        pytest.param(sends(chunk("반"), chunk("쪽"), event({"error": {"code": 500}})), id="error"),
    ],
)
def test_a_server_that_dies_in_mid_answer_is_one_error(broken: Step) -> None:
    with asking(broken, says("네")) as (model, server):
        pieces: list[str] = []
        with pytest.raises(ServerBroke):
            model.generate(ASK, pieces.append)
        assert pieces == ["반", "쪽"]
        assert len(server.requests) == 1  # half an answer was seen: no second one behind it


def test_a_stream_that_stalls_is_one_error_in_time() -> None:
    with asking(stalls_after("반")) as (model, _):
        began = time.monotonic()
        with pytest.raises(ServerStalled) as caught:
            model.generate(ASK)
        assert caught.value.facts == {"silent_s": 0.4}
        assert time.monotonic() - began < 2


def test_429_for_a_minute_is_not_waited_out() -> None:
    with asking(refuses(429, Retry_After="60")) as (model, _):
        began = time.monotonic()
        with pytest.raises(ServerBusy) as caught:
            model.generate(ASK)
        assert caught.value.facts == {"status": 429, "wait_s": 60.0}
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("header", ["1", "Tue, 24 Nov 2026 00:00:00 GMT", "soon"])
def test_429_for_a_moment_is_waited_out(header: str) -> None:
    with asking(refuses(429, Retry_After=header), says("네")) as (model, _):
        reply = model.generate(ASK)
        assert reply.text == "네"
        assert (reply.elapsed_s >= 1) == (header == "1")


def test_the_deadline_and_cancel_hold_while_the_server_says_nothing() -> None:
    with asking(stalls_after(s=30), first_s=30, concurrency=1) as (model, server):
        began = time.monotonic()
        running = Running(model, ASK)
        while not server.requests:
            time.sleep(0.01)
        running.cancel.set()
        running.join()
        assert isinstance(running.error, Cancelled)
        server.steps[:] = [says("네")]
        assert model.generate(ASK).text == "네"  # the one slot is free again
        assert time.monotonic() - began < 3


def test_an_answer_that_repeats_forever_is_cut() -> None:
    endless = sends(*[chunk("살려 ") for _ in range(400)], chunk(None, "stop"))
    with asking(endless) as (model, _):
        reply = model.generate(Ask(system="s", user="u", max_new_tokens=400))
        assert reply.stop == "length"
        assert len(reply.text) < 400


def test_a_server_that_knows_no_cap_is_held_to_it() -> None:
    with asking(sends(*[chunk(f"{n}, ") for n in range(500)])) as (model, _):
        reply = model.generate(ASK)
        assert reply.stop == "length"
        assert reply.output_tokens == 20
        assert reply.text.endswith("19, ")


@pytest.mark.parametrize(
    "body",
    [
        {"type": "exceed_context_size_error", "message": "too big", "n_prompt_tokens": 9000},
        {"message": "This model's maximum context length is 8192 tokens. You asked for 9000."},
        {"code": "context_length_exceeded", "message": "you sent 9000 tokens"},
    ],
)
def test_each_way_to_say_that_a_prompt_is_too_long(body: dict[str, object]) -> None:
    step = refuses(400, json.dumps({"error": body}))
    with asking(step, context_tokens=8192) as (model, _):
        with pytest.raises(PromptTooLong) as caught:
            model.generate(ASK)
        assert caught.value.facts == {"tokens": 9000, "limit": 8192 - ASK.max_new_tokens}


def test_nobody_there() -> None:
    with serving(says("네")) as server:
        endpoint = at(server)
    model = RemoteModel("m", endpoint)
    with pytest.raises(ServerUnreachable):
        model.generate(ASK)
    model.close()


def test_a_server_that_keeps_failing_is_left_alone_for_a_while() -> None:
    with serving(refuses(500)) as server:
        model = RemoteModel("m", at(server, tries=1), breaker=Breaker(2, 0.5))
        for _ in range(2):
            with pytest.raises(ServerBroke):
                model.generate(ASK)
        with pytest.raises(ModelResting):
            model.generate(ASK)
        assert len(server.requests) == 2
        server.steps[:] = [says("네")]
        time.sleep(0.6)
        assert [model.generate(ASK).text for _ in range(3)] == ["네"] * 3
        model.close()


def test_a_refusal_is_no_reason_to_leave_it_alone() -> None:
    with asking(refuses(401)) as (model, server):
        for _ in range(5):
            with pytest.raises(ServerRefused):
                model.generate(ASK)
        assert len(server.requests) == 5


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost:8000/v1/", True),
        ("http://10.1.2.3/v1", True),
        ("http://[::1]:8000/v1", True),
        ("https://models.example.go.kr/v1", True),
        ("http://models.example.go.kr/v1", False),
        ("http://8.8.8.8/v1", False),
        ("http://169.254.169.254/v1", False),
        ("https://user:pass@models.example.go.kr/v1", False),
        ("https://models.example.go.kr/v1?key=1", False),
        ("ftp://models.example.go.kr", False),
        ("models.example.go.kr", False),
        ("", False),
    ],
)
def test_words_go_in_the_clear_to_private_addresses_only(url: str, *, fine: bool) -> None:
    if fine:
        assert checked_url(url, allow_plain=False) == url.rstrip("/")
    else:
        with pytest.raises(SettingsInvalid):
            checked_url(url, allow_plain=False)


def test_the_key_shows_up_nowhere() -> None:
    assert KEY not in repr(FAST)
    with pytest.raises(SettingsInvalid) as caught:
        RemoteModel("m", Endpoint(url="http://127.0.0.1:1/v1", served="m", key="키\n"))
    assert "키" not in str(caught.value)


def test_json_of_the_wrong_shape_never_becomes_half_a_case() -> None:
    """The server ignores the schema: the draft is asked for once more, then made by rules."""
    from pipelines.drafting.draft import Drafter

    wrong = says('{"title": "가로등", "extra": [1, 2]}')
    for steps, by, asked in (((wrong, says(answer())), "model", 2), ((wrong,), "rules", 2)):
        with asking(*steps) as (model, server):
            drafter = Drafter(model=model, policy=policy(), classifier=Ranker(), areas=areas())
            made = drafter.draft(heard(*STREET_LAMP), language="ko", today=TODAY)
            assert made.draft.drafted_by == by
            assert len(server.requests) == asked


@pytest.mark.slow
def test_a_real_server_killed_in_mid_answer() -> None:
    weights = assemble(load_catalog()[SMALL].weights(), Settings().cache_dir)
    server = LlamaServer(SMALL, weights)
    model = RemoteModel(SMALL, server.endpoint)
    try:
        running = Running(model, Ask(system="You count.", user="1 to 500.", max_new_tokens=500))
        assert running.first.wait(60), running.error
        server.kill()
        killed = time.monotonic()
        running.join()
        assert isinstance(running.error, ServerBroke)
        assert time.monotonic() - killed < 2
        with pytest.raises(ServerUnreachable):
            model.generate(ASK)
    finally:
        server.kill()
        model.close()
