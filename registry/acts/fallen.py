"""What a revocation takes away: every record that falls, each status before and after. It writes nothing."""

from collections.abc import Iterator

import msgspec

from registry.acts.state import read_whole_state
from registry.registry import Registry
from registry.rules.status import status
from registry.trust.state import Revocation, State
from schemas.ledger import RECORD_TYPES, time_text
from schemas.statement import parse_envelope, parse_statement

STANDS = "trust-root"
"""Roots rest on one another: one signed with a stolen key is not unwound, it has to be looked at."""


class Fallen(msgspec.Struct, frozen=True):
    """One record that falls: its leaf, its type, what it is about and for which environment."""

    seq: int
    time: str
    type: str
    subject: str
    environment: str
    says: str


class Turned(msgspec.Struct, frozen=True):
    """A version's status for an environment, before the revocation and after it."""

    subject: str
    environment: str
    before: str
    after: str


class Fall(msgspec.Struct, frozen=True):
    """Everything that falls with a key, the statuses that hang on it, and the roots to look at."""

    keyid: str
    from_index: int
    records: tuple[Fallen, ...]
    roots: tuple[Fallen, ...]
    statuses: tuple[Turned, ...]


def foresee_fall(registry: Registry, keyid: str, from_index: int) -> Fall:
    """Return what falls when `keyid` is revoked as compromised since leaf `from_index`."""
    state = read_whole_state(registry)
    signed = tuple(_signed_by(registry, state, keyid, from_index))
    touched = {(f.subject, f.environment) for f in signed}
    after = state.copy()
    earlier = state.revoked.get(keyid)
    reach = from_index
    if earlier is not None and earlier.void_from is not None:
        reach = min(reach, earlier.void_from)
    after.revoked[keyid] = Revocation(keyid, "compromised", state.size, reach)
    return Fall(
        keyid,
        from_index,
        tuple(f for f in signed if f.type != STANDS),
        tuple(f for f in signed if f.type == STANDS),
        tuple(_turned(state, after, time_text(registry.clock()), touched)),
    )


def _signed_by(registry: Registry, state: State, keyid: str, start: int) -> Iterator[Fallen]:
    refused = {problem.seq for problem in state.problems}
    for record in registry.ledger.records(start=start):
        leaf = record.leaf
        if record.envelope is None or leaf.seq in refused or not RECORD_TYPES[leaf.type].decides:
            continue
        envelope = parse_envelope(record.envelope)
        if keyid not in {s.keyid for s in envelope.signatures}:
            continue
        statement = parse_statement(envelope.payload)
        said = statement.predicate
        about = statement.subjects[0].name if not RECORD_TYPES[leaf.type].about_origin else ""
        says = said.get("decision") or said.get("version") or said.get("tier") or ""
        yield Fallen(leaf.seq, leaf.time, leaf.type, about, str(said.get("environment", "")), str(says))


def _turned(state: State, after: State, now: str, touched: set[tuple[str, str]]) -> Iterator[Turned]:
    names = {manifest: str(ref) for ref, manifest in state.names.items()}
    for manifest, environment in state.reviews:
        subject = names.get(manifest, str(manifest))
        was, becomes = (status(s, manifest, environment, now).status for s in (state, after))
        if was != becomes or (subject, environment) in touched:
            yield Turned(subject, environment, was, becomes)
