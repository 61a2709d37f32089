"""Examine the payload of a bundle: the steps that writer and verifier share, in their order.

1. The log: leaves in order, one envelope or its absence each, the head's size.
2. Documents are what their names say.
3. The fold, and what it refused.
4. Heads: roots recomputed, signatures by the log keys in force.
5. The files are exactly those the log calls for, and the population is the log's.
6. Every reviewer saw this log.
7. Checks in frozen dossiers, and records of what changed since, follow from the documents they name.
8. Claims and receipts, decided again.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from registry.bundle import contents as at
from registry.bundle.erasures import check_erasures, note_left_out
from registry.bundle.exceptions import note_exceptions
from registry.bundle.files import Documents, Files
from registry.bundle.findings import Findings
from registry.bundle.guide import VERIFY_TEXT
from registry.bundle.heads import HEADS, Heads, check_heads
from registry.bundle.log import Log, check_proofs, read_log
from registry.bundle.named import check_named, read_names
from registry.bundle.population import check_population
from registry.bundle.recompute import recompute_checks
from registry.bundle.record import build_record
from registry.bundle.redecide import redecide_claims, redecide_receipts
from registry.bundle.retold import compare_changes
from registry.bundle.summary import Summary, parse_summary, summary_bytes
from registry.rules.status import Status
from registry.trust.fold import fold
from registry.trust.state import Decision, State
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.statement import strict_base64

RECORDS = "records"
FILES = "files"
CONTEXT = "log-context"
_AUTHORITY = frozenset({"trust-root", "policy-set", "key-revoked", "key-suspended", "key-reinstated"})
_NOT_COUNTED = frozenset(
    {
        "APPROVAL_OTHER_REGISTRY",
        "BACKDATED",
        "BREAK_GLASS_REFUSED",
        "DOSSIER_CHANGED",
        "DOSSIER_CLOSED",
        "DOSSIER_MISMATCH",
        "KEY_NOT_SUSPENDED",
        "KEY_REVOKED",
        "KEY_SUSPENDED",
        "POLICY_NOT_IN_FORCE",
        "POSTDATED",
        "PREDICATE_MALFORMED",
        "REQUEST_REPEATED",
        "REQUEST_VOID",
        "REVIEWER_MISMATCH",
        "ROLE_MISSING",
        "SEPARATION_OF_DUTIES",
        "SIGNER_COUNT",
        "SIGNER_UNKNOWN",
        "SUBJECT_MISMATCH",
    }
)
"""Refusals of well-formed records that somebody could append without touching what others signed: they are
named and do not count. Every other refusal means that bytes contradict a signature, a digest or a format."""
_LOOK_AT = frozenset({"ROOT_AFTER_COMPROMISE"})
"""What the fold points out about records that stand."""
_FIXED = (at.LEAVES, at.ATTESTATIONS, at.CHECKPOINT, at.SUMMARY, at.RECEIPTS, at.VERIFY, at.LOG_KEYS)


class Examined(msgspec.Struct, frozen=True):
    """What the payload amounts to."""

    log: Log
    state: State
    claims: list[tuple[at.Claim, Status]]
    record: dict[str, Any]
    heads: Heads
    tokens: Mapping[int, bytes]
    """The timestamp tokens by the size of their head, not looked into: a session may check them."""
    bodies: Mapping[Digest, bytes]
    stated: Summary


def examine(files: Mapping[str, bytes], findings: Findings) -> Examined:
    """Return what a payload (without its report) proves; raise VerificationError where it cannot be read."""
    payload = Files.of(files)
    if lost := [name for name in _FIXED if name not in payload]:
        raise VerificationError("FILE_MISSING", f"the bundle lacks {', '.join(lost)}")
    stated = parse_summary(payload[at.SUMMARY])
    log = read_log(payload, findings, extract=stated.profile == "extract")
    if log.extract:
        check_proofs(payload, log, findings)
    findings.settle("log", f"{len(log.leaves)} leaves in order, each with its envelope or why it is absent")
    bodies = _bodies(payload, findings)
    state = fold(log.head.origin, log.records(), bodies.get, complete=not log.extract)
    _report_refused(log, state, findings)
    heads = check_heads(log, state, findings)
    names = read_names(payload, log, bodies, findings)
    _check_files(payload, log, state, stated, bodies, findings)
    stated, claims = check_population(log, state, stated, findings), stated.claims
    _check_contexts(log, state, findings)
    subjects = {claim.subject for claim in claims}
    recompute_checks(state, bodies, subjects, findings)
    compare_changes(state, bodies, subjects, findings)
    statuses = redecide_claims(state, claims, findings)
    note_exceptions(state, findings)
    erased = check_erasures(log, state, bodies, findings)
    note_left_out(statuses, bodies, erased, findings)
    receipts = _receipts(payload, log, findings)
    rows = redecide_receipts(log, bodies.get, state, receipts, findings, heads=heads.proved)
    decided = list(zip(claims, statuses, strict=True))
    record = build_record(log, state, bodies, decided, rows, findings, stated=stated, heads=heads)
    if names:
        record["names"] = dict(names)
    return Examined(log, state, decided, record, heads, at.token_files(payload), bodies, stated)


def _bodies(payload: Files, findings: Findings) -> Documents:
    names = [name for name in payload if name.startswith((at.BODIES, at.MANIFESTS))]
    for name in names:
        if payload.digest(name).hex != name.rpartition("/")[2].removesuffix(".json"):
            findings.fail(FILES, "BODY_DIGEST", f"{name} is not what its name says")
    return Documents(payload, names)


def _report_refused(log: Log, state: State, findings: Findings) -> None:
    if not state.roots:
        findings.fail(RECORDS, "NO_TRUST_ROOT", "the log holds no trust root that stands")
    for problem in state.problems:
        kind = log.type_of(problem.seq)
        text = problem.message.removeprefix(f"{problem.code}: ")
        if problem.code in _LOOK_AT:
            findings.note(RECORDS, problem.code, text)
        elif problem.code in _NOT_COUNTED and kind not in _AUTHORITY:
            findings.note(RECORDS, problem.code, f"{text} (named, and not counted)")
        else:
            findings.fail(RECORDS, problem.code, text)
    findings.settle(RECORDS, f"{len(log.leaves) - len(state.problems)} records stand")


def _check_files(
    payload: Files,
    log: Log,
    state: State,
    stated: Summary,
    bodies: Mapping[Digest, bytes],
    findings: Findings,
) -> None:
    derived = at.key_files(state) | {
        at.SUMMARY: summary_bytes(log.head, stated),
        at.VERIFY: VERIFY_TEXT.encode(),
    }
    for name, data in derived.items():
        if payload.get(name) != data:
            findings.fail(FILES, "DERIVED_MISMATCH", f"{name} is not what the log gives")
    known = {*_FIXED, at.NAMES, *derived, *(at.body_name(d, state) for d in bodies), *log.notes}
    known |= at.token_names(log.head, log.notes)
    known |= {at.proof_name(leaf.seq) for leaf in log.leaves} if log.extract else set()
    for name in sorted(set(payload) - known):
        findings.fail(FILES, "UNEXPECTED_FILE", f"the bundle holds {name}")
    check_named(log, state, bodies, stated.withheld, findings)
    findings.settle(FILES, f"{len(payload)} files, each called for by the log")


def _receipts(payload: Mapping[str, bytes], log: Log, findings: Findings) -> list[at.SealedReceipt]:
    receipts = [at.parse_receipt_row(r) for r in at.lines_of(payload[at.RECEIPTS], at.RECEIPTS)]
    if at.receipt_rows(receipts) != payload[at.RECEIPTS]:
        raise VerificationError("RECEIPT_MALFORMED", "the receipts are not in order")
    if receipts and log.extract:
        said = f"{len(receipts)} gate answers cannot be decided again from an extract"
        findings.unproven("receipts", "RECEIPT_UNPROVEN", said)
        return []
    return receipts


def _check_contexts(log: Log, state: State, findings: Findings) -> None:
    decisions = state.review_events(Decision)
    roots = log.roots_at({d.log_context.tree_size for d in decisions})
    for decision in decisions:
        seen, seq = decision.log_context, decision.by.seq
        root = roots.get(seen.tree_size)
        try:
            same = strict_base64(seen.root_hash) == root or (log.extract and root is None)
        except VerificationError:
            same = False
        if seen.origin != log.head.origin or seen.tree_size > seq or not same:
            said = f"the reviewer at leaf {seq} saw another log of {seen.tree_size} leaves"
            findings.fail(CONTEXT, "LOG_CONTEXT_FORK", said)
    if log.extract:
        said = "that the heads the reviewers saw are of this log cannot be shown by an extract"
        findings.unproven(CONTEXT, "COMPLETENESS_UNPROVEN", said)
    findings.settle(CONTEXT, f"{len(decisions)} decisions name heads of this very log")


__all__ = ["HEADS", "Examined", "examine"]
