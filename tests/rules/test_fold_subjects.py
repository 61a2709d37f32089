"""Who may say what about whom: a statement's subjects and its signer's roles, one row per fault."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.ledger import origin_subject

STRANGER = Digest.of(b"anything")
EIGHT = VersionRef("retail", "credit-risk", 8)
Act = Callable[[Any, Any], object]
REVOKED = {"reason": "left", "fromIndex": 0}


def as_auditor(act: Act) -> Act:
    def enrolled(book: Any, people: Any) -> None:
        everything = people.roles("owner", "policy", "root")
        book.enrol((people.alice, everything), (people.carol, people.roles("auditor", "policy", "root")))
        act(book, people)

    return enrolled


def elsewhere(act: Act) -> Act:
    def enrolled(book: Any, people: Any) -> None:
        scoped = type(people.roles("owner")[0])("owner", ("wholesale",))
        book.enrol((people.alice, people.roles("owner", "root")), (people.carol, (scoped,)))
        act(book, people)

    return enrolled


def about_origin(book: Any) -> tuple[str, Digest]:
    origin = book.fold().origin
    return origin, origin_subject(origin)


def after_theft(book: Any, people: Any) -> None:
    dossier = book.request()
    book.revoke(people.alice, "compromised", 2)
    book.decide(people.bob, dossier)


CASES: dict[str, tuple[str, Act]] = {
    "an auditor registers": ("ROLE_MISSING", as_auditor(lambda b, p: b.register(p.carol, EIGHT))),
    "an auditor assesses": ("ROLE_MISSING", as_auditor(lambda b, p: b.assess("low", p.carol))),
    "an auditor requests": ("ROLE_MISSING", as_auditor(lambda b, p: b.request(p.carol))),
    "an owner of another namespace registers": (
        "ROLE_MISSING",
        elsewhere(lambda b, p: b.register(p.carol, EIGHT)),
    ),
    "a policy set by a service": (
        "ROLE_MISSING",
        lambda b, p: b.set_policy(b.policy, p.service),
    ),
    "a revocation about a version": (
        "SUBJECT_MISMATCH",
        lambda b, p: b.log("key-revoked", [b.subject()], {"keyid": p.bob.keyid, **REVOKED}, p.alice),
    ),
    "a revocation of a key nobody enrolled": ("SIGNER_UNKNOWN", lambda b, p: b.revoke(p.mallory, "left", 0)),
    "a seal about a version": ("SUBJECT_MISMATCH", lambda b, p: b.log("seal", [b.subject()], {}, p.service)),
    "a statement with a subject too many": (
        "SUBJECT_MISMATCH",
        lambda b, p: b.log(
            "risk-assessed",
            [b.subject(), ("document", STRANGER), ("extra", Digest.of(b"extra"))],
            {"tier": "low"},
            p.alice,
        ),
    ),
    "a statement with a subject too few": (
        "SUBJECT_MISMATCH",
        lambda b, p: b.log("risk-assessed", [b.subject()], {"tier": "low"}, p.alice),
    ),
    "a second subject under another name": (
        "SUBJECT_MISMATCH",
        lambda b, p: b.log("risk-assessed", [b.subject(), ("paper", STRANGER)], {"tier": "low"}, p.alice),
    ),
    "a statement about no registered version": (
        "SUBJECT_MISMATCH",
        lambda b, p: b.log(
            "risk-assessed", [(str(EIGHT), STRANGER), ("document", STRANGER)], {"tier": "low"}, p.alice
        ),
    ),
    "a decision about a version a thief registered": ("SUBJECT_MISMATCH", after_theft),
    "a registration under no version's name": (
        "SUBJECT_MISMATCH",
        lambda b, p: b.log(
            "version-registered",
            [("credit-risk", STRANGER), ("artifact", STRANGER)],
            {"artifactLevel": "verified"},
            p.alice,
        ),
    ),
    "a registration without an artifact": (
        "SUBJECT_MISMATCH",
        lambda b, p: b.log("version-registered", [b.subject(EIGHT)], {"artifactLevel": "verified"}, p.alice),
    ),
    "a registration whose artifact is not the manifest's": (
        "SUBJECT_MISMATCH",
        lambda b, p: b.log(
            "version-registered",
            [(str(EIGHT), b.put(b.manifest(EIGHT).to_bytes())), ("artifact", STRANGER)],
            {"artifactLevel": "verified"},
            p.alice,
        ),
    ),
    "a registration under another name than the manifest's": (
        "SUBJECT_MISMATCH",
        lambda b, p: b.log(
            "version-registered",
            [
                (str(VersionRef("retail", "credit-risk", 9)), b.put(b.manifest(EIGHT).to_bytes())),
                ("artifact", b.manifest(EIGHT).artifact),
                ("model.bin", b.manifest(EIGHT).files[0].digest),
            ],
            {"artifactLevel": "verified"},
            p.alice,
        ),
    ),
}


@pytest.mark.parametrize(("code", "act"), CASES.values(), ids=CASES)
def test_it_is_refused_by_name(logbook: Any, people: Any, code: str, act: Act) -> None:
    act(logbook, people)

    assert logbook.codes() == [code]


@pytest.mark.parametrize("kind", ["seal", "import"])
def test_the_services_own_records_count_without_changing_a_status(
    logbook: Any, people: Any, kind: str
) -> None:
    logbook.decide(people.bob, logbook.request())
    before = logbook.status(at="2026-02-01T00:00:00Z")
    logbook.log(kind, [about_origin(logbook)], {}, people.service)

    assert logbook.codes() == []
    assert logbook.status(at="2026-02-01T00:00:00Z") == before


def test_an_artifact_is_found_under_every_version_that_has_it(logbook: Any) -> None:
    state, made = logbook.fold(), logbook.manifest()

    assert state.artifacts[made.artifact] == (made.digest,)
    assert state.artifacts[made.files[0].digest] == (made.digest,)
    assert state.names[made.ref] == made.digest
