"""When and where a photo was taken, by its EXIF block; a broken block says nothing, never fails."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

_DATE, _DATE_TAKEN, _OFFSET_TAKEN = 0x0132, 0x9003, 0x9011
_EXIF_BLOCK, _GPS_BLOCK = 0x8769, 0x8825
_LATITUDE, _LONGITUDE = (1, 2), (3, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """None for what the photo doesn't say."""

    at: str | None = None
    """ISO 8601; with an offset only where the camera wrote one."""
    latitude: float | None = None
    """Degrees, north positive."""
    longitude: float | None = None
    has_metadata: bool = False
    """True where any metadata was there to be stripped."""
    broken: bool = False


def taken(picture: Image) -> Taken:
    """Read the blocks of an opened picture."""
    carried = bool(picture.info.keys() & {"exif", "xmp", "icc_profile", "comment", "photoshop"})
    try:
        exif = picture.getexif()
        main, gps = exif.get_ifd(_EXIF_BLOCK), exif.get_ifd(_GPS_BLOCK)
        date = main.get(_DATE_TAKEN) or exif.get(_DATE)
        offset = main.get(_OFFSET_TAKEN)
    except Exception:  # noqa: BLE001 - each damage has an exception of its own; none matters here
        return Taken(has_metadata=carried, broken=True)
    latitude, longitude = _degrees(gps, _LATITUDE, 90), _degrees(gps, _LONGITUDE, 180)
    if latitude is None or longitude is None or (latitude, longitude) == (0.0, 0.0):
        latitude = longitude = None  # half a position is none; zero is what cameras write for none
    return Taken(
        at=_moment(date, offset),
        latitude=latitude,
        longitude=longitude,
        has_metadata=carried or bool(exif),
    )


def _moment(date: object, offset: object) -> str | None:
    """The moment in ISO 8601 from "2026:05:01 14:03:22"."""
    text = str(date or "").strip("\0 ")
    try:
        moment = dt.datetime.strptime(text[:19], "%Y:%m:%d %H:%M:%S")
        zone = dt.datetime.strptime(str(offset), "%z").tzinfo if offset else None
    except ValueError:
        return None
    return moment.replace(tzinfo=zone).isoformat()


def _degrees(gps: Any, tags: tuple[int, int], limit: float) -> float | None:  # noqa: ANN401
    """Degrees, minutes, seconds with their hemisphere; None for anything that is no such thing."""
    try:
        side = str(gps[tags[0]]).strip("\0 ").upper()
        parts = [float(part) for part in gps[tags[1]]]
        value = sum(part / scale for part, scale in zip(parts, (1, 60, 3600), strict=False))
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if side not in {"N", "S", "E", "W"} or not math.isfinite(value) or abs(value) > limit:
        return None
    return round(-value if side in {"S", "W"} else value, 6)
