"""Deciding a gate receipt again, before it is sealed and when a bundle is verified."""

from typing import Any

from registry.acts.state import read_state
from registry.registry import Registry
from registry.rules.receipt import decide
from schemas.digest import Digest
from schemas.ledger import time_text


def find_disagreement(registry: Registry, receipt: dict[str, Any]) -> str | None:
    """Return why the receipt is not what the log says at its place, or None when it is."""
    try:
        manifest = Digest(receipt["subject"]["manifest"])
        size, signed = receipt["treeSize"], receipt["signedSize"]
        environment, time = receipt["environment"], receipt["time"]
        claimed = (receipt["verdict"], receipt["status"], bool(receipt["mismatch"]))
    except (KeyError, TypeError, ValueError):
        return "the receipt is malformed"
    if size > registry.ledger.head().size or signed > size:
        return "the receipt speaks of leaves that are not here"
    state = read_state(registry, manifest, before=size)
    version = state.find_version(manifest)
    if version is None or str(version.ref) != receipt["subject"].get("name"):
        return "the receipt names another version than its manifest's"
    if not registry.ledger.time_before(size) <= time <= time_text(registry.clock()):
        return "the receipt's time is not between the leaves it counts and now"
    answer = decide(state, manifest, environment, time, signed)
    if claimed[2]:
        # Which bytes were offered is the gate's own word; such an answer can only deny.
        return None if claimed[0] == "deny" else "a receipt over other bytes cannot allow"
    if (answer.verdict, answer.status) != claimed[:2]:
        return (
            f"the receipt says {claimed[0]} ({claimed[1]}), the log says {answer.verdict} ({answer.status})"
        )
    return None
