"""The gate: may this be deployed? Denies by default; the answer is a receipt (RECORDS sections 1, 3, 6)."""

import sqlite3
from pathlib import Path
from typing import Any

import msgspec

from registry.acts.files import hash_files
from registry.acts.heads import SignedHead, find_uncovered, newest_granting_head, newest_signed_head
from registry.acts.seals import RECEIPTS
from registry.acts.unsealed import Unsealed, read_unsealed
from registry.acts.wording import words_of
from registry.registry import Registry
from registry.rules.break_glass import LOUD
from registry.rules.receipt import Answer, decide, unsealed_too_long
from registry.store.last_head import check_last_head, read_last_head
from registry.trust.fold import Record, fold
from registry.trust.state import State
from schemas.asset import VersionRef, artifact_digest, check_environment
from schemas.canonical import canonical
from schemas.digest import Digest
from schemas.errors import NotFound, Usage
from schemas.ledger import origin_subject, time_text

_EXIT = {"allow": 0, "unproven": 3}
MISMATCH = "ARTIFACT_MISMATCH"


class GateAnswer(msgspec.Struct, frozen=True):
    """The gate's answer, and the receipt that records it; `alarm` when it rests on a break-glass."""

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
    unsealed: Unsealed
    alarm: str | None

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
            "unsealed": self.unsealed.to_json(),
            "alarm": self.alarm,
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
    check_environment(environment)
    found, manifest, digests = _resolve(registry, ref, artifact)
    head = registry.ledger.head()
    # An older database under newer keys would bring back what was withdrawn since.
    check_last_head(read_last_head(registry.keys), head.size, registry.ledger.root_at)
    # A clock behind the log would bring expired approvals back.
    time = max(time_text(registry.clock()), head.time)
    records, state = _read(registry, manifest, full=full)
    signed = newest_granting_head(registry, state)
    mismatch = _find_mismatch(state, found, manifest, digests, artifact)
    unsealed = read_unsealed(registry)
    late = unsealed.since if unsealed_too_long(state, time, unsealed.since) else None
    answer = decide(state, manifest, environment, time, signed.size, late)
    if mismatch:
        step = "deploy the bytes that were approved"
        answer = Answer("deny", answer.status, (mismatch,), (step,), answer.checks)
    elif answer.verdict == "allow":
        answer = _proved(registry, records, signed, head.size if full else None, answer)
    elif answer.verdict == "unproven":
        answer = _say_unwitnessed(registry, state, signed, answer)
    words = words_of(registry, state, manifest)
    why = tuple(map(words, answer.why))
    return GateAnswer(
        subject=str(found),
        manifest=manifest,
        environment=environment,
        verdict=answer.verdict,
        status=answer.status,
        why=why,
        next=tuple(map(words, answer.next)),
        checks=answer.checks,
        basis="full-fold" if full else "subject-fold",
        tree_size=head.size,
        time=time,
        receipt=_receipt(
            answer,
            environment=environment,
            mismatch=bool(mismatch),
            signedSize=signed.size,
            subject={"manifest": manifest, "name": str(found)},
            time=time,
            treeSize=head.size,
            unsealedSince=late,
        ),
        unsealed=unsealed,
        alarm=next((reason.removesuffix(":") for reason in why if reason.startswith(LOUD)), None),
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


def _read(registry: Registry, manifest: Digest, *, full: bool) -> tuple[list[Record], State]:
    """Return the records that decide about `manifest`, or all of them, and what they amount to."""
    about = (origin_subject(registry.origin), manifest)
    records = list(registry.ledger.records() if full else registry.ledger.records_about(about))
    return records, fold(registry.origin, records, registry.ledger.find_body, complete=full)


def _receipt(answer: Answer, **said: Any) -> bytes:
    """Return the receipt of `answer`; a member that is None is left out."""
    members = {name: value for name, value in said.items() if value is not None}
    return canonical(
        {**members, "checks": list(answer.checks), "status": answer.status, "verdict": answer.verdict}
    )


def _proved(
    registry: Registry, records: list[Record], signed: SignedHead, size: int | None, answer: Answer
) -> Answer:
    """Return `answer` when all it was folded from is in the signed tree; else that it is unproven."""
    uncovered = find_uncovered(registry, records, signed)
    if uncovered is None and (size is None or len(records) == size):
        return answer
    what = "the log" if uncovered is None else f"leaf {uncovered}"
    why = (f"{what} is not what the head of {signed.size} leaves was signed over",)
    return Answer("unproven", answer.status, why, ("muniment audit verify",), answer.checks)


def _say_unwitnessed(registry: Registry, state: State, granting: SignedHead, answer: Answer) -> Answer:
    """Return `answer`, saying that a newer head is signed and that witnesses have still to confirm it."""
    newest = newest_signed_head(registry, state)
    root = state.trust_root
    if newest.size <= granting.size or root is None:
        return answer
    have = f"{newest.witnesses} of {root.witness_quorum} witnesses confirm the head of {newest.size} leaves"
    step = "muniment audit witness URL"
    return Answer(answer.verdict, answer.status, (*answer.why, have), (step,), answer.checks)


def _find_mismatch(
    state: State, ref: VersionRef, manifest: Digest, digests: tuple[Digest, ...], artifact: Path | None
) -> str | None:
    """Return why name, bytes and registration do not agree; the log decides, not the tables for look-up."""
    version = state.find_version(manifest)
    if version is not None and version.ref != ref:
        return f"NAME_MISMATCH: the log registers this manifest as {version.ref}, not as {ref}"
    if artifact is not None and (version is None or not {version.artifact, version.file} & set(digests)):
        return f"{MISMATCH}: the bytes at {artifact.name} are not those of {ref}"
    return None


def _resolve(
    registry: Registry, ref: VersionRef | None, artifact: Path | None
) -> tuple[VersionRef, Digest, tuple[Digest, ...]]:
    """Return the version meant, and the digests of the bytes offered."""
    if ref is None and artifact is None:
        raise Usage("nothing to ask about", hint="name M@V, or --artifact PATH, or both")
    digests = () if artifact is None else _digests(artifact)
    if ref is not None:
        return ref, registry.get_manifest(ref), digests
    candidates = dict.fromkeys(c for digest in digests for c in registry.versions.by_subject(digest))
    if not candidates:
        raise NotFound(f"{artifact}: no registered version has these bytes", hint="muniment register")
    if len(candidates) > 1:
        names = ", ".join(sorted(str(name) for name, _ in candidates))
        raise Usage(f"{artifact}: several versions have these bytes: {names}", hint="name one of them")
    name, manifest = next(iter(candidates))
    return name, manifest, digests


def _digests(artifact: Path) -> tuple[Digest, ...]:
    files = hash_files([artifact])
    alone = (files[0].digest,) if len(files) == 1 else ()
    return (*alone, artifact_digest(files))
