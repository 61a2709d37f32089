"""Erasures: the service's signed word that a body's bytes are gone on purpose. They change no status."""

from registry.trust.opening import Opened, signed_by
from registry.trust.predicates import Redaction, parse_predicate
from registry.trust.state import Erasure, State

SUBJECT = "redacted"
"""What the one subject of the record is called: the digest of the bytes that are gone."""


def redaction(state: State, opened: Opened) -> None:
    """Take note of why a body is not here; the first record about it counts."""
    by = signed_by(state, opened)
    if by.service is None:
        raise opened.refuse("ROLE_MISSING", "a person signed what the registry's service must sign")
    said = parse_predicate(opened.statement.predicate, Redaction)
    subjects = opened.statement.subjects
    if len(subjects) != 1 or subjects[0].name != SUBJECT:
        raise opened.refuse("SUBJECT_MISMATCH", "expected the erased body as the only subject")
    is_record = said.what == "envelope"
    if is_record != (said.leaf is not None) or (said.leaf is not None and said.leaf >= opened.leaf.seq):
        raise opened.refuse(
            "PREDICATE_MALFORMED", "an erased record, and nothing else, names its leaf before"
        )
    state.erased.setdefault(subjects[0].digest, Erasure(said.reason, said.what, said.leaf, by))
