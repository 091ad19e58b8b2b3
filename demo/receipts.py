"""Receipt numbers that survive a telephone call, and secrets that are kept only as a hash.

A number says which case, a secret says that it is yours: MW-20261124-7F3KQ and HJ4M-... The last
symbol of a number is a check symbol: any one wrong symbol, and any two neighbours swapped within
the day or within the tail, are seen before the database is asked.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass

ALPHABET = "23456789ACEFHJKMPQRWXYZ"
"""23 symbols, a prime number, which the check symbol needs. 5, 8, 2 and M stay, so S, B, D, N and
the pairs 0 O, 1 I L and U V went: no two of the rest are mixed up in print or on the telephone."""
PREFIX = "MW"
TAIL = 4
"""Random symbols after the day: 279,841 numbers a day, and the store draws again on a clash."""
SECRET_GROUPS = 5
SECRET_SYMBOLS = 4 * SECRET_GROUPS
"""20 of 23 symbols: 90 bits."""
SCRYPT_N, SCRYPT_R, SCRYPT_P = 1 << 14, 8, 1
"""16 MB and about 40 ms: a stolen table of hashes stays useless, one look-up stays quick."""
LONGEST_INPUT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the citizen takes home. The secret is nowhere else: only its hash is kept."""

    number: str
    secret: str

    def __repr__(self) -> str:
        """Without the secret, so that no log line can carry it."""
        return f"Receipt(number={self.number!r})"


def new_number(day: dt.date) -> str:
    """A random number of that day, such as MW-20261124-7F3KQ."""
    tail = "".join(secrets.choice(ALPHABET) for _ in range(TAIL))
    return number_of(f"{day:%Y%m%d}", tail)


def new_secret() -> str:
    """90 random bits in five groups of four symbols."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(SECRET_GROUPS))
    return "-".join(groups)


def read_number(typed: str) -> str | None:
    """The number as we write it, or None where it can't be one of ours (a slip of the pen).

    Takes lower case, full-width symbols, spaces, missing dashes, a missing MW, and O, I or L in
    place of the digits of the day.
    """
    plain = _plain(typed).removeprefix(PREFIX)
    day = plain[:8].translate(str.maketrans("OIL", "011"))
    tail, check = plain[8 : 8 + TAIL], plain[8 + TAIL :]
    if not re.fullmatch("[0-9]{8}", day) or len(tail) != TAIL or not set(tail) <= set(ALPHABET):
        return None
    return number_of(day, tail) if check == _check(day, tail) else None


def hash_secret(secret: str, salt: bytes | None = None) -> str:
    """scrypt$n$r$p$salt$digest, for keeping. The secret may be typed as loosely as a number."""
    salt = salt or secrets.token_bytes(16)
    digest = _scrypt(secret, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P)
    encoded = (base64.b64encode(part).decode("ascii") for part in (salt, digest))
    return "$".join(("scrypt", str(SCRYPT_N), str(SCRYPT_R), str(SCRYPT_P), *encoded))


def secret_fits(typed: str, kept: str | None) -> bool:
    """True where the typed secret has the kept hash.

    `kept` None = there is no such case: the same work is done, so the time tells nothing.
    """
    n, r, p, salt, digest = _parse(kept) if kept else (SCRYPT_N, SCRYPT_R, SCRYPT_P, bytes(16), b"")
    made = _scrypt(typed, salt, n, r, p)
    return hmac.compare_digest(made, digest or bytes(len(made))) and kept is not None


def _parse(kept: str) -> tuple[int, int, int, bytes, bytes]:
    try:
        kind, n, r, p, salt, digest = kept.split("$")
        if kind != "scrypt":
            raise ValueError(kind)
        return int(n), int(r), int(p), base64.b64decode(salt), base64.b64decode(digest)
    except (ValueError, binascii.Error) as exc:
        raise ValueError("a kept hash of a secret is not readable") from exc


def _scrypt(secret: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    plain = _plain(secret).encode("utf-8", "replace")
    return hashlib.scrypt(plain, salt=salt, n=n, r=r, p=p, maxmem=256 * n * r * p, dklen=32)


def _plain(typed: str) -> str:
    """Only the letters and digits, upper case, in their ordinary width."""
    folded = unicodedata.normalize("NFKC", typed[:LONGEST_INPUT]).upper()
    return "".join(symbol for symbol in folded if symbol.isalnum())


def number_of(day: str, tail: str) -> str:
    """The number of a day (20261124) and TAIL symbols of ALPHABET, with its check symbol."""
    return f"{PREFIX}-{day}-{tail}{_check(day, tail)}"


def _check(day: str, tail: str) -> str:
    """Weighted sum modulo a prime: each symbol has its own weight, none of them 0 or the prime."""
    values = [*(int(digit) for digit in day), *(ALPHABET.index(symbol) for symbol in tail)]
    return ALPHABET[sum(weight * value for weight, value in enumerate(values, 1)) % len(ALPHABET)]
