"""Times of the log some while later, as far as the calendar goes."""

from datetime import timedelta

from schemas.ledger import moment, time_text

LAST_MOMENT = "9999-12-31T23:59:59Z"


def days_after(time: str, days: int) -> str:
    """Return the time that many days later, the last there is when the calendar ends before."""
    return time_after(time, timedelta(days=days))


def time_after(time: str, span: timedelta) -> str:
    """Return the time `span` later, the last there is when the calendar ends before."""
    start = moment(time)
    left = moment(LAST_MOMENT) - start
    return LAST_MOMENT if span > left else time_text(start + span)
