"""How MLflow's numbers and times are written in facts."""

import math
import re
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from importers.mlflow.shapes import Integer
from schemas.errors import Malformed

_LIMIT = 1 << 63
_WHOLE = re.compile(r"-?[0-9]{1,19}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STANDS_FOR_INFINITY = 1.7976931348623157e308
_WORDS = {"nan": "nan", "infinity": "inf", "inf": "inf", "-infinity": "-inf", "-inf": "-inf"}


def decimal_text(value: float | str) -> str:
    """Return the shortest digits that read back as `value`, without exponent; or `nan`, `inf`, `-inf`.

    MLflow sends NaN as a string and, from a database, an infinity as the largest float there is.
    """
    if isinstance(value, str):
        if word := _WORDS.get(value.lower()):
            return word
        return decimal_text(_number(value))
    if math.isnan(value):
        return "nan"
    if abs(value) >= _STANDS_FOR_INFINITY:
        return "inf" if value > 0 else "-inf"
    text = format(Decimal(repr(float(value))), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Malformed(f"not a number: {text[:80]!r}") from None


def milliseconds(value: Integer) -> int | None:
    """Return a count of milliseconds, None where the source gave none; what 64 bits hold, not more."""
    if value is None:
        return None
    text = str(value) if isinstance(value, str) or abs(value) < _LIMIT else ""
    if _WHOLE.fullmatch(text) and abs(int(text)) < _LIMIT:
        return int(text)
    raise Malformed(f"expected milliseconds since 1970, found {str(value)[:80]!r}")


def time_text(value: int) -> str:
    """Return RFC 3339 UTC with the three digits that MLflow keeps."""
    try:
        moment = _EPOCH + timedelta(milliseconds=value)
    except OverflowError:
        raise Malformed(f"expected milliseconds since 1970, found {value}") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def optional_time(value: Integer) -> str | None:
    """Return the text of a time that may be absent."""
    found = milliseconds(value)
    return None if found is None else time_text(found)


def run_uuid(text: str) -> str:
    """Return MLflow's 32 hex digits as the UUID they are; any other id is kept as it is."""
    try:
        return str(uuid.UUID(hex=text))
    except ValueError:
        return text
