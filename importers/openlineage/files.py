"""Events kept in files: one file, a folder, a compressed file, or standard input."""

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from importers.openlineage.decode import NotAnEvent, observe
from importers.openlineage.framing import MAX_VALUE, Broken, Framed, Framer, Seen
from importers.openlineage.quick import QuickReader
from schemas.errors import NotFound, SourceError
from schemas.identity import raw_digest
from schemas.observation import IsKnown, Known, Observation, Unreadable

BLIND_SPOTS = (
    "producers that emitted nothing, and events that never reached these files",
    "what a run read or wrote without its producer noticing",
    "dataset versions, where the producer does not name them",
)

Item = Observation | Unreadable | Known

_NOT_EVENTS = frozenset(
    ".md .rst .txt .py .sh .yaml .yml .toml .ini .cfg .lock .html .csv .tsv .parquet .png .sql".split()
)
_GZIP = b"\x1f\x8b"
_RATIO = 200
_ALWAYS = 64 << 20
_UTF8_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


class OpenLineageFiles:
    """The events of one path; `-` is standard input.

    A folder is read recursively in name order; hidden files and files whose ending says that they hold no
    events (`.md`, `.py`, …) are left alone there. Compression is told by the first bytes, and the
    decompressed size is bounded by 200 times the compressed size.
    """

    kind = "openlineage"
    blind_spots: tuple[str, ...] = BLIND_SPOTS

    def __init__(self, path: str, *, stdin: BinaryIO | None = None) -> None:
        self.name = path if path == "-" else Path(path).name or path
        self.file_digest: bytes | None = None
        self.path = path
        self.share: float | None = None
        self._stdin = stdin
        self._read = self._size = 0

    def collect(self, known: IsKnown | None = None) -> Iterator[Item]:
        """Yield every event in source order; raise NotFound or SourceError when a path cannot be read.

        `share` says meanwhile how much of the whole was read, between 0 and 1, where the whole is known.
        """
        reader = QuickReader()
        if self.path == "-":
            if self._stdin is None:
                raise SourceError("standard input is not connected", hint="name a file instead of -")
            yield from _observations(self._stdin, "-", reader, known)
            return
        path = Path(self.path)
        if not path.exists():
            raise NotFound(f"{self.path}: there is no such file or folder", hint="check the path")
        if path.is_dir():
            files = list(_files_below(path))
            self._size = sum(_size(file) for file in files)
            for file in files:
                yield from _read_file(file, str(file.relative_to(path)), reader, known, self._count)
            return
        digest = hashlib.sha256()

        def take(block: bytes) -> None:
            digest.update(block)
            self._count(block)

        self._size = _size(path)
        yield from _read_file(path, path.name, reader, known, take)
        self.file_digest = digest.digest()

    def _count(self, block: bytes) -> None:
        self._read += len(block)
        self.share = min(self._read / self._size, 1.0) if self._size else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        # Whether it can be read is said when it is.
        return 0


def _files_below(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise SourceError(f"{error.filename}: cannot be read: {error.strerror}", hint="check its permissions")

    for where, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted((f for f in folders if not f.startswith(".")), key=os.fsencode)
        for name in sorted(files, key=os.fsencode):
            path = Path(where, name)
            if not name.startswith(".") and path.suffix.lower() not in _NOT_EVENTS and path.is_file():
                yield path


def _read_file(
    path: Path, name: str, reader: QuickReader, known: IsKnown | None, update: Callable[[bytes], None]
) -> Iterator[Item]:
    try:
        with path.open("rb") as stream:
            yield from _observations(stream, name, reader, known, update)
    except OSError as error:
        raise SourceError(
            f"{path}: cannot be read: {error.strerror}", hint="check its permissions"
        ) from error


def _observations(
    stream: BinaryIO,
    name: str,
    reader: QuickReader,
    known: IsKnown | None,
    update: Callable[[bytes], None] | None = None,
) -> Iterator[Item]:
    """Yield the events of one stream of bytes; what holds none at all is answered once."""
    file = source = _Bytes(stream, update)
    start = source.peek()
    if start[:2] == _GZIP:
        source = _Bytes(_Unzipped(file), None)
        start = source.peek()
    yield from _framed(source, start, name, reader, known)
    file.drain()


def _framed(
    source: "_Bytes", start: bytes, name: str, reader: QuickReader, known: IsKnown | None
) -> Iterator[Item]:
    if start[:2] in _WIDE_MARKS or start[:4] in _WIDE_MARKS or 0 in start[:4]:
        raw = source.read(MAX_VALUE)
        reason = "expected JSON in UTF-8, found what looks like UTF-16 or UTF-32"
        yield Unreadable(raw, raw_digest(raw), name, reason)
        return
    mark = start.startswith(_UTF8_MARK)

    def quick(raw: bytes, digest: bytes, line: int) -> Observation | None:
        return reader.read(raw, digest, f"{name}:{line}")

    framer = Framer(source.lines(skip=3 if mark else 0), known, None if mark else quick)
    warning = "the file starts with a byte order mark" if mark else None
    for item in framer:
        yield _observation(item, name, warning)
        warning = None
    if source.problem:
        yield Unreadable(b"", raw_digest(b""), name, source.problem)
    elif not framer.found:
        reason = "no OpenLineage event in it" if framer.skipped else "empty"
        yield Unreadable(start[:1024], raw_digest(start[:1024]), name, reason)


def _observation(item: Framed, name: str, warning: str | None) -> Item:
    if isinstance(item, Observation):
        return item
    position = f"{name}:{item.line}"
    if isinstance(item, Seen):
        return Known(item.digest, position)
    if isinstance(item, Broken):
        return Unreadable(item.raw, raw_digest(item.raw), position, item.reason)
    try:
        seen = observe(item.raw, item.decoded, position)
    except NotAnEvent as error:
        return Unreadable(item.raw, raw_digest(item.raw), position, str(error))
    if warning is None:
        return seen
    return msgspec.structs.replace(seen, warnings=(warning, *seen.warnings))


class _Readable(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, b"" at the end."""
        ...


class _Bytes:
    """A stream that can be looked at before it is read, and that is hashed as it is read."""

    def __init__(self, stream: "_Readable", update: Callable[[bytes], None] | None) -> None:
        self.problem: str | None = None
        self._stream = stream
        self._update = update
        self._held = b""

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, b"" at the end; a damaged stream ends early and `problem` says why."""
        if self._held:
            block, self._held = self._held[:size], self._held[size:]
            return block
        try:
            block = self._stream.read(size)
        except NotAnEvent as error:
            self.problem = str(error)
            return b""
        if self._update is not None:
            self._update(block)
        return block

    def peek(self) -> bytes:
        """Return the first bytes without using them up."""
        self._held = self.read(1 << 16)
        return self._held

    def drain(self) -> None:
        """Read to the end, so that the digest covers the whole file."""
        while self.read(1 << 20):
            pass

    def lines(self, *, skip: int) -> Iterator[bytes]:
        """Yield lines with their ends; one longer than MAX_VALUE is cut there."""
        rest = b""
        while block := self.read(1 << 20):
            if skip:
                block, skip = block[skip:], 0
            parts = BytesIO(rest + block).readlines() if b"\n" in block else [rest + block]
            rest = b"" if parts[-1].endswith(b"\n") else parts.pop()
            yield from parts
            if len(rest) > MAX_VALUE:
                yield rest
                rest = b""
        if rest:
            yield rest


class _Unzipped:
    """A gzip stream whose decompressed size is bounded by what was read of it."""

    def __init__(self, packed: _Bytes) -> None:
        self._packed = packed
        self._unzip = zlib.decompressobj(wbits=31)
        self._taken = self._given = 0
        self._done = False

    def read(self, size: int) -> bytes:
        """Return up to `size` decompressed bytes; raise NotAnEvent for damage and for bombs."""
        while True:
            held = self._unzip.unconsumed_tail
            if self._unzip.eof:
                # A gzip file may have several members.
                held = self._unzip.unused_data or self._fill()
                self._unzip = zlib.decompressobj(wbits=31)
                self._done = not held.strip(b"\x00")
            if self._done:
                return b""
            packed = held or self._fill()
            if not packed:
                raise NotAnEvent("the gzip data is cut off")
            try:
                block = self._unzip.decompress(packed, size)
            except zlib.error as error:
                raise NotAnEvent(f"the gzip data is damaged: {error}") from error
            self._given += len(block)
            if self._given > _ALWAYS + _RATIO * self._taken:
                raise NotAnEvent(f"decompresses to more than {_RATIO} times its size; not read further")
            if block:
                return block

    def _fill(self) -> bytes:
        packed = self._packed.read(1 << 16)
        self._taken += len(packed)
        return packed
