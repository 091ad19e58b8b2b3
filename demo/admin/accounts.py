"""What the accounts page does, without the page: a message comes in, panels go out.

Every message names the session of whoever sends it, and is asked about by right; passwords, keys
and secrets that are made here are in one answer and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demo.access import User, check
from demo.admin import account_panels as panels
from demo.admin import asks
from demo.courier import Allowed, shown_secret
from demo.gate import Door
from demo.present import Words
from demo.refusals import AccountInvalid, LastAdministrator, PasswordUnfit, SignedOut
from demo.screens import said
from demo.store.hooks import Hooks
from demo.store.keys import KeyStore
from demo.store.passwords import given_out
from pipelines.drafting.policy import Policy
from pipelines.errors import MinwonError
from pipelines.interface_errors import KeyInvalid
from pipelines.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsScreen:
    """New contents of the panels; None = as it was."""

    who: str | None = None
    secret: str | None = None
    people: str | None = None
    keys: str | None = None
    hooks: str | None = None
    command: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsRoom:
    """Everything that the page needs; shared by all languages and sessions."""

    settings: Settings
    policy: Policy
    door: Door
    keys: KeyStore
    hooks: Hooks
    secret_key: bytes
    """Of this installation: what webhooks are signed with is made of it."""

    def show(self, words: Words, ask: asks.ShowAccounts, token: str) -> AccountsScreen:
        """All of it. Raises SignedOut, AccessDenied."""
        del ask
        user = self._administrator(token)
        return AccountsScreen(
            who=panels.who(words, user, demo=self.door.demo),
            secret="",
            people=self._people(words, user),
            keys=panels.keys_panel(words, self.keys.all()),
            hooks=panels.hooks_panel(words, self.hooks.standings()),
            command={"do": "shown"},
        )

    def add(self, words: Words, ask: asks.Placed, token: str) -> AccountsScreen:
        """A new account with a password for the first sign-in. Raises AccountInvalid."""
        user = self._administrator(token)
        password = given_out()
        login = ask.login.strip().lower()
        self.door.accounts.add(
            login,
            ask.name,
            ask.role,
            department=ask.department or None,
            password=password,
            must_renew=True,
            actor=user.actor,
            departments=self._departments(),
        )
        return self._done(words, user, "added", secret=("password", login, password), login=login)

    def place(self, words: Words, ask: asks.Placed, token: str) -> AccountsScreen:
        """Another name, role or department. Raises AccountInvalid, LastAdministrator."""
        user = self._administrator(token)
        self.door.accounts.place(
            ask.login,
            name=ask.name,
            role=ask.role,
            department=ask.department or None,
            departments=self._departments(),
            actor=user.actor,
        )
        return self._done(words, user, "placed", login=ask.login)

    def do(self, words: Words, ask: asks.Do, token: str) -> AccountsScreen:
        """Reset, lock, unlock, sign out. Raises AccountInvalid, LastAdministrator."""
        user = self._administrator(token)
        accounts, secret = self.door.accounts, None
        match ask.kind:
            case "reset":
                password = given_out()
                accounts.change(ask.login, password=password, must_renew=True, actor=user.actor)
                secret = ("password", ask.login, password)
            case "end_sessions":
                accounts.end_sessions(ask.login, actor=user.actor)
            case kind:
                accounts.change(ask.login, active=kind == "unlock", actor=user.actor)
        return self._done(words, user, ask.kind, secret=secret, login=ask.login)

    def add_key(self, words: Words, ask: asks.AddKey, token: str) -> AccountsScreen:
        """A key for a program. Raises KeyInvalid."""
        user = self._administrator(token)
        key = self.keys.add(ask.name.strip(), ask.rights, actor=user.actor)
        return self._programs(words, "key_added", secret=("key", ask.name.strip(), key))

    def add_hook(self, words: Words, ask: asks.AddHook, token: str) -> AccountsScreen:
        """An address that wants to know. Raises HookInvalid, AddressRefused."""
        user = self._administrator(token)
        url = ask.url.strip()
        Allowed.of(self.settings).check(url)
        hook = self.hooks.add(url, ask.topics, actor=user.actor)
        return self._programs(
            words, "hook_added", secret=("hook", url, shown_secret(self.secret_key, hook))
        )

    def end_key(self, words: Words, ask: asks.EndKey, token: str) -> AccountsScreen:
        """It opens nothing any more. Raises KeyInvalid."""
        self.keys.end(ask.name, actor=self._administrator(token).actor)
        return self._programs(words, "ended")

    def end_hook(self, words: Words, ask: asks.EndHook, token: str) -> AccountsScreen:
        """It is told nothing any more. Raises HookInvalid."""
        self.hooks.end(ask.hook, actor=self._administrator(token).actor)
        return self._programs(words, "ended")

    def _administrator(self, token: str) -> User:
        user = self.door.user(token)
        if user is None:
            raise SignedOut
        return check(user, "accounts")

    def _departments(self) -> Sequence[str]:
        return sorted({entry.department for entry in self.policy.categories})

    def _people(self, words: Words, user: User, open_login: str = "") -> str:
        return panels.people_panel(
            words,
            self.policy,
            self.door.accounts.all(),
            self._departments(),
            me=user,
            open_login=open_login,
        )

    def _done(
        self,
        words: Words,
        user: User,
        what: str,
        *,
        login: str,
        secret: tuple[str, str, str] | None = None,
    ) -> AccountsScreen:
        shown = panels.secret_panel(words, *secret) if secret is not None else ""
        told = words.plain(f"done_{what}", login=login)
        return AccountsScreen(
            secret=shown,
            people=self._people(words, user, login),
            command={"do": "done", "text": told, "secret": bool(secret)},
        )

    def _programs(
        self, words: Words, what: str, secret: tuple[str, str, str] | None = None
    ) -> AccountsScreen:
        shown = panels.secret_panel(words, *secret) if secret is not None else ""
        return AccountsScreen(
            secret=shown,
            keys=panels.keys_panel(words, self.keys.all()),
            hooks=panels.hooks_panel(words, self.hooks.standings()),
            command={"do": "done", "text": words.plain(f"done_{what}"), "secret": bool(secret)},
        )


def trouble(words: Words, error: MinwonError) -> AccountsScreen:
    """One sentence that says which field it was; who is signed out goes to sign in."""
    if isinstance(error, SignedOut):
        return AccountsScreen(command={"do": "signed_out"})
    command = dict(said(words, error))
    own = (LastAdministrator, PasswordUnfit)
    problem = str(error.facts.get("problem", "")).split(":")[0]
    if isinstance(error, AccountInvalid) and not isinstance(error, own):
        command["text"] = words.plain(f"problem_{problem}")
    elif isinstance(error, KeyInvalid):
        taken = error.facts.get("problem") == "name: taken"
        command["text"] = words.plain(f"problem_key_{'taken' if taken else problem}")
    return AccountsScreen(command=command)
