"""Who may do what: one table, in one place. Pure; whoever acts asks `may` or `check`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, cast

from demo.refusals import AccessDenied
from demo.store.desk_tables import Role

Action = Literal[
    "read", "originals", "take", "assign", "transfer", "request", "note", "edit", "correct",
    "approve", "merge", "reopen", "export", "bulk", "papers", "insights", "accounts", "audit",
]  # fmt: skip
Scope = Literal["none", "mine", "department", "all"]
"""Of which cases: none, those assigned to oneself, those of one's department, every one."""
ROLES: tuple[Role, ...] = ("official", "supervisor", "administrator")

# The scopes stand in the order of ROLES.
RIGHTS: dict[Action, tuple[Scope, Scope, Scope]] = {
    "read": ("department", "all", "all"),
    "originals": ("mine", "all", "all"),  # what is masked, unmasked; each time in the audit
    "take": ("department", "all", "all"),
    "assign": ("none", "all", "all"),  # to somebody else
    "transfer": ("department", "all", "all"),  # who meets a stray case must be able to send it on
    "request": ("department", "all", "all"),
    "note": ("department", "all", "all"),
    "edit": ("department", "all", "all"),
    "correct": ("department", "all", "all"),
    "approve": ("department", "all", "all"),
    "merge": ("department", "all", "all"),  # both cases are asked about
    "reopen": ("none", "all", "all"),
    "export": ("department", "all", "all"),
    "bulk": ("none", "all", "all"),
    "papers": ("all", "all", "all"),  # the pages for documents and video, which hold no cases
    "insights": ("none", "all", "all"),  # figures of every department, and which head classifies
    "accounts": ("none", "none", "all"),
    "audit": ("none", "all", "all"),  # the whole of it; a case's own rows come with reading it
}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One signed-in person of the office."""

    id: int
    login: str
    name: str
    role: Role
    department: str | None
    must_renew: bool = False
    """Their password was given out: until they change it they may do nothing else."""

    @property
    def actor(self) -> str:
        """As the audit calls them."""
        return f"user:{self.login}"


class Held(Protocol):
    """What decides about a case: where it lies, and with whom."""

    @property
    def department(self) -> str: ...

    @property
    def assignee_id(self) -> int | None: ...


def scope(user: User | None, action: Action) -> Scope:
    """Of which cases somebody may do that; "none" for who is not signed in."""
    if user is None or user.must_renew:
        return "none"
    return RIGHTS[action][ROLES.index(user.role)]


def may(user: User | None, action: Action, case: Held | None = None) -> bool:
    """Whether somebody may do that to the case; without one, to any case at all."""
    match scope(user, action):
        case "all":
            return True
        case "none":
            return False
        case limited:
            if case is None or user is None:
                return user is not None
            own = user.department is not None and case.department == user.department
            return own and (limited == "department" or case.assignee_id == user.id)


def check(user: User | None, action: Action, case: Held | None = None) -> User:
    """The user, who may. Raises AccessDenied."""
    if not may(user, action, case):
        raise AccessDenied(action=action)
    return cast("User", user)
