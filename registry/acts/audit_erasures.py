"""Erasures as an audit sees them: what is gone was logged, and what was logged is gone."""

from collections.abc import Iterator

from registry.registry import Registry
from registry.trust.state import State


def find_erasure_problems(registry: Registry, state: State) -> Iterator[str]:
    """Yield every body that lacks its bytes without a reason in the log, or has them against it."""
    erasures = registry.ledger.erasures
    for digest, erased in erasures.without_bytes():
        if erased is None:
            yield f"document {digest}: REDACTION_UNLOGGED: its bytes are gone, and no record says why"
    for digest in sorted({*erasures.with_bytes(), *_undone(registry, state)}):
        yield f"document {digest}: REDACTION_UNDONE: it was erased, and its bytes are here"


def count_erased(registry: Registry) -> int:
    """Return how many bodies were erased with a record of the log that says so."""
    return sum(erased is not None for _, erased in registry.ledger.erasures.without_bytes())


def _undone(registry: Registry, state: State) -> Iterator[str]:
    return (d for d in state.erased if registry.ledger.stored_body(d) is not None)
