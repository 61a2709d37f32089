"""A CSV file of counts or of rows: a header, then cells; every row as wide as the header."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

import msgspec

from schemas.digest import Digest
from schemas.errors import Malformed


class Table(msgspec.Struct, frozen=True):
    """A CSV file read as text; `rows` parses it again on every call, so that size costs no memory twice."""

    name: str
    columns: tuple[str, ...]
    text: str
    digest: Digest
    size: int

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, cells without surrounding blanks); raise Malformed where the file is no table."""
        reader = csv.reader(io.StringIO(self.text, newline=""), strict=True)
        try:
            next(reader)
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(self.columns):
                    raise Malformed(
                        f"{self.name}: line {reader.line_num}: expected {len(self.columns)} cells, "
                        f"found {len(cells)}",
                        hint="quote cells that hold commas",
                    )
                yield reader.line_num, [cell.strip() for cell in cells]
        except csv.Error as error:
            raise Malformed(
                f"{self.name}: line {reader.line_num}: not CSV: {error}",
                hint="save it as comma-separated UTF-8",
            ) from error


def read_table(data: bytes, name: str) -> Table:
    """Return the table spelled by `data`; raise Malformed when it is empty, not UTF-8 or has no header."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(
            f"{name}: byte {error.start} is not UTF-8", hint="save it as comma-separated UTF-8"
        ) from error
    if not text.strip():
        raise Malformed(f"{name}: empty, expected a header and rows", hint="check the file's name")
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise Malformed(
            f"{name}: the header is not CSV: {error}", hint="save it as comma-separated UTF-8"
        ) from error
    columns = tuple(cell.strip() for cell in header)
    twice = sorted(column for column, count in Counter(columns).items() if count > 1)
    if twice:
        raise Malformed(f"{name}: the header names {twice[0]!r} twice", hint="give every column its own name")
    return Table(name, columns, text, Digest.of(data), len(data))
