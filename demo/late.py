"""Pages that are made when somebody first asks for them.

A page of Gradio costs time and memory when it is made. Six pages in five languages are thirty, and
most of them are never opened: none is made before its first request.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

Make = Callable[[], FastAPI]


class LatePages:
    """ASGI. `makers`: the beginning of an address ("", "/en/documents") -> what makes the
    application that answers it and all below; of several the longest counts.

    An application is asked with the scope as it came, and runs until `lifespan` ends.
    """

    def __init__(self, makers: Mapping[str, Make]) -> None:
        self._makers = dict(sorted(makers.items(), key=lambda item: -len(item[0])))
        self._made: dict[str, ASGIApp] = {}
        # One at a time: while Gradio makes a page, it keeps it in a variable of the process.
        self._turn = asyncio.Lock()
        self._running = contextlib.AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page of the address, made now if nobody asked for it before."""
        place = self._place(scope["path"])
        if place not in self._made:
            async with self._turn:
                if place not in self._made:
                    self._made[place] = await self._start(self._makers[place])
        await self._made[place](scope, receive, send)

    @contextlib.asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Of the application around the pages: when it ends, theirs end."""
        try:
            yield
        finally:
            self._made.clear()
            await self._running.aclose()

    def _place(self, path: str) -> str:
        return next(
            place for place in self._makers if path == place or path.startswith(f"{place}/")
        )

    async def _start(self, make: Make) -> FastAPI:
        app = await run_in_threadpool(make)
        await self._running.enter_async_context(app.router.lifespan_context(app))
        return app
