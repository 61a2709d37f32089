"""What a gate answers at one point of the log: one function for the gate, the sealer and the verifier."""

from typing import Annotated, Any, Literal

import msgspec

from registry.rules.policy import span_of
from registry.rules.status import gate_verdict, status
from registry.trust.predicates import Environment
from registry.trust.state import State
from schemas.canonical import parse_canonical
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import moment, parse_time_text

_Count = Annotated[int, msgspec.Meta(ge=0)]
_Text = Annotated[str, msgspec.Meta(max_length=4096)]


class Answer(msgspec.Struct, frozen=True):
    """Verdict (`allow`, `deny`, `unproven`), status, reasons, next steps and check rows."""

    verdict: str
    status: str
    why: tuple[str, ...]
    next: tuple[str, ...]
    checks: tuple[dict[str, str], ...]


class Receipt(msgspec.Struct, frozen=True):
    """A gate's answer as its receipt states it, about `manifest` under the version's `name`.

    `unsealed_since`: the oldest item had waited since then, longer than the policy set allows.
    """

    manifest: Digest
    name: str
    environment: str
    verdict: str
    status: str
    mismatch: bool
    tree_size: int
    signed_size: int
    time: str
    unsealed_since: str | None = None


class _Subject(msgspec.Struct, frozen=True):
    manifest: str
    name: _Text


class _Written(msgspec.Struct, frozen=True, rename="camel"):
    """What a gate writes and a decision rests on; `checks` only say it in more words."""

    subject: _Subject
    environment: Environment
    verdict: Literal["allow", "deny", "unproven"]
    status: _Text
    mismatch: bool
    tree_size: _Count
    signed_size: _Count
    time: str
    unsealed_since: str | None = None


def decide(
    state: State,
    manifest: Digest,
    environment: str,
    time: str,
    signed_size: int,
    unsealed_since: str | None = None,
) -> Answer:
    """Return the gate's answer at `time`, under a signed head of `signed_size` leaves.

    What waits for a seal is not in the log: that it waited since `unsealed_since` is the gate's own word,
    which turns an allow into unproven and nothing else.
    """
    found = status(state, manifest, environment, time)
    said = gate_verdict(state, found, signed_size=signed_size)
    verdict, why, steps = said.verdict, said.why, said.next
    if verdict == "allow" and (late := unsealed_too_long(state, time, unsealed_since)):
        verdict, why, steps = "unproven", (late, *why), ("muniment audit checkpoint",)
    checks = tuple(
        {"rule": c.rule, "result": c.result, "severity": c.severity, "message": c.message}
        for c in found.checks
    )
    return Answer(verdict, said.status, why, steps, checks)


def unsealed_too_long(state: State, time: str, since: str | None) -> str | None:
    """Return in words that an item waits for its seal longer than the policy set allows, else None."""
    policy = state.policy_set
    if policy is None or policy.value.max_unsealed_age is None or since is None:
        return None
    allowed = policy.value.max_unsealed_age
    if moment(time) - moment(since) <= span_of(allowed):
        return None
    return f"unsealed since {since}: the policy set in force allows {allowed}"


def parse_receipt(data: bytes) -> Receipt:
    """Return the receipt spelled by `data`; raise VerificationError for anything a gate does not write."""
    value: Any = parse_canonical(data)
    try:
        written = msgspec.convert(value, _Written)
        manifest = Digest(written.subject.manifest)
    except (ValueError, TypeError) as error:
        raise VerificationError("RECEIPT_MALFORMED", "a receipt lacks what a gate writes") from error
    return Receipt(
        manifest=manifest,
        name=written.subject.name,
        environment=written.environment,
        verdict=written.verdict,
        status=written.status,
        mismatch=written.mismatch,
        tree_size=written.tree_size,
        signed_size=written.signed_size,
        time=parse_time_text(written.time),
        unsealed_since=None if written.unsealed_since is None else parse_time_text(written.unsealed_since),
    )
