"""K and T: trust roots and keys that are not what they say, and what only the auditor knows."""

import base64
from collections.abc import Callable
from typing import Any

from registry.trust.keys import key_id
from registry.trust.note import vkey
from registry.trust.trust_root import Key, Person, Role, TrustRoot
from schemas.digest import Digest
from schemas.statement import Statement
from tests.attacks.case import Handed, approved, asked, case, claimed, handed, table
from tests.attacks.simulator import Registry, altered_root, honest, key, person_id

ROOT = (Role("root"),)
OTHER = "muniment.dev/log/" + "f" * 32
SHORT = "CLAIM_FALSE QUORUM_NOT_MET"
Act = Callable[[Registry], object]


def _person(name: str, *, ident: str | None = None, signs_as: str | None = None) -> Person:
    return Person(ident or person_id(name), ROOT, (Key(key(signs_as or name).public),))


def _two_holders() -> Registry:
    """Return a registry whose second root needs two of alice, rolf and ruth."""
    registry = Registry()
    persons = (*registry.root.persons, _person("rolf"), _person("ruth"))
    registry.root = altered_root(registry.root, version=2, persons=persons, root_threshold=2)
    registry.add_root(registry.root, "alice", "rolf")
    return registry


def _then(act: Act) -> Handed:
    """Hand over a registry with two holders, in which `act` came before an honest approval."""
    registry = _two_holders()
    act(registry)
    return _with_an_approval(registry)


def _with_an_approval(registry: Registry, **session: Any) -> Handed:
    manifest = registry.register()
    registry.decide(manifest, registry.request(manifest))
    return claimed(registry, manifest, **session)


def _next(registry: Registry, *more: Person, **changed: Any) -> TrustRoot:
    persons = (*registry.root.persons, *more)
    return altered_root(
        registry.root, **({"version": registry.root.version + 1, "persons": persons} | changed)
    )


@case("K01", "FAIL", f"{SHORT} KEY_REVOKED", "the key was revoked before the approval")
def key_revoked_before() -> Handed:
    registry, manifest, dossier = asked()
    registry.revoke("rita", "alice")
    registry.decide(manifest, dossier)
    return claimed(registry, manifest)


@case("K02", "PASS", "", "the key was superseded after the approval, which stands")
def key_superseded_after() -> Handed:
    registry, manifest = approved()
    registry.revoke("rita", "alice", reason="superseded")
    return claimed(registry, manifest)


@case("K03", "FAIL", SHORT, "the key was compromised before the approval, and found out after it")
def key_compromised_before() -> Handed:
    registry, manifest, _, seq = honest()
    registry.revoke("rita", "alice", reason="compromised", from_index=seq)
    return claimed(registry, manifest)


@case("K15", "PASS", "", "the key was compromised after the approval, which stands")
def key_compromised_after() -> Handed:
    registry, manifest, _, seq = honest()
    registry.revoke("rita", "alice", reason="compromised", from_index=seq + 1)
    return claimed(registry, manifest)


@case("K16", "FAIL", SHORT, "a second revocation does not take back that the key was compromised")
def revoked_again_more_mildly() -> Handed:
    registry, manifest, _, seq = honest()
    registry.revoke("rita", "alice", reason="compromised", from_index=seq)
    registry.revoke("rita", "alice", reason="left")
    return claimed(registry, manifest)


@case("K17", "PASS", "", "whoever holds a key says it is compromised, and cannot undo what it signed before")
def key_revokes_itself() -> Handed:
    registry, manifest = approved()
    registry.revoke("rita", "rita", reason="compromised", from_index=0)
    return claimed(registry, manifest)


@case("K04", "FAIL", "ROLE_MISSING", "one root holder of two revokes a key")
def revocation_below_threshold() -> Handed:
    return _then(lambda r: r.revoke("rita", "alice"))


@case("K05", "PASS", "", "a correct rotation of the trust root")
def correct_rotation() -> Handed:
    return _then(lambda r: r.add_root(_next(r, root_threshold=1), "alice", "ruth"))


@case("K10", "FAIL", "ANCHOR_MISMATCH", "the first root is another than the auditor's anchor")
def another_first_root() -> Handed:
    registry, manifest = approved()
    return claimed(registry, manifest, anchor=Digest.of(b"another trust root"))


@case("F30", "FAIL", "ANCHOR_MISMATCH", "the auditor holds the anchor of another registry")
def anchor_of_another_registry() -> Handed:
    other = Registry(need={"validator": 1})
    other.root = altered_root(other.root, origin=OTHER)
    registry, manifest = approved()
    return claimed(registry, manifest, anchor=Digest.of(other.root.to_statement(nonce="0" * 32).payload()))


@case("T01", "UNANCHORED", "UNANCHORED", "the auditor has no anchor: whose registry this is cannot be told")
def no_anchor() -> Handed:
    registry, manifest = approved()
    return Handed(claimed(registry, manifest).bundle, None)


@case("T02", "FAIL", f"{SHORT} UNANCHORED", "without an anchor a false claim is still false")
def no_anchor_and_a_false_claim() -> Handed:
    registry, manifest, _ = asked()
    return Handed(claimed(registry, manifest).bundle, None)


@case("F16", "UNPROVEN", "ROOT_EXPIRED", "the trust root has expired at the auditor's time")
def root_expired() -> Handed:
    return _expiring("2027-01-01T00:00:00Z")


@case("T03", "PASS", "", "the trust root expires one second after the auditor's time")
def root_not_yet_expired() -> Handed:
    return _expiring("2026-12-31T23:59:59Z")


@case("T04", "PASS", "TIME_BEFORE_HEAD", "the auditor's time lies before the head")
def time_before_the_head() -> Handed:
    registry, manifest = approved()
    return claimed(registry, manifest, at="2026-11-23T10:00:00Z")


@case("T05", "UNPROVEN", "HEAD_TOO_OLD", "nobody witnessed the head, whose last leaf claims a time long ago")
def head_too_old() -> Handed:
    registry, manifest = approved()
    return claimed(registry, manifest, at="2026-12-24T12:00:00Z", max_days=7)


def _expiring(at: str) -> Handed:
    registry = Registry()
    registry.root = altered_root(registry.root, version=2, expires="2027-01-01T00:00:00Z")
    registry.add_root(registry.root, "alice")
    return _with_an_approval(registry, at=at)


ROOTS: dict[str, tuple[str, str, Act]] = {
    "K06": ("signed by one holder of two", "ROOT_THRESHOLD_OLD", lambda r: r.add_root(_next(r), "alice")),
    "K07": (
        "signed by new holders only",
        "ROOT_THRESHOLD_OLD",
        lambda r: r.add_root(_next(r, _person("n1"), _person("n2")), "n1", "n2"),
    ),
    "K08": ("a version too far", "ROOT_VERSION", lambda r: r.add_root(_next(r, version=4), "alice", "rolf")),
    "K09": ("the same version again", "ROOT_VERSION", lambda r: r.add_root(r.root, "alice", "rolf")),
    "K18": (
        "an older version",
        "ROOT_VERSION",
        lambda r: r.add_root(altered_root(r.root, version=1), "alice", "rolf"),
    ),
    "K19": (
        "not signed by its own holders",
        "ROOT_THRESHOLD_NEW",
        lambda r: r.add_root(
            _next(r, persons=(*r.root.persons[:3], _person("n1"), _person("n2"))), "alice", "rolf"
        ),
    ),
    "K20": (
        "another registry's",
        "ORIGIN_MISMATCH",
        lambda r: r.add_root(
            _next(r, origin=OTHER, log_keys=(vkey(OTHER, key("log").public),)), "alice", "rolf"
        ),
    ),
    "K11": (
        "one with one key for two persons",
        "KEY_SHARED",
        lambda r: r.add_root(_next(r, _person("dup", signs_as="rita")), "alice", "rolf"),
    ),
    "K21": (
        "one with the log's key for a person",
        "KEY_SHARED",
        lambda r: r.add_root(_next(r, _person("dup", signs_as="log")), "alice", "rolf"),
    ),
    "K12": (
        "one with a low-order key",
        "KEY_LOW_ORDER",
        lambda r: r.add_root(
            _next(r, Person(person_id("x"), ROOT, (Key(b"\1" + b"\0" * 31),))), "alice", "rolf"
        ),
    ),
    "K14": (
        "one with a person called by a look-alike",
        "IDENTIFIER",
        lambda r: r.add_root(
            _next(r, _person("x", ident="p-\N{CYRILLIC SMALL LETTER A}" + "0" * 15)), "alice", "rolf"
        ),
    ),
    "K22": (
        "one with a threshold nobody can reach",
        "ROOT_THRESHOLD",
        lambda r: r.add_root(_next(r, root_threshold=9), "alice", "rolf"),
    ),
    "K23": (
        "signed by a revoked key",
        "ROOT_THRESHOLD_OLD",
        lambda r: (r.revoke("rolf", "alice", "ruth"), r.add_root(_next(r), "alice", "rolf")),
    ),
    "K24": (
        "one with a person's key for the service",
        "KEY_SHARED",
        lambda r: r.add_root(
            _next(r, services=(type(r.root.services[0])("service", (Key(key("rita").public),)),)),
            "alice",
            "rolf",
        ),
    ),
}
for _ident, (_words, _codes, _act) in ROOTS.items():
    table(_ident[0], int(_ident[1:]), "the new trust root is", [(_words, _codes, lambda a=_act: _then(a))])  # type: ignore[misc]


def _edited(edit: Callable[[dict[str, Any]], object]) -> Act:
    def act(registry: Registry) -> None:
        statement = _next(registry).to_statement(nonce="0" * 32)
        edit(statement.predicate)
        registry.append(Statement("trust-root", statement.subjects, statement.predicate), "alice", "rolf")

    return act


EDITS: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "a role nobody knows": ("ROLE_UNKNOWN", lambda p: p["persons"][0]["roles"][0].update(role="emperor")),
    "no threshold": ("ROOT_MALFORMED", lambda p: p.pop("rootThreshold")),
    "a threshold of zero": ("ROOT_MALFORMED", lambda p: p.update(rootThreshold=0)),
    "a threshold that is a text": ("ROOT_MALFORMED", lambda p: p.update(rootThreshold="1")),
    "a threshold that is true": ("ROOT_MALFORMED", lambda p: p.update(rootThreshold=True)),
    "persons that are no list": ("ROOT_MALFORMED", lambda p: p.update(persons={})),
    "a person that is a number": ("ROOT_MALFORMED", lambda p: p["persons"].append(7)),
    "an expiry that is no time": ("TIME_MALFORMED", lambda p: p.update(expires="tomorrow")),
    "a log key in another spelling": ("KEY_MALFORMED", lambda p: p["logKeys"].append("x")),
    "no log key": ("ORIGIN_MISMATCH", lambda p: p.update(logKeys=[])),
    "one person twice": ("IDENTIFIER", lambda p: p["persons"].append(p["persons"][0])),
    "a key that is no point of the curve": (
        "KEY_MALFORMED",
        lambda p: p["persons"][0]["keys"].append(_row(b"\2" + b"\0" * 31)),
    ),
    "a key of 31 bytes": ("KEY_MALFORMED", lambda p: p["persons"][0]["keys"].append(_row(b"\7" * 31))),
}


def _row(public: bytes) -> dict[str, str]:

    return {"alg": "ed25519", "keyid": key_id(public), "public": base64.b64encode(public).decode()}


@case("F26", "FAIL", "KEY_ALG_UNKNOWN", "a trust root holds a known key as one of another kind")
def key_of_another_kind() -> Handed:
    return _then(_edited(lambda p: p["persons"][0]["keys"][0].update(alg="rsa")))


@case("K13", "FAIL", "KEYID_MISMATCH", "a trust root holds a key under another key's id")
def keyid_of_another_key() -> Handed:
    return _then(_edited(lambda p: p["persons"][0]["keys"][0].update(keyid=key_id(key("rita").public))))


@case("K25", "PASS", "", "a trust root holds a member that a later format may define: it is ignored")
def root_with_an_unknown_member() -> Handed:
    return _then(_edited(lambda p: p.update(zeal=1)))


table(
    "K",
    40,
    "the new trust root holds",
    [(words, code, lambda e=edit: _then(_edited(e))) for words, (code, edit) in EDITS.items()],  # type: ignore[misc]
)


@case("K60", "UNPROVEN", "NO_CLAIM", "a bundle that claims nothing proves nothing")
def nothing_claimed() -> Handed:
    return handed(approved()[0])
