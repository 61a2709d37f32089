"""The service key that signs here: a file whose key the trust root in force enrols and nobody stopped."""

import os

from registry.acts.own_key import live_keys
from registry.acts.state import read_state
from registry.registry import Registry
from registry.signing import keyfile
from registry.signing.keyring import find_key
from registry.trust.dsse import Signer
from schemas.errors import NotFound, Refused

SERVICE = "service"
"""The id under which a registry enrols its own service key when it is made."""


def find_service_signer(registry: Registry) -> Signer | None:
    """Return the key that signs for the registry, None when none in force is readable here."""
    state = read_state(registry)
    services = () if state.trust_root is None else state.trust_root.services
    # Its own comes first; on a machine that holds another service's key alone, that one signs.
    for service in sorted(services, key=lambda s: (s.id != SERVICE, s.id)):
        path = find_key(registry.keys, live_keys(state, service.id) - set(state.suspended))
        if path is not None and os.access(path, os.R_OK):
            return keyfile.load(path, None)
    return None


def get_service_signer(registry: Registry, what: str) -> Signer:
    """Return the key that signs `what` for the registry; raise in words when there is none."""
    signer = find_service_signer(registry)
    if signer is not None:
        return signer
    state = read_state(registry)
    if find_key(registry.keys, live_keys(state, SERVICE)) is not None:
        raise Refused(f"KEY_SUSPENDED: the service key signs {what}", hint="muniment key reinstate service")
    present = registry.find_service_key()
    if present is not None and present.keyid in state.revoked:
        raise Refused(f"KEY_REVOKED: the service key signs {what}", hint="muniment key add service")
    raise NotFound(
        f"{registry.keys}: the service key signs {what} and is not readable here",
        hint="run this where the registry's keys are",
    )
