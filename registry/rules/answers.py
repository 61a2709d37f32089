"""What is answered about a version in an environment: its status, and what the gate says of it."""

import msgspec

from registry.rules.lifecycle import VersionState
from registry.rules.quorum import RoleCount
from registry.trust.reviews import Cause, Overridden
from registry.trust.state import BreakGlass, Decision
from schemas.digest import Digest


class CheckAnswer(msgspec.Struct, frozen=True):
    """One check that applies: what the frozen dossier says about it."""

    rule: str
    title: str
    severity: str
    result: str
    message: str

    @property
    def blocks(self) -> bool:
        """It keeps the version from being deployed."""
        return self.severity == "block" and self.result in ("fail", "error")


class Glass(msgspec.Struct, frozen=True):
    """A break-glass and what it is worth at a time: live, expired, ended, rejected or not-allowed.

    `rests_on` is the highest leaf that must be under a signed head before it grants. Nothing forbids an
    author to break the glass for their own version; `by_author` has it said wherever the glass is shown.
    """

    event: BreakGlass
    word: str
    rests_on: int
    by_author: bool = False

    @property
    def said(self) -> str:
        """Until when it holds, who broke it and where the log tells it."""
        event, own = self.event, ", its author" if self.by_author else ""
        return f"until {event.expires_at} by {event.person} as {event.role}{own} (leaf {event.by.seq})"


class DossierStatus(msgspec.Struct, frozen=True):
    """The status of one dossier's approval; an older one beside a newer is `superseded`."""

    dossier: Digest
    status: str
    requested_by: int


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What stands for a version in an environment, why, and what to do next."""

    status: str
    version_state: VersionState
    manifest: Digest
    environment: str
    at: str
    ref: str = ""
    tier: str | None = None
    dossier: Digest | None = None
    open_dossier: Digest | None = None
    causes: tuple[Cause, ...] = ()
    conditions: tuple[Digest, ...] = ()
    approvals: tuple[Decision, ...] = ()
    rejections: tuple[Decision, ...] = ()
    quorum: tuple[RoleCount, ...] = ()
    checks: tuple[CheckAnswer, ...] = ()
    history: tuple[DossierStatus, ...] = ()
    expires_at: str | None = None
    why: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    author_unknown: bool = False
    grant_seq: int | None = None
    break_glass: tuple[Glass, ...] = ()
    overridden: tuple[Overridden, ...] = ()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The gate's answer: `allow`, `deny` or `unproven`, with the reasons a person reads."""

    verdict: str
    status: str
    why: tuple[str, ...]
    next: tuple[str, ...]
    checks: tuple[CheckAnswer, ...]
