"""The canonical archive: a zip that has one spelling for one set of files.

Entries are stored, sorted by name, dated 1980-01-01, regular files of mode 0644, without extras or
comments. Reading compares every byte around the contents with what writing would put there, so nothing can
hide between or around entries.
"""

import re
import struct
import zlib
from collections.abc import Mapping
from itertools import pairwise

import msgspec

from registry.bundle.files import Files
from schemas.digest import Digest
from schemas.errors import VerificationError

MAX_BUNDLE = 2 << 30
MAX_FILES = 60_000
MAX_NAME = 200
_NAME = re.compile(r"[a-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_VERSION = 20
_MADE_BY_UNIX = 3 << 8 | _VERSION
_EPOCH = 1 << 5 | 1  # 1980-01-01 in MS-DOS days
_REGULAR = 0o100644 << 16
_TYPE_MASK = 0o170000
_MAX_COMMENT = 65_535


class _Entry(msgspec.Struct, frozen=True):
    """One row of the central directory, as far as reading needs it."""

    name: bytes
    method: int
    crc: int
    stored: int
    size: int
    attributes: int
    offset: int


def build_container(files: Mapping[str, bytes]) -> bytes:
    """Return the one archive that holds exactly `files`."""
    body, directory = bytearray(), bytearray()
    for name in sorted(files, key=str.encode):
        data = files[name]
        check_name(name)
        local, central = _headers(name.encode(), zlib.crc32(data), len(data), len(body))
        body += local + data
        directory += central
    count = len(files)
    if count > MAX_FILES or len(body) + len(directory) > MAX_BUNDLE:
        raise VerificationError("CONTAINER_TOO_LARGE", f"more than {MAX_FILES} files or {MAX_BUNDLE} bytes")
    return bytes(body + directory + _end(count, len(directory), len(body)))


def read_container(data: bytes) -> dict[str, bytes]:
    """Return the files of the archive, copied; raise VerificationError CONTAINER_… unless it is canonical."""
    return dict(open_container(data))


def open_container(data: bytes) -> Files:
    """Return the files of the archive in place; raise VerificationError unless it is canonical."""
    # 1. Limits and the directory, before anything is hashed or copied.
    entries = _directory(data)
    # 2. Names, kinds and sizes of all entries, each refusal by its own name.
    _refuse_names([entry.name for entry in entries])
    for entry in entries:
        _refuse_kind(entry)
    if sum(entry.stored for entry in entries) > len(data):
        raise VerificationError("CONTAINER_NOT_CANONICAL", "entries overlap")
    # 3. Contents. Every file's SHA-256 is asked for: taken while its CRC has just been, it is read once.
    whole = memoryview(data)
    contents, digests = {}, {}
    for entry in entries:
        name = entry.name.decode("ascii")
        contents[name] = _content(whole, entry)
        digests[name] = Digest.of(contents[name])
    # 4. One spelling: what lies around the contents is what writing would put there.
    if not _is_canonical(data, entries):
        raise VerificationError("CONTAINER_NOT_CANONICAL", "the archive is not in its one spelling")
    return Files(contents, digests)


def check_name(name: str) -> str:
    """Return `name` when it may be a file of a bundle; raise CONTAINER_NAME otherwise."""
    if len(name) > MAX_NAME or not name.isascii() or not _NAME.fullmatch(name):
        raise VerificationError("CONTAINER_NAME", f"{name[:80]!r} is no name of a file in a bundle")
    return name


def _directory(data: bytes) -> list[_Entry]:
    if len(data) > MAX_BUNDLE:
        raise VerificationError("CONTAINER_TOO_LARGE", f"{len(data)} bytes, at most {MAX_BUNDLE} are read")
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - _MAX_COMMENT))
    if at < 0 or at + _END.size > len(data):
        raise VerificationError("CONTAINER_UNREADABLE", "not a zip archive, or cut off")
    _, _, _, _, count, size, _, _ = _END.unpack_from(data, at)
    start = at - size
    if count > MAX_FILES:
        raise VerificationError("CONTAINER_TOO_LARGE", f"{count} files or more, at most {MAX_FILES} are read")
    if start < 0:
        raise VerificationError("CONTAINER_UNREADABLE", "the archive's directory is damaged")
    entries, here = [], start
    for _ in range(count):
        if here + _CENTRAL.size > at:
            raise VerificationError("CONTAINER_UNREADABLE", "the archive's directory is cut off")
        row = _CENTRAL.unpack_from(data, here)
        name_end = here + _CENTRAL.size + row[10]
        if row[0] != b"PK\x01\x02" or name_end > at:
            raise VerificationError("CONTAINER_UNREADABLE", "the archive's directory is damaged")
        name = data[here + _CENTRAL.size : name_end]
        entries.append(_Entry(name, row[4], row[7], row[8], row[9], row[15], row[16]))
        here = name_end + row[11] + row[12]
    return entries


def _refuse_names(names: list[bytes]) -> None:
    seen: set[str] = set()
    for raw in names:
        try:
            name = check_name(raw.decode("ascii"))
        except UnicodeDecodeError as error:
            raise VerificationError("CONTAINER_NAME", "a file's name is not ASCII") from error
        if name in seen:
            raise VerificationError("CONTAINER_DUPLICATE_NAME", f"{name[:80]!r} is there twice")
        seen.add(name)
    if len({name.casefold() for name in seen}) != len(seen):
        raise VerificationError("CONTAINER_NAME", "two names differ in case only")


def _refuse_kind(entry: _Entry) -> None:
    kind = (entry.attributes >> 16) & _TYPE_MASK
    shown = entry.name[:80]
    if kind != 0o100000:
        raise VerificationError("CONTAINER_NOT_REGULAR", f"{shown!r} is not a regular file")
    if entry.method != 0:
        raise VerificationError("CONTAINER_COMPRESSED", f"{shown!r} is compressed; bundles are stored")
    if entry.stored != entry.size:
        raise VerificationError("CONTAINER_NOT_CANONICAL", f"{shown!r} states two sizes")


def _headers(name: bytes, crc: int, size: int, offset: int) -> tuple[bytes, bytes]:
    """Return what stands before a file's bytes, and its row in the directory."""
    shared = (_VERSION, 0, 0, 0, _EPOCH, crc, size, size, len(name), 0)
    local = _LOCAL.pack(b"PK\x03\x04", *shared)
    central = _CENTRAL.pack(b"PK\x01\x02", _MADE_BY_UNIX, *shared, 0, 0, 0, _REGULAR, offset)
    return local + name, central + name


def _end(count: int, directory: int, body: int) -> bytes:
    return _END.pack(b"PK\x05\x06", 0, 0, count, count, directory, body, 0)


def _is_canonical(data: bytes, entries: list[_Entry]) -> bool:
    # The contents were read at the places the directory names. When those follow each other in the order of
    # names, with the one header before each, then the directory and the end, no byte is left to differ: the
    # archive is the one that `build_container` makes, and need not be built a second time to compare.
    if any(a.name >= b.name for a, b in pairwise(entries)):
        return False
    here, directory = 0, bytearray()
    for entry in entries:
        local, central = _headers(entry.name, entry.crc, entry.size, here)
        if entry.offset != here or data[here : here + len(local)] != local:
            return False
        here += len(local) + entry.size
        directory += central
    return data[here:] == directory + _end(len(entries), len(directory), here)


def _content(data: memoryview, entry: _Entry) -> memoryview:
    start = entry.offset + _LOCAL.size + len(entry.name)
    content = data[start : start + entry.stored]
    if len(content) != entry.stored or zlib.crc32(content) != entry.crc:
        # Junk before the first entry moves every offset; that is another spelling, not a damaged file.
        moved = bytes(data[:4]) != b"PK\x03\x04"
        code = "CONTAINER_NOT_CANONICAL" if moved else "CONTAINER_UNREADABLE"
        raise VerificationError(code, f"{entry.name[:80]!r} is cut off or damaged")
    return content
