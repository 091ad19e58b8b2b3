"""Signing in: lock-out, one answer for all failures, tokens that end."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from demo.refusals import AccountInvalid, SignInFailed
from demo.store.accounts import ABSOLUTE, IDLE_FOR, LOCKED_FOR, MOST_FAILURES, Accounts
from demo.store.desk_tables import LoginRow, UserRow
from demo.store.passwords import Passwords
from tests.demo.desk_kit import PASSWORD, Office, an_office

WRONG = "아주 다른 비밀번호"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = an_office(tmp_path)
    made.accounts.add("kim", "김 담당", "official", department="도로과", password=PASSWORD)
    return made


def fails(office: Office, login: str, password: str) -> None:
    with pytest.raises(SignInFailed) as told:
        office.accounts.sign_in(login, password)
    assert told.value.facts == {}


def test_a_token_opens_a_session_and_is_kept_as_a_hash_only(office: Office) -> None:
    user, token = office.accounts.sign_in(" KIM ", PASSWORD)
    assert office.accounts.user(token) == user
    with office.store.database.read() as session:
        kept = session.scalars(sa.select(LoginRow.token_hash)).all()
        hashed = session.scalars(sa.select(UserRow.password_hash).where(UserRow.login == "kim"))
        assert str(hashed.one()).startswith("$argon2id$")
    assert token not in kept
    for forged in ("", token[:-1], token + "x", token.swapcase(), "0" * 43, kept[0], "\ud800"):
        assert office.accounts.user(forged) is None
    office.accounts.sign_out(token)
    assert office.accounts.user(token) is None  # a replayed token is nobody's
    office.accounts.sign_out(token)


def test_the_token_of_before_ends_with_a_new_sign_in(office: Office) -> None:
    _, first = office.accounts.sign_in("kim", PASSWORD)
    _, second = office.accounts.sign_in("kim", PASSWORD, old_token=first)
    assert first != second
    assert office.accounts.user(first) is None
    assert office.accounts.user(second) is not None
    # a token that somebody planted in the browser never becomes a session
    _, third = office.accounts.sign_in("kim", PASSWORD, old_token="planted")  # noqa: S106
    assert third != "planted"
    assert office.accounts.user("planted") is None


def test_too_many_failures_lock_for_a_while_even_against_the_right_password(
    office: Office,
) -> None:
    for _ in range(MOST_FAILURES):
        fails(office, "kim", WRONG)
    fails(office, "kim", PASSWORD)
    office.clock.at += LOCKED_FOR
    assert office.accounts.sign_in("kim", PASSWORD)
    fails(office, "kim", WRONG)  # the count began anew


def test_many_guesses_at_once_are_as_few_as_one_after_the_other(office: Office) -> None:
    def guess(n: int) -> bool:
        try:
            office.accounts.sign_in("kim", PASSWORD if n == 11 else f"{WRONG} {n}")
        except SignInFailed:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(guess, range(11)))
    assert not guess(11)


def test_a_missing_login_takes_as_long_as_a_wrong_password(office: Office) -> None:
    costly = Passwords(memory_kib=16_384, rounds=2)  # so that the hash is most of the time
    store = office.store
    office.accounts = Accounts(store.database, store.audit, office.clock, costly)
    office.accounts.add("lee", "이", "supervisor", password=PASSWORD)
    office.accounts.change("kim", password=PASSWORD)
    fails(office, "nobody", WRONG)  # the library is loaded

    def took(login: str) -> float:
        started = time.perf_counter()
        fails(office, login, WRONG)
        return time.perf_counter() - started

    pairs = [(took("nobody"), took(login)) for login in ("kim", "lee") for _ in range(3)]
    shares = [unknown / known for unknown, known in pairs]
    assert 0.4 < statistics.median(shares) < 2.5


def test_sessions_end_by_idleness_by_age_and_with_the_account(office: Office) -> None:
    _, token = office.accounts.sign_in("kim", PASSWORD)
    for _ in range(3):
        office.clock.at += IDLE_FOR / 2
        assert office.accounts.user(token) is not None
    office.clock.at += IDLE_FOR * 1.1
    assert office.accounts.user(token) is None
    _, token = office.accounts.sign_in("kim", PASSWORD)
    begun = office.clock.at
    while office.clock.at < begun + ABSOLUTE - IDLE_FOR:
        office.clock.at += IDLE_FOR / 2
        assert office.accounts.user(token) is not None
    office.clock.at = begun + ABSOLUTE + IDLE_FOR / 4
    assert office.accounts.user(token) is None
    for change in ({"active": False}, {"password": PASSWORD + "!"}):
        office.accounts.change("kim", active=True, password=PASSWORD)
        _, token = office.accounts.sign_in("kim", PASSWORD)
        office.accounts.change("kim", **change)  # type: ignore[arg-type]
        assert office.accounts.user(token) is None
        fails(office, "kim", PASSWORD)


def test_a_clock_that_is_set_back_lengthens_nothing(office: Office) -> None:
    _, token = office.accounts.sign_in("kim", PASSWORD)
    for _ in range(MOST_FAILURES):
        fails(office, "kim", WRONG)
    office.clock.on(days=-2)
    assert office.accounts.user(token) is None
    assert office.accounts.sign_in("kim", PASSWORD)  # and locks nobody out for two days


def test_accounts_that_come_through_the_offices_own_login_have_no_password(office: Office) -> None:
    office.accounts.add("park", "박", "official", department="도로과", subject="idp|42")
    fails(office, "park", "")
    user, token = office.accounts.sign_in_as("idp|42")
    assert office.accounts.user(token) == user
    for stranger in ("idp|43", ""):
        with pytest.raises(SignInFailed):
            office.accounts.sign_in_as(stranger)
    with pytest.raises(SignInFailed):  # no ready account of a demonstration
        office.accounts.sign_in_demo("park")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"login": "Kim Lee"}, "login"),
        ({"login": "<b>"}, "login"),
        ({"login": "kim"}, "taken"),
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"role": "king"}, "role"),
        ({"department": None}, "department"),
        ({"department": "없어진과"}, "department"),
        ({"password": "short"}, "password"),
    ],
)
def test_what_no_account_can_be(office: Office, change: dict[str, str], problem: str) -> None:
    data = {
        "login": "new", "name": "새 담당", "role": "official", "department": "도로과",
        "password": PASSWORD, "departments": {"도로과"},
    } | change  # fmt: skip
    with pytest.raises(AccountInvalid) as told:
        office.accounts.add(data.pop("login"), data.pop("name"), data.pop("role"), **data)  # type: ignore[arg-type]
    assert told.value.facts["problem"] == problem


def test_every_step_is_in_the_audit_and_no_password_is(office: Office) -> None:
    _, token = office.accounts.sign_in("kim", PASSWORD)
    office.accounts.sign_out(token)
    office.accounts.change("kim", password=WRONG)
    rows = office.store.audit.newest(3)
    assert [row.action for row in rows] == ["account_reset", "signed_out", "signed_in"]
    assert PASSWORD not in repr(office.store.audit.newest())
