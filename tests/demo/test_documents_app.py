"""The documents page over HTTP: its headers, its closed doors, its limits."""

from __future__ import annotations

import httpx
import pytest

from pipelines.settings import ASSETS

BOTH = ("/documents/", "/en/documents/")


@pytest.mark.parametrize(("path", "words"), zip(BOTH, ("서류 읽기", "Documents"), strict=True))
def test_each_language_has_its_page(web: httpx.Client, path: str, words: str) -> None:
    answer = web.get(path)
    assert answer.status_code == 200
    assert words in answer.text
    bare = web.get(path.rstrip("/"), follow_redirects=False)
    assert bare.headers["location"] == path


@pytest.mark.parametrize("path", ["/", "/en/"])
def test_the_citizens_page_stays_where_it_was(web: httpx.Client, path: str) -> None:
    answer = web.get(path)
    assert "page.js" in answer.text
    assert "papers.js" not in answer.text
    assert "/documents/" in answer.text


@pytest.mark.parametrize("path", [*BOTH, "/documents/config", "/ui/papers.js", "/papers/x/page/1"])
def test_every_answer_is_guarded(web: httpx.Client, path: str) -> None:
    headers = web.get(path).headers
    assert "default-src" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../../etc/passwd", "%2e%2e/etc/passwd",
     str(ASSETS / "policy" / "policy.toml"), "http://169.254.169.254/"],
)  # fmt: skip
def test_no_file_of_the_server_is_served(web: httpx.Client, path: str) -> None:
    for page in BOTH:
        answer = web.get(f"{page}gradio_api/file={path}", follow_redirects=False)
        assert answer.status_code in {403, 404}


def test_a_file_over_the_limit_is_refused_while_it_comes(web: httpx.Client) -> None:
    files = {"files": ("a.pdf", b"0" * 3_500_000)}
    assert web.post("/documents/gradio_api/upload", files=files).status_code == 413


def test_there_is_no_api_and_no_history(web: httpx.Client) -> None:
    config = web.get("/documents/config").json()
    assert config["run_history"] is False
    assert web.get("/documents/gradio_api/info").json()["named_endpoints"] == {}
