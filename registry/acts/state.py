"""Folding the log: all of it, or what concerns one version (RECORDS section 6)."""

from registry.registry import Registry
from registry.trust.fold import fold
from registry.trust.state import State
from registry.trust.trust_root import TrustRoot
from schemas.digest import Digest
from schemas.errors import Unproven
from schemas.ledger import origin_subject


def read_state(registry: Registry, *manifests: Digest, before: int | None = None) -> State:
    """Return the fold over the records about the registry and about `manifests`, those below `before`.

    The index of subjects is trusted to be complete; `read_whole_state` trusts nothing.
    """
    records = registry.ledger.records_about((origin_subject(registry.origin), *manifests))
    if before is not None:
        records = (record for record in records if record.leaf.seq < before)
    return fold(registry.origin, records, registry.ledger.find_body)


def read_whole_state(registry: Registry, stop: int | None = None) -> State:
    """Return the fold over every record of the log below `stop`."""
    return fold(registry.origin, registry.ledger.records(stop=stop), registry.ledger.find_body, complete=True)


def get_trust_root(state: State) -> TrustRoot:
    """Return the trust root in force; raise Unproven when the log holds none that stands."""
    if state.trust_root is None:
        raise Unproven("the log holds no trust root that stands", hint="muniment audit verify")
    return state.trust_root
