"""Which versions a bundle speaks of, of those asked for by name, namespace, environment and period."""

import msgspec

from registry.acts.state import read_state, read_whole_state
from registry.acts.statuses import environments_of
from registry.bundle.population import versions_asked_for
from registry.bundle.summary import Asked, Claim
from registry.registry import Registry
from registry.rules.status import status
from registry.trust.state import State
from schemas.asset import parse_version_ref
from schemas.digest import Digest
from schemas.errors import NotFound, Refused, Unproven
from schemas.ledger import Leaf


class InScope(msgspec.Struct, frozen=True):
    """The versions asked for, by manifest digest, and the fold over what concerns them."""

    manifests: frozenset[Digest]
    state: State


def find_scope(registry: Registry, asked: Asked, leaves: tuple[Leaf, ...]) -> InScope:
    """Return what `asked` names below the head over `leaves`; raise NotFound where that is nothing."""
    size = len(leaves)
    if asked.by_name:
        named = {name: _manifest(registry, name) for name in asked.subjects}
        state = read_state(registry, *named.values(), before=size)
        found = frozenset(versions_asked_for(state, leaves, asked))
        for name, manifest in named.items():
            _require(name, manifest, state, found, size)
    else:
        state = read_whole_state(registry, stop=size)
        found = frozenset(versions_asked_for(state, leaves, asked))
    if not found:
        raise NotFound("no version is in this scope", hint="muniment status, or ask for more")
    return InScope(found, state)


def claims_of(scope: InScope, asked: Asked, time: str) -> tuple[Claim, ...]:
    """Return the status of each version in scope at `time`, for each environment asked for.

    Without environments those are claimed for which a decision was ever asked.
    """
    return tuple(
        Claim(manifest, environment, status(scope.state, manifest, environment, time).status)
        for manifest in sorted(scope.manifests)
        for environment in asked.environments or environments_of(scope.state, manifest)
    )


def _manifest(registry: Registry, name: str) -> Digest:
    return registry.get_manifest(parse_version_ref(name, namespace=""))


def _require(name: str, manifest: Digest, state: State, found: frozenset[Digest], size: int) -> None:
    for gap in state.missing.get(manifest, ()):
        if gap.what == "version-registered":
            said = f"{name} cannot be exported: its registration at leaf {gap.seq} is not here"
            raise Unproven(said, hint=f"muniment audit log --after {gap.seq - 1} --limit 1")
    if manifest not in state.versions:
        raise NotFound(
            f"{name} was not registered yet at a head of {size} leaves", hint="name a later --head"
        )
    if manifest not in found:
        raise Refused(
            f"{name} was neither registered nor decided about in the period", hint="widen the period"
        )
