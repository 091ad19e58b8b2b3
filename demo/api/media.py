"""The recording of a case, for the page that shows the case: by a signed link that expires."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from itsdangerous import BadData, URLSafeTimedSerializer

from demo.gate import MayOpenCase
from demo.pages import CasePages
from demo.papers.shots import ShotsBusy
from demo.store.audit import Facts
from demo.store.cases import CaseStore
from pipelines.errors import CaseNotFound, MinwonError

log = logging.getLogger(__name__)

MAX_AGE_S = 3600
LONGEST_TOKEN = 1000
KEY_BYTES = 32
PLAYABLE = re.compile(r"(audio|video)/[a-z0-9][a-z0-9.+-]{0,60}")
GUARD = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
ENDINGS = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/webm": "webm",
    "video/webm": "webm",
    "video/mp4": "mp4",
    "video/ogg": "ogv",
}


class MediaLinks:
    """Makes and reads the tokens. Whoever has one may hear that file until it expires."""

    def __init__(self, key: bytes, max_age_s: int = MAX_AGE_S) -> None:
        self._serializer = URLSafeTimedSerializer(key, salt="minwon.media")
        self._pages = URLSafeTimedSerializer(key, salt="minwon.media.pages")
        self._max_age_s = max_age_s

    def sign(self, number: str, sha256: str) -> str:
        """A token for one file of one case; give it only to who proved the receipt."""
        return str(self._serializer.dumps([number, sha256]))

    def sign_pages(self, number: str, sha256: str) -> str:
        """A token for its drawn pages only, on which faces and plates are blurred."""
        return str(self._pages.dumps([number, sha256]))

    def read(self, token: str) -> tuple[str, str]:
        """(number, sha256). Raises CaseNotFound for a forged, foreign or expired token."""
        return self._read(self._serializer, token)

    def read_pages(self, token: str) -> tuple[str, str]:
        """The same, for a page: the token of the file opens it too."""
        try:
            return self._read(self._pages, token)
        except CaseNotFound:
            return self.read(token)

    def _read(self, serializer: URLSafeTimedSerializer, token: str) -> tuple[str, str]:
        try:
            number, sha256 = serializer.loads(token[:LONGEST_TOKEN], max_age=self._max_age_s)
        except (BadData, ValueError) as exc:
            raise CaseNotFound from exc
        return str(number), str(sha256)


def load_key(data_dir: Path) -> bytes:
    """The signing key of this installation, made once; only its owner may read the file.

    Two processes that start at once end up with the same key. Raises OSError.
    """
    path = data_dir / "keys" / "media.key"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f".{secrets.token_hex(8)}")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(KEY_BYTES))
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):  # the other process was first: its key holds
            path.hardlink_to(part)
        part.unlink()
    return path.read_bytes()


def media_router(
    store: CaseStore,
    links: MediaLinks,
    pages: CasePages | None = None,
    may_open: MayOpenCase | None = None,
) -> APIRouter:
    """GET /media/{token}: the file, whole or by Range; /media/{token}/page/{page_no}: a JPEG of a
    page of it, blurred, or with original=1 as it is for whom `may_open` lets. 404 without a reason
    for all else.
    """
    router = APIRouter(tags=["media"])

    @router.get("/media/{token}")
    @router.head("/media/{token}")
    def media(token: str) -> Response:
        try:
            number, sha256 = links.read(token)
            stored = store.case_media(number, sha256)
        except CaseNotFound:
            return JSONResponse({"code": "not_found"}, status_code=404, headers=GUARD)
        return file_response(stored.path, stored.media_type, stored.sha256[:12])

    @router.get("/media/{token}/page/{page_no}")
    def page(request: Request, token: str, page_no: int, original: bool = False) -> Response:
        try:
            number, sha256 = links.read_pages(token)
            if pages is None or page_no < 1:
                raise CaseNotFound
            facts: Facts = {"file": sha256[:12], "page_no": page_no}
            if original and not (may_open and may_open(request, number, facts)):
                raise CaseNotFound
            picture = pages.page(store.case_media(number, sha256), page_no, original=original)
        except ShotsBusy as exc:
            again = {**GUARD, "Retry-After": "1"}
            return JSONResponse({"code": exc.code}, status_code=503, headers=again)
        except MinwonError as exc:
            log.info("a page was not drawn: %s", exc.code)
            return JSONResponse({"code": "not_found"}, status_code=404, headers=GUARD)
        return Response(picture, media_type="image/jpeg", headers=GUARD)

    return router


def file_response(path: Path, media_type: str, stem: str, *, save: bool = False) -> FileResponse:
    """A file, whole or by Range. Only what a player plays is shown in place; anything else, and
    what a person wants to `save`, is an attachment.
    """
    playable = PLAYABLE.fullmatch(media_type) is not None
    ending = ENDINGS.get(media_type, "bin")
    return FileResponse(
        path,
        media_type=media_type if playable else "application/octet-stream",
        filename=f"{stem}.{ending}",
        content_disposition_type="inline" if playable and not save else "attachment",
        headers=GUARD,
    )
