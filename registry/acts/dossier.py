"""Reading a dossier: the frozen bytes, or a draft that no command signs."""

from registry.acts.compose import compose_dossier
from registry.acts.reviews import find_asked
from registry.acts.state import read_state
from registry.registry import Registry
from schemas.asset import VersionRef
from schemas.canonical import canonical, parse_canonical
from schemas.ledger import time_text


def read_dossier(registry: Registry, ref: VersionRef, environment: str) -> bytes:
    """Return the open or last reviewed dossier verbatim; with none, a draft marked `"draft": true`."""
    manifest = registry.get_manifest(ref)
    state = read_state(registry, manifest)
    asked = find_asked(state, manifest, environment)
    if asked:
        shown = next((a for a in asked if a.open), asked[-1])
        return registry.ledger.get_body(shown.request.dossier)
    composed = compose_dossier(registry, state, manifest, environment, time_text(registry.clock()))
    return canonical({**parse_canonical(composed.dossier), "draft": True})
