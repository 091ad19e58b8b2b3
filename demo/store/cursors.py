"""Where a page of the docket ended, as a token that the next request brings along."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json

LONGEST_CURSOR = 200


def cursor_of(value: dt.date | dt.datetime, case_id: int) -> str:
    """After the case of that value."""
    written = json.dumps([value.isoformat(), case_id]).encode("ascii")
    return base64.urlsafe_b64encode(written).decode("ascii")


def read_cursor(cursor: str | None) -> tuple[str, int] | None:
    """(value, case id) of `cursor_of`; None for anything else."""
    if not cursor or len(cursor) > LONGEST_CURSOR:
        return None
    try:
        value, case_id = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        moment_of(value)
        return value, int(case_id)
    except (ValueError, TypeError, binascii.Error):
        return None


def moment_of(value: str) -> dt.datetime:
    """The value as a time, UTC where it has no zone. Raises ValueError, TypeError."""
    moment = dt.datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
