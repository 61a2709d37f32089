"""A: approvals that are missing, forged, replayed, misdirected or taken back, and claims that hide it."""

from collections.abc import Callable
from typing import Any

from registry.trust.dsse import sign_statement
from registry.trust.trust_root import Key, Person, Role
from schemas.asset import Manifest
from schemas.digest import Digest
from schemas.statement import Statement, Subject, parse_envelope, parse_statement
from tests.attacks.case import Handed, approved, asked, case, claimed
from tests.attacks.simulator import Registry, altered_root, honest, key, person_id

SHORT = "CLAIM_FALSE QUORUM_NOT_MET"
Act = Callable[[Registry, Manifest, Digest], object]


def after(act: Act, **need: int) -> Handed:
    registry, manifest, dossier = asked(need or None)
    act(registry, manifest, dossier)
    return claimed(registry, manifest)


def decided(who: str = "rita", signer: str | None = None, **changed: Any) -> Act:
    return lambda r, m, d: r.append(r.approval(m, d, who, **changed), signer or who)


@case("A01", "FAIL", SHORT, "the approval is missing")
def approval_missing() -> Handed:
    return after(lambda *_: None)


@case("A02", "FAIL", f"{SHORT} SIGNATURE_INVALID", "the operator rewrites a rejection into an approval")
def rejection_rewritten() -> Handed:
    registry, manifest, dossier = asked()
    said = registry.approval(manifest, dossier, decision="reject")
    signed = sign_statement(said, key("rita"))
    altered = Statement("approval", said.subjects, said.predicate | {"decision": "approve"})
    registry.append_bytes(altered, type(signed)(altered.payload(), signed.signatures).to_bytes())
    return claimed(registry, manifest)


@case("A03", "FAIL", f"{SHORT} SIGNER_UNKNOWN", "the approval is signed by a key nobody enrolled")
def signer_unknown() -> Handed:
    return after(decided("mallory"))


@case("A04", "FAIL", f"{SHORT} REVIEWER_MISMATCH", "another enrolled key signs in a reviewer's name")
def signed_in_anothers_name() -> Handed:
    return after(decided("rita", "vic"))


@case("A05", "FAIL", SHORT, "one person in two roles fills one slot")
def same_person_counted_twice() -> Handed:
    registry = Registry(need={"risk-approver": 1, "validator": 1})
    both = Person(person_id("rita"), (Role("risk-approver"), Role("validator")), (Key(key("rita").public),))
    others = tuple(p for p in registry.root.persons if p.id != both.id)
    registry.add_root(altered_root(registry.root, version=2, persons=(*others, both)), "alice")
    manifest = registry.register()
    dossier = registry.request(manifest)
    registry.decide(manifest, dossier)
    registry.decide(manifest, dossier, role="validator")
    return claimed(registry, manifest)


@case("A06", "FAIL", f"{SHORT} SUBJECT_MISMATCH", "an approval of version 8 is logged for version 7")
def approval_of_another_version_replayed() -> Handed:
    registry, manifest, _ = asked()
    other = registry.register(8, weights=b"others")
    said = registry.approval(other, registry.request(other))
    envelope = sign_statement(said, key("rita")).to_bytes()
    about = (Subject(str(manifest.ref), manifest.digest), said.subjects[1])
    registry.append_bytes(Statement("approval", about, said.predicate), envelope)
    return claimed(registry, manifest)


@case("A07", "FAIL", SHORT, "version 8 is approved, version 7 is claimed to be")
def approval_of_another_version_present() -> Handed:
    registry, manifest, _ = asked()
    other = registry.register(8, weights=b"others")
    registry.decide(other, registry.request(other))
    return claimed(registry, manifest)


@case("A08", "FAIL", "APPROVAL_REPLAYED CLAIM_FALSE QUORUM_NOT_MET", "a withdrawn approval is logged again")
def approval_logged_twice() -> Handed:
    registry, manifest, _, seq = honest()
    registry.withdraw(manifest, seq)
    envelope = registry.envelopes[seq]
    assert isinstance(envelope, bytes)
    registry.append_bytes(parse_statement(parse_envelope(envelope).payload), envelope)
    return claimed(registry, manifest)


@case(
    "A09", "FAIL", f"{SHORT} SUBJECT_MISMATCH UNCLAIMED", "an approval for staging does not serve production"
)
def approval_for_staging() -> Handed:
    return after(decided(environment="staging"))


@case(
    "A10",
    "FAIL",
    "CLAIM_FALSE POLICY_NOT_IN_FORCE SUBJECT_MISMATCH",
    "the dossier was frozen under a policy set that is not in force; approvals name no policy of their own,"
    " the dossier they sign does",
)
def another_policy() -> Handed:
    registry = Registry()
    manifest = registry.register()
    registry.policy_digest = Digest.of(b"another policy set")
    registry.decide(manifest, registry.request(manifest))
    return claimed(registry, manifest)


@case("A11", "FAIL", f"{SHORT} SEPARATION_OF_DUTIES", "the author approves their own version")
def author_approves() -> Handed:
    return after(decided("alice", role="developer"), developer=1)


@case("A12", "FAIL", f"{SHORT} ROLE_MISSING", "a reviewer claims a role not granted")
def role_not_held() -> Handed:
    return after(decided("vic", role="risk-approver"))


@case("A13", "FAIL", f"{SHORT} APPROVAL_OTHER_REGISTRY", "the approval was made over another registry's log")
def approval_from_another_registry() -> Handed:
    return after(saw(origin="muniment.dev/log/" + "f" * 32))


@case("A14", "FAIL", SHORT, "the approval was withdrawn")
def approval_withdrawn() -> Handed:
    registry, manifest, _, seq = honest()
    registry.withdraw(manifest, seq)
    return claimed(registry, manifest)


@case("A15", "FAIL", "CLAIM_FALSE REJECTED_BY_REVIEWER", "a second reviewer's rejection is passed over")
def rejection_ignored() -> Handed:
    registry, manifest, dossier, _ = honest()
    registry.decide(manifest, dossier, "vic", decision="reject")
    return claimed(registry, manifest)


@case(
    "A16",
    "PASS",
    "REVIEWER_MISMATCH",
    "somebody else signs a withdrawal: it is named, takes nothing back, and the true claim passes",
)
def withdrawal_by_another() -> Handed:
    registry, manifest, _, seq = honest()
    registry.withdraw(manifest, seq, "rita", signer="vic")
    return claimed(registry, manifest)


@case("A17", "FAIL", f"{SHORT} BACKDATED", "decided a month before its place in the log")
def backdated() -> Handed:
    return after(decided(decidedAt="2026-10-23T10:00:00Z"))


@case("A18", "FAIL", f"{SHORT} POSTDATED", "decided a month after its place in the log")
def postdated() -> Handed:
    return after(decided(decidedAt="2026-12-23T10:00:00Z"))


@case("A19", "FAIL", f"{SHORT} SUBJECT_MISMATCH", "approved is a manifest that nobody registered")
def approval_of_nothing_registered() -> Handed:
    return after(lambda r, m, d: r.append(about(r, m, d, str(m.ref), Digest.of(b"nothing")), "rita"))


@case("A20", "FAIL", "VERSION_REUSED", "a version number is registered again with other files")
def version_registered_twice() -> Handed:
    registry, manifest = approved()
    registry.register(7, weights=b"other weights")
    return claimed(registry, manifest)


@case(
    "A21",
    "FAIL",
    "CLAIM_SUBJECT ROLE_MISSING SUBJECT_MISMATCH",
    "the version is registered by somebody who holds no role there; a reviewer may register, and is then an"
    " author",
)
def registered_without_a_role() -> Handed:
    registry = Registry()
    only_root = Person(person_id("ruth"), (Role("root"),), (Key(key("ruth").public),))
    persons = (*registry.root.persons, only_root)
    registry.add_root(altered_root(registry.root, version=2, persons=persons), "alice")
    manifest = registry.register(signer="ruth")
    registry.decide(manifest, registry.request(manifest))
    return claimed(registry, manifest)


@case("A22", "FAIL", f"{SHORT} SEPARATION_OF_DUTIES", "the reviewer registered the version")
def reviewer_registered_it() -> Handed:
    registry = Registry()
    manifest = registry.register(signer="rita")
    registry.decide(manifest, registry.request(manifest))
    return claimed(registry, manifest)


@case("A23", "FAIL", f"{SHORT} SEPARATION_OF_DUTIES", "the reviewer asked for the decision")
def reviewer_requested_it() -> Handed:
    registry = Registry()
    manifest = registry.register()
    registry.decide(manifest, registry.request(manifest, "rita"))
    return claimed(registry, manifest)


@case("A24", "FAIL", "CLAIM_FALSE REJECTED_BY_REVIEWER QUORUM_NOT_MET", "the reviewer changed their mind")
def changed_mind() -> Handed:
    registry, manifest, dossier, _ = honest()
    registry.decide(manifest, dossier, decision="reject")
    return claimed(registry, manifest)


@case("A25", "PASS", "", "a rejection its signer withdraws no longer blocks")
def rejection_withdrawn() -> Handed:
    registry, manifest, dossier, _ = honest()
    seq = registry.decide(manifest, dossier, "vic", decision="reject")
    registry.withdraw(manifest, seq, "vic")
    return claimed(registry, manifest)


@case("A26", "FAIL", "CLAIM_FALSE REJECTED_BY_REVIEWER QUORUM_NOT_MET", "a new request silences no rejection")
def rejection_survives_a_new_request() -> Handed:
    registry, manifest, dossier = asked()
    registry.decide(manifest, dossier, "vic", decision="reject")
    registry.request(manifest)
    return claimed(registry, manifest)


@case("A27", "FAIL", "CLAIM_FALSE", "an approval with conditions is claimed to be without any")
def conditions_hidden() -> Handed:
    registry, manifest, dossier = asked()
    registry.decide(manifest, dossier, conditions=[registry.put(b"sixteen bytes ok" + b"monitor it")])
    return claimed(registry, manifest)


@case("A28", "PASS", "SIGNER_UNKNOWN", "a stranger's approval beside a full quorum is named and not counted")
def stranger_beside_a_quorum() -> Handed:
    registry, manifest, dossier, _ = honest()
    registry.append(registry.approval(manifest, dossier, "mallory"), "mallory")
    return claimed(registry, manifest)


@case("A29", "FAIL", "CLAIM_FALSE", "the version became stale after its approval")
def stale_hidden() -> Handed:
    registry, manifest, dossier, _ = honest()
    registry.change(manifest, dossier, dossier, ("lineage", "a training input changed"))
    return claimed(registry, manifest)


@case("F06", "FAIL", f"{SHORT} PREDICATE_MALFORMED", "the reviewer's id holds a letter nobody sees")
def reviewer_look_alike() -> Handed:
    return after(decided(reviewer=person_id("rita")[:-1] + "\N{ZERO WIDTH JOINER}"))


@case("F28", "FAIL", f"{SHORT} ROLE_MISSING", "a person who lost their role approves")
def role_removed_before() -> Handed:
    registry, manifest, dossier = asked()
    _without_rita(registry)
    registry.decide(manifest, dossier)
    return claimed(registry, manifest)


@case("A30", "PASS", "", "a person who approved and then lost their role approved in their role")
def role_removedafter() -> Handed:
    registry, manifest = approved()
    _without_rita(registry)
    return claimed(registry, manifest)


@case("F29", "FAIL", f"{SHORT} SUBJECT_MISMATCH", "the approval was logged before the request it answers")
def approved_before_it_was_asked() -> Handed:
    registry = Registry()
    manifest = registry.register()
    dossier = _dossier_of_next_minute(registry, manifest)
    registry.decide(manifest, dossier)
    registry.request(manifest)
    return claimed(registry, manifest)


def _dossier_of_next_minute(registry: Registry, manifest: Manifest) -> Digest:
    """Return the digest of the dossier that a request after one more leaf will freeze."""
    ahead = Registry()
    ahead.register()
    ahead.decide(manifest, Digest.of(b"some dossier"))
    return ahead.request(manifest)


def _without_rita(registry: Registry) -> None:
    demoted = [
        Person(p.id, (Role("auditor"),), p.keys) if p.id == person_id("rita") else p
        for p in registry.root.persons
    ]
    registry.root = altered_root(registry.root, version=registry.root.version + 1, persons=tuple(demoted))
    registry.add_root(registry.root, "alice")


def about(registry: Registry, manifest: Manifest, dossier: Digest, name: str, digest: Digest) -> Statement:
    said = registry.approval(manifest, dossier)
    return Statement("approval", (Subject(name, digest), said.subjects[1]), said.predicate)


def saw(**changed: Any) -> Act:
    def act(registry: Registry, manifest: Manifest, dossier: Digest) -> None:
        context = registry.approval(manifest, dossier).predicate["logContext"]
        registry.decide(manifest, dossier, logContext=context | changed)

    return act


@case("A71", "FAIL", "LOG_CONTEXT_FORK", "the reviewer saw another history: who is lying cannot be told")
def saw_another_history() -> Handed:
    return after(saw(rootHash="A" * 43 + "="))


@case("A72", "FAIL", "LOG_CONTEXT_FORK", "the root that the reviewer saw is no base64")
def saw_no_root() -> Handed:
    return after(saw(rootHash="no root"))


@case("F07", "PASS", "", "an approval that ran out is expired at the auditor's time, and true at the head")
def expired_at_the_auditors_time() -> Handed:
    registry, manifest = approved()
    return claimed(registry, manifest, at="2028-01-01T00:00:00Z")


@case("A70", "FAIL", f"{SHORT} UNCLAIMED", "an approval that ran out before the head is claimed valid")
def expired_before_the_head() -> Handed:
    registry, manifest, dossier = asked()
    registry.decide(manifest, dossier, expiresAt="2026-11-23T10:30:00Z")
    registry.later(hours=1)
    registry.request(manifest, environment="staging")
    return claimed(registry, manifest)
