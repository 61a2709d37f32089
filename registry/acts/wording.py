"""Reasons as a person reads them: names in the place of ids, and why something is not here any more."""

from collections.abc import Callable

from registry.registry import Registry
from registry.trust.state import Request, State
from schemas.digest import Digest
from schemas.ledger import origin_subject

Words = Callable[[str], str]


def words_of(registry: Registry, state: State, manifest: Digest) -> Words:
    """Return what puts a reason about `manifest` into words; the signed text of a reason stays as it is."""
    gone = _gone(registry, state, manifest)
    return lambda reason: registry.names.in_words(gone.get(reason, reason))


def _gone(registry: Registry, state: State, manifest: Digest) -> dict[str, str]:
    said = {}
    subjects = (origin_subject(state.origin), manifest)
    for gap in (gap for subject in subjects for gap in state.missing.get(subject, ())):
        what = f"the {gap.what} at leaf {gap.seq}"
        erased = registry.ledger.erasures.find(gap.digest)
        if erased is not None:
            said[f"{what} is not here"] = f"{what} was {erased}"
    for (about, _), events in state.reviews.items():
        for event in events if about == manifest else ():
            if isinstance(event, Request) and event.frozen is None:
                erased = registry.ledger.erasures.find(event.dossier)
                if erased is not None:
                    said["the frozen dossier is not here"] = f"the frozen dossier was {erased}"
    return said
