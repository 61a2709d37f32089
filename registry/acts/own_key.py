"""Whose key is where: the key files of enrolled people in the registry's folder."""

from pathlib import Path

from registry.registry import Registry
from registry.signing.keyring import find_key
from registry.trust.state import State


def live_keys(state: State, person: str) -> frozenset[str]:
    """Return the ids of a person's or a service's keys in the trust root in force that are not revoked."""
    keys = () if state.trust_root is None else state.trust_root.keys_of(person)
    return frozenset(key.keyid for key in keys) - set(state.revoked)


def find_key_file(registry: Registry, state: State, person: str) -> Path | None:
    """Return the file of a key in force of the person's, else any file named after them, else None."""
    named = registry.keys / person
    found = find_key(registry.keys, live_keys(state, person))
    return found or (named if named.exists() else None)


def people_with_files(registry: Registry, state: State) -> tuple[str, ...]:
    """Return the enrolled people whose key files lie in the registry's folder."""
    people = () if state.trust_root is None else state.trust_root.persons
    return tuple(p.id for p in people if find_key_file(registry, state, p.id) is not None)
