"""Keys in the honest registry that are suspended, taken back and replaced."""

from schemas.statement import Statement
from tests.attacks.simulator import Registry, altered_root, key


def suspension(registry: Registry, name: str, kind: str = "key-suspended") -> Statement:
    """Return the record that suspends a key, or reinstates it; not yet signed."""
    predicate = {"keyid": key(name).keyid, "nonce": registry.nonce()}
    return registry.about_origin(kind, predicate)


def suspend(registry: Registry, name: str, *signers: str) -> int:
    """Log that a key signs nothing for now."""
    return registry.append(suspension(registry, name), *(signers or ("alice",)))


def reinstate(registry: Registry, name: str, *signers: str) -> int:
    """Log that a suspended key signs again."""
    return registry.append(suspension(registry, name, "key-reinstated"), *(signers or ("alice",)))


def renew_root(registry: Registry, *signers: str) -> int:
    """Log the next version of the trust root, with nothing changed."""
    registry.root = altered_root(registry.root, version=registry.root.version + 1)
    return registry.add_root(registry.root, *(signers or ("alice",)))
