"""Files what came in through Open311 as soon as it is drafted: nobody sits before a page there."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from demo.counter import Counter
from demo.store.database import utc_now
from demo.store.keys import receipt_secret
from demo.store.submissions import Pending, Submissions
from demo.work import incident
from pipelines.errors import CaseConflict, MinwonError

log = logging.getLogger(__name__)

EVERY_S = 0.5
CHANNEL = "open311"
ATTEMPTS = 3
"""How often a job that failed is tried again before an official must look."""
MAX_PLACE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Filer:
    """A thread that looks for drafted submissions. What it was doing when the process ended is
    found again at the next start.
    """

    counter: Counter
    submissions: Submissions
    _end: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Look from now on."""
        threading.Thread(target=self._serve, name="filer", daemon=True).start()

    def close(self) -> None:
        """Stop looking."""
        self._end.set()

    def _serve(self) -> None:
        while not self._end.wait(EVERY_S):
            try:
                self.look()
            except MinwonError as exc:
                log.warning("submissions were not filed: %s", exc.code)
            except Exception as exc:  # noqa: BLE001 - the thread's edge: the next look must come
                incident("", exc)

    def look(self) -> None:
        """File everything that is ready. Raises StoreUnavailable, DiskFull."""
        for pending in self.submissions.pending():
            match pending.status:
                case "drafted":
                    self._file(pending)
                case "filed":
                    self._keep(pending)
                case "failed" | "cancelled":
                    self._again(pending)

    def _file(self, pending: Pending) -> None:
        store = self.counter.store
        of = f"{pending.key_name}\0{pending.token}"
        secret = receipt_secret(self.counter.secret_key, of)
        fields = {"category": pending.service_code}
        if pending.place:
            fields["place"] = pending.place[:MAX_PLACE]
        try:
            view = store.view(pending.number)
            view = store.edit(pending.number, secret, view.version, fields)
            store.file(pending.number, secret, view.version, channel=CHANNEL)
        except CaseConflict:
            return  # somebody changed it this moment: the next look sees the newest state
        except MinwonError as exc:
            log.warning("case %s was not filed: %s", pending.number, exc.code)
            self._tried(pending, exc.code)
            return
        self._keep(pending)

    def _keep(self, pending: Pending) -> None:
        self.submissions.filed(pending.token, utc_now())

    def _again(self, pending: Pending) -> None:
        error = self.counter.store.view(pending.number).error
        if self._tried(pending, error.code if error is not None else pending.status):
            self.counter.jobs.submit(pending.number)

    def _tried(self, pending: Pending, code: str) -> bool:
        """False where that was the last attempt."""
        last = pending.attempts + 1 >= ATTEMPTS
        self.submissions.tried(pending.token, code if last else None)
        return not last
