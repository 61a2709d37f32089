"""Numbers as tools spell them, as the decimal text a report holds."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from schemas.evaluation_report import number_text

_ABSENT = {
    "nan": "nan",
    ".nan": "nan",
    **{sign + word: "inf" for sign in ("", "+") for word in ("inf", ".inf", "infinity")},
    **{"-" + word: "-inf" for word in ("inf", ".inf", "infinity")},
}
# A thousand digits and three of exponent: more would be spelled out at great length, and no tool means it.
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,1000}(?:\.[0-9]{0,1000})?|\.[0-9]{1,1000})(?:[eE][+-]?[0-9]{1,3})?")


def as_number(value: Any) -> str | None:
    """Return a JSON number as decimal text, `nan`, `inf` or `-inf`; None for what is no number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    return None


def text_as_number(text: str) -> str | None:
    """Return a number written as text, every digit kept; None for what is no number."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return number_text(Decimal(text))
    return _ABSENT.get(text.lower())


def any_number(value: Any) -> str | None:
    """Return a number that stands as one or as text; None for what is none."""
    return text_as_number(value) if isinstance(value, str) else as_number(value)


def numbers_in(value: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """Yield every number in an object with its name; names of objects within are joined by a slash."""
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        name = f"{above}/{key}" if above else str(key)
        if isinstance(item, dict):
            yield from numbers_in(item, name)
            continue
        text = _ABSENT.get(item.lower()) if isinstance(item, str) else as_number(item)
        if text is not None:
            yield name, text
