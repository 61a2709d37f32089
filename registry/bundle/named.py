"""What the records in a bundle name: documents by their digest, persons by their id.

A bundle holds no document and no person's name that no record in it calls for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from registry.bundle.contents import NAMES, Withheld
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
    named = digests_named(log.rows, bodies)
    for digest in sorted(set(bodies) - named):
        findings.fail(CHECK, "BODY_UNREFERENCED", f"no record in the bundle names the document {digest}")
    for item in held:
        if item.digest in bodies:
            said = f"the document {item.digest} is said to be held back, and is here"
            findings.fail(CHECK, "WITHHELD_ENCLOSED", said)
        elif item.digest not in named:
            said = f"no record in the bundle names the document {item.digest} that is held back"
            findings.fail(CHECK, "BODY_UNREFERENCED", said)


def digests_named(rows: Iterable[bytes | Withheld], bodies: Mapping[Digest, bytes]) -> set[Digest]:
    """Return every digest that an enclosed record, or a document so named, holds in its text."""
    texts = [_payload(row) for row in rows if not isinstance(row, Withheld)]
    found: set[Digest] = set()
    while texts:
        named = {Digest.from_hex(item.decode()) for text in texts for item in _HEX.findall(text)}
        texts = [bodies[digest] for digest in named - found if digest in bodies]
        found |= named
    return found


def read_names(
    payload: Mapping[str, bytes], log: Log, bodies: Mapping[Digest, bytes], findings: Findings
) -> dict[str, str]:
    """Return what persons are called, by the exporter's word; raise NAMES_MALFORMED for another shape."""
    if NAMES not in payload:
        return {}
    names = parse_canonical(payload[NAMES])
    if not isinstance(names, dict) or not names or not all(_is_name(k, v) for k, v in names.items()):
        raise VerificationError("NAMES_MALFORMED", "expected a name of one line for each of some person ids")
    known = {m for data in _texts(log, bodies) for m in PERSON.findall(data.decode(errors="replace"))}
    for person in sorted(set(names) - known):
        findings.fail(CHECK, "NAMES_MALFORMED", f"a name for {person}, whom no record in the bundle names")
    return names


def _is_name(person: str, name: object) -> bool:
    shown = isinstance(name, str) and 0 < len(name) <= MAX_PERSON_NAME and one_line(name) == name
    return shown and PERSON.fullmatch(person) is not None


def _texts(log: Log, bodies: Mapping[Digest, bytes]) -> Iterator[bytes]:
    yield from (_payload(row) for row in log.rows if not isinstance(row, Withheld))
    yield from bodies.values()


def _payload(row: bytes) -> bytes:
    try:
        return parse_envelope(row).payload
    except VerificationError:
        return b""  # the fold has named it; it vouches for no document
