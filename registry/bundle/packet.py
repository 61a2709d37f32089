"""Decisions that travel: the packet that is carried to a reviewer, and the decision that is carried back.

A packet is unsigned: it can only show a reviewer what they then sign by its digest, and the registry checks
every part of the decision again when it comes back.
"""

import base64
from typing import Any

import msgspec

from registry.bundle.container import build_container, read_container
from registry.rules.dossier import DossierParts, parse_dossier
from registry.trust.predicates import Approval, parse_predicate
from registry.trust.trust_root import TrustRoot, parse_trust_root
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint
from schemas.statement import Envelope, Statement, parse_envelope, parse_statement, strict_base64

MAX_PACKET = 256 << 20
_PACKET = "muniment-packet"
_DECISION = "muniment-decision"
_SUMMARY = "packet.json"
_BODIES = "bodies/"


class Packet(msgspec.Struct, frozen=True):
    """An open dossier with the documents it names, the head of the log and who may sign."""

    dossier: bytes
    head: Checkpoint
    root: TrustRoot
    bodies: dict[Digest, bytes]

    @property
    def parts(self) -> DossierParts:
        """What the dossier says."""
        return parse_dossier(self.dossier)


class SignedDecision(msgspec.Struct, frozen=True):
    """A decision that came back: the envelope as it was signed, what it says, its salted texts."""

    data: bytes
    envelope: Envelope
    statement: Statement
    said: Approval
    bodies: tuple[bytes, ...]


def named_documents(parts: DossierParts) -> frozenset[Digest]:
    """Return the digests of everything a dossier names that a reviewer may want to read."""
    listed = (*parts.evaluations, *parts.bias_checks, *parts.monitoring)
    said = (*parts.findings, *parts.waivers, *parts.comments, *(row.digest for row in parts.evidence))
    single = [parts.subject.manifest, parts.lineage.snapshot]
    single += [] if parts.risk is None else [parts.risk.assessment]
    return frozenset((*listed, *said, *single))


def build_packet(packet: Packet) -> bytes:
    """Return the one archive that holds exactly `packet`."""
    head = packet.head
    summary = {
        "dossier": Digest.of(packet.dossier),
        "format": _PACKET,
        "logContext": {
            "origin": head.origin,
            "rootHash": base64.b64encode(head.root).decode(),
            "treeSize": head.size,
        },
        "root": packet.root.to_predicate(nonce="0" * 32),
        "v": 1,
    }
    bodies = {**packet.bodies, Digest.of(packet.dossier): packet.dossier}
    files = {f"{_BODIES}{digest.hex}": data for digest, data in bodies.items()}
    return build_container({_SUMMARY: canonical(summary), **files})


def read_packet(data: bytes) -> Packet:
    """Return the packet spelled by `data`; raise VerificationError when a part is not what it must be."""
    files = read_container(data)
    said = _members(files.pop(_SUMMARY, b""), _PACKET, {"dossier", "logContext", "root"})
    bodies: dict[Digest, bytes] = {}
    for name, body in files.items():
        digest = Digest.of(body)
        if name != f"{_BODIES}{digest.hex}":
            raise VerificationError("PACKET_MALFORMED", f"{name[:80]!r} does not hold what it is named after")
        bodies[digest] = body
    dossier = bodies.pop(said["dossier"], None)
    if dossier is None:
        raise VerificationError("PACKET_MALFORMED", "the dossier is not in the packet")
    if set(bodies) - named_documents(parse_dossier(dossier)):
        raise VerificationError("PACKET_MALFORMED", "a document lies in it that the dossier does not name")
    root = parse_trust_root(said["root"]) if isinstance(said["root"], dict) else None
    head = _head(said["logContext"])
    if root is None or root.origin != head.origin:
        raise VerificationError("PACKET_MALFORMED", "its trust root is not that of its log")
    return Packet(dossier, head, root, bodies)


def build_decision(envelope: bytes, bodies: tuple[bytes, ...]) -> bytes:
    """Return the file that carries a signed decision and its texts to the registry."""
    return canonical(
        {
            "bodies": [base64.b64encode(body).decode() for body in bodies],
            "envelope": base64.b64encode(envelope).decode(),
            "format": _DECISION,
            "v": 1,
        }
    )


def read_decision(data: bytes) -> SignedDecision:
    """Return the decision in `data`; raise VerificationError unless its texts are those that were signed."""
    file = _members(data, _DECISION, {"bodies", "envelope"})
    if not isinstance(file["bodies"], list):
        raise VerificationError("DECISION_MALFORMED", "expected a list of texts")
    bodies = tuple(strict_base64(text) for text in file["bodies"])
    signed = strict_base64(file["envelope"])
    envelope = parse_envelope(signed)
    statement = parse_statement(envelope.payload)
    if statement.kind != "approval":
        raise VerificationError("DECISION_MALFORMED", f"expected a decision, found {statement.kind[:80]!r}")
    said = parse_predicate(statement.predicate, Approval)
    if [Digest.of(body) for body in bodies] != [said.reason, *said.conditions]:
        raise VerificationError("DECISION_MALFORMED", "the texts beside it are not those that were signed")
    return SignedDecision(signed, envelope, statement, said, bodies)


def _members(data: bytes, form: str, expected: set[str]) -> dict[str, Any]:
    said = parse_canonical(data)
    if not isinstance(said, dict) or said.get("format") != form or said.get("v") != 1:
        raise VerificationError("FORMAT_UNKNOWN", f"expected a {form} file of version 1")
    if set(said) != {*expected, "format", "v"}:
        raise VerificationError("FORMAT_UNKNOWN", f"expected the members {', '.join(sorted(expected))}")
    return said


def _head(said: Any) -> Checkpoint:
    if not isinstance(said, dict) or set(said) != {"origin", "rootHash", "treeSize"}:
        raise VerificationError("PACKET_MALFORMED", "expected origin, rootHash and treeSize of the log")
    origin, size, root = said["origin"], said["treeSize"], strict_base64(said["rootHash"])
    if not isinstance(origin, str) or isinstance(size, bool) or not isinstance(size, int) or len(root) != 32:
        raise VerificationError("PACKET_MALFORMED", "the head of the log has another shape")
    return Checkpoint(origin, size, root)
