"""The trust root in force, and what is weak about it."""

from datetime import timedelta

import msgspec

from registry.acts.log_key import NEXT
from registry.acts.state import get_trust_root, read_state
from registry.registry import Registry
from registry.signing.keyring import find_key
from registry.trust.state import State
from registry.trust.trust_root import Person, TrustRoot
from schemas.digest import Digest
from schemas.errors import Unproven
from schemas.ledger import moment, time_text

SOON = timedelta(days=30)


class RootView(msgspec.Struct, frozen=True):
    """The root, the leaf it holds from, the registry's anchor, keys that sign nothing, and what to do."""

    root: TrustRoot
    seq: int
    anchor: Digest
    revoked: tuple[str, ...]
    suspended: tuple[str, ...]
    warnings: tuple[str, ...]


def read_root(registry: Registry) -> RootView:
    """Return the trust root in force; raise Unproven when none stands."""
    state = read_state(registry)
    root = get_trust_root(state)
    if state.anchor is None:
        raise Unproven("the log's first trust root does not stand", hint="muniment audit verify")
    return RootView(
        root,
        state.roots[-1].seq,
        state.anchor,
        tuple(sorted(state.revoked)),
        tuple(sorted(state.suspended)),
        root_warnings(registry, state, root),
    )


def root_warnings(registry: Registry, state: State, root: TrustRoot) -> tuple[str, ...]:
    """Return what is missing, each with the command that adds it."""
    revoked = frozenset(state.revoked)
    holders = set(root.root_holders().values())
    living = [p for p in root.persons if p.id in holders and _live(p, revoked)]
    found = []
    if len(living) < 2:
        found.append(
            "only one person holds the role root: if their key is lost, nobody can be enrolled or revoked"
            "; next: muniment key enrol NAME --role root"
        )
    recovering = [p for p in living if p.id in root.recovery]
    if not recovering:
        found.append(
            "no recovery root: the trust root names nobody whose key is kept offline"
            "; next: muniment key recovery -o FOLDER"
        )
    elif all(find_key(registry.keys, _live(person, revoked)) is not None for person in recovering):
        found.append(
            "the recovery key lies in this registry's key folder: who takes the one takes both"
            "; next: move it to a medium that is kept elsewhere"
        )
    found += [
        f"the key {keyid[:16]} is suspended and signs nothing"
        f"; next: muniment key reinstate {keyid[:16]}, or key revoke"
        for keyid in sorted(set(state.suspended) - revoked)
    ]
    if (registry.keys / NEXT).exists():
        found.append(
            f"a new log key ({NEXT}) waits for the trust root that names it"
            "; next: muniment root update DRAFT, or remove the file"
        )
    found += _expiry(registry, root)
    return tuple(found)


def _expiry(registry: Registry, root: TrustRoot) -> list[str]:
    if root.expires is None:
        return []
    now = registry.clock()
    step = "; next: muniment root update --expires DATE"
    if root.expires <= time_text(now):
        return [f"the trust root expired at {root.expires}: the gate grants nothing{step}"]
    return [f"the trust root expires at {root.expires}{step}"] if moment(root.expires) - now < SOON else []


def _live(person: Person, revoked: frozenset[str]) -> frozenset[str]:
    return frozenset(key.keyid for key in person.keys) - revoked
