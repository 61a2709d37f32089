"""The gate: may this be deployed? Denies by default; the answer is a receipt (RECORDS sections 1, 3, 6)."""

import sqlite3
from pathlib import Path
from typing import Any

import msgspec

from registry.acts.files import hash_files
from registry.acts.seals import RECEIPTS
from registry.acts.state import read_state, read_whole_state
from registry.registry import Registry
from registry.rules.receipt import Answer, decide
from schemas.asset import VersionRef, artifact_digest
from schemas.canonical import canonical
from schemas.digest import Digest
from schemas.errors import NotFound, Usage
from schemas.ledger import time_text

_EXIT = {"allow": 0, "unproven": 3}
MISMATCH = "ARTIFACT_MISMATCH"


class GateAnswer(msgspec.Struct, frozen=True):
    """The gate's answer, and the receipt that records it."""

    subject: str
    manifest: Digest
    environment: str
    verdict: str
    status: str
    why: tuple[str, ...]
    next: tuple[str, ...]
    checks: tuple[dict[str, str], ...]
    basis: str
    tree_size: int
    time: str
    receipt: bytes
    waiting: int
    waiting_since: str | None

    @property
    def exit_code(self) -> int:
        """The process's exit code: 0 allow, 3 unproven, 4 stale, 1 any other deny."""
        return _EXIT.get(self.verdict, 4 if self.status == "stale" else 1)

    def to_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {
            "verdict": self.verdict,
            "status": self.status,
            "subject": self.subject,
            "manifest": self.manifest,
            "environment": self.environment,
            "basis": self.basis,
            "why": list(self.why),
            "checks": list(self.checks),
            "next": list(self.next),
            "tree_size": self.tree_size,
            "time": self.time,
            "receipt": self.receipt.decode(),
            "unsealed": {"items": self.waiting, "since": self.waiting_since},
        }


def answer_gate(
    registry: Registry,
    ref: VersionRef | None,
    artifact: Path | None,
    environment: str,
    *,
    full: bool = False,
) -> GateAnswer:
    """Answer for a name, for bytes, or for both, which must then agree."""
    found, manifest, mismatch = _resolve(registry, ref, artifact)
    time = time_text(registry.clock())
    head = registry.ledger.head()
    state = read_whole_state(registry) if full else read_state(registry, manifest)
    checkpoint = registry.ledger.find_checkpoint()
    signed_size = 0 if checkpoint is None else checkpoint[0]
    answer = decide(state, manifest, environment, time, signed_size)
    if mismatch:
        answer = Answer(
            "deny", answer.status, (mismatch,), ("deploy the bytes that were approved",), answer.checks
        )
    waiting, since = registry.inbox.count()
    receipt = canonical(
        {
            "checks": list(answer.checks),
            "environment": environment,
            "mismatch": bool(mismatch),
            "signedSize": signed_size,
            "status": answer.status,
            "subject": {"manifest": manifest, "name": str(found)},
            "time": time,
            "treeSize": head.size,
            "verdict": answer.verdict,
        }
    )
    return GateAnswer(
        subject=str(found),
        manifest=manifest,
        environment=environment,
        verdict=answer.verdict,
        status=answer.status,
        why=tuple(map(registry.names.in_words, answer.why)),
        next=answer.next,
        checks=answer.checks,
        basis="full-fold" if full else "subject-fold",
        tree_size=head.size,
        time=time,
        receipt=receipt,
        waiting=waiting,
        waiting_since=since,
    )


def keep_receipt(registry: Registry, answer: GateAnswer) -> bool:
    """Put the receipt into the inbox, durable when this returns True; False when nothing can be written."""
    connection = registry.connection
    try:
        connection.execute("BEGIN IMMEDIATE")
        digest = registry.ledger.put_body(answer.receipt)
        registry.inbox.put(RECEIPTS, digest, registry.clock())
        connection.execute("COMMIT")
    except sqlite3.OperationalError:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return False
    return True


def _resolve(
    registry: Registry, ref: VersionRef | None, artifact: Path | None
) -> tuple[VersionRef, Digest, str | None]:
    """Return the version meant and, when the bytes are not its own, the sentence that says so."""
    if ref is None and artifact is None:
        raise Usage("nothing to ask about", hint="name M@V, or --artifact PATH, or both")
    if artifact is None and ref is not None:
        return ref, registry.get_manifest(ref), None
    assert artifact is not None  # noqa: S101 - one of the two is named
    files = hash_files([artifact])
    digest = files[0].digest if len(files) == 1 else artifact_digest(files)
    candidates = registry.versions.by_subject(digest) or registry.versions.by_subject(artifact_digest(files))
    if ref is not None:
        manifest = registry.get_manifest(ref)
        if any(m == manifest for _, m in candidates):
            return ref, manifest, None
        return ref, manifest, f"{MISMATCH}: the bytes at {artifact.name} are not those of {ref}"
    if not candidates:
        raise NotFound(f"{artifact}: no registered version has these bytes", hint="muniment register")
    if len(candidates) > 1:
        names = ", ".join(str(name) for name, _ in candidates)
        raise Usage(f"{artifact}: several versions have these bytes: {names}", hint="name one of them")
    return candidates[0][0], candidates[0][1], None
