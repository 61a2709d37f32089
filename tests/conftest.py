"""Real records for tests: a log in memory, people with real Ed25519 keys, honest statements."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registry.rules.dossier import CheckRow, DossierParts, Lineage, PolicyRow, RiskRow, Subject, build_dossier
from registry.rules.policy import PolicySet, starter_policy_set
from registry.rules.status import Status, Verdict, gate_verdict, status
from registry.trust.dsse import sign_statement
from registry.trust.fold import Record, fold
from registry.trust.keys import key_id
from registry.trust.note import vkey
from registry.trust.state import State
from registry.trust.trust_root import Key, Person, Role, Service, TrustRoot
from schemas.asset import FileEntry, Manifest, VersionRef
from schemas.digest import Digest
from schemas.ledger import Leaf, moment, origin_subject, time_text
from schemas.statement import Statement
from schemas.statement import Subject as About

ORIGIN = "muniment.dev/log/" + "0" * 32
START = "2026-01-01T00:00:00Z"
REF = VersionRef("retail", "credit-risk", 7)
REVIEWER_ROLES = ("owner", "developer", "validator", "risk-approver", "policy", "root", "auditor")


class TestKey:
    """An Ed25519 key made from its holder's name; it signs as a key file would."""

    __test__ = False

    def __init__(self, name: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
        self.public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.keyid = key_id(self.public)
        self.person = "p-" + hashlib.sha256(name.encode()).hexdigest()[:16]

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


ALICE, BOB, CAROL, SERVICE, LOG, MALLORY = (
    TestKey(n) for n in ("alice", "bob", "carol", "service", "log", "mallory")
)


def roles(*names: str) -> tuple[Role, ...]:
    return tuple(Role(name) for name in names)


class Logbook:
    """A log that grows by one method per record; every method returns the leaf's number."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.bodies: dict[Digest, bytes] = {}
        self.now = START
        self.policy: PolicySet | None = None
        self.policy_digest: Digest | None = None

    def fold(self, *, only: Digest | None = None, upto: int | None = None) -> State:
        records = self.records[:upto]
        if only is not None:
            wanted = {only, origin_subject(ORIGIN)}
            records = [r for r in records if wanted & set(r.leaf.subjects)]
        return fold(ORIGIN, records, self.bodies.get, complete=only is None)

    def status(self, environment: str = "production", at: str | None = None, ref: VersionRef = REF) -> Status:
        return status(self.fold(), self.manifest(ref).digest, environment, at or self.now)

    def gate(self, at: str | None = None, signed_size: int | None = None) -> Verdict:
        state = self.fold()
        found = status(state, self.manifest().digest, "production", at or self.now)
        return gate_verdict(
            state, found, signed_size=len(self.records) if signed_size is None else signed_size
        )

    def codes(self) -> list[str]:
        return [problem.code for problem in self.fold().problems]

    def later(self, **span: float) -> None:
        self.now = time_text(moment(self.now) + timedelta(**span))

    def log(
        self, kind: str, about: list[tuple[str, Digest]], predicate: dict[str, Any], *keys: TestKey
    ) -> int:
        predicate = {"nonce": f"{len(self.records):032x}", **predicate}
        statement = Statement(kind, tuple(About(n, d) for n, d in about), predicate)
        return self.append(kind, sign_statement(statement, *keys).to_bytes())

    def append(self, kind: str, envelope: bytes) -> int:
        payload = json.loads(base64.b64decode(json.loads(envelope)["payload"]))
        subjects = dict.fromkeys(Digest.from_hex(s["digest"]["sha256"]) for s in payload["subject"])
        leaf = Leaf(len(self.records), kind, self.now, Digest.of(envelope), tuple(subjects))
        self.records.append(Record(leaf, envelope))
        self.later(seconds=1)
        return leaf.seq

    def put(self, data: bytes) -> Digest:
        digest = Digest.of(data)
        self.bodies[digest] = data
        return digest

    def enrol(
        self,
        *people: tuple[TestKey, tuple[Role, ...]],
        threshold: int = 1,
        signers: tuple[TestKey, ...] = (),
        expires: str | None = None,
    ) -> int:
        version = 1 + sum(r.leaf.type == "trust-root" for r in self.records)
        root = TrustRoot(
            version=version,
            origin=ORIGIN,
            root_threshold=threshold,
            persons=tuple(Person(key.person, held, (Key(key.public),)) for key, held in people),
            services=(Service("registry", (Key(SERVICE.public),)),),
            log_keys=(vkey(ORIGIN, LOG.public),),
            expires=expires,
        )
        statement = root.to_statement(nonce=f"{len(self.records):032x}")
        return self.append("trust-root", sign_statement(statement, *(signers or (people[0][0],))).to_bytes())

    def set_policy(self, policy: PolicySet, key: TestKey = ALICE) -> int:
        predicate = policy.to_predicate(f"{len(self.records):032x}")
        statement = Statement("policy-set", (About(ORIGIN, origin_subject(ORIGIN)),), predicate)
        self.policy, self.policy_digest = policy, Digest.of(statement.payload())
        return self.append("policy-set", sign_statement(statement, key).to_bytes())

    def manifest(self, ref: VersionRef = REF) -> Manifest:
        return Manifest(ORIGIN, ref, (FileEntry("model.bin", Digest.of(str(ref).encode()), 1),))

    def subject(self, ref: VersionRef = REF) -> tuple[str, Digest]:
        return str(ref), self.manifest(ref).digest

    def register(self, key: TestKey = ALICE, ref: VersionRef = REF, **more: Any) -> int:
        made = self.manifest(ref)
        self.put(made.to_bytes())
        about = [self.subject(ref), ("artifact", made.artifact), ("model.bin", made.files[0].digest)]
        return self.log(
            "version-registered", about, {"authors": [], "runs": [], "artifactLevel": "verified", **more}, key
        )

    def dossier(self, environment: str = "production", ref: VersionRef = REF, **parts: Any) -> Digest:
        made = self.manifest(ref)
        assert self.policy is not None
        assert self.policy_digest is not None
        checks = tuple(
            CheckRow(rule=c.id, title=c.title, severity=c.severity, result="pass") for c in self.policy.checks
        )
        whole: dict[str, Any] = {
            "environment": environment,
            "subject": Subject(
                namespace=ref.namespace, name=ref.name, version=ref.version, manifest=made.digest
            ),
            "evaluated_at": self.now,
            "authors": (),
            "lineage": Lineage(snapshot=Digest.of(b""), nodes=1, edges=0, gaps=0, weakest="verified"),
            "policy_set": PolicyRow(version=self.policy.version, digest=self.policy_digest),
            "checks": checks,
        }
        return self.put(build_dossier(DossierParts(**{**whole, **parts})))

    def request(
        self, key: TestKey = ALICE, environment: str = "production", ref: VersionRef = REF, **parts: Any
    ) -> Digest:
        dossier = self.dossier(environment, ref, **parts)
        self.ask(dossier, key, environment, ref)
        return dossier

    def ask(
        self,
        dossier: Digest,
        key: TestKey = ALICE,
        environment: str = "production",
        ref: VersionRef = REF,
        **more: Any,
    ) -> int:
        assert self.policy is not None
        predicate = {
            "environment": environment,
            "evaluatedAt": self.now,
            "policySet": {"version": self.policy.version, "digest": self.policy_digest},
            **more,
        }
        return self.log("review-requested", [self.subject(ref), ("dossier", dossier)], predicate, key)

    def decide(
        self,
        key: TestKey,
        dossier: Digest,
        decision: str = "approve",
        role: str = "risk-approver",
        ref: VersionRef = REF,
        **more: Any,
    ) -> int:
        predicate = {
            "decision": decision,
            "environment": "production",
            "role": role,
            "reviewer": key.person,
            "decidedAt": self.now,
            "conditions": [],
            "opened": [],
            "reason": Digest.of(b"reason"),
            "logContext": {"origin": ORIGIN, "treeSize": len(self.records), "rootHash": "AA=="},
            **more,
        }
        return self.log("approval", [self.subject(ref), ("dossier", dossier)], predicate, key)

    def withdraw(
        self, key: TestKey, leaf: int, environment: str = "production", reviewer: TestKey | None = None
    ) -> int:
        named = (reviewer or key).person
        predicate = {"environment": environment, "reviewer": named, "reason": Digest.of(b"reason")}
        about = [self.subject(), ("decision", self.records[leaf].leaf.body)]
        return self.log("withdrawn", about, predicate, key)

    def override(
        self, leaf: int, *keys: TestKey, environment: str = "production", ref: VersionRef = REF
    ) -> int:
        predicate = {"environment": environment, "reason": Digest.of(b"reason")}
        about = [self.subject(ref), ("decision", self.records[leaf].leaf.body)]
        return self.log("override", about, predicate, *(keys or (ALICE,)))

    def break_glass(
        self,
        key: TestKey,
        hours: int = 4,
        role: str = "risk-approver",
        environment: str = "production",
        ref: VersionRef = REF,
        **more: Any,
    ) -> int:
        expires = time_text(moment(self.now) + timedelta(hours=hours))
        predicate = {
            "environment": environment,
            "role": role,
            "reviewer": key.person,
            "reason": Digest.of(b"reason"),
            "expiresAt": expires,
            **more,
        }
        return self.log("break-glass", [self.subject(ref)], predicate, key)

    def change(
        self,
        base: Digest,
        /,
        *parts: str,
        environment: str = "production",
        key: TestKey = SERVICE,
        **more: Any,
    ) -> int:
        predicate = {
            "environment": environment,
            "base": base,
            "to": Digest.of(b"to"),
            "parts": [{"part": part, "cause": "it changed"} for part in parts],
            "through": len(self.records) - 1,
            **more,
        }
        return self.log("dossier-changed", [self.subject(), ("dossier", base)], predicate, key)

    def assess(self, tier: str, key: TestKey = ALICE) -> RiskRow:
        document = self.put(f'{{"tier":"{tier}","at":{len(self.records)}}}'.encode())
        about = [self.subject(), ("document", document)]
        self.log("risk-assessed", about, {"tier": tier, "level": "reported"}, key)
        return RiskRow(assessment=document, tier=tier)  # type: ignore[arg-type]

    def revoke(self, dead: TestKey, reason: str, start: int, *keys: TestKey) -> int:
        predicate = {"keyid": dead.keyid, "reason": reason, "fromIndex": start}
        return self.log("key-revoked", [(ORIGIN, origin_subject(ORIGIN))], predicate, *(keys or (ALICE,)))


def honest() -> Logbook:
    """A log with three people, the starter policy set and one registered version by Alice."""
    book = Logbook()
    book.enrol(
        (ALICE, roles(*REVIEWER_ROLES)),
        (BOB, roles("validator", "risk-approver")),
        (CAROL, roles("validator", "risk-approver")),
    )
    book.set_policy(starter_policy_set())
    book.register()
    return book


@pytest.fixture(scope="session", autouse=True)
def verifier_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let no test read or write what this machine's verifier remembers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUNIMENT_VERIFIER_HOME", str(tmp_path_factory.mktemp("verifier")))
        yield


@pytest.fixture
def logbook() -> Logbook:
    """A log with three people, the starter policy set and one registered version by Alice."""
    return honest()


@pytest.fixture
def new_logbook() -> Callable[[], Logbook]:
    """Make as many such logs as a test needs."""
    return honest


@pytest.fixture
def people() -> SimpleNamespace:
    """Alice holds every role and is the author; Bob and Carol review; Mallory is nobody."""
    return SimpleNamespace(
        alice=ALICE, bob=BOB, carol=CAROL, mallory=MALLORY, service=SERVICE, log=LOG, roles=roles
    )
