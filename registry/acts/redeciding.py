"""Deciding a gate receipt again, before it is sealed."""

from registry.acts.heads import is_granting
from registry.acts.state import read_state
from registry.registry import Registry
from registry.rules.receipt import Receipt, decide
from schemas.ledger import time_text


def find_disagreement(registry: Registry, receipt: Receipt) -> str | None:
    """Return why the receipt is not what the log says at its place, or None when it is."""
    if not 0 <= receipt.signed_size <= receipt.tree_size <= registry.ledger.head().size:
        return "the receipt speaks of leaves that are not here"
    if not registry.ledger.time_before(receipt.tree_size) <= receipt.time <= _now(registry):
        return "the receipt's time is not between the leaves it counts and now"
    return _compare(registry, receipt)


def _compare(registry: Registry, claimed: Receipt) -> str | None:
    state = read_state(registry, claimed.manifest, before=claimed.tree_size)
    version = state.find_version(claimed.manifest)
    named = version is not None and str(version.ref) == claimed.name
    if not named:
        return "the receipt is about another version"
    if claimed.mismatch:
        # Which bytes were offered is the gate's own word; such an answer can only deny.
        return None if claimed.verdict == "deny" else "a receipt over other bytes cannot allow"
    if claimed.verdict == "allow" and not is_granting(registry, state, claimed.signed_size):
        return "the receipt rests on a head that is not kept, or not confirmed by enough witnesses"
    answer = decide(
        state,
        claimed.manifest,
        claimed.environment,
        claimed.time,
        claimed.signed_size,
        claimed.unsealed_since,
    )
    if (answer.verdict, answer.status) == (claimed.verdict, claimed.status):
        return None
    said = f"the receipt says {claimed.verdict} ({claimed.status})"
    return f"{said}, the log says {answer.verdict} ({answer.status})"


def _now(registry: Registry) -> str:
    return max(time_text(registry.clock()), registry.ledger.head().time)
