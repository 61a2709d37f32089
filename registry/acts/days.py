"""Days as people write them."""

from datetime import date

from schemas.errors import Usage, VerificationError
from schemas.ledger import parse_time_text


def end_of_day(text: str) -> str:
    """Return the last second of the day `YYYY-MM-DD`, UTC; raise Usage for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Usage(
            f"expected a day YYYY-MM-DD, found {text[:40]!r}", hint="for example 2027-06-30"
        ) from error
    return f"{day.isoformat()}T23:59:59Z"


def moment_text(text: str) -> str:
    """Return the time `YYYY-MM-DDTHH:MM:SSZ`, or the first second of a day; raise Usage for anything else."""
    try:
        return parse_time_text(text if "T" in text else f"{date.fromisoformat(text).isoformat()}T00:00:00Z")
    except (ValueError, VerificationError) as error:
        raise Usage(
            f"expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ, found {text[:40]!r}",
            hint="for example 2027-06-30T09:00:00Z",
        ) from error
