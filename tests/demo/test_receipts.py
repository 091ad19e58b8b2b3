"""Numbers and secrets survive people; slips are seen, secrets are not kept."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.receipts import (
    ALPHABET,
    SECRET_SYMBOLS,
    Receipt,
    hash_secret,
    new_number,
    new_secret,
    read_number,
    secret_fits,
)

DAY = dt.date(2026, 11, 24)


def test_a_number_names_its_day_and_reads_back() -> None:
    number = new_number(DAY)
    assert number.startswith("MW-20261124-")
    assert read_number(number) == number


@pytest.mark.parametrize(
    "typed",
    [
        lambda n: n.lower(),
        lambda n: n.replace("-", ""),
        lambda n: n.replace("-", " "),
        lambda n: f"  {n} \n",
        lambda n: n.removeprefix("MW-"),
        lambda n: " ".join(n),
        lambda n: n.translate({ord(c): ord(c) + 0xFEE0 for c in n if c.isalnum()}),
        lambda n: n[:3] + n[3:11].replace("0", "o").replace("1", "l") + n[11:],
        lambda n: n.replace("-", "–"),
    ],
)
def test_numbers_as_people_type_them(typed) -> None:
    number = new_number(DAY)
    assert read_number(typed(number)) == number


@given(st.dates(min_value=dt.date(2000, 1, 1), max_value=dt.date(2099, 12, 31)), st.data())
def test_one_wrong_symbol_is_seen(day: dt.date, data: st.DataObject) -> None:
    number = new_number(day)
    places = [place for place in range(3, len(number)) if number[place] != "-"]
    place = data.draw(st.sampled_from(places))
    allowed = "0123456789" if place < 11 else ALPHABET
    other = data.draw(st.sampled_from([symbol for symbol in allowed if symbol != number[place]]))
    assert read_number(number[:place] + other + number[place + 1 :]) is None


@given(st.dates(min_value=dt.date(2000, 1, 1), max_value=dt.date(2099, 12, 31)), st.data())
def test_two_swapped_neighbours_are_seen(day: dt.date, data: st.DataObject) -> None:
    number = new_number(day)
    place = data.draw(st.sampled_from([*range(3, 10), *range(12, 15)]))
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or read_number(swapped) is None


@given(st.text(max_size=60))
def test_any_text_is_a_number_of_ours_or_none(typed: str) -> None:
    read = read_number(typed)
    assert read is None or read_number(read) == read


def test_a_secret_has_at_least_80_bits_of_clear_symbols() -> None:
    secret = new_secret()
    symbols = secret.replace("-", "")
    assert len(symbols) == SECRET_SYMBOLS
    assert set(symbols) <= set(ALPHABET)
    assert SECRET_SYMBOLS * math.log2(len(ALPHABET)) >= 80
    assert not set("0O1ILSBDN") & set(ALPHABET)


def test_only_the_secret_fits_its_hash() -> None:
    secret = new_secret()
    kept = hash_secret(secret)
    assert secret_fits(secret.lower().replace("-", " "), kept)
    assert not secret_fits(new_secret(), kept)
    assert not secret_fits("", kept)
    assert secret.replace("-", "") not in kept
    assert hash_secret(secret) != kept, "each hash has its own salt"


def test_no_case_fits_nothing_even_a_hash_of_zeros() -> None:
    assert not secret_fits("", None)
    assert not secret_fits(new_secret(), None)


def test_a_receipt_in_a_log_line_shows_no_secret() -> None:
    receipt = Receipt(number=new_number(DAY), secret=new_secret())
    assert receipt.secret not in f"{receipt} {receipt!r}"
