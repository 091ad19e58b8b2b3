"""Check digits and dates inside numbers."""

from __future__ import annotations

import datetime as dt

_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
CENTURIES = {"1": 1900, "2": 1900, "3": 2000, "4": 2000, "5": 1900, "6": 1900, "7": 2000, "8": 2000}
"""Of the seventh digit of a resident registration number; 5 to 8 are foreigners'."""


def luhn_digit(digits: str) -> int:
    """The digit that makes a card's number right."""
    doubled = (int(d) * 2 if n % 2 == 0 else int(d) for n, d in enumerate(reversed(digits)))
    return -sum(value - 9 if value > 9 else value for value in doubled) % 10


def luhn_fits(digits: str) -> bool:
    """True where the last digit is the check digit of the others."""
    return luhn_digit(digits[:-1]) == int(digits[-1])


def resident_digit(twelve: str, *, foreign: bool = False) -> int:
    """The thirteenth digit, as it was made until October 2020; since then it is drawn."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, twelve, strict=True))
    digit = (11 - total % 11) % 10
    return (digit + 2) % 10 if foreign else digit


def birth_of(digits: str) -> dt.date | None:
    """The day of birth in the first seven digits; None where there is no such day."""
    century = CENTURIES.get(digits[6])
    if century is None:
        return None
    try:
        return dt.date(century + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return None


def resident_fits(digits: str) -> bool:
    """True where the check digit of thirteen digits is right, a citizen's or a foreigner's."""
    foreign = digits[6] in "5678"
    return resident_digit(digits[:12], foreign=foreign) == int(digits[12])


def barcode_fits(digits: str) -> bool:
    """True for the check digit of an article's number (EAN-13)."""
    odd, even = sum(map(int, digits[:12:2])), sum(map(int, digits[1:12:2]))
    return -(odd + 3 * even) % 10 == int(digits[12])
