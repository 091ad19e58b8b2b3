"""The video page over HTTP: its headers, its closed doors, its limits."""

from __future__ import annotations

import httpx
import pytest

BOTH = ("/video/", "/en/video/")


@pytest.mark.parametrize(("path", "words"), zip(BOTH, ("영상 보기", "Videos"), strict=True))
def test_each_language_has_its_page(web: httpx.Client, path: str, words: str) -> None:
    answer = web.get(path)
    assert answer.status_code == 200
    assert words in answer.text
    assert web.get(path.rstrip("/"), follow_redirects=False).headers["location"] == path


@pytest.mark.parametrize("path", [*BOTH, "/video/config", "/ui/films.js", "/films/x/file"])
def test_every_answer_is_guarded(web: httpx.Client, path: str) -> None:
    headers = web.get(path).headers
    assert "default-src" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_no_file_of_the_server_is_served(web: httpx.Client) -> None:
    for path in ("/etc/passwd", "%2e%2e/etc/passwd", "http://169.254.169.254/"):
        answer = web.get(f"/video/gradio_api/file={path}", follow_redirects=False)
        assert answer.status_code in {403, 404}


def test_a_file_over_the_limit_is_refused_while_it_comes(web: httpx.Client) -> None:
    files = {"files": ("a.mp4", b"0" * 3_500_000)}
    assert web.post("/video/gradio_api/upload", files=files).status_code == 413


def test_there_is_no_api_and_no_history(web: httpx.Client) -> None:
    assert web.get("/video/config").json()["run_history"] is False
    assert web.get("/video/gradio_api/info").json()["named_endpoints"] == {}
