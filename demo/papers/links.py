"""Signed links to what a session may see: pages of a file, and files to take away."""

from __future__ import annotations

import time

from itsdangerous import BadData, URLSafeTimedSerializer

from demo.papers.session import Session
from demo.papers.sessions import PapersNotFound

LONGEST_TOKEN = 400


class PaperLinks:
    """Makes and reads the tokens; a token is worth nothing once its session has ended."""

    def __init__(self, key: bytes, max_age_s: int, room: str = "papers") -> None:
        self._serializer = URLSafeTimedSerializer(key, salt=f"minwon.{room}")
        self._max_age_s = max_age_s

    def sign(self, session_id: str, what: str) -> str:
        """`what`: the number of a file, or "out" for exports."""
        return str(self._serializer.dumps([session_id, what]))

    def of(self, session: Session, what: str) -> str:
        """The same token for a long time: a page that is drawn anew does not load its pictures
        again.
        """
        token, made_at = session.signed.get(what, ("", 0.0))
        if time.time() - made_at > self._max_age_s / 2:
            token = self.sign(session.id, what)
            session.signed[what] = (token, time.time())
        return token

    def read(self, token: str) -> tuple[str, str]:
        """(session id, what). Raises PapersNotFound for a forged, foreign or expired token."""
        try:
            session_id, what = self._serializer.loads(
                token[:LONGEST_TOKEN], max_age=self._max_age_s
            )
        except (BadData, ValueError, TypeError) as exc:
            raise PapersNotFound from exc
        return str(session_id), str(what)
