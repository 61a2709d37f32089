"""Instants of imported events as text again."""

from datetime import UTC, datetime

_SECOND = 1_000_000_000


def time_of(instant: int) -> str:
    """Return an instant (nanoseconds since 1970) as RFC 3339 UTC with as many digits as it needs."""
    seconds, rest = divmod(instant, _SECOND)
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f"{rest:09d}".rstrip("0")
    return f"{day}.{digits}Z" if digits else f"{day}Z"
