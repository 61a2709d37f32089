"""Lines of text with roles: what every renderer returns and every canvas draws.

A role is a word such as `ok` or `muted`; only the theme knows what it looks like.
"""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

_PLAIN = re.compile(r"[ -~]*")
_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Span(NamedTuple):
    """Some text in one role."""

    text: str
    role: str = ""


class Line(NamedTuple):
    """One row. One with a `key` can hold the cursor, which lights up the first `lit` spans, or all."""

    spans: tuple[Span, ...] = ()
    key: str = ""
    lit: int | None = None

    @property
    def text(self) -> str:
        """The row without its roles."""
        return "".join(span.text for span in self.spans)


Part = str | Span | tuple[str, str]


def line(*parts: Part, key: str = "") -> Line:
    """Return a row made of plain strings and (text, role) pairs."""
    return Line(tuple(Span(part) if isinstance(part, str) else Span(*part) for part in parts), key)


BLANK = Line()


def clean(text: str) -> str:
    """Return `text` with every control, bidirectional and invisible character written out as <U+XXXX>.

    Names come from foreign tools; in a place where people sign, none may steer the terminal or
    reorder what is read.
    """
    if _PLAIN.fullmatch(text):
        return text
    return "".join(f"<U+{ord(c):04X}>" if unicodedata.category(c) in _HARMFUL else c for c in text)


def cell_count(text: str) -> int:
    """Return how many terminal cells `text` takes."""
    return cell_len(text)


def fit(text: str, cells: int, *, more: str = "…", right: bool = False) -> str:
    """Return `text`, cleaned, in exactly `cells` cells: padded, or cut with a mark that says so."""
    if cells <= 0:
        return ""
    text = clean(text)
    size = cell_len(text)
    if size > cells:
        return set_cell_size(text, cells - 1) + more
    pad = " " * (cells - size)
    return pad + text if right else text + pad


def tail(text: str, cells: int, *, more: str = "…") -> str:
    """Return `text`, cleaned, in at most `cells` cells; what is cut is cut at the front."""
    text = clean(text)
    if cell_len(text) <= cells:
        return text
    while text and cell_len(text) > cells - 1:
        text = text[1:]
    return more + text


def short(digest: str, digits: int = 12) -> str:
    """Return the beginning of a digest, enough for a person to compare: `sha256:9f3a5e07c21e`."""
    algorithm, _, value = digest.partition(":")
    return f"{algorithm}:{value[:digits]}" if value else digest[:digits]


def wrap(text: str, cells: int, *, indent: str = "") -> list[str]:
    """Return `text`, cleaned, broken into rows of at most `cells` cells; line breaks in it are kept."""
    rows: list[str] = []
    for paragraph in text.splitlines() or [""]:
        folded = textwrap.wrap(
            clean(paragraph), max(8, cells), subsequent_indent=indent, break_on_hyphens=False
        )
        rows.extend(folded or [""])
    return rows


def chunks(text: str, cells: int) -> list[str]:
    """Return `text`, cleaned, cut every `cells` characters with nothing added or taken away."""
    text = clean(text)
    step = max(8, cells)
    return [text[i : i + step] for i in range(0, len(text), step)] or [""]


def pad(row: Line, cells: int) -> Line:
    """Return `row` in exactly `cells` cells."""
    spans, used = [], 0
    for span in row.spans:
        size = cell_len(span.text)
        if used + size > cells:
            spans.append(Span(set_cell_size(span.text, cells - used), span.role))
            used = cells
            break
        spans.append(span)
        used += size
    if used < cells:
        spans.append(Span(" " * (cells - used)))
    return Line(tuple(spans), row.key)


def beside(left: Sequence[Line], right: Sequence[Line], left_cells: int, wall: str) -> list[Line]:
    """Return two columns as one; the left column's keys stay, the right one is only read."""
    rows = []
    for index in range(max(len(left), len(right))):
        one = pad(left[index] if index < len(left) else BLANK, left_cells)
        two = right[index].spans if index < len(right) else ()
        rows.append(Line((*one.spans, Span(f" {wall} ", "line"), *two), one.key, lit=len(one.spans)))
    return rows


def heading(text: str, cells: int, rule: str, note: str = "") -> Line:
    """Return a heading with a rule to the right edge, and a note after the words."""
    said = f"{text}  {note}" if note else text
    rest = max(0, cells - cell_len(said) - 3)
    parts: list[Part] = [(text, "head")]
    if note:
        parts.append((f"  {note}", "muted"))
    return line(*parts, " ", (rule * rest, "line"))


def plain(rows: Iterable[Line]) -> str:
    """Return rows as text, without trailing blanks."""
    return "\n".join(row.text.rstrip() for row in rows)
