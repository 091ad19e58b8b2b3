"""Frames of a browser's camera come in, blurred pictures of what was described go out."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response

from demo.api.media import GUARD
from demo.api.papers import nothing
from demo.films.live_room import LiveRoom
from demo.papers.sessions import PapersNotFound

MOST_BYTES = 1280 * 1280 * 3 // 2
_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")


def live_router(room: LiveRoom) -> APIRouter:
    """POST /films/{token}/live: one raw frame (I420), its size in the header X-Frame ("640x480");
    GET /films/{token}/live/{number}: the blurred picture of a window;
    POST /films/{token}/live/stop: the page goes.
    One and the same 404 for all that may not be seen.
    """
    router = APIRouter(prefix="/films", tags=["live"])

    @router.post("/{token}/live")
    async def frame(token: str, request: Request) -> Response:
        try:
            watch = room.of(token)
        except PapersNotFound:
            return nothing()
        try:
            room.desk.push(watch, await _body(request), _size(request))
        except ValueError:
            return Response(status_code=400, headers=GUARD)
        return Response(status_code=204, headers=GUARD)

    @router.get("/{token}/live/{number}")
    def picture(token: str, number: int) -> Response:
        try:
            windows = tuple(room.of(token).windows)
        except PapersNotFound:
            return nothing()
        jpeg = next((shown.jpeg for shown in windows if shown.number == number), b"")
        return Response(jpeg, media_type="image/jpeg", headers=GUARD) if jpeg else nothing()

    @router.post("/{token}/live/stop")
    def stop(token: str) -> Response:
        try:
            room.desk.stop(room.of(token))
        except PapersNotFound:
            return nothing()
        return Response(status_code=204, headers=GUARD)

    return router


async def _body(request: Request) -> bytes:
    """Raises ValueError as soon as it is more than a frame."""
    planes = bytearray()
    async for part in request.stream():
        planes += part
        if len(planes) > MOST_BYTES:
            raise ValueError("more than a frame")
    return bytes(planes)


def _size(request: Request) -> tuple[int, int]:
    found = _SIZE.fullmatch(request.headers.get("x-frame", ""))
    if found is None:
        raise ValueError("no size")
    return int(found[1]), int(found[2])
