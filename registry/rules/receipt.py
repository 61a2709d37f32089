"""What a gate answers at one point of the log: one function for the gate, the sealer and the verifier."""

import msgspec

from registry.rules.status import gate_verdict, status
from registry.trust.state import State
from schemas.digest import Digest


class Answer(msgspec.Struct, frozen=True):
    """Verdict (`allow`, `deny`, `unproven`), status, reasons, next steps and check rows."""

    verdict: str
    status: str
    why: tuple[str, ...]
    next: tuple[str, ...]
    checks: tuple[dict[str, str], ...]


def decide(state: State, manifest: Digest, environment: str, time: str, signed_size: int) -> Answer:
    """Return the gate's answer at `time`, under a signed head of `signed_size` leaves."""
    found = status(state, manifest, environment, time)
    verdict = gate_verdict(state, found, signed_size=signed_size)
    checks = tuple(
        {"rule": c.rule, "result": c.result, "severity": c.severity, "message": c.message}
        for c in found.checks
    )
    return Answer(verdict.verdict, verdict.status, verdict.why, verdict.next, checks)
