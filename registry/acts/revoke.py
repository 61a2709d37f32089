"""Revoking a key: dead from here on, and when compromised void from an earlier place in the log."""

import msgspec

from registry.acts.actor import Actor, subject
from registry.acts.refusing import refused
from registry.acts.state import get_trust_root, read_state
from registry.acts.writing import writing
from registry.registry import Registry
from schemas.errors import NotFound, Usage
from schemas.ledger import origin_subject

REASONS = ("superseded", "left", "compromised")


class Revoked(msgspec.Struct, frozen=True):
    """A key that no longer counts."""

    keyid: str
    reason: str
    from_index: int
    seq: int


def revoke_key(
    registry: Registry, actor: Actor, key: str, reason: str, from_index: int | None = None
) -> Revoked:
    """Revoke the key with the id `key`, or a person's; a compromised one is void from `from_index` on."""
    if reason not in REASONS:
        raise Usage(f"no reason is called {reason!r}", hint=f"reasons: {', '.join(REASONS)}")
    with writing(registry) as writer:
        keyid = _find_key(registry, key)
        start = registry.ledger.head().size if from_index is None else from_index
        about = (subject(registry.origin, origin_subject(registry.origin)),)
        predicate = {"fromIndex": start, "keyid": keyid, "reason": reason}
        leaf = writer.append(actor.sign("key-revoked", about, predicate))[0]
        for problem in read_state(registry).problems:
            if problem.seq == leaf.seq:
                raise refused(problem)
    return Revoked(keyid, reason, start, leaf.seq)


def _find_key(registry: Registry, text: str) -> str:
    root = get_trust_root(read_state(registry))
    names = registry.names.all()
    keys = {k.keyid for p in root.persons for k in p.keys if text in (p.id, names.get(p.id))}
    if not keys and len(text) >= 8:
        keys = {k.keyid for k in root.member_keys() if k.keyid.startswith(text)}
    if not keys:
        raise NotFound(f"no enrolled key is called {text!r}", hint="muniment key list")
    if len(keys) > 1:
        raise Usage(
            f"{text!r} names several keys: {', '.join(sorted(k[:16] for k in keys))}",
            hint="name one by its id",
        )
    return keys.pop()
