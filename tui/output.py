"""What goes to stdout: one JSON document with `--json`, plain lines without."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")


def json_option(function: Command) -> Command:
    """Give a command `--json`, passed on as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(function)


def emit(value: Any, *, as_json: bool, text: Callable[[], Iterable[str]]) -> None:
    """Print `value` as JSON, or the lines of `text`."""
    if as_json:
        # Inside JSON text the escapes mean the same characters, so a reader gets them back.
        document = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
        sys.stdout.write(safe_lines(document) + "\n")
        return
    for line in text():
        sys.stdout.write(safe(line) + "\n")


def safe(text: str) -> str:
    """Return `text` as one line: control, bidirectional and zero-width characters shown as escapes."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def safe_lines(text: str) -> str:
    """Return `text` of many lines, each of them safe."""
    return "\n".join(map(safe, text.split("\n")))


def counted(number: int, things: str) -> str:
    """Return `1 version` or `2 versions`."""
    return f"{number} {things.removesuffix('s') if number == 1 else things}"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return aligned lines of a plain table, headings first; the last column is not padded."""
    cells = [list(headings), *([safe(str(cell)) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    return ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
