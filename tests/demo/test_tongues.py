"""Five languages: which one an address answers in, and pages that are made when asked for."""

from __future__ import annotations

import asyncio
import contextlib
import unicodedata
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from demo.late import LatePages
from demo.present import Words
from demo.tongues import COOKIE, Listening, Tongues
from pipelines.types import LANGUAGES
from pipelines.wording import languages
from tests.demo.test_present import catalogue

PLACES = [
    {"ko": "/", "en": "/en/", "ja": "/ja/"},
    {"ko": "/desk/", "en": "/en/desk/", "ja": "/ja/desk/"},
]
OPENED = {"Accept": "text/html,*/*"}
HANGUL_TOO = {"page.tagline"}  # 민원 beside the word that stands for it
WRITTEN_ALIKE = {"page.title", "role.supervisor", "office.no", "urgency.normal"}


def listening(*, fixed: bool = False) -> TestClient:
    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(str(scope["path"]))(scope, receive, send)

    pages = {path: places for places in PLACES for path in places.values()}
    app = Listening(told, Tongues(pages=pages, default="ko", fixed=fixed))
    return TestClient(app, follow_redirects=False)


def goes(
    path: str, *, accepted: str = "", cookie: str = "", fixed: bool = False, opened: bool = True
) -> str:
    headers = (OPENED if opened else {}) | {"Accept-Language": accepted}
    if cookie:
        headers["Cookie"] = f"{COOKIE}={cookie}"
    answer = listening(fixed=fixed).get(path, headers=headers)
    return str(answer.headers.get("location", answer.text))


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        ("/", goes("/")),
        ("/", goes("/", accepted="ko-KR,ko;q=0.9,en;q=0.8")),
        ("/", goes("/", accepted="fr,de;q=0.5")),
        ("/ja/", goes("/", accepted="fr,ja;q=0.7,en;q=0.3")),
        ("/en/desk/", goes("/desk/", accepted="en-US")),
        ("/", goes("/", accepted="en-US", fixed=True)),
        ("/", goes("/", accepted="en-US", cookie="ko")),
        ("/ja/", goes("/", accepted="en-US", cookie="ja", fixed=True)),
        ("/", goes("/", cookie="https://elsewhere.example")),
        ("/en/", goes("/en/", accepted="ja", cookie="ja")),
        ("/config", goes("/config", accepted="en", cookie="ja")),
        ("/", goes("/", accepted="en", cookie="ja", opened=False)),
        ("/ja/desk/", goes("/en/desk/?language=ja")),
        ("/?case=7", goes("/en/?language=ko&case=7", cookie="en")),
        ("/en/?case=7", goes("/?case=7", accepted="en")),
        ("/en/", goes("/en/?language=//elsewhere.example")),
    ],
)
def test_whoever_names_no_language_gets_their_own(place: str, asked: str) -> None:
    assert asked == place


def test_the_choice_in_the_menu_is_remembered() -> None:
    web = listening()
    told = web.get("/?language=ja", headers=OPENED)
    assert (told.status_code, told.headers["cache-control"]) == (303, "no-store")
    assert web.get("/desk/", headers=OPENED).headers["location"] == "/ja/desk/"
    web.get("/ja/desk/?language=ko", headers=OPENED)
    assert web.get("/", headers={**OPENED, "Accept-Language": "en"}).text == "/"


def test_a_page_is_made_when_it_is_first_asked_for_and_ends_with_the_rest() -> None:
    made: list[str] = []
    over: list[str] = []

    def page(name: str) -> FastAPI:
        @contextlib.asynccontextmanager
        async def life(_: FastAPI) -> AsyncIterator[None]:
            yield
            over.append(name)

        made.append(name)
        app = FastAPI(lifespan=life)

        @app.get("/{rest:path}")
        def told() -> Response:
            return PlainTextResponse(name)

        return app

    pages = LatePages({"": lambda: page("first"), "/en": lambda: page("english")})
    around = FastAPI(lifespan=pages.lifespan)
    around.mount("/", pages)

    async def at_once() -> None:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(around), base_url="http://desk"
        ) as web:
            asked = [web.get(path) for path in ("/en/", "/en/config", "/en", "/en/")]
            told = [answer.text for answer in await asyncio.gather(*asked)]
            assert told == ["english"] * 4
            assert made == ["english"]
            assert (await web.get("/england/")).text == "first"

    async def run() -> None:
        async with around.router.lifespan_context(around):
            assert made == []
            await at_once()
            assert over == []

    asyncio.run(run())
    assert sorted(over) == sorted(made) == ["english", "first"]


def test_every_language_that_is_drafted_in_has_its_page() -> None:
    assert set(languages()) == set(LANGUAGES)
    names = [Words(code).plain("page.language") for code in LANGUAGES]
    assert names == ["한국어", "English", "日本語", "简体中文", "Español"]


@pytest.mark.parametrize("language", ["ja", "zh", "es"])
def test_nothing_was_left_in_another_language(language: str) -> None:
    ours, english = catalogue(language), catalogue("en")
    korean = {key for key, said in ours.items() if any("가" <= sign <= "힣" for sign in said)}
    assert korean <= HANGUL_TOO
    same = {key for key, said in ours.items() if said == english[key] and len(set(said)) > 1}
    same = {key for key in same if "{" not in ours[key] and not key.endswith("tokens")}
    assert same <= WRITTEN_ALIKE


@pytest.mark.parametrize("language", ["ja", "zh", "es"])
def test_what_is_short_on_a_button_stays_short(language: str) -> None:
    ours, korean, english = (catalogue(code) for code in (language, "ko", "en"))
    longest = {key: max(columns(korean[key]), columns(english[key])) for key in ours}
    short = {key for key in ours if longest[key] <= 16}
    assert len(short) > 400
    assert {key for key in short if columns(ours[key]) > max(20, 2 * longest[key])} == set()


def columns(text: str) -> int:
    """How wide it is: a Chinese character, a kana and a Hangul syllable count two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
