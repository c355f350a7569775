"""Times as people write them: ISO date and time, with an offset or a zone; nothing is guessed."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[T ]+(?P<time>\d\d?:\d\d(?::\d\d(?:[.,]\d{1,6})?)?)\s*"
    r"(?P<zone>[+-]\d\d(?::?\d\d)?|[A-Za-z][\w+/-]*)?",
    re.ASCII,
)
# The machine's own zone, none at all, and those whose sign is the opposite of an offset's.
_TREACHEROUS = re.compile(r"localtime|Factory|posixrules|Etc/GMT[+-]\d+", re.I)
_LETTERS = re.compile(r"[A-Z]{2,5}")
EXAMPLES = "2026-11-20 18:00 Europe/Berlin, 2026-11-20 18:00+01:00 or 2026-11-20 17:00 UTC"


class TimeError(ValueError):
    """Why a text is no time that can be relied on."""


def parse(text: str) -> datetime:
    """Return a time in UTC.

    Parameters
    ----------
    text : str
        Such as ``2026-11-20 18:00 Europe/Berlin``.

    Raises
    ------
    TimeError
        If the date, the time or the zone could mean something else. Letters
        such as PST name several zones, and half of the year none.
    """
    shown = f"{text.strip()!r:.60}"
    found = _TIME.fullmatch(text.strip())
    if not found or (found["zone"] or "").upper() in ("AM", "PM"):
        raise TimeError(f"{shown} is no date and time; write it as {EXAMPLES}")
    if not found["zone"]:
        raise TimeError(f"{shown} has no zone; write it as {EXAMPLES}")
    hours, _, rest = found["time"].partition(":")
    clock = f"{hours:0>2}:{rest}".replace(",", ".")
    try:
        return in_zone(datetime.fromisoformat(f"{found['date']} {clock}"), found["zone"])
    except TimeError:
        raise
    except (ValueError, OverflowError) as error:
        raise TimeError(f"{shown} is no time ({error}); write it as {EXAMPLES}") from None


def in_zone(naive: datetime, zone: str) -> datetime:
    """Return in UTC what the clocks of a zone show.

    Raises
    ------
    TimeError
        If there is no such zone, or its clocks skip that time or show it twice.
    """
    if zone.upper() in ("Z", "UTC", "GMT"):
        return naive.replace(tzinfo=UTC)
    if zone[0] in "+-":
        offset = datetime.strptime(zone.replace(":", "").ljust(5, "0"), "%z").tzinfo
        return naive.replace(tzinfo=offset).astimezone(UTC)
    if _LETTERS.fullmatch(zone):
        raise TimeError(
            f"{zone} is not one time zone: the same letters stand for several, and change in "
            f"summer; write it as {EXAMPLES}"
        )
    if _TREACHEROUS.fullmatch(zone):
        raise TimeError(f"{zone} is easily taken for another time; write it as {EXAMPLES}")
    try:
        there = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TimeError(f"there is no time zone {zone!r}; write it as {EXAMPLES}") from None
    first, second = (naive.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        raise TimeError(
            f"in {zone} the clocks are changed at {naive:%Y-%m-%d %H:%M}; "
            "so write it with an offset, such as 2026-11-20 18:00+01:00"
        )
    return first


def strict_utc(when: str | datetime | None) -> datetime | None:
    """Return a time in UTC without its zone, as nbgrader keeps it; nbgrader's own guesses."""
    if when is None:
        return None
    if isinstance(when, str):
        when = parse(when)
    return when.astimezone(UTC).replace(tzinfo=None) if when.tzinfo else when
