"""What the records in a bundle name: documents by their digest, persons by their id.

A bundle holds no document and no person's name that no record in it calls for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from heapq import heappop, heappush

from registry.bundle.container import MAX_BUNDLE
from registry.bundle.contents import NAMES, Withheld
from registry.bundle.files import size_of
from registry.bundle.findings import Findings
from registry.bundle.log import Log
from registry.bundle.summary import HeldBack
from registry.bundle.words import one_line
from registry.trust.state import Document, Evidence, State
from schemas.canonical import parse_canonical
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.statement import parse_envelope

CHECK = "files"
MAX_PERSON_NAME = 200
PERSON = re.compile(r"p-[0-9a-f]{16}")
_HEX = re.compile(rb"[0-9a-f]{64}")
_SMALL = 16 << 10


def check_named(
    log: Log, state: State, bodies: Mapping[Digest, bytes], held: tuple[HeldBack, ...], findings: Findings
) -> None:
    """Check that a record, or a document a record names, calls for each document here or held back."""
    search = _Search(bodies, enough={*bodies, *(item.digest for item in held)})
    # What the records of facts that the fold took are about stands in their text. Whatever the order, the
    # same is found; in this one most bundles need none of those records looked at.
    search.note(fact.digest for fact in _facts(state))
    told = frozenset(fact.by.seq for fact in _facts(state))
    search.look_through(_payload(row) for seq, row in log.envelopes() if seq not in told)
    search.follow(_SMALL)
    search.look_through(_payload(row) for seq, row in log.envelopes() if seq in told)
    search.follow()
    for digest in sorted(set(bodies) - search.found):
        findings.fail(CHECK, "BODY_UNREFERENCED", f"no record in the bundle names the document {digest}")
    for item in held:
        if item.digest in bodies:
            said = f"the document {item.digest} is said to be held back, and is here"
            findings.fail(CHECK, "WITHHELD_ENCLOSED", said)
        elif item.digest not in search.found:
            said = f"no record in the bundle names the document {item.digest} that is held back"
            findings.fail(CHECK, "BODY_UNREFERENCED", said)


def digests_named(rows: Iterable[bytes | Withheld], bodies: Mapping[Digest, bytes]) -> set[Digest]:
    """Return every digest that an enclosed record, or a document so named, holds in its text."""
    search = _Search(bodies)
    search.look_through(_payload(row) for row in rows if not isinstance(row, Withheld))
    search.follow()
    return search.found


def _facts(state: State) -> Iterator[Evidence | Document]:
    for evidence in state.evidence.values():
        yield from evidence
    for documents in state.documents.values():
        yield from documents


class _Search:
    """A search for digests, from text to the documents it names; over once all of `enough` are found."""

    def __init__(self, bodies: Mapping[Digest, bytes], *, enough: AbstractSet[Digest] | None = None) -> None:
        self.found: set[Digest] = set()
        self._bodies, self._enough = bodies, enough
        self._missing = None if enough is None else set(enough)
        # Small ones go first: what names others is small, and evidence, which names nothing, is most of it.
        self._waiting: list[tuple[int, Digest]] = []

    def note(self, digests: Iterable[Digest]) -> None:
        """Count `digests` as found, those asked for."""
        fresh = {digest for digest in digests if self._enough is None or digest in self._enough}
        fresh -= self.found
        self.found |= fresh
        if self._missing is not None:
            self._missing -= fresh
        for digest in fresh:
            if digest in self._bodies:
                heappush(self._waiting, (size_of(self._bodies, digest), digest))

    def look_through(self, texts: Iterable[bytes]) -> None:
        """Find what is named in `texts`."""
        for text in texts if self._missing != set() else ():
            self.note(Digest.from_hex(item.decode()) for item in _HEX.findall(text))
            if self._missing == set():
                return

    def follow(self, largest: int = MAX_BUNDLE) -> None:
        """Find what is named in documents found, and in those they name, of at most `largest` bytes."""
        while self._missing != set() and self._waiting and self._waiting[0][0] <= largest:
            self.look_through([self._bodies[heappop(self._waiting)[1]]])


def read_names(
    payload: Mapping[str, bytes], log: Log, bodies: Mapping[Digest, bytes], findings: Findings
) -> dict[str, str]:
    """Return what persons are called, by the exporter's word; raise NAMES_MALFORMED for another shape."""
    if NAMES not in payload:
        return {}
    names = parse_canonical(payload[NAMES])
    if not isinstance(names, dict) or not names or not all(is_name(k, v) for k, v in names.items()):
        raise VerificationError("NAMES_MALFORMED", "expected a name of one line for each of some person ids")
    unknown = set(names)
    for data in _texts(log, bodies):
        if not unknown:
            break  # evidence is most of a bundle, and names are found before it
        unknown.difference_update(PERSON.findall(data.decode(errors="replace")))
    for person in sorted(unknown):
        findings.fail(CHECK, "NAMES_MALFORMED", f"a name for {person}, whom no record in the bundle names")
    return names


def is_name(person: str, name: object) -> bool:
    """Tell whether `name` can stand beside the id: one line of at most 200 characters that can be seen."""
    shown = isinstance(name, str) and 0 < len(name) <= MAX_PERSON_NAME and one_line(name) == name
    return shown and PERSON.fullmatch(person) is not None


def _texts(log: Log, bodies: Mapping[Digest, bytes]) -> Iterator[bytes]:
    yield from (_payload(row) for _, row in log.envelopes())
    yield from bodies.values()


def _payload(row: bytes) -> bytes:
    try:
        return parse_envelope(row).payload
    except VerificationError:
        return b""  # the fold has named it; it vouches for no document
