"""Cases of others that may be about the same: offered before filing, joined instead of repeated.

A citizen learns what `Joinable` holds. Which case it is stands in a token that means something
beside their own receipt only; it is found again among what is like their case, never looked up.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from demo.api.limits import Throttle
from demo.store.database import utc_now
from demo.store.filing import Filing, Position
from demo.store.joining import ALONE
from demo.store.similar import Joinable, Matter, Similar, categories_of
from demo.store.views import CaseView, StoredMedia
from pipelines.drafting.case import CaseDraft

log = logging.getLogger(__name__)

TakenAt = Callable[[Sequence[StoredMedia]], Position | None]
MOST_OFFERED = 3
MOST_LIKE_IT = 20
"""Among so many an offer is found again: others may have come in since."""
LOOKS_PER_HOUR = 20
"""Of one case: who changes a draft again and again to learn what others reported learns little."""
WAIT_S = 3.0
WORKERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One case that the citizen may join."""

    token: str
    case: Joinable


class Joining:
    """Thread-safe. Nothing here stands in the way of filing: what fails or is slow offers none."""

    def __init__(
        self,
        similar: Similar,
        filing: Filing,
        secret_key: bytes,
        *,
        taken_at: TakenAt | None = None,
        wait_s: float = WAIT_S,
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        """`secret_key`: this installation's own; `taken_at`: where photos were taken."""
        self._similar, self._filing, self._secret_key = similar, filing, secret_key
        self._taken_at, self._wait_s, self._now = taken_at, wait_s, now
        self._throttle = Throttle({}, per_hour={"similar": LOOKS_PER_HOUR})
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="joining")

    def offered(self, view: CaseView) -> tuple[Offer, ...]:
        """What is like a case that is drafted and not filed. Raises ApiTooMany."""
        if view.status != "drafted":
            return ()
        self._throttle.take("similar", view.number)
        return tuple(
            Offer(token=self._token(view.number, case.number), case=case)
            for case in self._like_it(view, MOST_OFFERED)
        )

    def target(self, view: CaseView, token: str) -> str | None:
        """The number behind a token that was offered for this case, while it is still like it."""
        if not token or view.status != "drafted":
            return None
        for case in self._like_it(view, MOST_LIKE_IT):
            if hmac.compare_digest(self._token(view.number, case.number), token):
                return case.number
        return None

    def close(self) -> None:
        """Wait for nobody."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _like_it(self, view: CaseView, limit: int) -> tuple[Joinable, ...]:
        look = self._pool.submit(self._look, view, limit)
        try:
            return look.result(self._wait_s)
        except Exception as exc:  # noqa: BLE001 - a courtesy: whatever it is, filing goes on
            look.cancel()
            log.warning("no suggestions for case %s: %s", view.number, type(exc).__name__)
            return ()

    def _look(self, view: CaseView, limit: int) -> tuple[Joinable, ...]:
        draft = view.draft
        if draft is None or draft.urgency == ALONE:
            return ()
        at = self._taken_at(view.media) if self._taken_at is not None else None
        about = _matter(view, draft, self._filing, at, self._now())
        return self._similar.joinable(about, limit=limit)

    def _token(self, mine: str, other: str) -> str:
        told = f"joining\0{mine}\0{other}".encode()
        return hmac.new(self._secret_key, told, hashlib.sha256).hexdigest()[:32]


def _matter(
    view: CaseView, draft: CaseDraft, filing: Filing, at: Position | None, now: dt.datetime
) -> Matter:
    """The case as the index would have it, were it filed now."""
    district, dong = filing.where(draft.place, at)
    said = " ".join(piece.text for piece in view.evidence)
    latitude, longitude = at or (None, None)
    return Matter(
        text=said or f"{draft.title}. {draft.request}",
        place=draft.place,
        categories=categories_of(draft.model_dump(), draft.category),
        district=district,
        dong=dong,
        filed_at=now,
        latitude=latitude,
        longitude=longitude,
    )
