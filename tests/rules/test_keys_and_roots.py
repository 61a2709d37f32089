"""Keys die and roots follow one another by log position, never by a clock (trust.md section 2.4)."""

from typing import Any

import msgspec
import pytest

from registry.rules.dossier import EvidenceRow
from registry.trust.fold import fold


def test_a_key_superseded_after_the_approval_leaves_it_standing(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    logbook.revoke(people.bob, "superseded", 0)

    assert logbook.codes() == []
    assert logbook.status().status == "valid"


def test_a_key_compromised_before_the_approval_revokes_it(logbook: Any, people: Any) -> None:
    approval = logbook.decide(people.bob, logbook.request())
    logbook.revoke(people.bob, "compromised", approval)

    assert logbook.status().status == "revoked"
    assert logbook.gate().verdict == "deny"


def test_a_key_compromised_after_the_approval_leaves_it_standing(logbook: Any, people: Any) -> None:
    approval = logbook.decide(people.bob, logbook.request())
    logbook.revoke(people.bob, "compromised", approval + 1)

    assert logbook.status().status == "valid"


def test_a_rejection_by_a_thief_is_undone_with_the_rest(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    rejection = logbook.decide(people.carol, dossier, "reject")
    revocation = logbook.revoke(people.carol, "compromised", rejection)

    assert logbook.status().status == "valid"
    assert logbook.status().grant_seq == revocation


def test_a_registration_by_a_thief_stands_for_nothing(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    logbook.revoke(people.alice, "compromised", 2)

    assert logbook.status().why == ("no such version is registered",)


def test_a_request_by_a_thief_asked_nothing(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    logbook.revoke(people.alice, "compromised", 3)

    assert logbook.status().status == "none"
    assert logbook.status().version_state == "draft"


def test_a_request_under_a_thiefs_policy_set_asked_nothing(logbook: Any, people: Any) -> None:
    held = people.roles("owner", "policy", "root", "risk-approver")
    logbook.enrol((people.alice, held), (people.bob, held), (people.carol, held))
    lax = logbook.set_policy(msgspec.structs.replace(logbook.policy, version=2), people.carol)
    logbook.decide(people.bob, logbook.request())
    before = logbook.status().status
    logbook.revoke(people.carol, "compromised", lax)

    assert (before, logbook.status().status) == ("valid", "none")
    assert logbook.fold().policy_set.version == 1


def test_a_withdrawal_by_a_thief_is_undone(logbook: Any, people: Any) -> None:
    approval = logbook.decide(people.bob, logbook.request())
    withdrawal = logbook.withdraw(people.bob, approval)
    logbook.revoke(people.bob, "compromised", withdrawal)

    assert logbook.status().status == "valid"


def test_changes_told_by_a_thief_of_the_services_key_are_undone(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    told = logbook.change(dossier, "lineage")
    logbook.revoke(people.service, "compromised", told)

    assert logbook.status().status == "valid"


def test_evidence_and_tiers_by_a_thief_are_undone(logbook: Any, people: Any) -> None:
    held = people.roles("owner", "policy", "root", "risk-approver")
    logbook.enrol((people.alice, held), (people.bob, held), (people.carol, held))
    document = logbook.put(b"a report")
    about = [logbook.subject(), ("evidence", document)]
    logbook.log("evidence-added", about, {"kind": "report", "level": "verified"}, people.alice)
    row = EvidenceRow(kind="report", digest=document, level="verified")
    logbook.decide(people.bob, logbook.request(evidence=(row,)))
    stolen = logbook.log("evidence-withdrawn", about, {}, people.carol)
    logbook.assess("critical", people.carol)
    before = logbook.status().status
    logbook.revoke(people.carol, "compromised", stolen)

    assert (before, logbook.status().status) == ("stale", "valid")


def test_a_policy_set_by_a_thief_is_not_in_force(logbook: Any, people: Any) -> None:
    logbook.revoke(people.alice, "compromised", 1)

    assert logbook.fold().policy_set is None
    assert logbook.gate().verdict == "deny"


def test_a_key_may_revoke_itself_but_reaches_no_further_back(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    logbook.revoke(people.bob, "compromised", 0, people.bob)

    assert logbook.codes() == []
    assert people.bob.keyid in logbook.fold().revoked
    assert logbook.status().status == "valid"


def test_a_revocation_needs_as_many_root_holders_as_the_root_says(logbook: Any, people: Any) -> None:
    every = people.roles("owner", "validator", "risk-approver", "policy", "root")
    logbook.enrol(
        (people.alice, every), (people.carol, every), threshold=2, signers=(people.alice, people.carol)
    )
    logbook.revoke(people.carol, "left", 0, people.alice)
    logbook.revoke(people.carol, "left", 0, people.alice, people.carol)

    assert logbook.codes() == ["ROLE_MISSING"]
    assert people.carol.keyid in logbook.fold().revoked


def test_a_second_revocation_takes_nothing_back(logbook: Any, people: Any) -> None:
    approval = logbook.decide(people.bob, logbook.request())
    logbook.revoke(people.bob, "compromised", approval)
    logbook.revoke(people.bob, "left", 0)

    assert logbook.status().status == "revoked"


def test_a_policy_set_is_signed_by_whoever_holds_the_role_everywhere(logbook: Any, people: Any) -> None:
    scoped = type(people.roles("policy")[0])("policy", ("retail",))
    logbook.enrol((people.alice, people.roles("root", "policy")), (people.bob, (scoped,)))
    logbook.set_policy(msgspec.structs.replace(logbook.policy, version=2), people.bob)

    assert logbook.codes() == ["ROLE_MISSING"]


def test_a_root_of_another_registry_is_refused(logbook: Any) -> None:
    state = fold("muniment.dev/log/" + "f" * 32, logbook.records, logbook.bodies.get)

    assert state.trust_root is None
    assert state.problems[0].code == "ORIGIN_MISMATCH"


def test_a_root_that_comes_after_a_compromise_is_reported(logbook: Any, people: Any) -> None:
    logbook.enrol((people.alice, people.roles("root", "policy", "owner")))
    logbook.revoke(people.alice, "compromised", 2)

    assert logbook.codes() == ["ROOT_AFTER_COMPROMISE"]


@pytest.mark.parametrize(
    ("threshold", "signers", "code"),
    [
        (1, ("bob",), "ROOT_THRESHOLD_OLD"),
        (2, ("alice",), "ROOT_THRESHOLD_NEW"),
    ],
)
def test_a_root_follows_only_by_both_thresholds(
    logbook: Any, people: Any, threshold: int, signers: tuple[str, ...], code: str
) -> None:
    held = people.roles("root", "policy", "risk-approver")
    logbook.enrol(
        (people.alice, held),
        (people.bob, held),
        threshold=threshold,
        signers=tuple(getattr(people, name) for name in signers),
    )

    assert logbook.codes() == [code]
    assert logbook.fold().trust_root.version == 1


def test_whoever_the_new_root_leaves_out_signs_no_more(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.enrol((people.alice, people.roles("root", "policy", "owner")))
    logbook.decide(people.bob, dossier)

    assert logbook.codes() == ["SIGNER_UNKNOWN"]
    assert logbook.status().status == "none"


def test_an_approval_given_before_its_signer_left_still_counts(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    logbook.enrol((people.alice, people.roles("root", "policy", "owner")))

    assert logbook.status().status == "valid"


def test_a_role_counts_only_in_its_namespaces_and_environments(new_logbook: Any, people: Any) -> None:
    book = new_logbook()
    here = type(people.roles("owner")[0])("risk-approver", ("retail",), ("staging",))
    everything = people.roles("owner", "root", "policy")
    book.enrol((people.alice, everything), (people.bob, (here,)))
    book.decide(people.bob, book.request())
    dossier = book.request(environment="staging")
    book.decide(people.bob, dossier, environment="staging")

    assert book.codes() == ["ROLE_MISSING"]
    assert book.status("production").status == "none"
    assert book.status("staging").status == "valid"


def test_a_root_role_for_one_namespace_signs_no_root(logbook: Any, people: Any) -> None:
    scoped = type(people.roles("root")[0])("root", ("retail",))
    logbook.enrol((people.alice, people.roles("root", "policy")), (people.bob, (scoped,)))
    logbook.enrol((people.bob, people.roles("root", "policy")), signers=(people.bob,))

    assert logbook.codes() == ["ROOT_THRESHOLD_OLD"]
