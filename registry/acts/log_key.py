"""The log's own key: which file signs heads, and how another takes its place.

A new key waits as `log.next` until a trust root names it; from then on it signs, and takes the place of
`log`. Heads stay valid by the root that was in force at their size.
"""

from pathlib import Path

from registry.acts.state import read_state
from registry.registry import Registry
from registry.signing import keyfile
from registry.trust.dsse import Signer
from registry.trust.note import parse_vkey, vkey
from schemas.errors import Conflict, NotFound

CURRENT, NEXT = "log", "log.next"


def make_next_log_key(registry: Registry) -> tuple[str, str]:
    """Make a new log key beside the present one; return the verifier keys of both, old and new."""
    present = registry.find_log_key()
    if present is None:
        raise NotFound(f"{registry.keys}: the log key is not readable here", hint="run this where it is")
    path = registry.keys / NEXT
    if path.exists():
        # A draft that names it may be under way: making another would strand its signers.
        raise Conflict(
            f"{path} waits already for the trust root that names it",
            hint=f"submit its draft, or remove {path}",
        )
    made = keyfile.create(path, None, comment="log")
    return vkey(registry.origin, present.public), vkey(registry.origin, made.public)


def next_files(registry: Registry) -> tuple[Path, ...]:
    """Return the files of a log key that waits for its trust root."""
    return registry.keys / NEXT, registry.keys / f"{NEXT}.pub"


def find_log_signer(registry: Registry) -> Signer | None:
    """Return the key that signs the next head: the new one as soon as the trust root in force names it."""
    return _next_in_force(registry) or registry.find_log_key()


def settle_log_key(registry: Registry) -> None:
    """Put a new log key that is in force in the place of the old one, which is kept under its id."""
    if _next_in_force(registry) is None:
        return
    present = registry.find_log_key()
    retired = "" if present is None else f"{CURRENT}.retired-{present.keyid[:16]}"
    for suffix in ("", ".pub"):
        if present is not None:
            (registry.keys / f"{CURRENT}{suffix}").replace(registry.keys / f"{retired}{suffix}")
        (registry.keys / f"{NEXT}{suffix}").replace(registry.keys / f"{CURRENT}{suffix}")


def _next_in_force(registry: Registry) -> Signer | None:
    path = registry.keys / NEXT
    if not path.exists():
        return None
    root = read_state(registry).trust_root
    signer = keyfile.load(path, None)
    named = set() if root is None else {parse_vkey(text).public for text in root.log_keys}
    return signer if signer.public in named else None
