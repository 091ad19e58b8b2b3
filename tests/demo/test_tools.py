"""MCP with the public client over loopback: the tools, and what they never open."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client
from mcp.types import CallToolResult, TextContent

from demo.store.cases import CaseStore
from demo.store.keys import KeyStore
from tests.demo.faces_kit import serving_programs, until_true
from tests.demo.page_kit import running
from tests.demo.store_kit import make_store

MCP = "/mcp/gradio_api/mcp/"


@dataclass(frozen=True, kw_only=True)
class Desk:
    address: str
    store: CaseStore

    def key(self, name: str, *rights: str) -> str:
        return KeyStore(self.store.database).add(name, rights)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The whole application in a process of its own, as an operator starts it with MINWON_MCP=1."""
    folder = tmp_path_factory.mktemp("tools")
    limits = {"mcp": "1", "opens_per_minute": "100", "calls_per_minute": "1000"}
    with running(folder, kit="faces_kit", **limits) as address:
        store = make_store(folder)
        yield Desk(address=address, store=store)
        store.database.engine.dispose()


def session(served: Desk, work: Callable[[ClientSession], Awaitable[Any]], **headers: str) -> Any:
    async def run() -> Any:
        async with (
            streamablehttp_client(f"{served.address}{MCP}", headers=headers) as (read, write, _),
            ClientSession(read, write) as client,
        ):
            await client.initialize()
            return await work(client)

    return asyncio.run(run())


def call(served: Desk, tool: str, arguments: dict[str, Any], **headers: str) -> CallToolResult:
    return session(served, lambda client: client.call_tool(tool, arguments), **headers)  # type: ignore[no-any-return]


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def told(result: CallToolResult) -> Any:
    assert not result.isError, result.content
    return json.loads(text(result))


def refused(result: CallToolResult, code: str) -> None:
    assert result.isError
    assert code in text(result)


def test_the_tools_and_what_they_take(served: Desk) -> None:
    tools = session(served, lambda client: client.list_tools()).tools
    assert {tool.name: sorted(tool.inputSchema["properties"]) for tool in tools} == {
        "list_categories": [],
        "draft_case": ["file_base64", "file_name", "language", "text"],
        "case_status": ["number", "secret"],
        "search_cases": ["category", "state", "text"],
    }
    assert all(tool.description for tool in tools)


def test_a_case_from_words_and_its_status(served: Desk) -> None:
    assert told(call(served, "list_categories", {}))[0]["code"] == "건축허가"
    receipt = told(call(served, "draft_case", {"text": "가로등이 꺼졌습니다", "language": "ko"}))

    def drafted() -> Any:
        case = told(call(served, "case_status", receipt))
        return case if case["status"] == "drafted" else None

    assert until_true(drafted)["draft"]["title"] == "가로등이 꺼졌습니다"  # type: ignore[index]
    wrong = {"number": receipt["number"], "secret": "AAAA"}
    refused(call(served, "case_status", wrong), "case.not_found")


def test_a_file_comes_as_bytes(served: Desk) -> None:
    given = {
        "file_base64": base64.b64encode("글로 쓴 민원".encode()).decode(),
        "file_name": "../../etc/민원.txt",
    }
    receipt = told(call(served, "draft_case", given))
    (media,) = served.store.find(receipt["number"], receipt["secret"]).media
    assert (media.name, media.media_type) == ("민원.txt", "text/plain")


@pytest.mark.parametrize(
    "hostile",
    [
        "/etc/passwd",
        "file:///etc/passwd",
        "http://169.254.169.254/latest",
        {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
        {"url": "http://127.0.0.1:1/", "meta": {"_type": "gradio.FileData"}},
        ["/etc/passwd"],
    ],
)
def test_no_path_and_no_address_is_opened(served: Desk, hostile: Any) -> None:
    result = call(served, "draft_case", {"file_base64": hostile, "file_name": "a.txt"})
    assert result.isError
    assert "root:" not in text(result)
    result = call(served, "draft_case", {"text": hostile})
    if isinstance(hostile, str):  # then it is a citizen's words
        receipt = told(result)
        (path,) = (media.path for media in served.store.find(**receipt).media)
        assert path.read_text("utf-8-sig") == hostile
    else:
        assert result.isError


def test_search_needs_a_key(served: Desk) -> None:
    refused(call(served, "search_cases", {"text": "가로등"}), "api.key_needed")
    submit = {"Authorization": f"Bearer {served.key('mcp-submit', 'submit')}"}
    refused(call(served, "search_cases", {}, **submit), "api.right_needed")
    read = {"Authorization": f"Bearer {served.key('mcp-read', 'read')}"}
    assert told(call(served, "search_cases", {"state": "received"}, **read))["cases"] == []
    refused(call(served, "search_cases", {"state": "burning"}, **read), "api.invalid")


def test_nothing_else_of_that_page_is_there(served: Desk) -> None:
    with httpx.Client(base_url=served.address, timeout=20) as client:
        for path in (
            "/mcp", "/mcp/", "/mcp/config", "/mcp/gradio_api/info", "/mcp/gradio_api/mcp/sse",
            "/mcp/gradio_api/mcp/schema", "/mcp/gradio_api/file=/etc/passwd", MCP,
        ):  # fmt: skip
            assert client.get(path).status_code == 404, path
        assert client.post("/mcp/gradio_api/upload").status_code == 404
        assert client.post("/mcp/gradio_api/queue/join", json={}).status_code == 404
        post = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        accept = {"Accept": "application/json, text/event-stream"}
        assert client.post(MCP, json=post, headers=accept).status_code == 200
        rebound = {**accept, "Host": "evil.example"}
        assert client.post(MCP, json=post, headers=rebound).status_code == 403
        foreign = {**accept, "Origin": "https://evil.example"}
        assert client.post(MCP, json=post, headers=foreign).status_code == 403
        assert client.post(MCP, content=b"0" * 16_000_001, headers=accept).status_code == 413


def test_the_pages_and_the_metrics_stand_beside_it(served: Desk) -> None:
    with httpx.Client(base_url=served.address, timeout=20) as client:
        assert "민원" in client.get("/").text
        assert client.get("/health/live").status_code == 200
        assert client.get("/api/v1/").headers["content-security-policy"].startswith("default-src")
        assert client.get("/ui/api.css").status_code == 200
        assert client.get("/open311/v2/services.xml").headers["x-content-type-options"] == "nosniff"


def test_it_is_off_unless_the_operator_says_so(tmp_path: Path) -> None:
    with serving_programs(tmp_path) as served:
        assert served.interfaces.tools is None
        assert httpx.post(f"{served.address}{MCP}").status_code == 404
