"""What the records in a bundle name: documents by their digest, persons by their id.

A bundle holds no document and no person's name that no record in it calls for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from heapq import heappop, heappush

from registry.bundle.contents import NAMES, Withheld
from registry.bundle.files import size_of
from registry.bundle.findings import Findings
from registry.bundle.log import Log
from registry.bundle.summary import HeldBack
from registry.bundle.words import one_line
from schemas.canonical import parse_canonical
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.statement import parse_envelope

CHECK = "files"
MAX_PERSON_NAME = 200
PERSON = re.compile(r"p-[0-9a-f]{16}")
_HEX = re.compile(rb"[0-9a-f]{64}")


def check_named(
    log: Log, bodies: Mapping[Digest, bytes], held: tuple[HeldBack, ...], findings: Findings
) -> None:
    """Check that a record, or a document a record names, calls for each document here or held back."""
    named = digests_named(log.envelopes(), bodies, enough={*bodies, *(item.digest for item in held)})
    for digest in sorted(set(bodies) - named):
        findings.fail(CHECK, "BODY_UNREFERENCED", f"no record in the bundle names the document {digest}")
    for item in held:
        if item.digest in bodies:
            said = f"the document {item.digest} is said to be held back, and is here"
            findings.fail(CHECK, "WITHHELD_ENCLOSED", said)
        elif item.digest not in named:
            said = f"no record in the bundle names the document {item.digest} that is held back"
            findings.fail(CHECK, "BODY_UNREFERENCED", said)


def digests_named(
    rows: Iterable[bytes | Withheld],
    bodies: Mapping[Digest, bytes],
    *,
    enough: AbstractSet[Digest] | None = None,
) -> set[Digest]:
    """Return every digest that an enclosed record, or a document so named, holds in its text.

    Once all of `enough` are found, no further document is looked through. Small ones go first: what names
    others is small, and evidence, which names nothing, is most of a bundle.
    """
    found: set[Digest] = set()
    missing = None if enough is None else set(enough)
    waiting: list[tuple[int, Digest]] = []

    def look_through(text: bytes) -> None:
        fresh = {Digest.from_hex(item.decode()) for item in _HEX.findall(text)} - found
        found.update(fresh)
        if missing is not None:
            missing.difference_update(fresh)
        for digest in fresh:
            if digest in bodies:
                heappush(waiting, (size_of(bodies, digest), digest))

    for row in rows:
        if not isinstance(row, Withheld):
            look_through(_payload(row))
    while waiting and missing != set():
        look_through(bodies[heappop(waiting)[1]])
    return found


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
    yield from map(_payload, log.envelopes())
    yield from bodies.values()


def _payload(row: bytes) -> bytes:
    try:
        return parse_envelope(row).payload
    except VerificationError:
        return b""  # the fold has named it; it vouches for no document
