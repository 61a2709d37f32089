"""The screens' way to the registry: reads pages, drafts decisions, records signed ones."""

from pathlib import Path

from registry.acts.changes import changes_since
from registry.acts.decide import draft_decision, record_decision
from registry.acts.own_key import find_key_file, live_keys
from registry.acts.queue import list_queue
from registry.acts.state import get_trust_root, read_state
from registry.acts.trail import list_trail
from registry.pages.version import version_page
from registry.reading import DecisionDraft, DecisionRequest, Receipt, RegistryLine, Reviewer
from registry.registry import Registry
from registry.signing import keyfile
from registry.trust.state import State
from registry.trust.trust_root import Person
from registry.views import AuditRow, ChangeRow, QueueItem, QueueView, VersionPage
from schemas.asset import parse_version_ref
from schemas.digest import Digest


class Desk:
    """`registry.reading.Reading` over an open registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def registry(self) -> RegistryLine:
        """Return the line about the registry."""
        checkpoint = self._registry.ledger.find_checkpoint()
        return RegistryLine(
            name=self._registry.home.name,
            origin=self._registry.origin,
            size=self._registry.ledger.head().size,
            signed_size=0 if checkpoint is None else checkpoint[0],
            problems=len(read_state(self._registry).problems),
            unsealed=self._registry.inbox.count()[0],
        )

    def queue(self, view: QueueView) -> tuple[QueueItem, ...]:
        """Return the items of one home list, most urgent first."""
        return list_queue(self._registry, view)

    def version_page(self, subject: str, environment: str) -> VersionPage:
        """Return all about one version in one environment."""
        return version_page(self._registry, subject, environment)

    def changes(self, subject: str, environment: str) -> tuple[ChangeRow, ...]:
        """Return what differs from the last approved dossier; raise NotFound when nothing was decided."""
        found = changes_since(self._registry, parse_version_ref(subject, namespace="main"), environment)
        return tuple(ChangeRow(c.part, c.kind, c.what, c.materiality) for c in found.changes)

    def evidence_body(self, digest: Digest) -> bytes | None:
        """Return the document's bytes, re-hashed, or None when they are not here."""
        return self._registry.ledger.find_body(digest)

    def audit_size(self) -> int:
        """Return the number of leaves."""
        return self._registry.ledger.head().size

    def audit(self, after: int, limit: int) -> tuple[AuditRow, ...]:
        """Return up to `limit` leaves with `seq` greater than `after`, in log order."""
        return list_trail(self._registry, after, limit)

    def reviewers(self) -> tuple[Reviewer, ...]:
        """Return the people whose key files lie in the registry, those who can decide first."""
        state = read_state(self._registry)
        found = [
            self._reviewer(state, person, path)
            for person in get_trust_root(state).persons
            if (path := find_key_file(self._registry, state, person.id)) is not None
        ]
        return tuple(sorted(found, key=lambda r: (bool(r.unusable), len(r.roles))))

    def draft_decision(self, request: DecisionRequest) -> DecisionDraft:
        """Return the exact statement the decision would sign; record nothing."""
        return draft_decision(self._registry, request)

    def decide(self, draft: DecisionDraft, passphrase: str) -> Receipt:
        """Sign the draft's payload and record it; a wrong passphrase raises Usage and records nothing."""
        reviewer = draft.request.reviewer
        path = find_key_file(self._registry, read_state(self._registry), reviewer)
        path = path or self._registry.keys / reviewer
        secret = passphrase.encode() if keyfile.is_encrypted(path) else None
        return record_decision(self._registry, draft, keyfile.load(path, secret))

    def _reviewer(self, state: State, person: Person, path: Path) -> Reviewer:
        live = live_keys(state, person.id)
        keyid = next((k.keyid for k in person.keys if k.keyid in live), "")
        unusable = "" if keyid else "the key is revoked"
        roles = tuple(dict.fromkeys(role.role for role in person.roles))
        return Reviewer(
            id=person.id,
            name=self._registry.names.name_of(person.id),
            roles=roles,
            keyid=keyid,
            key=str(path),
            needs_passphrase=keyfile.is_encrypted(path),
            unusable="the key is suspended" if keyid in state.suspended else unusable,
        )
