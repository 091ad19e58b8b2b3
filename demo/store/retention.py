"""Deletes what the rules say is old enough: rows, files, pages, index. For good, and written down.

Order: a line in `removals`, then everything that the case owns, in one transaction; files go after
it, and only those that no case holds. A crash in between leaves files without a row, which the
next run finds.
"""

from __future__ import annotations

import datetime as dt
import logging
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from demo.store.database import Database
from demo.store.desk_tables import DocketRow
from demo.store.removal_tables import RemovalRow
from demo.store.retention_rules import Rules
from demo.store.tables import Base, CaseMediaRow, CaseRow, JobRow, MediaRow

log = logging.getLogger(__name__)

CLOSED_STATES = ("answered", "withdrawn", "merged")
UNFILED_STATES = ("drafted", "cancelled", "failed")
YOUNG_S = 3600.0
"""A file without a row may be one that is coming in just now."""

Forget = Callable[[Session, Sequence[int]], object]
"""(session, ids of cases): delete what an index knows of them, in the same transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """One case whose time is up."""

    case_id: int
    number: str
    rule: str
    category: str
    """"" for one that was never filed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What goes, or went."""

    cases: tuple[Doomed, ...]
    media: int
    """Files of cases that no case holds any more."""
    uploads: int
    """Sessions of the documents and video pages."""
    backups: int

    def counts(self) -> dict[str, int]:
        """rule, or rule and category -> cases; what else -> how many."""
        by_rule = Counter(f"{one.rule} {one.category}".strip() for one in self.cases)
        others = {"media": self.media, "uploads": self.uploads, "backups": self.backups}
        return {**dict(sorted(by_rule.items())), **others}


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Thread-safe; two runs at once do the work once. Raises StoreUnavailable, DiskFull."""

    database: Database
    rules: Rules
    data_dir: Path
    media: Path
    """The folder of the cases' files."""
    derived: Sequence[Path] = ()
    """Folders of what was made of such a file, as <sha256>.<anything>."""
    sessions: Sequence[Path] = ()
    """Folders of the pages that keep files for a session."""
    forget: Sequence[Forget] = ()
    on_gone: Sequence[Callable[[frozenset[str]], object]] = ()
    """Told the sums of files that went: pictures of them in memory go too."""
    now: Callable[[], dt.datetime] = field(default=lambda: dt.datetime.now(tz=dt.UTC))

    def plan(self) -> Plan:
        """What a run would delete now; nothing is changed."""
        with self.database.read() as session:
            doomed = tuple(self._doomed(session))
            media = len(_only_theirs(session, [one.case_id for one in doomed]))
        old = self.rules.files
        return Plan(
            cases=doomed,
            media=media + len(self._strays(())),
            uploads=len(self._old_sessions(old.uploads)),
            backups=len(self._old_backups(old.backups)),
        )

    def run(self) -> Plan:
        """Delete what is due; what went."""
        with self.database.read() as session:
            doomed = tuple(self._doomed(session))
        gone: list[Doomed] = []
        sums: set[str] = set()
        for one in doomed:
            try:
                with self.database.write() as session:
                    freed = self._remove(session, one)
            except IntegrityError:
                # Somebody took up one of its files in this moment: tomorrow is another day.
                log.warning("retention: case %s is left for the next run", one.number)
                continue
            if freed is not None:
                gone.append(one)
                sums |= freed
        files = self._sweep(sums)
        uploads = self._old_sessions(self.rules.files.uploads)
        for folder in uploads:
            shutil.rmtree(folder, ignore_errors=True)
        backups = self._old_backups(self.rules.files.backups)
        for path in backups:
            path.unlink(missing_ok=True)
        self.database.settle()
        log.info("retention: %d cases, %d files deleted", len(gone), files)
        return Plan(cases=tuple(gone), media=files, uploads=len(uploads), backups=len(backups))

    # --- cases -------------------------------------------------------------------------------

    def _doomed(self, session: Session, only: int | None = None) -> Iterator[Doomed]:
        closed = sa.func.coalesce(DocketRow.answered_at, DocketRow.changed_at)
        filed = sa.select(CaseRow.id, CaseRow.number, DocketRow.category, closed).join(
            DocketRow, DocketRow.case_id == CaseRow.id
        )
        filed = filed.where(DocketRow.state.in_(CLOSED_STATES))
        unfiled = sa.select(CaseRow.id, CaseRow.number, CaseRow.status, CaseRow.updated_at)
        unfiled = unfiled.where(CaseRow.filed_at.is_(None), CaseRow.status.in_(UNFILED_STATES))
        if only is not None:
            filed, unfiled = (q.where(CaseRow.id == only) for q in (filed, unfiled))
        rules = self.rules.closed
        for case_id, number, category, since in session.execute(filed.order_by(CaseRow.id)):
            if self._over(since, rules.category.get(category, rules.days)):
                yield Doomed(case_id=case_id, number=number, rule="closed", category=category)
        for case_id, number, status, since in session.execute(unfiled.order_by(CaseRow.id)):
            if self._over(since, getattr(self.rules.unfiled, status)):
                yield Doomed(case_id=case_id, number=number, rule=status, category="")

    def _over(self, since: dt.datetime, days: int) -> bool:
        return self.now() - since >= dt.timedelta(days=days)

    def _remove(self, session: Session, one: Doomed) -> frozenset[str] | None:
        """The sums of the files that are nobody's now; None where it is not due any more."""
        locked = sa.select(CaseRow.id).where(CaseRow.number == one.number).with_for_update()
        if session.scalar(locked) is None or one not in self._doomed(session, one.case_id):
            return None
        active = sa.select(JobRow.id).where(
            JobRow.case_id == one.case_id, JobRow.state.in_(("queued", "running"))
        )
        if session.scalars(active).first() is not None:
            return None
        freed = _only_theirs(session, [one.case_id])
        removal = RemovalRow(number=one.number, time=self.now(), rule=one.rule, counts={})
        removal.counts = _owned(session, one.case_id)
        session.add(removal)
        session.flush()  # from here on the case's events may go
        for forget in self.forget:
            forget(session, [one.case_id])
        _delete(session, one.case_id)
        session.execute(sa.delete(MediaRow).where(MediaRow.sha256.in_(freed)))
        return freed

    # --- files -------------------------------------------------------------------------------

    def _sweep(self, freed: set[str]) -> int:
        """Delete the files that no case holds, with what was made of them; how many."""
        with self.database.write() as session:
            self.database.lock_table(session, MediaRow.__tablename__)
            strays = self._strays(freed, set(session.scalars(sa.select(MediaRow.sha256))))
            for path in strays:
                path.unlink(missing_ok=True)
            gone = frozenset(path.name for path in strays) | freed
        for folder in self.derived:
            for path in folder.glob("*"):
                if path.name.partition(".")[0] in gone:
                    path.unlink(missing_ok=True)
        for tell in self.on_gone:
            tell(gone)
        return len(strays)

    def _strays(self, freed: Sequence[str] | set[str], known: set[str] | None = None) -> list[Path]:
        if known is None:
            with self.database.read() as session:
                known = set(session.scalars(sa.select(MediaRow.sha256)))
        oldest = self.now().timestamp() - YOUNG_S
        return [
            path
            for path in self.media.glob("[0-9a-f][0-9a-f]/*")
            if path.name not in known and (path.name in freed or path.stat().st_mtime < oldest)
        ]

    def _old_sessions(self, days: int) -> list[Path]:
        oldest = self.now().timestamp() - days * 86_400
        entries = (entry for root in self.sessions for entry in root.glob("*") if entry.is_dir())
        return [entry for entry in entries if _touched(entry) < oldest]

    def _old_backups(self, days: int) -> list[Path]:
        oldest = self.now().timestamp() - days * 86_400
        files = (path for path in (self.data_dir / "backups").glob("*") if path.is_file())
        return [path for path in files if path.stat().st_mtime < oldest]


def _touched(folder: Path) -> float:
    """When anything in it was last written; a room touches its list while somebody looks."""
    return max(path.stat().st_mtime for path in (folder, *folder.glob("*")))


def _only_theirs(session: Session, case_ids: Sequence[int]) -> frozenset[str]:
    """The files that these cases hold and no other."""
    theirs = sa.select(CaseMediaRow.sha256).where(CaseMediaRow.case_id.in_(case_ids))
    others = sa.select(CaseMediaRow.sha256).where(CaseMediaRow.case_id.not_in(case_ids))
    wanted = theirs.where(CaseMediaRow.sha256.not_in(others))
    return frozenset(session.scalars(wanted))


def owning_columns() -> Iterator[tuple[sa.Column[int], bool]]:
    """Every column of every table that names a case, and whether its row belongs to that case.

    A column that may be empty only refers to a case (docket.merged_into_id): it is emptied.
    """
    for table in reversed(Base.metadata.sorted_tables):
        for column in table.columns:
            if any(key.column.table.name == "cases" for key in column.foreign_keys):
                yield column, not column.nullable


def _owned(session: Session, case_id: int) -> dict[str, int]:
    """Table -> rows that belong to the case."""
    found = {}
    for column, owns in owning_columns():
        counted = sa.select(sa.func.count()).select_from(column.table).where(column == case_id)
        if owns and (rows := session.scalar(counted)):
            found[column.table.name] = rows
    return found


def _delete(session: Session, case_id: int) -> None:
    for column, owns in owning_columns():
        table = column.table
        assert isinstance(table, sa.Table)  # noqa: S101 - of declared classes
        if owns:
            session.execute(sa.delete(table).where(column == case_id))
        else:
            session.execute(sa.update(table).where(column == case_id).values({column: None}))
    session.execute(sa.delete(CaseRow).where(CaseRow.id == case_id))
