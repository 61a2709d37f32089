"""An honest registry in memory, whose acts a case may bend.

Nothing here is mocked: the keys are real (made from names), and the bundle is written and verified by the
product's own code.
"""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from registry.bundle.contents import BundleContents, Claim, SealedReceipt, prove_receipt
from registry.bundle.summary import Asked
from registry.bundle.verify import Answer, verify_bundle
from registry.bundle.write import write_bundle
from registry.rules.check_rules import ArtifactCheck, CheckRule
from registry.rules.dossier import CheckRow, DossierParts, Lineage, PolicyRow, RiskRow, build_dossier
from registry.rules.dossier import Subject as DossierSubject
from registry.rules.policy import ApprovalRule, PolicySet
from registry.rules.receipt import decide, parse_receipt
from registry.rules.risk import assess
from registry.trust import merkle
from registry.trust.note import sign_checkpoint, vkey
from registry.trust.trust_root import Key, Person, Role, Service, TrustRoot
from schemas.asset import FileEntry, Manifest, VersionRef
from schemas.canonical import canonical
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.governance import RiskForm
from schemas.ledger import Checkpoint, parse_leaf, time_text
from schemas.statement import Statement, Subject, parse_envelope
from tests.attacks.memory_log import ORIGIN, MemoryLog, key, person_id

PEOPLE = {
    "alice": ("owner", "developer", "root", "policy"),
    "rita": ("risk-approver",),
    "vic": ("validator",),
}
ENV = "production"
SNAPSHOT = b'{"at":"run","kind":"gap","level":"absent","reason":"training-run-unknown"}\n'
LINEAGE: dict[str, Any] = {"nodes": 0, "edges": 0, "gaps": 1, "weakest": "absent"}
CHECK = CheckRow(
    rule="artifact", title="Bytes hashed", severity="block", result="pass", values={"level": "verified"}
)


class Registry(MemoryLog):
    """Every act appends what an honest registry appends, unless a case says otherwise."""

    def __init__(self, *, need: Mapping[str, int] | None = None) -> None:
        super().__init__()
        self.receipts: list[SealedReceipt] = []
        self.claims: list[Claim] = []
        self.asked: Asked | None = None
        self.registered: dict[Digest, str] = {}
        self.root = TrustRoot(
            version=1,
            origin=ORIGIN,
            root_threshold=1,
            persons=tuple(
                Person(person_id(n), tuple(Role(r) for r in roles), (Key(key(n).public),))
                for n, roles in PEOPLE.items()
            ),
            services=(Service("service", (Key(key("service").public),)),),
            log_keys=(vkey(ORIGIN, key("log").public),),
        )
        self.add_root(self.root, "alice")
        self.add_policy(1, need or {"risk-approver": 1})

    # What people and services do.

    def add_root(self, root: TrustRoot, *signers: str) -> int:
        """Log a trust root."""
        return self.append(root.to_statement(nonce=self.nonce()), *signers)

    def add_policy(self, version: int, need: Mapping[str, int], signer: str = "alice") -> int:
        """Log a policy set with one approval rule and one check."""
        check = CheckRule(
            id="artifact", title="Bytes hashed", severity="block", check=ArtifactCheck("verified")
        )
        rule = ApprovalRule(roles=dict(need), max_age_days=365)  # type: ignore[arg-type]
        policy = PolicySet(version=version, approval=(rule,), checks=(check,))
        return self.append(self.about_origin("policy-set", policy.to_predicate(self.nonce())), signer)

    def register(self, number: int = 7, signer: str = "alice", *, weights: bytes = b"weights") -> Manifest:
        """Register a version of one file."""
        ref = VersionRef("retail", "credit-risk", number)
        files = (FileEntry("weights.bin", Digest.of(weights), len(weights)),)
        manifest = Manifest(ORIGIN, ref, files)
        self.registered[manifest.digest] = str(ref)
        self.put(manifest.to_bytes())
        subjects = (
            Subject(str(ref), manifest.digest),
            Subject("artifact", manifest.artifact),
            Subject("weights.bin", files[0].digest),
        )
        predicate = {"artifactLevel": "verified", "authors": [], "nonce": self.nonce(), "runs": []}
        self.append(Statement("version-registered", subjects, predicate), signer)
        return manifest

    def request(
        self,
        manifest: Manifest,
        signer: str = "alice",
        *,
        environment: str = ENV,
        checks: tuple[CheckRow, ...] = (),
        lines: bytes = SNAPSHOT,
        parts: Mapping[str, Any] | None = None,
        **lineage: Any,
    ) -> Digest:
        """Freeze a dossier and ask for a decision; `parts` are what else it holds, such as the risk.

        A liar passes checks, or counts of the lineage.
        """
        snapshot = self.put(lines)
        ref, time = manifest.ref, time_text(self.now)
        dossier = self.put(
            build_dossier(
                DossierParts(
                    environment=environment,
                    subject=DossierSubject(
                        namespace=ref.namespace, name=ref.name, version=ref.version, manifest=manifest.digest
                    ),
                    evaluated_at=time,
                    authors=(person_id("alice"),),
                    lineage=Lineage(**(LINEAGE | {"snapshot": snapshot} | lineage)),
                    policy_set=PolicyRow(version=self.policy_version, digest=self.policy_digest),
                    checks=checks or (CHECK,),
                    **(parts or {}),
                )
            )
        )
        predicate = {
            "environment": environment,
            "evaluatedAt": time,
            "nonce": self.nonce(),
            "policySet": {"digest": self.policy_digest, "version": self.policy_version},
            "snapshot": snapshot,
        }
        subjects = (Subject(str(ref), manifest.digest), Subject("dossier", dossier))
        self.append(Statement("review-requested", subjects, predicate), signer)
        return dossier

    def approval(self, manifest: Manifest, dossier: Digest, who: str = "rita", **changed: Any) -> Statement:
        """Return a decision, not yet signed; `changed` replaces members of the predicate."""
        head = self.head()
        context = {"origin": ORIGIN, "rootHash": base64.b64encode(head.root).decode(), "treeSize": head.size}
        reason = self.put(b"sixteen bytes ok" + b"checked drift")
        predicate = {
            "conditions": [],
            "decidedAt": time_text(self.now),
            "decision": "approve",
            "environment": ENV,
            "logContext": context,
            "nonce": self.nonce(),
            "opened": [],
            "reason": reason,
            "reviewer": person_id(who),
            "role": PEOPLE[who][0] if who in PEOPLE else "risk-approver",
        }
        subjects = (Subject(str(manifest.ref), manifest.digest), Subject("dossier", dossier))
        return Statement("approval", subjects, predicate | changed)

    def decide(self, manifest: Manifest, dossier: Digest, who: str = "rita", **changed: Any) -> int:
        """Log a person's decision."""
        return self.append(self.approval(manifest, dossier, who, **changed), who)

    def withdraw(self, manifest: Manifest, seq: int, who: str = "rita", signer: str | None = None) -> int:
        """Log that a person takes back the decision at leaf `seq`."""
        reason = self.put(b"sixteen bytes ok" + b"was wrong")
        predicate = {
            "environment": ENV,
            "nonce": self.nonce(),
            "reason": reason,
            "reviewer": person_id(who),
        }
        subjects = (
            Subject(str(manifest.ref), manifest.digest),
            Subject("decision", parse_leaf(self.leaves[seq]).body),
        )
        return self.append(Statement("withdrawn", subjects, predicate), signer or who)

    def evidence(self, manifest: Manifest, data: bytes, who: str = "alice", **changed: Any) -> Digest:
        """Log a document as evidence for a version, and keep it."""
        digest = self.put(data)
        predicate = {"kind": "validation_report", "level": "verified", "nonce": self.nonce()}
        self.append(_about(manifest, "evidence-added", ("evidence", digest), predicate | changed), who)
        return digest

    def withdraw_evidence(self, manifest: Manifest, digest: Digest, who: str = "alice") -> int:
        """Log that a document is evidence no longer."""
        predicate = {"nonce": self.nonce()}
        return self.append(_about(manifest, "evidence-withdrawn", ("evidence", digest), predicate), who)

    def log_document(self, kind: str, manifest: Manifest, data: bytes, who: str = "alice") -> Digest:
        """Log a document of a kind that names neither tier nor attribute, and keep it."""
        digest = self.put(data)
        self.append(_about(manifest, kind, ("document", digest), {"nonce": self.nonce()}), who)
        return digest

    def assess(self, manifest: Manifest, form: RiskForm, who: str = "alice", *, tier: str = "") -> RiskRow:
        """Log a risk assessment and keep its document; a liar records another tier than it gives."""
        document = assess(form, today="2026-11-23")
        digest = self.put(document.to_bytes())
        word = tier or document.tier.word
        predicate = {"level": "verified", "nonce": self.nonce(), "tier": word}
        self.append(_about(manifest, "risk-assessed", ("document", digest), predicate), who)
        return RiskRow(assessment=digest, tier=word)  # type: ignore[arg-type]

    def change(
        self,
        manifest: Manifest,
        base: Digest,
        to: Digest,
        *parts: tuple[str, str],
        through: int | None = None,
    ) -> int:
        """Log the service's word for what changed since the dossier `base` was frozen."""
        predicate = {
            "base": base,
            "environment": ENV,
            "nonce": self.nonce(),
            "parts": [{"part": part, "cause": cause} for part, cause in parts],
            "through": len(self.leaves) - 1 if through is None else through,
            "to": to,
        }
        return self.append(_about(manifest, "dossier-changed", ("dossier", base), predicate), "service")

    def revoke(self, name: str, *signers: str, reason: str = "left", from_index: int = 0) -> int:
        """Log a key's revocation."""
        predicate = {
            "fromIndex": from_index,
            "keyid": key(name).keyid,
            "nonce": self.nonce(),
            "reason": reason,
        }
        return self.append(self.about_origin("key-revoked", predicate), *signers)

    def gate(self, manifest: Manifest, **changed: Any) -> bytes:
        """Return a gate's receipt; `changed` lets it lie."""
        size, time = len(self.leaves), time_text(self.now)
        answer = decide(self.state(), manifest.digest, ENV, time, size)
        receipt = {
            "checks": list(answer.checks),
            "environment": ENV,
            "mismatch": False,
            "signedSize": size,
            "status": answer.status,
            "subject": {"manifest": manifest.digest, "name": str(manifest.ref)},
            "time": time,
            "treeSize": size,
            "verdict": answer.verdict,
        }
        return canonical(receipt | changed)

    def seal(self, *receipts: bytes) -> int:
        """Seal receipts and keep their proofs."""
        digests = [Digest.of(r) for r in receipts]
        root = merkle.root([merkle.leaf_hash(d.raw) for d in digests])
        predicate = {
            "count": len(digests),
            "kind": "receipts",
            "nonce": self.nonce(),
            "root": base64.b64encode(root).decode(),
        }
        seq = self.append(self.about_origin("seal", predicate), "service")
        self.receipts += [prove_receipt(seq, digests, i, r) for i, r in enumerate(receipts)]
        return seq

    # The bundle.

    def claim(self, manifest: Manifest, status: str) -> None:
        """State a status in the bundle."""
        self.claims.append(Claim(manifest.digest, ENV, status))

    def contents(self, *, log_key: str = "log", head: Checkpoint | None = None) -> BundleContents:
        """Return what a bundle is made of."""
        named = b"".join(
            parse_envelope(row).payload for row in self.envelopes if isinstance(row, bytes) and _opens(row)
        )
        bodies = dict(self.bodies)
        while unnamed := [d for d in bodies if d.hex.encode() not in named + b"".join(bodies.values())]:
            for digest in unnamed:
                del bodies[digest]
        return BundleContents(
            leaves=tuple(self.leaves),
            envelopes=tuple(self.envelopes),
            checkpoint=sign_checkpoint(head or self.head(), key(log_key)),
            checkpoints=self._earlier_heads(),
            bodies=bodies,
            claims=tuple(self.claims),
            receipts=tuple(self.receipts),
            asked=self.asked or self._asked(),
        )

    def bundle(self, **options: Any) -> bytes:
        """Write the bundle."""
        return write_bundle(self.contents(**options), key("service"))

    def verify(self, **options: Any) -> Answer:
        """Write the bundle and verify it under the registry's own anchor."""
        return verify_bundle(self.bundle(), anchor=options.pop("anchor", None) or self.anchor, **options)

    def _asked(self) -> Asked:
        """Return the scope of an exporter who was asked for what is claimed; for everything if nothing is."""
        claimed = {claim.subject for claim in self.claims}
        names = [name for manifest, name in self.registered.items() if manifest in claimed]
        environments = {ENV, *(claim.environment for claim in self.claims)}
        return Asked(subjects=tuple(sorted(names)), environments=tuple(sorted(environments)))

    def _earlier_heads(self) -> tuple[str, ...]:
        sizes = set()
        for item in self.receipts:
            try:
                sizes.add(parse_receipt(item.receipt).signed_size)
            except VerificationError:
                continue
        inner = sorted(size for size in sizes if 0 < size < len(self.leaves))
        return tuple(sign_checkpoint(self.head(size), key("log")) for size in inner)


def honest(*, need: Mapping[str, int] | None = None) -> tuple[Registry, Manifest, Digest, int]:
    """Return a registry with one version approved for production, and the approval's leaf."""
    registry = Registry(need=need)
    manifest = registry.register()
    dossier = registry.request(manifest)
    return registry, manifest, dossier, registry.decide(manifest, dossier)


def _about(manifest: Manifest, kind: str, second: tuple[str, Digest], predicate: dict[str, Any]) -> Statement:
    return Statement(kind, (Subject(str(manifest.ref), manifest.digest), Subject(*second)), predicate)


def altered_root(root: TrustRoot, **changed: Any) -> TrustRoot:
    """Return a trust root with members replaced."""
    return msgspec.structs.replace(root, **changed)


def _opens(row: bytes) -> bool:
    try:
        parse_envelope(row)
    except VerificationError:
        return False
    return True


__all__ = ["ENV", "ORIGIN", "PEOPLE", "Registry", "altered_root", "honest", "key", "person_id"]
