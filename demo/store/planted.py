"""Cases by the ten thousand, made up whole, for measuring lists and search; never for an office.

    python -m demo.store.planted FOLDER [COUNT] [SEED]

The same seed plants the same cases. Every word is ours; the secret of each is PLANTED_SECRET.
"""

from __future__ import annotations

import datetime as dt
import functools
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from demo.receipts import ALPHABET, TAIL, hash_secret, number_of
from demo.store.database import WRITES, open_engine
from demo.store.desk_tables import DocketRow, UserRow
from demo.store.planted_words import DISTRICTS, LANDMARKS, OPENINGS, TOPICS, Topic
from demo.store.tables import CaseRow, EvidenceRow
from demo.store.upgrade import upgrade
from pipelines.drafting.clock import KOREA, due_date, midnight
from pipelines.drafting.policy import Policy, load_policy
from pipelines.settings import Settings

PLANTED_SECRET = "HJ4M-7KQX-2WRA-9CEF-PYZ3"  # noqa: S105 - of made-up cases only
BATCH = 5_000
DAYS = 365
"""The cases were filed over so many days, up to `today`."""
OPEN_FOR_DAYS = 25
"""What is younger is mostly still open, what is older mostly answered."""
SOURCE = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One made-up complaint before it is a row."""

    topic: Topic
    place: str
    district: str
    dong: str
    said: tuple[str, ...]

    @property
    def title(self) -> str:
        """Short, as a draft has it."""
        return f"{self.place} {self.topic.thing} {self.topic.trouble}"


def plant(
    engine: Engine, count: int, seed: int, *, today: dt.date = dt.date(2026, 11, 24)
) -> list[str]:
    """Write `count` filed cases, with drafts and evidence; returns their numbers in order.

    The tables must be there and the database empty of cases. 100,000 take about 30 s on SQLite.
    """
    rng = random.Random(seed)  # noqa: S311 - the same again is what it is for
    policy = load_policy(Settings().policy_path)
    kept = hash_secret(PLANTED_SECRET)
    numbers: list[str] = []
    taken: set[str] = set()
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        officials = _plant_users(connection, policy, today)
        for first in range(1, count + 1, BATCH):
            cases: list[dict[str, Any]] = []
            docket: list[dict[str, Any]] = []
            evidence: list[dict[str, Any]] = []
            for key in range(first, min(first + BATCH, count + 1)):
                filed = _moment(rng, today)
                number = _number(rng, filed, taken)
                made = complaint(rng)
                numbers.append(number)
                case, row = _rows(rng, policy, key, made, filed, today, officials)
                cases.append({**case, "number": number, "secret_hash": kept})
                docket.append(row)
                evidence.extend(_evidence(key, made))
            for table, rows in ((CaseRow, cases), (DocketRow, docket), (EvidenceRow, evidence)):
                connection.execute(sa.insert(table), rows)
        connection.execute(sa.text("ANALYZE"))
    return numbers


def complaint(rng: random.Random) -> Planted:
    """What one citizen says: a topic, a place, and two or three sentences about it."""
    topic = rng.choice(TOPICS)
    district, dongs = rng.choice(DISTRICTS)
    dong = rng.choice(dongs)
    spot = f"{rng.randint(1, 480)}-{rng.randint(1, 40)}"
    place = f"{dong} {rng.choice((rng.choice(LANDMARKS), spot))}"
    said = [
        f"{rng.choice(OPENINGS)} {place} {topic.thing}{topic.particle} {rng.choice(topic.tells)}",
        rng.choice(topic.wishes),
    ]
    if rng.random() < 0.4:
        said.insert(1, f"{rng.randint(2, 30)}일째 그대로입니다.")
    return Planted(topic=topic, place=place, district=district, dong=dong, said=tuple(said))


def _plant_users(connection: sa.Connection, policy: Policy, today: dt.date) -> dict[str, list[int]]:
    """Two officials a department, without a password: nobody can sign in as them."""
    at = midnight(today) - dt.timedelta(days=2 * DAYS)
    departments = sorted({entry.department for entry in policy.categories})
    found: dict[str, list[int]] = {}
    for place, department in enumerate(departments):
        for which in (1, 2):
            row = {
                "login": f"planted-{place}-{which}",
                "name": f"{department} 담당 {which}",
                "role": "official",
                "department": department,
                "active": True,
                "failures": 0,
                "created_at": at,
            }
            key = connection.execute(sa.insert(UserRow), row).inserted_primary_key
            found.setdefault(department, []).append(int(key[0]) if key else 0)
    return found


def _moment(rng: random.Random, today: dt.date) -> dt.datetime:
    day = today - dt.timedelta(days=int(DAYS * rng.random() ** 1.5))
    return dt.datetime.combine(day, dt.time(rng.randrange(24), rng.randrange(60)), tzinfo=KOREA)


def _number(rng: random.Random, filed: dt.datetime, taken: set[str]) -> str:
    while True:
        number = number_of(f"{filed:%Y%m%d}", "".join(rng.choices(ALPHABET, k=TAIL)))
        if number not in taken:
            taken.add(number)
            return number


@functools.cache
def _due(day: dt.date, working_days: int) -> dt.date:
    return due_date(day, working_days)


def _state(rng: random.Random, age_days: int) -> str:
    if age_days > OPEN_FOR_DAYS or rng.random() < age_days / (2 * OPEN_FOR_DAYS):
        return rng.choices(("answered", "merged", "withdrawn", "working"), (93, 3, 3, 1))[0]
    return rng.choices(("received", "working", "waiting"), (4, 5, 1))[0]


def _rows(
    rng: random.Random,
    policy: Policy,
    key: int,
    made: Planted,
    filed: dt.datetime,
    today: dt.date,
    officials: dict[str, list[int]],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the case, its line in the docket) without number and secret."""
    category = policy.category(made.topic.category)
    state = _state(rng, (today - filed.date()).days)
    taken = state != "received"
    official = rng.choice(officials[category.department])
    due = _due(filed.date(), category.working_days)
    reply = f"{made.place} {made.topic.thing} 건은 {made.topic.remedy}"
    answered = filed + dt.timedelta(days=rng.randint(1, 12)) if state == "answered" else None
    urgency = rng.choices(("low", "normal", "high", "emergency"), (15, 65, 18, 2))[0]
    draft = _draft(made, category.department, urgency, due, reply)
    at = {"created_at": filed, "updated_at": answered or filed, "filed_at": filed}
    case = {"id": key, "status": "filed", "version": 3, "language": "ko", **at, "draft": draft}
    row = {
        "case_id": key,
        "state": state,
        "channel": "web",
        "title": draft["title"],
        "category": category.code,
        "department": category.department,
        "urgency": urgency,
        "place": made.place,
        "district": made.district,
        "dong": made.dong,
        "filed_at": filed,
        "due_on": due,
        "changed_at": answered or filed,
        "assignee_id": official if taken else None,
        "merged_into_id": max(1, key - 1) if state == "merged" else None,
        "answer": reply if answered else None,
        "answered_at": answered,
        "answered_by_id": official if answered else None,
    }
    return case, row


def _draft(
    made: Planted, department: str, urgency: str, due: dt.date, reply: str
) -> dict[str, Any]:
    return {
        "category": made.topic.category,
        "category_unsure": False,
        "category_candidates": [{"category": made.topic.category, "confidence": 0.8}],
        "department": department,
        "title": made.title,
        "summary": " ".join(made.said),
        "request": made.said[-1],
        "place": made.place,
        "urgency": urgency,
        "due_date": due.isoformat(),
        "language": "ko",
        "reply": reply,
        "citations": [{"field": "title", "claim": made.topic.thing, "evidence": [0]}],
        "drafted_by": "model",
    }


def _evidence(key: int, made: Planted) -> Iterator[dict[str, Any]]:
    for position, text in enumerate(made.said):
        yield {
            "case_id": key,
            "position": position,
            "source": SOURCE,
            "place_in_source": {
                "kind": "time",
                "start_s": 3.0 * position,
                "end_s": 3.0 * position + 2.5,
            },
            "text": text,
            "original_text": text,
            "confidence": 0.9,
            "language": "ko",
            "words": [],
        }


def main() -> None:
    """Plant into the SQLite of a folder."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    engine = open_engine(Settings(data_dir=folder, database_url=""))
    upgrade(engine)
    started = time.monotonic()
    plant(engine, count, int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    sys.stdout.write(f"{count} cases in {time.monotonic() - started:.1f} s\n")


if __name__ == "__main__":
    main()
