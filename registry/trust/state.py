"""What the log amounts to: accepted events by subject, and everything that was refused, by name.

The state holds events and derives nothing that a later revocation could undo: whether a decision counts is
asked of `reviews.py` each time. Callers treat a State as immutable; `step` answers with a new one.
"""

from collections.abc import Collection
from typing import Any, Literal, Self, TypeVar

import msgspec

from registry.rules.dossier import DossierParts
from registry.rules.policy import PolicySet
from registry.trust.predicates import ChangedPart, LogContext
from registry.trust.trust_root import Person, Service, TrustRoot
from schemas.asset import VersionRef
from schemas.digest import Digest


class Problem(msgspec.Struct, frozen=True):
    """A record that does not count, and why; `subjects` are its leaf's."""

    seq: int
    code: str
    message: str
    subjects: tuple[Digest, ...] = ()


class Missing(msgspec.Struct, frozen=True):
    """Bytes the fold would have read and did not get: a record of type `what`, or a `manifest`."""

    seq: int
    what: str
    digest: Digest


class By(msgspec.Struct, frozen=True, gc=False):
    """Who signed a record, where it stands in the log and the time its leaf claims."""

    seq: int
    time: str
    keyid: str
    person: str | None = None
    service: str | None = None
    envelope: Digest | None = None
    cosigners: tuple[str, ...] = ()
    """The further keys that signed, where one statement takes the root threshold."""


class Revocation(msgspec.Struct, frozen=True):
    """A dead key: refused from `seq` on, and when compromised what it signed from `void_from` on is void."""

    keyid: str
    reason: str
    seq: int
    void_from: int | None


class PolicyInForce(msgspec.Struct, frozen=True):
    """A policy set, the digest of its signed payload and who signed it."""

    value: PolicySet
    digest: Digest
    by: By

    @property
    def version(self) -> int:
        """The set's version."""
        return self.value.version


class RootInForce(msgspec.Struct, frozen=True):
    """A trust root and the leaf from which on it holds."""

    value: TrustRoot
    seq: int
    digest: Digest


class Version(msgspec.Struct, frozen=True):
    """A registered version. `authors` are those the registration names and the person who signed it."""

    manifest: Digest
    ref: VersionRef
    artifact: Digest
    file: Digest | None
    authors: tuple[str, ...]
    runs: tuple[dict[str, Any], ...]
    artifact_level: str
    by: By

    @property
    def author_unknown(self) -> bool:
        """A service registered it and named nobody: separation of duties cannot be proved."""
        return not self.authors


class Request(msgspec.Struct, frozen=True):
    """A frozen dossier somebody asked a decision about; `frozen` is None when its body is not here."""

    manifest: Digest
    environment: str
    dossier: Digest
    evaluated_at: str
    policy_version: int
    frozen: DossierParts | None
    by: By


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One person's signed decision about one dossier."""

    person: str
    role: str
    decision: Literal["approve", "reject", "abstain"]
    dossier: Digest
    environment: str
    decided_at: str
    expires_at: str | None
    conditions: tuple[Digest, ...]
    opened: tuple[Digest, ...]
    reason: Digest | None
    log_context: LogContext
    envelope: Digest
    by: By


class Withdrawal(msgspec.Struct, frozen=True):
    """A person takes back the decision whose envelope has the digest `decision`."""

    person: str
    decision: Digest
    by: By


class Change(msgspec.Struct, frozen=True):
    """What the registry's service found changed since the dossier `base` was frozen."""

    base: Digest
    to: Digest
    parts: tuple[ChangedPart, ...]
    through: int
    by: By


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Root holders end the rejection whose envelope has the digest `decision`."""

    decision: Digest
    reason: Digest
    envelope: Digest
    by: By


class BreakGlass(msgspec.Struct, frozen=True, kw_only=True):
    """A person answers for a deployment that nobody approved, under the policy set `policy_version`."""

    person: str
    role: str
    expires_at: str
    reason: Digest
    envelope: Digest
    policy_version: int
    by: By


ReviewEvent = Request | Decision | Withdrawal | Override | BreakGlass | Change
E = TypeVar("E", bound=ReviewEvent)


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """A document added to a version, withdrawn from it, or put in the place of `replaces`."""

    digest: Digest
    kind: str
    level: str
    valid_until: str | None
    replaces: Digest | None
    withdrawn: bool
    by: By


class Document(msgspec.Struct, frozen=True, gc=False):
    """A recorded evaluation, bias check, report of monitoring or risk assessment (`what`)."""

    what: Literal["evaluation", "bias", "monitoring", "risk"]
    digest: Digest
    tier: str | None
    attribute: str
    rule: str
    by: By


class LinkedRun(msgspec.Struct, frozen=True):
    """A training run linked after registration."""

    source: str
    run_id: str
    job: dict[str, str]
    by: By


class Erasure(msgspec.Struct, frozen=True):
    """The bytes of a body are gone on purpose: why, what it was, and the leaf of the record it was."""

    reason: str
    what: str
    leaf: int | None
    by: By


class Replays(dict[tuple[Digest, str], object]):
    """How far each review was replayed: a memo of `reviews.py`, each state's own, which tells none apart."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Replays)


class State(msgspec.Struct, kw_only=True):
    """The fold of the log up to, not including, leaf `size`; persons and services by their keys' ids."""

    origin: str
    size: int = 0
    time: str = ""
    anchor: Digest | None = None
    roots: list[RootInForce] = msgspec.field(default_factory=list)
    keys: dict[str, bytes] = msgspec.field(default_factory=dict)
    persons: dict[str, Person] = msgspec.field(default_factory=dict)
    services: dict[str, Service] = msgspec.field(default_factory=dict)
    revoked: dict[str, Revocation] = msgspec.field(default_factory=dict)
    suspended: dict[str, By] = msgspec.field(default_factory=dict)
    """Who suspended which key; a key leaves the table when it is reinstated."""
    reinstated: dict[str, By] = msgspec.field(default_factory=dict)
    """Who let which suspended key sign again, last."""
    policies: dict[int, PolicyInForce] = msgspec.field(default_factory=dict)
    versions: dict[Digest, Version] = msgspec.field(default_factory=dict)
    names: dict[VersionRef, Digest] = msgspec.field(default_factory=dict)
    artifacts: dict[Digest, tuple[Digest, ...]] = msgspec.field(default_factory=dict)
    reviews: dict[tuple[Digest, str], tuple[ReviewEvent, ...]] = msgspec.field(default_factory=dict)
    environments: dict[Digest, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Where each version was ever reviewed, the keys of `reviews` by version."""
    evidence: dict[Digest, list[Evidence]] = msgspec.field(default_factory=dict)
    documents: dict[Digest, list[Document]] = msgspec.field(default_factory=dict)
    runs: dict[Digest, tuple[LinkedRun, ...]] = msgspec.field(default_factory=dict)
    erased: dict[Digest, Erasure] = msgspec.field(default_factory=dict)
    """What a fold over every leaf knows of erasures; a fold by subject does not read them."""
    envelopes: set[Digest] = msgspec.field(default_factory=set)
    replays: Replays = msgspec.field(default_factory=Replays)
    problems: list[Problem] = msgspec.field(default_factory=list)
    missing: dict[Digest, tuple[Missing, ...]] = msgspec.field(default_factory=dict)

    def copy(self) -> Self:
        """Return a state of its own whose tables can grow without this one changing."""
        other = type(self)(origin=self.origin)
        for name in self.__struct_fields__:
            value = getattr(self, name)
            setattr(other, name, value.copy() if isinstance(value, dict | list | set) else value)
        # A version has thousands of these at most: they are appended to, and copied where states part.
        other.evidence = {manifest: list(told) for manifest, told in self.evidence.items()}
        other.documents = {manifest: list(told) for manifest, told in self.documents.items()}
        other.replays = Replays()
        return other

    @property
    def trust_root(self) -> TrustRoot | None:
        """The trust root in force, None before the first."""
        return self.roots[-1].value if self.roots else None

    @property
    def policy_set(self) -> PolicyInForce | None:
        """The newest policy set that no compromised key signed, None before the first."""
        for version in sorted(self.policies, reverse=True):
            if not self.is_void(self.policies[version].by):
                return self.policies[version]
        return None

    def is_void(self, by: By) -> bool:
        """Say whether a key found compromised signed this record within the reach of its revocation."""
        if not self.revoked:
            return False  # nearly always, and asked of every record again and again
        signed = (self.revoked.get(keyid) for keyid in (by.keyid, *by.cosigners))
        return any(f is not None and f.void_from is not None and by.seq >= f.void_from for f in signed)

    def find_version(self, manifest: Digest) -> Version | None:
        """Return the version registered under `manifest` whose registration stands."""
        found = self.versions.get(manifest)
        return None if found is None or self.is_void(found.by) else found

    def find_risk(self, manifest: Digest, *, before: int | None = None) -> Document | None:
        """Return the latest standing risk assessment, or the latest before leaf `before`."""
        for document in reversed(self.documents.get(manifest, ())):
            early = before is None or document.by.seq < before
            if document.what == "risk" and early and not self.is_void(document.by):
                return document
        return None

    def find_tier(self, manifest: Digest) -> str | None:
        """Return the risk tier of the latest standing assessment, None when there is none."""
        found = self.find_risk(manifest)
        return None if found is None else found.tier

    def review_events(self, kind: type[E], manifests: Collection[Digest] | None = None) -> list[E]:
        """Return the accepted events of one kind over all reviews, or over those of `manifests`."""
        return [
            event
            for (manifest, _), events in self.reviews.items()
            if manifests is None or manifest in manifests
            for event in events
            if isinstance(event, kind)
        ]

    def latest_bias(self, manifest: Digest) -> tuple[Document, ...]:
        """Return the latest standing bias check of each attribute and rule."""
        latest: dict[tuple[str, str], Document] = {}
        for document in self.documents.get(manifest, ()):
            if document.what == "bias" and not self.is_void(document.by):
                latest[document.attribute, document.rule] = document
        return tuple(latest.values())

    def standing_evaluations(self, manifest: Digest) -> set[Digest]:
        """Return every recorded evaluation that no compromised key signed."""
        return {d.digest for d in self.standing_documents(manifest, "evaluation")}

    def standing_monitoring(self, manifest: Digest) -> set[Digest]:
        """Return every recorded report of monitoring that no compromised key signed."""
        return {d.digest for d in self.standing_documents(manifest, "monitoring")}

    def standing_documents(self, manifest: Digest, what: str) -> tuple[Document, ...]:
        """Return the recorded documents of one kind that no compromised key signed, in log order."""
        known = self.documents.get(manifest, ())
        return tuple(d for d in known if d.what == what and not self.is_void(d.by))

    def standing_evidence(self, manifest: Digest, *, before: int | None = None) -> tuple[Evidence, ...]:
        """Return the documents added and neither withdrawn nor replaced (before leaf `before`), as added."""
        live: dict[Digest, Evidence] = {}
        for event in self.evidence.get(manifest, ()):
            if self.is_void(event.by) or (before is not None and event.by.seq >= before):
                continue
            if event.withdrawn:
                live.pop(event.digest, None)
                continue
            if event.replaces is not None:
                live.pop(event.replaces, None)
            live[event.digest] = event
        return tuple(live.values())
