"""Naming an enrolled key: by its id or the beginning of it, or by its holder when they have one in force."""

from registry.acts.own_key import live_keys
from registry.acts.state import get_trust_root
from registry.registry import Registry
from registry.trust.state import State
from schemas.errors import NotFound, Usage

_SHORTEST = 8


def find_keyid(registry: Registry, state: State, text: str) -> str:
    """Return the id of the key called `text`; raise NotFound, or Usage naming the candidates."""
    root, names = get_trust_root(state), registry.names.all()
    members = (*(p.id for p in root.persons), *(s.id for s in root.services))
    named = [member for member in members if text in (member, names.get(member))]
    keys = {keyid for member in named for keyid in live_keys(state, member)}
    keys = keys or {key.keyid for member in named for key in root.keys_of(member)}
    if not keys and len(text) >= _SHORTEST:
        ever = {keyid for past in state.roots for keyid in past.value.public_keys()}
        keys = {keyid for keyid in ever if keyid.startswith(text)}
    if not keys:
        raise NotFound(f"no enrolled key is called {text!r}", hint="muniment key list")
    if len(keys) > 1:
        raise Usage(
            f"{text!r} names several keys: {', '.join(sorted(k[:16] for k in keys))}",
            hint="name one by its id",
        )
    return keys.pop()
