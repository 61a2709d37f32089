"""Trust roots, revocations, policy sets and gate receipts that are not what they say."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from registry.trust.cosignature import witness_vkey
from registry.trust.keys import key_id
from registry.trust.note import vkey
from registry.trust.trust_root import Key, Person, Role, TrustRoot
from schemas.digest import Digest
from schemas.statement import Statement
from tests.attacks.simulator import CHECK, ORIGIN, SNAPSHOT, Registry, altered_root, honest, key, person_id

ROOT = (Role("root"),)


def _person(name: str, *, ident: str | None = None, signs_as: str | None = None) -> Person:
    return Person(ident or person_id(name), ROOT, (Key(key(signs_as or name).public),))


def _two_holders() -> Registry:
    """A registry whose second root needs two of alice, rolf and ruth."""
    registry = Registry()
    persons = (*registry.root.persons, _person("rolf"), _person("ruth"))
    registry.root = altered_root(registry.root, version=2, persons=persons, root_threshold=2)
    registry.add_root(registry.root, "alice", "rolf")
    return registry


def _claimed(registry: Registry) -> Registry:
    manifest = registry.register()
    registry.decide(manifest, registry.request(manifest))
    registry.claim(manifest, "valid")
    return registry


def _next(registry: Registry, **changed: Any) -> TrustRoot:
    return altered_root(registry.root, **({"version": registry.root.version + 1} | changed))


ROOTS: dict[str, tuple[Callable[[Registry], Any], str]] = {
    "signed by one holder of two": (lambda r: r.add_root(_next(r), "alice"), "ROOT_THRESHOLD_OLD"),
    "signed by new holders only": (
        lambda r: r.add_root(_next(r, persons=(*r.root.persons, _person("n1"), _person("n2"))), "n1", "n2"),
        "ROOT_THRESHOLD_OLD",
    ),
    "not signed by its own holders": (
        lambda r: r.add_root(
            _next(r, persons=(*r.root.persons[:3], _person("n1"), _person("n2"))), "alice", "rolf"
        ),
        "ROOT_THRESHOLD_NEW",
    ),
    "a version too far": (lambda r: r.add_root(_next(r, version=4), "alice", "rolf"), "ROOT_VERSION"),
    "the same version again": (lambda r: r.add_root(r.root, "alice", "rolf"), "ROOT_VERSION"),
    "an older version": (
        lambda r: r.add_root(altered_root(r.root, version=1), "alice", "rolf"),
        "ROOT_VERSION",
    ),
    "of another registry": (
        lambda r: r.add_root(
            _next(
                r,
                origin="muniment.dev/log/" + "f" * 32,
                log_keys=(vkey("muniment.dev/log/" + "f" * 32, key("log").public),),
            ),
            "alice",
            "rolf",
        ),
        "ORIGIN_MISMATCH",
    ),
    "one key for two persons": (
        lambda r: r.add_root(
            _next(r, persons=(*r.root.persons, _person("dup", signs_as="rita"))), "alice", "rolf"
        ),
        "KEY_SHARED",
    ),
    "the log's key for a person": (
        lambda r: r.add_root(
            _next(r, persons=(*r.root.persons, _person("dup", signs_as="log"))), "alice", "rolf"
        ),
        "KEY_SHARED",
    ),
    "a person called by a look-alike": (
        lambda r: r.add_root(
            _next(
                r, persons=(*r.root.persons, _person("x", ident="p-\N{CYRILLIC SMALL LETTER A}" + "0" * 15))
            ),
            "alice",
            "rolf",
        ),
        "IDENTIFIER",
    ),
    "a low-order key": (
        lambda r: r.add_root(
            _next(r, persons=(*r.root.persons, Person(person_id("x"), ROOT, (Key(b"\1" + b"\0" * 31),)))),
            "alice",
            "rolf",
        ),
        "KEY_LOW_ORDER",
    ),
    "a threshold nobody can reach": (
        lambda r: r.add_root(_next(r, root_threshold=9), "alice", "rolf"),
        "ROOT_THRESHOLD",
    ),
}


@pytest.mark.parametrize("case", ROOTS)
def test_a_trust_root_is_refused_when_it_is(case: str) -> None:
    act, code = ROOTS[case]
    registry = _two_holders()
    act(registry)
    answer = _claimed(registry).verify()
    assert answer.verdict == "FAIL"
    assert code in answer.codes


def _edited_root(edit: Callable[[dict[str, Any]], object], registry: Registry) -> None:
    statement = _next(registry).to_statement(nonce="0" * 32)
    edit(statement.predicate)
    registry.append(Statement("trust-root", statement.subjects, statement.predicate), "alice", "rolf")


EDITS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a key under another id": (
        lambda p: p["persons"][0]["keys"][0].update(keyid=key_id(key("rita").public)),
        "KEYID_MISMATCH",
    ),
    "a key of an unknown kind": (lambda p: p["persons"][0]["keys"][0].update(alg="rsa"), "KEY_ALG_UNKNOWN"),
    "a role nobody knows": (lambda p: p["persons"][0]["roles"][0].update(role="emperor"), "ROLE_UNKNOWN"),
    "no threshold": (lambda p: p.pop("rootThreshold"), "ROOT_MALFORMED"),
    "a threshold of zero": (lambda p: p.update(rootThreshold=0), "ROOT_MALFORMED"),
    "a threshold that is a text": (lambda p: p.update(rootThreshold="1"), "ROOT_MALFORMED"),
    "persons that are no list": (lambda p: p.update(persons={}), "ROOT_MALFORMED"),
    "a person that is a number": (lambda p: p["persons"].append(7), "ROOT_MALFORMED"),
    "an expiry that is no time": (lambda p: p.update(expires="tomorrow"), "TIME_MALFORMED"),
    "a log key in another spelling": (lambda p: p["logKeys"].append("x"), "KEY_MALFORMED"),
    "no log key": (lambda p: p.update(logKeys=[]), "ORIGIN_MISMATCH"),
}


@pytest.mark.parametrize("case", EDITS)
def test_a_trust_root_is_refused_when_it_holds(case: str) -> None:
    edit, code = EDITS[case]
    registry = _two_holders()
    _edited_root(edit, registry)
    answer = _claimed(registry).verify()
    assert answer.verdict == "FAIL"
    assert code in answer.codes


def test_a_correct_rotation_passes() -> None:
    registry = _two_holders()
    registry.add_root(_next(registry, root_threshold=1), "alice", "ruth")
    answer = _claimed(registry).verify()
    assert (answer.verdict, answer.codes) == ("PASS", ())
    assert answer.record["rootVersion"] == 3


def test_a_revocation_by_one_holder_of_two_does_not_stand() -> None:
    registry = _two_holders()
    registry.revoke("rita", "alice")
    answer = _claimed(registry).verify()
    assert answer.verdict == "FAIL"
    assert answer.codes == ("ROLE_MISSING",)


def test_a_key_superseded_after_the_approval_leaves_it_standing() -> None:
    registry, manifest, _, _ = honest()
    registry.revoke("rita", "alice", reason="superseded")
    registry.claim(manifest, "valid")
    assert (registry.verify().verdict, registry.verify().codes) == ("PASS", ())


@pytest.mark.parametrize(
    ("version", "signer", "code"),
    [(1, "alice", "POLICY_VERSION"), (3, "alice", "POLICY_VERSION"), (2, "rita", "ROLE_MISSING")],
)
def test_a_policy_set_out_of_turn_or_by_the_wrong_person_is_refused(
    version: int, signer: str, code: str
) -> None:
    registry, manifest, _, _ = honest()
    registry.add_policy(version, {"owner": 1}, signer)
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert answer.verdict == "FAIL"
    assert answer.codes == (code,)


@pytest.mark.parametrize("need", [{}, {"risk-approver": 0}, {"risk-approver": -1}, {"emperor": 1}])
def test_a_policy_that_asks_for_nobody_is_refused(need: dict[str, int]) -> None:
    registry, manifest, _, _ = honest()
    registry.add_policy(2, need)
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("FAIL", ("POLICY_MALFORMED",))


def test_an_expired_trust_root_proves_nothing_at_that_time() -> None:
    registry = Registry()
    registry.root = altered_root(registry.root, version=2, expires="2027-01-01T00:00:00Z")
    registry.add_root(registry.root, "alice")
    _claimed(registry)
    assert registry.verify(at="2026-12-31T23:59:59Z").verdict == "PASS"
    answer = registry.verify(at="2027-01-01T00:00:00Z")
    assert (answer.verdict, answer.codes) == ("UNPROVEN", ("ROOT_EXPIRED",))


def test_a_root_that_asks_for_witnesses_is_not_satisfied_without_them() -> None:
    registry = Registry()
    witness = witness_vkey("witness.example/w1", key("witness").public)
    registry.root = altered_root(registry.root, version=2, witnesses=(witness,), witness_quorum=1)
    registry.add_root(registry.root, "alice")
    answer = _claimed(registry).verify()
    assert (answer.verdict, answer.codes) == ("UNPROVEN", ("WITNESS_QUORUM",))


def test_an_honest_receipt_is_decided_again_at_its_own_place() -> None:
    registry, manifest, _, seq = honest()
    receipt = registry.gate(manifest)
    registry.withdraw(manifest, seq)
    registry.seal(receipt, registry.gate(manifest))
    registry.claim(manifest, "revoked")
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("PASS", ())
    assert [(r["verdict"], r["agrees"]) for r in answer.record["receipts"]] == [
        ("allow", True),
        ("deny", True),
    ]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"verdict": "deny", "status": "none"}, "RECEIPT_FALSE"),
        ({"status": "valid-with-conditions"}, "RECEIPT_FALSE"),
        ({"treeSize": 3}, "RECEIPT_FALSE"),
        ({"treeSize": 3, "signedSize": 3}, "RECEIPT_FALSE"),
        ({"treeSize": 999}, "RECEIPT_FALSE"),
        ({"treeSize": -1}, "RECEIPT_MALFORMED"),
        ({"mismatch": True}, "RECEIPT_FALSE"),
        ({"treeSize": "5"}, "RECEIPT_MALFORMED"),
        ({"subject": []}, "RECEIPT_MALFORMED"),
        ({"subject": {"manifest": "x"}}, "RECEIPT_MALFORMED"),
        ({"time": "now"}, "TIME_MALFORMED"),
        ({"time": "2026-11-23T09:00:00Z"}, "RECEIPT_FALSE"),
        ({"time": "2027-11-23T10:00:00Z"}, "RECEIPT_FALSE"),
        ({"environment": "production\nverdict PASS"}, "RECEIPT_MALFORMED"),
    ],
)
def test_a_receipt_that_lies_is_found_though_it_is_sealed(changed: dict[str, Any], code: str) -> None:
    registry, manifest, _, _ = honest()
    registry.seal(registry.gate(manifest, **changed))
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("FAIL", (code,))


def test_a_receipt_that_was_never_sealed_is_refused() -> None:
    registry, manifest, _, _ = honest()
    registry.seal(registry.gate(manifest))
    sealed = registry.receipts[0]
    registry.receipts = [type(sealed)(sealed.seal, 0, sealed.path, registry.gate(manifest))]
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("FAIL", ("INCLUSION_INVALID",))


@pytest.mark.parametrize("leaf", [0, 4, 99, -1])
def test_a_receipt_that_names_another_leaf_as_its_seal_is_refused(leaf: int) -> None:
    registry, manifest, _, _ = honest()
    registry.seal(registry.gate(manifest))
    sealed = registry.receipts[0]
    registry.receipts = [type(sealed)(leaf, 0, sealed.path, sealed.receipt)]
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("FAIL", ("RECEIPT_NOT_SEALED",))


def test_a_seal_signed_by_a_person_seals_nothing() -> None:
    registry, manifest, _, _ = honest()
    receipt = registry.gate(manifest)
    append = registry.append
    registry.append = lambda statement, *_: append(statement, "alice")  # type: ignore[method-assign]
    registry.seal(receipt)
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert answer.verdict == "FAIL"
    assert answer.codes == ("RECEIPT_NOT_SEALED", "ROLE_MISSING")


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ({"checks": (msgspec.structs.replace(CHECK, values={"level": "signed"}),)}, "CHECK_MISMATCH"),
        ({"checks": (msgspec.structs.replace(CHECK, severity="info"),)}, "CHECK_MISMATCH"),
        ({"checks": (msgspec.structs.replace(CHECK, result="waived"),)}, "CHECK_MISMATCH"),
        ({"checks": (CHECK, msgspec.structs.replace(CHECK, rule="invented"))}, "CHECK_MISMATCH"),
        ({"gaps": 0}, "LINEAGE_MISMATCH"),
        ({"weakest": "verified"}, "LINEAGE_MISMATCH"),
        ({"nodes": 12}, "LINEAGE_MISMATCH"),
        ({"lines": SNAPSHOT.replace(b"absent", b"divine")}, "SNAPSHOT_MALFORMED"),
        ({"lines": SNAPSHOT.replace(b'"gap"', b'["gap"]')}, "SNAPSHOT_MALFORMED"),
        ({"lines": SNAPSHOT.replace(b'"gap"', b'"hole"')}, "SNAPSHOT_MALFORMED"),
        ({"lines": SNAPSHOT * 2}, "SNAPSHOT_MALFORMED"),
        ({"lines": SNAPSHOT[:-1]}, "SNAPSHOT_MALFORMED"),
        ({"lines": b"[]\n"}, "SNAPSHOT_MALFORMED"),
        ({"lines": b"\xff\n"}, "JSON_MALFORMED"),
    ],
)
def test_a_dossier_whose_results_do_not_follow_from_its_documents_is_found(
    lie: dict[str, Any], code: str
) -> None:
    registry = Registry()
    manifest = registry.register()
    registry.decide(manifest, registry.request(manifest, **lie))
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert answer.verdict == "FAIL"
    assert answer.codes == (code,)


def test_checks_over_documents_that_are_not_here_are_attested() -> None:
    registry, manifest, _, _ = honest()
    del registry.bodies[Digest.of(SNAPSHOT)]
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("PASS", ("CHECKS_ATTESTED",))


def test_the_simulators_log_has_the_origin_it_says() -> None:
    assert honest()[0].state().origin == ORIGIN
