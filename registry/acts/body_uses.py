"""What a stored body is: a record of the log, somebody's words, or a document, and which records name it."""

from typing import Any, Literal

import msgspec

from registry.registry import Registry
from registry.store.columns import find_digest
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import Leaf
from schemas.statement import Statement, parse_envelope, parse_statement

_WORDS = ("reason", "conditions", "text")
"""Members of a predicate that name the salted side bodies of what a person wrote."""
_NAME_NOTHING = frozenset({"seal", "import", "redaction", "bundle-exported"})
_WITH_DOSSIER = frozenset({"review-requested", "dossier-changed"})

What = Literal["envelope", "text", "document"]


class Uses(msgspec.Struct, frozen=True):
    """What a body is: the leaf whose record it is, and the leaves whose records name it."""

    what: What
    record: Leaf | None
    named: tuple[Leaf, ...]

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every leaf that would miss it."""
        return (*((self.record,) if self.record else ()), *self.named)


def find_uses(registry: Registry, digest: Digest) -> Uses:
    """Return what the body `digest` is to the log; reads every record once."""
    record, named, words = None, [], False
    for found in registry.ledger.records():
        if found.leaf.body == digest:
            record = found.leaf
        elif found.leaf.type not in _NAME_NOTHING and found.envelope is not None:
            statement = _naming(registry, found.leaf.type, found.envelope, digest)
            if statement is not None:
                named.append(found.leaf)
                words = words or _is_words(statement.predicate, digest)
    what: What = "envelope" if record is not None else "text" if words else "document"
    return Uses(what, record, tuple(named))


def _naming(registry: Registry, kind: str, envelope: bytes, digest: Digest) -> Statement | None:
    """Return the statement when it names the body, by itself or by a dossier; None when it does not."""
    spelled = digest.hex.encode()
    try:
        payload = parse_envelope(envelope).payload
        here = spelled in payload
        if not here and kind not in _WITH_DOSSIER:
            return None
        statement = parse_statement(payload)
    except VerificationError:
        return None  # damage, which an audit names
    # A dossier names what it was composed of: lineage, bias checks, evidence.
    dossiers = {s.digest for s in statement.subjects if s.name == "dossier"}
    dossiers |= {to} if (to := find_digest(statement.predicate.get("to"))) else set()
    if here or any(spelled in (registry.ledger.find_body(d) or b"") for d in dossiers):
        return statement
    return None


def _is_words(predicate: dict[str, Any], digest: Digest) -> bool:
    said = (predicate.get(member) for member in _WORDS)
    return any(digest in value if isinstance(value, list) else digest == value for value in said)
