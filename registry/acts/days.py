"""Days as people write them."""

from datetime import date

from schemas.errors import Usage


def end_of_day(text: str) -> str:
    """Return the last second of the day `YYYY-MM-DD`, UTC; raise Usage for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Usage(
            f"expected a day YYYY-MM-DD, found {text[:40]!r}", hint="for example 2027-06-30"
        ) from error
    return f"{day.isoformat()}T23:59:59Z"
