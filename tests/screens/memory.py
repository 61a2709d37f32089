"""A second implementation of Reading, in memory: two people, each with a real key under a real passphrase."""

import hashlib
import secrets

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from registry.reading import DecisionDraft, DecisionRequest, Receipt, RegistryLine, Reviewer
from registry.views import AuditRow, ChangeRow, QueueItem, QueueView, VersionPage
from schemas.digest import Digest
from schemas.errors import NotFound, Usage
from schemas.statement import Statement, Subject
from tests.screens.sample import CHANGES, DOSSIER, LEAVES, PAGE, REPORT, SUBJECT
from tests.screens.sample_queue import ITEMS

PASSPHRASE = "a long enough passphrase"


class MemoryReading:
    """One registry with one version that is known in full."""

    def __init__(self, page: VersionPage = PAGE, items: tuple[QueueItem, ...] | None = None) -> None:
        self.page = page
        self.items = ITEMS if items is None else items
        self.leaves = list(LEAVES)
        self.recorded: list[tuple[DecisionDraft, bytes]] = []
        self.refused = ""
        self._keys = {name: _locked_key() for name in ("p-m.osei", "p-dev.olsen")}

    def registry(self) -> RegistryLine:
        return RegistryLine("acme", "muniment.dev/log/" + "0" * 32, len(self.leaves), 42)

    def queue(self, view: QueueView) -> tuple[QueueItem, ...]:
        return {QueueView.WAITING: self.items, QueueView.ATTENTION: (), QueueView.ALL: self.items}[view]

    def version_page(self, subject: str, environment: str) -> VersionPage:
        if subject != self.page.identity.subject:
            raise NotFound(f"{subject} is not registered here", hint="muniment models")
        return msgspec.structs.replace(self.page, environment=environment)

    def changes(self, subject: str, environment: str) -> tuple[ChangeRow, ...]:
        if environment != "production":
            raise NotFound(f"nothing was ever decided about {subject} for {environment}")
        return CHANGES

    def evidence_body(self, digest: Digest) -> bytes | None:
        return REPORT if digest == Digest.of(REPORT) else None

    def audit_size(self) -> int:
        return len(self.leaves)

    def audit(self, after: int, limit: int) -> tuple[AuditRow, ...]:
        return tuple(self.leaves[after + 1 : after + 1 + limit])

    def reviewers(self) -> tuple[Reviewer, ...]:
        return (
            Reviewer("p-m.osei", "m.osei", ("risk-approver", "validator"), "9f3a" * 16, "keys/m.osei"),
            Reviewer("p-dev.olsen", "dev.olsen", ("developer",), "ab12" * 16, "keys/dev.olsen"),
        )

    def draft_decision(self, request: DecisionRequest) -> DecisionDraft:
        bodies = tuple(secrets.token_bytes(16) + t.encode() for t in (request.reason, *request.conditions))
        statement = Statement(
            "approval",
            (Subject(request.subject, self.page.identity.manifest), Subject("dossier", DOSSIER)),
            {
                "decision": request.decision,
                "environment": request.environment,
                "role": request.role,
                "reviewer": request.reviewer,
                "reason": "sha256:" + hashlib.sha256(bodies[0]).hexdigest(),
                "conditions": ["sha256:" + hashlib.sha256(b).hexdigest() for b in bodies[1:]],
                "nonce": secrets.token_hex(16),
            },
        )
        warnings = ("2 blocking checks fail; approving does not make the gate allow",)
        return DecisionDraft(request, statement.payload(), bodies, warnings, self.refused)

    def decide(self, draft: DecisionDraft, passphrase: str) -> Receipt:
        try:
            key = load_pem_private_key(self._keys[draft.request.reviewer], passphrase.encode())
        except ValueError as error:
            raise Usage("wrong passphrase for keys/m.osei", hint="try again") from error
        assert isinstance(key, Ed25519PrivateKey)
        self.recorded.append((draft, key.sign(draft.payload)))
        envelope = Digest.of(draft.payload)
        row = AuditRow(len(self.leaves), "2026-11-23T10:00:00Z", "approval", "m.osei", SUBJECT, "", envelope)
        self.leaves.append(row)
        return Receipt(row.seq, draft.request.decision, envelope, "valid")


def _locked_key() -> bytes:
    lock = BestAvailableEncryption(PASSPHRASE.encode())
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
