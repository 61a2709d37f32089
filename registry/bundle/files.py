"""The files of a bundle, left where they are: copied out when asked for, hashed once, read line by line."""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Generic, TypeVar

from schemas.digest import Digest
from schemas.errors import VerificationError

MAX_LINES = 4_000_000
_NEWLINE = re.compile(rb"\n")
T = TypeVar("T")


class Files(Mapping[str, bytes]):
    """Files by name. A hundred megabytes of evidence are looked at in place and never copied as a whole."""

    def __init__(
        self, contents: Mapping[str, bytes | memoryview], digests: Mapping[str, Digest] | None = None
    ) -> None:
        self._contents = dict(contents)
        self._digests = dict(digests or {})

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> "Files":
        """Return `files` as they are, or seen in this way when they are another mapping."""
        return files if isinstance(files, cls) else cls(files)

    def __getitem__(self, name: str) -> bytes:
        return bytes(self._contents[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __len__(self) -> int:
        return len(self._contents)

    def view(self, name: str) -> bytes | memoryview:
        """Return the file's bytes in place."""
        return self._contents[name]

    def digest(self, name: str) -> Digest:
        """Return the file's SHA-256, computed once: a manifest and a name both need it."""
        if name not in self._digests:
            self._digests[name] = Digest.of(self._contents[name])
        return self._digests[name]

    def select(self, names: Iterable[str]) -> "Files":
        """Return only these files, with the digests already known."""
        contents = {name: self._contents[name] for name in names}
        return Files(contents, {name: self._digests[name] for name in contents if name in self._digests})

    def pop(self, name: str) -> bytes | None:
        """Take a file out; return its bytes, None when there is none."""
        self._digests.pop(name, None)
        found = self._contents.pop(name, None)
        return None if found is None else bytes(found)


class Documents(Mapping[Digest, bytes]):
    """Some of the files by their digest, copied out when asked for."""

    def __init__(self, files: Files, names: Iterable[str]) -> None:
        self._files = files
        self._names = {files.digest(name): name for name in names}

    def __getitem__(self, digest: Digest) -> bytes:
        return self._files[self._names[digest]]

    def __iter__(self) -> Iterator[Digest]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, digest: object) -> bool:
        return digest in self._names  # without a copy of the document

    def size(self, digest: Digest) -> int:
        """Return how many bytes the document has."""
        return len(self._files.view(self._names[digest]))


def size_of(documents: Mapping[Digest, bytes], digest: Digest) -> int:
    """Return the size of a document, which is not copied for it."""
    return documents.size(digest) if isinstance(documents, Documents) else len(documents[digest])


class Lines:
    """The lines of a JSON Lines file, each ended by one newline and none empty; they stay where they are."""

    def __init__(self, data: bytes | memoryview, name: str) -> None:
        self._data = data
        found = islice(_NEWLINE.finditer(data), MAX_LINES + 1)
        self._ends = array("Q", (end.start() for end in found))
        if len(self._ends) > MAX_LINES:
            raise VerificationError("TOO_LARGE", f"{name} has over {MAX_LINES} lines")
        before = -1
        for end in self._ends:
            if end == before + 1:
                raise _malformed(name)
            before = end
        if before + 1 != len(data):
            raise _malformed(name)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, index: int) -> bytes:
        index = range(len(self._ends))[index]
        start = self._ends[index - 1] + 1 if index else 0
        return bytes(self._data[start : self._ends[index]])

    def __iter__(self) -> Iterator[bytes]:
        start = 0
        for end in self._ends:
            yield bytes(self._data[start:end])
            start = end + 1


class Parsed(Generic[T]):
    """What each line spells, parsed when it is asked for: a long log is never held as values."""

    def __init__(self, lines: Lines, parse: Callable[[bytes], T]) -> None:
        self._lines, self._parse = lines, parse

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: int) -> T:
        return self._parse(self._lines[index])

    def __iter__(self) -> Iterator[T]:
        return map(self._parse, self._lines)


def _malformed(name: str) -> VerificationError:
    return VerificationError("LINES_MALFORMED", f"{name} is not lines that each end in one newline")
