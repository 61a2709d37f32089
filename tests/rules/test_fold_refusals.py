"""A bad record never counts and is reported by name (trust.md section 4): one row per kind of badness."""

import base64
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from registry.rules.dossier import EvidenceRow, RiskRow
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.ledger import origin_subject

STRANGER = Digest.of(b"never registered")
OTHER = VersionRef("retail", "credit-risk", 8)
Act = Callable[[Any, Any], object]


def replay(book: Any, people: Any) -> None:
    approval = book.decide(people.bob, book.request())
    book.append("approval", book.records[approval].envelope)


def flip(book: Any, leaf: int) -> None:
    record = book.records[leaf]
    value = json.loads(record.envelope)
    signature = bytearray(base64.b64decode(value["signatures"][0]["sig"]))
    signature[40] ^= 1
    value["signatures"][0]["sig"] = base64.b64encode(bytes(signature)).decode()
    data = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    book.records[leaf] = msgspec.structs.replace(
        record, leaf=msgspec.structs.replace(record.leaf, body=Digest.of(data)), envelope=data
    )


def edit_leaf(book: Any, leaf: int, **changes: Any) -> None:
    record = book.records[leaf]
    book.records[leaf] = msgspec.structs.replace(record, leaf=msgspec.structs.replace(record.leaf, **changes))


def carried_off(book: Any, people: Any) -> None:
    context = {"origin": "muniment.dev/log/" + "f" * 32, "treeSize": 1, "rootHash": "AA=="}
    book.decide(people.bob, book.request(), logContext=context)


def months_later(book: Any, people: Any) -> None:
    dossier, then = book.request(), book.now
    book.later(days=30)
    book.decide(people.bob, dossier, decidedAt=then)


def frozen_long_ago(book: Any, people: Any) -> None:
    dossier, then = book.dossier(), book.now
    book.later(minutes=16)
    book.ask(dossier, evaluatedAt=then)


def swapped_dossier(book: Any, people: Any) -> None:
    dossier = book.dossier()
    book.bodies[dossier] = book.bodies[book.dossier("staging")]
    book.ask(dossier)


def swapped_manifest(book: Any, people: Any) -> None:
    book.records.pop()
    book.register()
    book.bodies[book.subject()[1]] = book.manifest(OTHER).to_bytes()


def closed(book: Any, people: Any) -> None:
    first = book.request()
    book.later(hours=1)
    book.request()
    book.decide(people.bob, first)


def changed_before(book: Any, people: Any) -> None:
    dossier = book.request()
    book.change(dossier, "lineage")
    book.decide(people.bob, dossier)


def tier_raised_before(book: Any, people: Any) -> None:
    dossier = book.request()
    book.assess("critical")
    book.decide(people.bob, dossier)


def withdraw_anothers(book: Any, people: Any) -> None:
    approval = book.decide(people.bob, book.request())
    book.withdraw(people.carol, approval)


def policy_again(book: Any, people: Any) -> None:
    book.set_policy(book.policy)


def policy_by(key: str) -> Act:
    def act(book: Any, people: Any) -> None:
        book.set_policy(msgspec.structs.replace(book.policy, version=2), getattr(people, key))

    return act


def dead_key(book: Any, people: Any) -> None:
    dossier = book.request()
    book.revoke(people.bob, "left", 0)
    book.decide(people.bob, dossier)


def another_version(book: Any, people: Any) -> None:
    book.register(ref=OTHER)
    book.decide(people.bob, book.request(), ref=OTHER)


def another_name(book: Any, people: Any) -> None:
    dossier = book.request()
    approval = book.decide(people.bob, dossier)
    predicate = json.loads(base64.b64decode(json.loads(book.records[approval].envelope)["payload"]))[
        "predicate"
    ]
    book.records.pop()
    book.log("approval", [(str(OTHER), book.subject()[1]), ("dossier", dossier)], predicate, people.bob)


def two_signatures(book: Any, people: Any) -> None:
    book.log(
        "run-linked", [book.subject()], {"source": "s", "runId": "r", "job": {}}, people.alice, people.bob
    )


def dossier_of(**parts: Any) -> Act:
    def act(book: Any, people: Any) -> None:
        book.request(**parts)

    return act


def upgraded(book: Any, people: Any) -> None:
    added = {"kind": "model_card", "level": "reported"}
    book.log("evidence-added", [book.subject(), ("evidence", STRANGER)], added, people.alice)
    book.request(evidence=(EvidenceRow(kind="model_card", digest=STRANGER, level="verified"),))


def understated(book: Any, people: Any) -> None:
    book.assess("high")
    book.request()


CASES: dict[str, tuple[str, Act]] = {
    "an approval signed by a key nobody enrolled": (
        "SIGNER_UNKNOWN",
        lambda b, p: b.decide(p.mallory, b.request()),
    ),
    "an approval in another's name": (
        "REVIEWER_MISMATCH",
        lambda b, p: b.decide(p.carol, b.request(), reviewer=p.bob.person),
    ),
    "an approval by a service": (
        "REVIEWER_MISMATCH",
        lambda b, p: b.decide(p.service, b.request(), reviewer=p.bob.person),
    ),
    "a role that is not held": ("ROLE_MISSING", lambda b, p: b.decide(p.bob, b.request(), role="owner")),
    "a role that decides nothing": (
        "ROLE_MISSING",
        lambda b, p: b.decide(p.alice, b.request(), role="auditor"),
    ),
    "an author's own approval": ("SEPARATION_OF_DUTIES", lambda b, p: b.decide(p.alice, b.request())),
    "the same approval logged twice": ("APPROVAL_REPLAYED", replay),
    "an approval of a dossier nobody asked about": (
        "SUBJECT_MISMATCH",
        lambda b, p: b.decide(p.bob, STRANGER),
    ),
    "an approval of one version's dossier under another": ("SUBJECT_MISMATCH", another_version),
    "an approval that names another version than its digest": ("SUBJECT_MISMATCH", another_name),
    "an approval from another registry": ("APPROVAL_OTHER_REGISTRY", carried_off),
    "an approval that saw more of the log than there was": (
        "LOG_CONTEXT_FORK",
        lambda b, p: b.decide(
            p.bob,
            b.request(),
            logContext={"origin": b.fold().origin, "treeSize": 99, "rootHash": "AA=="},
        ),
    ),
    "a decision dated after its leaf": (
        "POSTDATED",
        lambda b, p: b.decide(p.bob, b.request(), decidedAt="2026-02-01T00:00:00Z"),
    ),
    "a decision dated before its dossier": (
        "BACKDATED",
        lambda b, p: b.decide(p.bob, b.request(), decidedAt="2025-12-31T23:00:00Z"),
    ),
    "a decision dated a month before its leaf": ("BACKDATED", months_later),
    "a dossier frozen more than 15 minutes before its request": ("BACKDATED", frozen_long_ago),
    "a dossier frozen after its request": (
        "POSTDATED",
        lambda b, p: b.ask(b.dossier(), evaluatedAt="2026-02-01T00:00:00Z"),
    ),
    "a decision on a closed dossier": ("DOSSIER_CLOSED", closed),
    "a decision on a dossier that changed before": ("DOSSIER_CHANGED", changed_before),
    "a decision on a dossier whose tier rose before": ("DOSSIER_CHANGED", tier_raised_before),
    "a withdrawal of another's decision": ("ROLE_MISSING", withdraw_anothers),
    "a withdrawal in another's name": (
        "REVIEWER_MISMATCH",
        lambda b, p: b.withdraw(p.carol, b.decide(p.bob, b.request(), "reject"), reviewer=p.bob),
    ),
    "a withdrawal of what was never decided": ("SUBJECT_MISMATCH", lambda b, p: b.withdraw(p.bob, 2)),
    "changes of another dossier than the subject": (
        "SUBJECT_MISMATCH",
        lambda b, p: b.change(b.request(), base=STRANGER),
    ),
    "changes seen before they happened": (
        "CHANGE_AHEAD",
        lambda b, p: b.change(b.request(), through=len(b.records)),
    ),
    "a dossier frozen at another time than its request says": (
        "DOSSIER_MISMATCH",
        lambda b, p: b.ask(b.dossier(), evaluatedAt="2026-01-01T00:00:02Z"),
    ),
    "a request under a policy set that is not in force": (
        "POLICY_NOT_IN_FORCE",
        lambda b, p: b.ask(b.dossier(), policySet={"version": 1, "digest": STRANGER}),
    ),
    "a dossier of another environment": (
        "SUBJECT_MISMATCH",
        lambda b, p: b.ask(b.dossier("staging"), environment="production"),
    ),
    "a dossier that leaves out the tier the log holds": ("DOSSIER_MISMATCH", understated),
    "a dossier with a tier nobody assessed": (
        "DOSSIER_MISMATCH",
        lambda b, p: b.request(risk=RiskRow(assessment=STRANGER, tier="low")),
    ),
    "a dossier that upgrades its evidence": ("DOSSIER_MISMATCH", upgraded),
    "a dossier whose body is another": ("BODY_DIGEST", swapped_dossier),
    "a manifest whose body is another": ("BODY_DIGEST", swapped_manifest),
    "the same dossier asked about twice": (
        "REQUEST_REPEATED",
        lambda b, p: b.ask(b.request(), evaluatedAt="2026-01-01T00:00:03Z"),
    ),
    "a policy set put back": ("POLICY_VERSION", policy_again),
    "a policy set by a reviewer": ("ROLE_MISSING", policy_by("bob")),
    "a version registered again with other content": ("VERSION_REUSED", lambda b, p: b.register(authors=[])),
    "an approval after its key was revoked": ("KEY_REVOKED", dead_key),
    "a revocation that no root holder signed": (
        "ROLE_MISSING",
        lambda b, p: b.revoke(p.bob, "compromised", 0, p.carol),
    ),
    "changes told by a person": (
        "ROLE_MISSING",
        lambda b, p: b.change(b.request(), "lineage", key=p.alice),
    ),
    "changes of a dossier that was never frozen": ("SUBJECT_MISMATCH", lambda b, p: b.change(STRANGER)),
    "two signatures on one person's statement": ("SIGNER_COUNT", two_signatures),
    "a predicate without its members": (
        "PREDICATE_MALFORMED",
        lambda b, p: b.log("risk-assessed", [b.subject(), ("document", STRANGER)], {"level": "x"}, p.alice),
    ),
    "an unknown tier": (
        "PREDICATE_MALFORMED",
        lambda b, p: b.log("risk-assessed", [b.subject(), ("document", STRANGER)], {"tier": "x"}, p.alice),
    ),
    "a seal signed by a person": (
        "ROLE_MISSING",
        lambda b, p: b.log("seal", [(b.fold().origin, origin_subject(b.fold().origin))], {}, p.alice),
    ),
    "a signature with one bit changed": (
        "SIGNATURE_INVALID",
        lambda b, p: flip(b, b.decide(p.bob, b.request())),
    ),
    "a leaf under another type": (
        "LEAF_TYPE_MISMATCH",
        lambda b, p: edit_leaf(b, b.decide(p.bob, b.request()), type="withdrawn"),
    ),
    "a leaf whose body is another": (
        "BODY_DIGEST",
        lambda b, p: edit_leaf(b, b.decide(p.bob, b.request()), body=STRANGER),
    ),
    "a leaf indexed under other subjects": (
        "SUBJECT_MISMATCH",
        lambda b, p: edit_leaf(b, b.decide(p.bob, b.request()), subjects=(STRANGER,)),
    ),
    "a leaf out of its place": ("LEAF_SEQ", lambda b, p: edit_leaf(b, b.decide(p.bob, b.request()), seq=99)),
    "a leaf earlier than the one before it": (
        "LEAF_TIME",
        lambda b, p: edit_leaf(b, b.decide(p.bob, b.request()), time="2025-01-01T00:00:00Z"),
    ),
}


@pytest.mark.parametrize(("code", "act"), CASES.values(), ids=CASES)
def test_it_is_refused_by_name_and_grants_nothing(logbook: Any, people: Any, code: str, act: Act) -> None:
    act(logbook, people)

    assert logbook.codes() == [code]
    assert logbook.gate().verdict != "allow" or act in (replay, withdraw_anothers)


def test_a_replayed_approval_does_not_restore_what_was_withdrawn(logbook: Any, people: Any) -> None:
    approval = logbook.decide(people.bob, logbook.request())
    logbook.withdraw(people.bob, approval)
    logbook.append("approval", logbook.records[approval].envelope)

    assert logbook.status().status == "revoked"
    assert logbook.codes() == ["APPROVAL_REPLAYED"]


def test_a_withdrawal_by_somebody_else_leaves_the_approval_standing(logbook: Any, people: Any) -> None:
    withdraw_anothers(logbook, people)

    assert logbook.status().status == "valid"


def test_a_log_without_a_trust_root_amounts_to_nothing(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    del logbook.records[0]

    assert set(logbook.codes()) == {"NO_TRUST_ROOT", "LEAF_SEQ"}
    assert logbook.fold(upto=0).trust_root is None


def test_the_anchor_is_the_digest_of_the_first_roots_payload(logbook: Any) -> None:
    payload = base64.b64decode(json.loads(logbook.records[0].envelope)["payload"])

    assert logbook.fold().anchor == Digest.of(payload)


def test_a_damaged_log_lets_no_gate_allow(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    del logbook.records[2]

    assert logbook.gate().verdict == "unproven"
