"""Who may sign what: persons, roles, services, log keys; as values, and as the predicate that spells them."""

import base64
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from registry.trust.keys import ALGORITHM, check_public, key_id
from registry.trust.note import COSIGNER, MAX_LINES, parse_vkey
from schemas.errors import VerificationError
from schemas.ledger import ORIGIN, origin_subject, parse_time_text
from schemas.statement import Statement, Subject, strict_base64

ROLES = frozenset({"owner", "developer", "validator", "risk-approver", "policy", "root", "auditor"})
MAX_MEMBERS = 10_000
_PERSON = re.compile(r"p-[0-9a-f]{16}")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9._@+/:-]{0,199}")
_SCOPE = re.compile(r"\*|[a-z0-9][a-z0-9._-]{0,63}")
_MEMBERS = frozenset(
    {
        "expires",
        "logKeys",
        "nonce",
        "origin",
        "persons",
        "rootThreshold",
        "services",
        "version",
        "witnessQuorum",
        "witnesses",
    }
)
MAX_CERTIFICATE = 16_384


class Role(msgspec.Struct, frozen=True):
    """A role and where it holds; `*` is everywhere."""

    role: str
    namespaces: tuple[str, ...] = ("*",)
    environments: tuple[str, ...] = ("*",)

    def covers(self, namespace: str, environment: str | None) -> bool:
        """Tell whether the role holds there; with no environment, in the namespace at all."""
        here = "*" in self.namespaces or namespace in self.namespaces
        return here and (environment is None or "*" in self.environments or environment in self.environments)

    @property
    def everywhere(self) -> bool:
        """Tell whether the role holds in every namespace and environment."""
        return "*" in self.namespaces and "*" in self.environments


class Key(msgspec.Struct, frozen=True):
    """One enrolled Ed25519 key."""

    public: bytes

    @property
    def keyid(self) -> str:
        """Hex SHA-256 of the key's DER SPKI."""
        return key_id(self.public)


class Person(msgspec.Struct, frozen=True):
    """A person by the id the log knows (`p-` and 16 hex), their roles and keys."""

    id: str
    roles: tuple[Role, ...]
    keys: tuple[Key, ...]

    def holds(self, role: str, namespace: str, environment: str | None = None) -> bool:
        """Tell whether the person holds `role` there."""
        return any(r.role == role and r.covers(namespace, environment) for r in self.roles)


class Service(msgspec.Struct, frozen=True):
    """A machine that signs what no person does; it fills no role."""

    id: str
    keys: tuple[Key, ...]


class TrustRoot(msgspec.Struct, frozen=True, kw_only=True):
    """One version of who may sign; in force from its place in the log on."""

    version: int
    origin: str
    root_threshold: int
    persons: tuple[Person, ...]
    services: tuple[Service, ...] = ()
    log_keys: tuple[str, ...]
    witnesses: tuple[str, ...] = ()
    witness_quorum: int = 0
    expires: str | None = None
    recovery: tuple[str, ...] = ()
    """Persons whose key is kept offline, for the day the others are lost."""
    tsa_roots: tuple[bytes, ...] = ()
    """Certificates (DER) of the time-stamping authorities whose tokens count."""

    def to_predicate(self, *, nonce: str) -> dict[str, Any]:
        """Return the predicate of the `trust-root` statement."""
        predicate: dict[str, Any] = {
            "logKeys": list(self.log_keys),
            "nonce": nonce,
            "origin": self.origin,
            "persons": [
                {
                    "id": person.id,
                    "keys": _key_rows(person.keys),
                    "roles": [
                        {
                            "environments": list(r.environments),
                            "namespaces": list(r.namespaces),
                            "role": r.role,
                        }
                        for r in person.roles
                    ],
                }
                for person in self.persons
            ],
            "rootThreshold": self.root_threshold,
            "services": [{"id": service.id, "keys": _key_rows(service.keys)} for service in self.services],
            "version": self.version,
            "witnessQuorum": self.witness_quorum,
            "witnesses": list(self.witnesses),
        }
        return {**predicate, **self._optional()}

    def _optional(self) -> dict[str, Any]:
        # Absent when empty: a root that does without keeps the bytes it always had.
        tsa = [base64.b64encode(certificate).decode() for certificate in self.tsa_roots]
        members = {"expires": self.expires, "recovery": list(self.recovery), "tsaRoots": tsa}
        return {name: value for name, value in members.items() if value}

    def to_statement(self, *, nonce: str) -> Statement:
        """Return the statement to sign; its payload's digest is the anchor when this is version 1."""
        about = Subject(self.origin, origin_subject(self.origin))
        return Statement("trust-root", (about,), self.to_predicate(nonce=nonce))

    def keys_of(self, member: str) -> tuple[Key, ...]:
        """Return the keys of the person or service with the id `member`."""
        people = {person.id: person.keys for person in self.persons}
        return {service.id: service.keys for service in self.services}.get(member, people.get(member, ()))

    def person_of(self, keyid: str) -> Person | None:
        """Return the person who holds the key."""
        return next((p for p in self.persons if any(k.keyid == keyid for k in p.keys)), None)

    def service_of(self, keyid: str) -> Service | None:
        """Return the service that holds the key."""
        return next((s for s in self.services if any(k.keyid == keyid for k in s.keys)), None)

    def public_keys(self) -> dict[str, bytes]:
        """Return every person's and service's key by its id."""
        return {key.keyid: key.public for key in self.member_keys()}

    def member_keys(self) -> tuple[Key, ...]:
        """Return every key of persons and services, in the order written."""
        people = [key for person in self.persons for key in person.keys]
        return (*people, *(key for service in self.services for key in service.keys))

    def root_holders(self) -> dict[str, str]:
        """Return the person's id for every key of a holder of the role `root`.

        There is one root for all: a role for some namespaces or environments does not sign it.
        """
        holders = [p for p in self.persons if any(r.role == "root" and r.everywhere for r in p.roles)]
        return {key.keyid: person.id for person in holders for key in person.keys}


def parse_trust_root(predicate: Mapping[str, Any]) -> TrustRoot:
    """Return the trust root a predicate spells; raise VerificationError naming the first fault."""
    if not _MEMBERS - {"expires"} <= set(predicate):
        raise VerificationError("ROOT_MALFORMED", "a member of the trust root is missing")
    try:
        made = TrustRoot(
            version=_count(predicate["version"], 1),
            origin=_text(predicate["origin"]),
            root_threshold=_count(predicate["rootThreshold"], 1),
            persons=tuple(_person(item) for item in _list(predicate["persons"])),
            services=tuple(_service(item) for item in _list(predicate["services"])),
            log_keys=tuple(_text(item) for item in _list(predicate["logKeys"])),
            witnesses=tuple(_text(item) for item in _list(predicate["witnesses"])),
            witness_quorum=_count(predicate["witnessQuorum"], 0),
            expires=parse_time_text(predicate["expires"]) if "expires" in predicate else None,
            recovery=tuple(_text(item) for item in _list(predicate.get("recovery", []))),
            tsa_roots=tuple(_certificate(item) for item in _list(predicate.get("tsaRoots", []))),
        )
    except (KeyError, TypeError) as error:
        raise VerificationError("ROOT_MALFORMED", "a member of the trust root has another shape") from error
    return _check(made)


def _check(made: TrustRoot) -> TrustRoot:
    if not ORIGIN.fullmatch(made.origin):
        raise VerificationError("IDENTIFIER", f"{made.origin[:120]!r} is no log origin")
    names = [p.id for p in made.persons] + [s.id for s in made.services]
    if len(set(names)) != len(names):
        raise VerificationError("IDENTIFIER", "an id is enrolled twice")
    logs = [parse_vkey(text) for text in made.log_keys]
    if not logs or any(key.name != made.origin for key in logs):
        raise VerificationError("ORIGIN_MISMATCH", "expected at least one log key, under the log's origin")
    witnesses = [parse_vkey(text, COSIGNER) for text in made.witnesses]
    if len({key.name for key in witnesses} | {made.origin}) != len(witnesses) + 1:
        raise VerificationError("IDENTIFIER", "a witness has a name of its own, not the log's or another's")
    public = [key.public for key in made.member_keys()] + [key.public for key in (*logs, *witnesses)]
    if len(set(public)) != len(public):
        raise VerificationError("KEY_SHARED", "one key is enrolled twice")
    if made.root_threshold > len(set(made.root_holders().values())):
        raise VerificationError("ROOT_THRESHOLD", "the threshold is higher than the number of root holders")
    if len(witnesses) >= MAX_LINES:
        raise VerificationError(
            "ROOT_MALFORMED", f"a head holds the lines of at most {MAX_LINES - 1} witnesses"
        )
    if made.witness_quorum > len(made.witnesses):
        raise VerificationError("WITNESS_QUORUM", "the quorum is higher than the number of witnesses")
    if not set(made.recovery) <= set(made.root_holders().values()):
        raise VerificationError(
            "ROOT_RECOVERY", "a recovery person holds no key with the role root everywhere"
        )
    for listed in (made.recovery, made.tsa_roots):
        if len(set(listed)) != len(listed):
            raise VerificationError("ROOT_MALFORMED", "a recovery person or a certificate is listed twice")
    return made


def _person(item: Any) -> Person:
    if not _PERSON.fullmatch(_text(item["id"])):
        raise VerificationError(
            "IDENTIFIER", f"{item['id'][:80]!r} is no person: expected p- and 16 hex digits"
        )
    return Person(item["id"], tuple(_role(r) for r in _list(item["roles"])), _keys(item["keys"]))


def _service(item: Any) -> Service:
    if not _SERVICE.fullmatch(_text(item["id"])) or _PERSON.fullmatch(item["id"]):
        raise VerificationError("IDENTIFIER", f"{item['id'][:80]!r} is no service")
    return Service(item["id"], _keys(item["keys"]))


def _role(item: Any) -> Role:
    if _text(item["role"]) not in ROLES:
        raise VerificationError("ROLE_UNKNOWN", f"unknown role {item['role'][:80]!r}")
    return Role(item["role"], _scope(item["namespaces"]), _scope(item["environments"]))


def _scope(items: Any) -> tuple[str, ...]:
    names = tuple(_text(item) for item in _list(items))
    if not names or any(not _SCOPE.fullmatch(name) for name in names):
        raise VerificationError("IDENTIFIER", "a role's scope lists `*` or names of a-z 0-9 . _ -")
    return names


def _keys(items: Any) -> tuple[Key, ...]:
    return tuple(_key(item) for item in _list(items))


def _key(item: Any) -> Key:
    if item["alg"] != ALGORITHM:
        raise VerificationError("KEY_ALG_UNKNOWN", f"expected {ALGORITHM}, found {str(item['alg'])[:40]!r}")
    key = Key(check_public(strict_base64(item["public"])))
    if item["keyid"] != key.keyid:
        raise VerificationError("KEYID_MISMATCH", f"{str(item['keyid'])[:80]!r} is not the id of its key")
    return key


def _certificate(item: Any) -> bytes:
    data = strict_base64(item)
    # Only that it is one DER sequence: whoever checks a token reads the certificate itself.
    if not data.startswith(b"\x30") or len(data) > MAX_CERTIFICATE:
        raise VerificationError("ROOT_MALFORMED", "a time-stamping root is no DER certificate")
    return data


def _key_rows(keys: tuple[Key, ...]) -> list[dict[str, str]]:
    return [{"alg": ALGORITHM, "keyid": k.keyid, "public": base64.b64encode(k.public).decode()} for k in keys]


def _count(value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise VerificationError("ROOT_MALFORMED", f"expected a whole number of at least {least}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise VerificationError("ROOT_MALFORMED", "expected a text")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_MEMBERS:
        raise VerificationError("ROOT_MALFORMED", f"expected a list of at most {MAX_MEMBERS}")
    return value
