"""What a room tells a page about its session: only what changed, turn by turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from demo.papers.session import Session
from demo.papers.sessions import Sessions
from demo.present import Words

TURN_S = 20.0
WAIT_S = 1.0
Command = Mapping[str, Any]
Makers = Mapping[str, tuple[tuple[object, ...], Callable[[], str]]]
"""Panel -> (what it shows, how it is drawn)."""
S = TypeVar("S")


@dataclass(slots=True)
class Easel:
    """Draws only the panels whose subject changed since the last time."""

    _drawn: dict[str, tuple[object, ...]] = field(default_factory=dict, init=False, kw_only=True)

    def changed(self, makers: Makers) -> dict[str, str]:
        """Panel -> its new contents."""
        return {
            name: make() for name, (subject, make) in makers.items() if self._is_new(name, subject)
        }

    def _is_new(self, name: str, subject: tuple[object, ...]) -> bool:
        before = self._drawn.get(name)
        self._drawn[name] = subject
        return before is None or [id(part) for part in before] != [id(part) for part in subject]


R = TypeVar("R")


@dataclass(slots=True)
class RoomEasel(Easel, Generic[R]):
    """The easel of one session in a room; what stands on it is the room's own."""

    room: R
    words: Words
    session: Session


def watched(
    sessions: Sessions,
    session: Session,
    draw: Callable[[Command | None], S],
    out: str,
    *,
    clock: Callable[[], float],
    rest: Callable[[], None],
) -> Iterator[S]:
    """The session as it stands, then every change, until nothing more will come or the turn is
    over. `out` is the token of its exports; `rest` comes between two changes.
    """
    until = clock() + TURN_S
    revision = session.revision
    yield draw({"do": "shown", "out": out})
    while session.busy and not session.ended and clock() < until:
        now = sessions.wait(session, revision, WAIT_S)
        if now != revision:
            revision = now
            yield draw(None)
            rest()
    yield draw({"do": "again" if session.busy and not session.ended else "ended"})
