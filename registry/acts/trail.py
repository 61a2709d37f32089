"""The log as a person reads it: one row a leaf, with who signed it."""

from collections.abc import Iterable

from registry.acts.state import read_state
from registry.registry import Registry
from registry.trust.fold import Record
from registry.trust.trust_root import TrustRoot
from registry.views import AuditRow
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import Leaf
from schemas.statement import Statement, parse_envelope, parse_statement

_LOUD = {"break-glass": "BREAK GLASS", "override": "REJECTION OVERRIDDEN"}
"""Exceptions, which nobody reading the log shall miss."""


def list_trail(registry: Registry, after: int, limit: int) -> tuple[AuditRow, ...]:
    """Return up to `limit` leaves behind `after`, in log order."""
    return _rows(registry, registry.ledger.records(after + 1, after + 1 + limit))


def list_trail_at(registry: Registry, seqs: Iterable[int]) -> tuple[AuditRow, ...]:
    """Return the leaves at `seqs`, in the order asked."""
    return _rows(registry, (next(registry.ledger.records(seq, seq + 1)) for seq in seqs))


def list_trail_about(registry: Registry, manifest: Digest) -> tuple[AuditRow, ...]:
    """Return the leaves about one version, in log order."""
    return _rows(registry, registry.ledger.records_about((manifest,)))


def _rows(registry: Registry, records: Iterable[Record]) -> tuple[AuditRow, ...]:
    root = read_state(registry).trust_root
    names = registry.names.all()
    checkpoint = registry.ledger.find_checkpoint()
    signed = 0 if checkpoint is None else checkpoint[0]
    return tuple(_row(registry, record, root, names, signed) for record in records)


def _row(
    registry: Registry, record: Record, root: TrustRoot | None, names: dict[str, str], signed: int
) -> AuditRow:
    leaf = record.leaf
    statement, keyid = _open(record)
    erased = registry.ledger.erasures.find(leaf.body) if record.envelope is None else None
    return AuditRow(
        seq=leaf.seq,
        time=leaf.time,
        type=leaf.type,
        actor=_actor(root, names, keyid) if erased is None else str(erased),
        subject=_about(statement) if erased is None else _known_as(registry, leaf),
        summary=_summary(statement),
        erased="" if erased is None else str(erased),
        body=leaf.body,
        signed=leaf.seq < signed,
    )


def _open(record: Record) -> tuple[Statement | None, str]:
    if record.envelope is None:
        return None, ""
    try:
        envelope = parse_envelope(record.envelope)
        return parse_statement(envelope.payload), envelope.signatures[0].keyid
    except VerificationError:
        return None, ""


def _actor(root: TrustRoot | None, names: dict[str, str], keyid: str) -> str:
    person = root.person_of(keyid) if root else None
    if person is not None:
        return names.get(person.id, person.id)
    service = root.service_of(keyid) if root else None
    return service.id if service is not None else (keyid[:16] or "not readable")


def _known_as(registry: Registry, leaf: Leaf) -> str:
    """Return the version that the leaf of an erased record is about; the leaf itself holds digests alone."""
    refs = (registry.versions.find_ref(subject) for subject in leaf.subjects)
    return next((str(ref) for ref in refs if ref is not None), "erased")


def _about(statement: Statement | None) -> str:
    if statement is None:
        return "not readable"
    name = statement.subjects[0].name
    if statement.kind == "redaction":
        return f"the body {statement.subjects[0].digest[:23]}"
    return "the registry" if name.startswith("muniment.dev/log/") else name


def _summary(statement: Statement | None) -> str:
    """Say in a few words what the record states; only fields whose meaning is fixed."""
    if statement is None:
        return ""
    said = statement.predicate
    if statement.kind in _LOUD:
        until = f" until {said.get('expiresAt')}" if "expiresAt" in said else ""
        role = f" as {said.get('role')}" if "role" in said else ""
        return f"{_LOUD[statement.kind]}{role} for {said.get('environment')}{until}"
    shown = [
        str(said[key])
        for key in (
            "decision",
            "role",
            "environment",
            "kind",
            "attribute",
            "tier",
            "version",
            "count",
            "source",
            "reason",
            "what",
        )
        if isinstance(said.get(key), str | int) and not str(said[key]).startswith("sha256:")
    ]
    return ", ".join(shown)
