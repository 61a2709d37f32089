"""The trust root in force, and what is weak about it."""

import msgspec

from registry.acts.state import get_trust_root, read_state
from registry.registry import Registry
from registry.signing.keyring import find_key
from registry.trust.trust_root import Person, TrustRoot
from schemas.digest import Digest
from schemas.errors import Unproven


class RootView(msgspec.Struct, frozen=True):
    """The root, the leaf it holds from, the registry's anchor, revoked keys, and what to do about it."""

    root: TrustRoot
    seq: int
    anchor: Digest
    revoked: tuple[str, ...]
    warnings: tuple[str, ...]


def read_root(registry: Registry) -> RootView:
    """Return the trust root in force; raise Unproven when none stands."""
    state = read_state(registry)
    root = get_trust_root(state)
    if state.anchor is None:
        raise Unproven("the log's first trust root does not stand", hint="muniment audit verify")
    warnings = root_warnings(registry, root, frozenset(state.revoked))
    return RootView(root, state.roots[-1].seq, state.anchor, tuple(sorted(state.revoked)), warnings)


def root_warnings(registry: Registry, root: TrustRoot, revoked: frozenset[str]) -> tuple[str, ...]:
    """Return what is missing: a second root person, and a root key that lies away from this registry."""
    holders = [p for p in root.persons if any(r.role == "root" for r in p.roles) and _live(p, revoked)]
    found = []
    if len(holders) < 2:
        found.append(
            "only one person holds the role root: if their key is lost, nobody can be enrolled or revoked"
            "; next: muniment key enrol NAME --role root"
        )
    if all(find_key(registry.keys, _live(person, revoked)) is not None for person in holders):
        found.append(
            "no recovery root: every root key lies in this registry's key folder"
            "; next: muniment key new FILE, kept elsewhere, then key prove and key enrol --public --proof"
        )
    return tuple(found)


def _live(person: Person, revoked: frozenset[str]) -> frozenset[str]:
    return frozenset(key.keyid for key in person.keys) - revoked
