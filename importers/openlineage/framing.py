"""Finding JSON values in whatever producers left behind: lines, indented documents, arrays, log lines.

A value that stands alone on its line is the common case and is decoded at once. Everything else goes
through one scanner that knows strings and brackets: several values on a line, values over several lines,
elements of an array, and values behind the prefix of a log line. A broken value never swallows the next:
lines that were gathered in vain are read again on their own. A file in which that happens too often is
read line by line from there on, so that no file costs more than a fixed multiple of its size.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from importers.openlineage.decode import NotAnEvent, decode
from schemas.identity import raw_digest
from schemas.observation import IsKnown, Observation

MAX_VALUE = 64 << 20
"""The largest single value that is read; engines were seen to write events of 23 MB."""

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["{}\[\]]', re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*")
_WHITE = b" \t\r\n"
_TRIES = 16
_SEARCHED = 4 << 20
_AHEAD_LINES = 256
_AHEAD_BYTES = 1 << 20
_AGAIN_LINES = 50_000
_AGAIN_BYTES = 256 << 20


class Value(msgspec.Struct, frozen=True):
    """One JSON value: its exact bytes, decoded, and the line it starts on."""

    raw: bytes
    decoded: Any
    line: int


class Broken(msgspec.Struct, frozen=True):
    """Bytes that look like a value and are none, and why."""

    raw: bytes
    reason: str
    line: int


class Seen(msgspec.Struct, frozen=True):
    """A line that is a value taken before, by the SHA-256 of its bytes."""

    digest: bytes
    line: int


class _Line(NamedTuple):
    """A line, what stands on it, the digest of what looks like a value, and whether that was taken before."""

    line: bytes
    text: bytes
    digest: bytes | None
    is_known: bool


Quick = Callable[[bytes, bytes, int], Observation | None]
"""Reads a common event from its bytes, their digest and its line; None for what it leaves to others."""

Framed = Value | Broken | Seen | Observation


class Framer:
    """Reads lines and yields what stands in them; `skipped` counts lines without any value."""

    def __init__(
        self, lines: Iterator[bytes], known: IsKnown | None = None, quick: Quick | None = None
    ) -> None:
        self._known = known
        self._quick = quick
        self._ahead: deque[_Line] = deque()
        self.skipped = 0
        self.found = 0
        self._lines = lines
        self._again: deque[bytes] = deque()
        self._number = 0
        self._in_array = False
        self._lines_left = _AGAIN_LINES
        self._bytes_left = _AGAIN_BYTES

    def __iter__(self) -> Iterator[Framed]:
        """Yield every value and everything broken, in order."""
        while (line := self._next_line()) is not None:
            if not line.text:
                continue
            if (whole := self._whole(line)) is not None:
                self.found += 1
                yield whole
                continue
            for item in self._scan(line.line, self._number):
                self.found += 1
                yield item
        if self._in_array:
            yield Broken(b"", "the array that starts the file is not closed", self._number)

    def _next(self) -> bytes | None:
        line = self._next_line()
        return None if line is None else line.line

    def _next_line(self) -> _Line | None:
        if self._again:
            self._ahead.appendleft(self._looked_at([self._again.popleft()])[0])
        elif not self._ahead:
            self._ahead.extend(self._looked_at(self._read_ahead()))
        if not self._ahead:
            return None
        self._number += 1
        return self._ahead.popleft()

    def _read_ahead(self) -> list[bytes]:
        lines: list[bytes] = []
        size = 0
        for line in self._lines:
            lines.append(line)
            size += len(line)
            if len(lines) == _AHEAD_LINES or size > _AHEAD_BYTES:
                break
        return lines

    def _looked_at(self, lines: list[bytes]) -> list[_Line]:
        """Return the lines with what is known of them: many are asked for at once."""
        texts = [line.strip(_WHITE) for line in lines]
        digests = [raw_digest(t) if t[:1] == b"{" and t[-1:] == b"}" else None for t in texts]
        asked = [digest for digest in digests if digest is not None]
        known = self._known(asked) if self._known is not None else ()
        return [
            _Line(line, text, digest, digest is not None and digest in known)
            for line, text, digest in zip(lines, texts, digests, strict=True)
        ]

    def _whole(self, line: _Line) -> Framed | None:
        """Return what a line that is one value holds, None when it is none or not one alone."""
        if line.digest is None:
            return None
        if line.is_known:
            return Seen(line.digest, self._number)
        if self._quick is not None:
            seen = self._quick(line.text, line.digest, self._number)
            if seen is not None:
                return seen
        value = self._alone(line.text)
        return None if value is None else Value(line.text, value, self._number)

    def _alone(self, text: bytes) -> dict[str, Any] | None:
        if text[:1] != b"{" or text[-1:] != b"}":
            return None
        try:
            value: dict[str, Any] = decode(text)
        except NotAnEvent:
            return None
        return value

    def _scan(self, text: bytes, number: int) -> Iterator[Value | Broken]:
        """Yield what stands in a line that is not simply one value; by offsets, for a line may be huge."""
        at = 0
        while (at := self._open_or_close(text, at)) < len(text):
            first = text[at : at + 1]
            if first == b"{" or (self._in_array and first == b"["):
                item, text, at = self._value(text, at, number)
                yield item
            elif self._in_array:
                comma = text.find(b",", at)
                end = comma if comma >= 0 else len(text)
                yield Broken(text[at:end].strip(_WHITE), "expected an object in the array", number)
                at = end
            else:
                behind = _behind_prefix(text[at:])
                if behind is None:
                    self.skipped += 1
                    return
                start, end, value = behind
                yield Value(text[at + start : at + end], value, number)
                at += end

    def _open_or_close(self, text: bytes, at: int) -> int:
        """Step over white space and an array's brackets and commas."""
        while (at := _after_white(text, at)) < len(text):
            first = text[at : at + 1]
            if self._in_array and first in (b",", b"]"):
                self._in_array = first == b","
            elif not self._in_array and first == b"[" and _opens_array(text, at + 1):
                self._in_array = True
            else:
                break
            at += 1
        return at

    def _value(self, text: bytes, at: int, number: int) -> tuple[Value | Broken, bytes, int]:
        """Return the value that starts at `at`, over as many lines as it takes, and where to read on."""
        end, depth = _balance(text, at, 0)
        if end >= 0:
            raw = text[at:end]
            try:
                return Value(raw, decode(raw), number), text, end
            except NotAnEvent as error:
                return Broken(raw, str(error), number), text, end
        gathered, size, reason = [text[at:]], len(text) - at, ""
        while not reason:
            if depth < 0:
                reason = "a string is not closed on its line"
                break
            line = self._next() if self._lines_left > 0 and self._bytes_left > 0 else None
            if line is None:
                reason = "the value is cut off"
                break
            gathered.append(line)
            size += len(line)
            if size > MAX_VALUE:
                reason = f"the value is larger than {MAX_VALUE} bytes"
            elif line[:2] == b'{"' and b'"eventTime"' in line and self._alone(line.strip(_WHITE)):
                # An event never holds an event: the value before it was cut off.
                reason = "the value is cut off"
            else:
                end, depth = _balance(line, 0, depth)
            if end >= 0:
                raw = b"".join(gathered[:-1]) + line[:end]
                try:
                    return Value(raw, decode(raw), number), line, end
                except NotAnEvent as error:
                    reason = str(error)
        return self._give_back(gathered, reason, number)

    def _give_back(self, gathered: list[bytes], reason: str, number: int) -> tuple[Broken, bytes, int]:
        """Read all but the first gathered line again; look for a whole value in the rest of the first."""
        self._again.extendleft(reversed(gathered[1:]))
        self._lines_left -= len(gathered) - 1
        self._bytes_left -= sum(map(len, gathered))
        self._number = number
        first = gathered[0].rstrip(_WHITE)
        behind = _behind_prefix(first[1:])
        at = behind[0] + 1 if behind else len(first)
        return Broken(first[:at], reason, number), first, at


def _after_white(text: bytes, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _opens_array(text: bytes, at: int) -> bool:
    # A log line may start with a bracket too: [2026-11-23 10:00] INFO {...}
    start = _after_white(text, at)
    return text[start : start + 1] in (b"", b"{", b"]")


def _balance(text: bytes, at: int, depth: int) -> tuple[int, int]:
    """Return where the brackets close, or -1, and the depth reached; depth -1 says a string broke off."""
    for found in _TOKEN.finditer(text, at):
        token = found[0]
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
            if depth == 0:
                return found.end(), 0
        elif token == b'"':
            return -1, -1
    return -1, depth


def _behind_prefix(text: bytes) -> tuple[int, int, dict[str, Any]] | None:
    """Return where an event stands behind other text on one line, and the event."""
    start = -1
    for _ in range(_TRIES if len(text) <= _SEARCHED else 0):
        start = text.find(b"{", start + 1)
        if start < 0:
            return None
        end, _depth = _balance(text, start, 0)
        if end < 0:
            continue
        try:
            value = decode(text[start:end])
        except NotAnEvent:
            continue
        if "eventTime" in value:
            return start, end, value
    return None
