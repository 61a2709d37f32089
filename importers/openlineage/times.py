"""Event times as producers write them, turned into UTC without losing a digit.

Producers were seen to write Z, +00:00, +0100, lower case, a space for the T, no zone at all, nanoseconds,
leap seconds, and Java's form without seconds. A time without a zone is taken as UTC, with a warning.
"""

import re
from datetime import date
from functools import lru_cache

import msgspec

_FORM = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)([Tt ])(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,18}))?)?"
    r"(?:([Zz])|([+-])(\d\d):?(\d\d)?)?(?:\[[A-Za-z0-9_+/-]{1,64}\])?",
    re.ASCII,
)
_PLAIN = re.compile(r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,18}))?Z", re.ASCII)
_EPOCH = date(1970, 1, 1).toordinal()
_LATEST = (1 << 63) - 1


class EventTime(msgspec.Struct, frozen=True):
    """A moment: RFC 3339 UTC text with the source's digits, nanoseconds since 1970, and what was odd."""

    text: str
    instant: int
    warning: str | None = None


def parse_event_time(value: object) -> EventTime:
    """Return the moment `value` names; raise ValueError with a reason for what names none.

    Instants beyond the year 2262 do not fit 64 bits and stop at the last nanosecond that does.
    """
    if value.__class__ is str and (plain := _PLAIN.fullmatch(value)) is not None:
        return _of_plain(value, plain)
    if not isinstance(value, str):
        kind = "nothing" if value is None else "another kind of value"
        raise ValueError(f"eventTime: expected a time as text, found {kind}")  # noqa: TRY004 - one reason type
    found = _FORM.fullmatch(value)
    if found is None:
        raise ValueError(f"eventTime: expected a time like 2026-11-23T10:00:00Z, found {value[:60]!r}")
    year, month, day, tee, hour, minute, second, digits, zulu, sign, off_hour, off_minute = found.groups()
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH
    except ValueError as error:
        raise ValueError(f"eventTime: there is no day {year}-{month}-{day}") from error
    seconds = int(second or 0)
    if int(hour) > 23 or int(minute) > 59 or seconds > 60:
        raise ValueError(f"eventTime: there is no time of day {value[11:60]!r}")
    moment = days * 86400 + int(hour) * 3600 + int(minute) * 60 + seconds
    if sign:
        shift = int(off_hour) * 3600 + int(off_minute or 0) * 60
        moment += -shift if sign == "+" else shift
    text = _text(moment, seconds, digits)
    instant = moment * 1_000_000_000 + int((digits or "0")[:9].ljust(9, "0"))
    warning = _warning(value, zoned=bool(zulu or sign), plain=tee == "T" and second is not None)
    return EventTime(text, max(-_LATEST, min(instant, _LATEST)), warning)


def _of_plain(value: str, found: re.Match[str]) -> EventTime:
    """Return the moment of what is written as it will be kept."""
    day, hour, minute, second, digits = found.groups()
    moment = _midnight(day) + int(hour) * 3600 + int(minute) * 60 + int(second)
    instant = moment * 1_000_000_000 + (int(digits[:9].ljust(9, "0")) if digits else 0)
    return EventTime(value, max(-_LATEST, min(instant, _LATEST)))


@lru_cache(maxsize=1024)
def _midnight(day: str) -> int:
    """Return the seconds from 1970 to the beginning of a day in UTC."""
    try:
        return (date.fromisoformat(day).toordinal() - _EPOCH) * 86400
    except ValueError as error:
        raise ValueError(f"eventTime: there is no day {day}") from error


def _text(moment: int, seconds: int, digits: str | None) -> str:
    # A leap second keeps its name: it is written :60, as the source wrote it.
    leap = seconds == 60
    days, rest = divmod(moment - leap, 86400)
    try:
        day = date.fromordinal(days + _EPOCH).isoformat()
    except ValueError as error:
        raise ValueError("eventTime: in UTC the year is not between 1 and 9999") from error
    clock = f"{rest // 3600:02}:{rest % 3600 // 60:02}:{60 if leap else rest % 60:02}"
    return f"{day}T{clock}{'.' + digits if digits else ''}Z"


def _warning(value: str, *, zoned: bool, plain: bool) -> str | None:
    if not zoned:
        return f"eventTime {value!r} names no zone and was taken as UTC"
    if not plain:
        return f"eventTime {value!r} is not RFC 3339 and was understood anyway"
    return None
