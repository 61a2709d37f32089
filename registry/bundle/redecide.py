"""Decide again what a bundle states: claims at its head, receipts at the leaf where each was given."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from registry.bundle.contents import Claim, SealedReceipt
from registry.bundle.findings import Findings
from registry.bundle.log import Log
from registry.rules.receipt import Receipt, decide, parse_receipt
from registry.rules.status import Status, status
from registry.trust.fold import resume, start
from registry.trust.merkle import leaf_hash, verify_inclusion
from registry.trust.state import State
from schemas.digest import Digest
from schemas.errors import Unproven, VerificationError
from schemas.statement import parse_envelope, parse_statement, strict_base64

CLAIMS = "claims"
RECEIPTS = "receipts"
Bodies = Callable[[Digest], bytes | None]


def redecide_claims(state: State, claims: tuple[Claim, ...], findings: Findings) -> list[Status]:
    """Return the status of every claim's subject at the head; a claim that says otherwise is false."""
    decided = [status(state, claim.subject, claim.environment, state.time) for claim in claims]
    if not claims:
        findings.unproven(
            CLAIMS, "NO_CLAIM", "the bundle claims nothing, so it proves nothing about a version"
        )
    for claim, found in zip(claims, decided, strict=True):
        what = f"{found.ref or claim.subject} for {claim.environment}"
        if found.unproven:
            findings.unproven(CLAIMS, "BODY_MISSING", f"{what}: {'; '.join(found.unproven)}")
        elif state.find_version(claim.subject) is None:
            findings.fail(CLAIMS, "CLAIM_SUBJECT", f"{what}: no such version is registered in this log")
        elif found.status != claim.status:
            said = f"{what} is claimed {claim.status}, the log says {found.status}"
            findings.fail(CLAIMS, "CLAIM_FALSE", said)
            if any(count.have < count.need for count in found.quorum):
                findings.fail(CLAIMS, "QUORUM_NOT_MET", f"{what}: {'; '.join(found.why)}")
            if found.rejections:
                findings.fail(CLAIMS, "REJECTED_BY_REVIEWER", f"{what}: {'; '.join(found.why)}")
    _note_unclaimed(state, claims, findings)
    findings.settle(CLAIMS, f"{len(claims)} claims are what the log says")
    return decided


def _note_unclaimed(state: State, claims: tuple[Claim, ...], findings: Findings) -> None:
    # A bundle that leaves an environment out must not read as if nothing had happened there.
    subjects = {claim.subject for claim in claims}
    claimed = {(claim.subject, claim.environment) for claim in claims}
    for manifest, environment in sorted(set(state.reviews) - claimed):
        if manifest in subjects:
            found = status(state, manifest, environment, state.time)
            said = f"{found.ref} for {environment} is {found.status}, and the bundle does not claim it"
            findings.note(CLAIMS, "UNCLAIMED", said)


def redecide_receipts(
    log: Log,
    bodies: Bodies,
    final: State,
    receipts: list[SealedReceipt],
    findings: Findings,
    *,
    heads: frozenset[int],
) -> list[dict[str, Any]]:
    """Return a row per receipt: sealed where it says, and decided again at its own tree size.

    `heads` are the sizes at which the bundle holds a head that stands: an allow rests on one of them.
    """
    seals: dict[int, tuple[int, bytes]] = {}
    read = [(item, *_read(item, log, final, seals)) for item in receipts]
    sound = {place: r for place, (_, r, fault) in enumerate(read) if r is not None and fault is None}
    said = _decide_again(log, bodies, sound, heads)
    rows = []
    for place, (item, receipt, refusal) in enumerate(read):
        fault = refusal or said.get(place)
        if isinstance(fault, Unproven):
            findings.unproven(RECEIPTS, "RECEIPT_UNPROVEN", fault.message)
        elif fault is not None:
            findings.refuse(RECEIPTS, fault)
        if receipt is not None:
            rows.append(_row(item, receipt, agrees=not isinstance(fault, VerificationError)))
    if receipts:
        findings.settle(RECEIPTS, f"{len(receipts)} gate answers are sealed and are what the log says")
    return rows


def _read(
    item: SealedReceipt, log: Log, final: State, seals: dict[int, tuple[int, bytes]]
) -> tuple[Receipt | None, VerificationError | None]:
    try:
        receipt = parse_receipt(item.receipt)
        if item.seal not in seals:
            seals[item.seal] = _open_seal(item.seal, log, final)
        count, root = seals[item.seal]
        verify_inclusion(leaf_hash(Digest.of(item.receipt).raw), item.index, count, item.path, root)
    except VerificationError as error:
        return None, error
    size = receipt.tree_size
    if not receipt.signed_size <= size <= item.seal:
        return receipt, _false(f"it speaks of leaves after its seal at {item.seal}")
    last = log.leaves[size - 1].time if size else ""
    if not last <= receipt.time <= log.leaves[item.seal].time:
        said = f"it is dated {receipt.time}, not between its last leaf and its seal at {item.seal}"
        return receipt, _false(said)
    return receipt, None


def _false(said: str) -> VerificationError:
    return VerificationError("RECEIPT_FALSE", said)


def _open_seal(seal: int, log: Log, final: State) -> tuple[int, bytes]:
    """Return how many items the seal holds, and their root."""
    if not 0 <= seal < len(log.leaves) or log.leaves[seal].type != "seal":
        raise VerificationError("RECEIPT_NOT_SEALED", f"leaf {seal} is no seal")
    row = log.rows[seal]
    if not isinstance(row, bytes) or any(p.seq == seal for p in final.problems):
        raise VerificationError("RECEIPT_NOT_SEALED", f"the seal at leaf {seal} is absent or refused")
    predicate = parse_statement(parse_envelope(row).payload).predicate
    count, root = predicate.get("count"), strict_base64(predicate.get("root"))
    if predicate.get("kind") != "receipts" or isinstance(count, bool) or not isinstance(count, int):
        raise VerificationError("RECEIPT_NOT_SEALED", f"leaf {seal} seals no receipts")
    return count, root


def _decide_again(
    log: Log, bodies: Bodies, receipts: Mapping[int, Receipt], heads: frozenset[int]
) -> dict[int, VerificationError | Unproven | None]:
    """Return what is to be said of each receipt; one state is grown through their sizes, and none kept."""
    said: dict[int, VerificationError | Unproven | None] = {}
    if not receipts:
        return said
    records, state, at = log.records(), start(log.head.origin), 0
    for place, receipt in sorted(receipts.items(), key=lambda item: item[1].tree_size):
        size = receipt.tree_size
        if size > at:
            state, at = resume(state, islice(records, size - at), bodies, complete=True), size
        said[place] = _compare(receipt, state, heads)
    return said


def _compare(receipt: Receipt, state: State, heads: frozenset[int]) -> VerificationError | Unproven | None:
    version = state.versions.get(receipt.manifest)
    if version is not None and str(version.ref) != receipt.name:
        return _false(f"it names {receipt.name[:160]!r}, its manifest is that of {version.ref}")
    if receipt.mismatch:
        # Which bytes were offered is the gate's own word; such an answer can only deny.
        return None if receipt.verdict == "deny" else _false("other bytes were allowed")
    if status(state, receipt.manifest, receipt.environment, receipt.time).unproven:
        return Unproven(f"the answer at {receipt.tree_size} cannot be decided again")
    answer = decide(
        state,
        receipt.manifest,
        receipt.environment,
        receipt.time,
        receipt.signed_size,
        receipt.unsealed_since,
    )
    if (answer.verdict, answer.status) != (receipt.verdict, receipt.status):
        return _false(
            f"at {receipt.tree_size} leaves the gate said {receipt.verdict} ({receipt.status}), "
            f"the log says {answer.verdict} ({answer.status})"
        )
    if receipt.verdict == "allow" and receipt.signed_size not in heads:
        said = f"the answer at {receipt.tree_size} rests on a head over {receipt.signed_size}, not here"
        return Unproven(said)
    return None


def _row(item: SealedReceipt, receipt: Receipt, *, agrees: bool) -> dict[str, Any]:
    return {
        "agrees": agrees,
        "environment": receipt.environment,
        "seal": item.seal,
        "status": receipt.status,
        "subject": receipt.manifest,
        "time": receipt.time,
        "treeSize": receipt.tree_size,
        "verdict": receipt.verdict,
    }
