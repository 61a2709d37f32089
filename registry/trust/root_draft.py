"""A draft for root persons to sign: it travels from hand to hand and gathers signatures.

Lines of canonical JSON: what it is, the statements as DSSE envelopes with the signatures so far, then every
trust root from the first to the one they follow. So whoever signs far from the registry sees what changes
against what, back to the anchor. A draft is trusted for nothing: the log checks all of it again.
"""

import base64
import re
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from registry.trust.dsse import Signer, verify_envelope
from registry.trust.predicates import KeyReinstated, KeyRevoked, Overridden, parse_predicate
from registry.trust.succession import verify_first_root, verify_next_root
from registry.trust.trust_root import TrustRoot, parse_trust_root
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.errors import Conflict, Refused, VerificationError
from schemas.ledger import origin_subject
from schemas.statement import (
    Envelope,
    Signature,
    Statement,
    Subject,
    parse_envelope,
    parse_statement,
    strict_base64,
)

MAX_DRAFT = 16 << 20
MAX_STATEMENTS = 8
_SHAPES: dict[str, type[msgspec.Struct]] = {
    "key-revoked": KeyRevoked,
    "key-reinstated": KeyReinstated,
    "override": Overridden,
}
KINDS = frozenset({"trust-root", *_SHAPES})
"""The types of record that take the root threshold."""
_PERSON = re.compile(r"p-[0-9a-f]{16}")
_FORMAT = "muniment-root-draft"
_MEMBERS = frozenset({"format", "names", "statements", "texts", "v"})


class RootDraft(msgspec.Struct, frozen=True):
    """Statements to be logged together, the roots up to the one they follow, and names for people."""

    envelopes: tuple[Envelope, ...]
    chain: tuple[Envelope, ...]
    names: dict[str, str]
    texts: tuple[bytes, ...] = ()
    """The salted texts that statements name by digest: what a signer reads as the reason."""

    def to_bytes(self) -> bytes:
        """Return the draft's file."""
        head = {
            "format": _FORMAT,
            "names": self.names,
            "statements": len(self.envelopes),
            "texts": [base64.b64encode(text).decode() for text in self.texts],
            "v": 1,
        }
        lines = [canonical(head), *(e.to_bytes() for e in (*self.envelopes, *self.chain))]
        return b"".join(line + b"\n" for line in lines)


class Step(msgspec.Struct, frozen=True):
    """One statement of a draft: the root in force before it, and after it."""

    envelope: Envelope
    statement: Statement
    before: TrustRoot
    after: TrustRoot

    def holders(self) -> dict[str, str]:
        """Return the root persons whose signatures count for it, by key."""
        return {**self.before.root_holders(), **self.after.root_holders()}


class Lacking(msgspec.Struct, frozen=True):
    """How many more must sign statement `step` for the root of `version`, and who could."""

    step: int
    version: int
    number: int
    persons: tuple[str, ...]


def read_root_draft(data: bytes) -> RootDraft:
    """Return the draft spelled by `data`; raise VerificationError unless all that it holds agrees."""
    if len(data) > MAX_DRAFT:
        raise VerificationError("TOO_LARGE", f"a draft of {len(data)} bytes, at most {MAX_DRAFT} are read")
    lines = data.split(b"\n")
    head = parse_canonical(lines[0])
    if not isinstance(head, dict) or head.get("format") != _FORMAT or head.get("v") != 1:
        raise VerificationError("FORMAT_UNKNOWN", f"expected a {_FORMAT} file of version 1")
    count, names = head.get("statements"), head.get("names")
    if set(head) != _MEMBERS or isinstance(count, bool) or not isinstance(count, int):
        raise VerificationError("DRAFT_MALFORMED", f"expected the members {', '.join(sorted(_MEMBERS))}")
    if not isinstance(names, dict) or not all(_is_name(*item) for item in names.items()):
        raise VerificationError("DRAFT_MALFORMED", "expected names by person")
    if not 1 <= count <= MAX_STATEMENTS or len(lines) < count + 3 or lines[-1]:
        raise VerificationError("DRAFT_MALFORMED", "expected the statements, then the roots they follow")
    if not isinstance(head["texts"], list):
        raise VerificationError("DRAFT_MALFORMED", "expected a list of texts")
    envelopes = tuple(parse_envelope(line) for line in lines[1:-1])
    texts = tuple(strict_base64(text) for text in head["texts"])
    draft = RootDraft(envelopes[:count], envelopes[count:], names, texts)
    _check_texts(draft)
    for step in steps_of(draft):
        verify_envelope(step.envelope, {**step.before.public_keys(), **step.after.public_keys()})
    return draft


def _check_texts(draft: RootDraft) -> None:
    # A text beside a statement that does not name it would be read as if it were signed.
    said = [str(parse_statement(e.payload).predicate.get("reason", "")) for e in draft.envelopes]
    if any(str(Digest.of(text)) not in said for text in draft.texts):
        raise VerificationError("DRAFT_MALFORMED", "a text beside the statements is not one that they name")


def root_of(draft: RootDraft) -> TrustRoot:
    """Return the root that the draft follows, by the whole chain from the first on."""
    root = verify_first_root(draft.chain[0])
    for envelope in draft.chain[1:]:
        root = verify_next_root(root, envelope)
    return root


def steps_of(draft: RootDraft) -> Iterator[Step]:
    """Yield each statement with the roots before and after it; raise VerificationError for nonsense."""
    root = root_of(draft)
    for envelope in draft.envelopes:
        statement = parse_statement(envelope.payload)
        if statement.kind not in KINDS:
            raise VerificationError("DRAFT_MALFORMED", f"no root persons sign a {statement.kind[:80]!r}")
        after = root
        if statement.kind == "trust-root":
            after = parse_trust_root(statement.predicate)
            if (after.origin, after.version) != (root.origin, root.version + 1):
                raise VerificationError(
                    "ROOT_VERSION", f"expected version {root.version + 1} of the root of {root.origin}"
                )
        _require_shown(statement, after)
        yield Step(envelope, statement, root, after)
        root = after


def _require_shown(statement: Statement, after: TrustRoot) -> None:
    """Return when nothing is in the statement but what its signer is shown; raise DRAFT_MALFORMED."""
    predicate, kind = statement.predicate, statement.kind
    if kind == "trust-root":
        known: Any = after.to_predicate(nonce=str(predicate["nonce"]))
    else:
        shape = _SHAPES[kind]
        parse_predicate(predicate, shape)
        known = {f.encode_name: predicate.get(f.encode_name) for f in msgspec.structs.fields(shape)}
    # A member nobody here knows may be a grant to whoever reads it later.
    if predicate != known:
        raise VerificationError("DRAFT_MALFORMED", f"the {kind} says more than can be shown")
    subjects = statement.subjects
    here = (Subject(after.origin, origin_subject(after.origin)),)
    about = len(subjects) == 2 and subjects[1].name == "decision" if kind == "override" else subjects == here
    if not about:
        raise VerificationError("DRAFT_MALFORMED", f"the {kind} is not about the registry of {after.origin}")


def _is_name(person: str, name: object) -> bool:
    # A name that looks like an id, or like two lines, would show somebody else.
    known = _PERSON.fullmatch(person) is not None
    return known and isinstance(name, str) and name.isprintable() and not _PERSON.search(name)


def sign_draft(draft: RootDraft, signer: Signer) -> RootDraft:
    """Return the draft with `signer`'s signature on every statement that it counts for."""
    signed, allowed, changed = [], False, False
    for step in steps_of(draft):
        envelope, mine = step.envelope, signer.keyid in step.holders()
        allowed = allowed or mine
        if mine and signer.keyid not in {s.keyid for s in envelope.signatures}:
            made = Signature(signer.keyid, signer.sign(envelope.pae()))
            envelope, changed = _with(envelope, (*envelope.signatures, made)), True
        signed.append(envelope)
    if not allowed:
        raise Refused(
            f"ROLE_MISSING: the key {signer.keyid[:16]} is no root person's, neither before nor after",
            hint="sign with a key that holds the role root everywhere",
        )
    if not changed:
        raise Conflict(f"the key {signer.keyid[:16]} signed this draft already", hint="hand it to the next")
    return msgspec.structs.replace(draft, envelopes=tuple(signed))


def merge_drafts(first: RootDraft, *others: RootDraft) -> RootDraft:
    """Return one draft with the signatures of all; raise Conflict when they are of different statements."""
    merged = list(first.envelopes)
    for other in others:
        if [e.payload for e in other.envelopes] != [e.payload for e in merged]:
            raise Conflict("the drafts are not of the same statements", hint="submit them one by one")
        for place, (mine, theirs) in enumerate(zip(merged, other.envelopes, strict=True)):
            known = {s.keyid for s in mine.signatures}
            more = tuple(s for s in theirs.signatures if s.keyid not in known)
            merged[place] = _with(mine, (*mine.signatures, *more))
    return msgspec.structs.replace(first, envelopes=tuple(merged))


def lacking(
    draft: RootDraft, revoked: Collection[str] = (), suspended: Collection[str] = ()
) -> list[Lacking]:
    """Return what each statement still lacks of the thresholds; keys that sign nothing count for nothing."""
    found = []
    for place, step in enumerate(steps_of(draft)):
        dead = _dead(step.statement.kind, revoked, suspended)
        signed = {s.keyid for s in step.envelope.signatures} - dead
        for root in dict.fromkeys((step.before.version, step.after.version)):
            held = step.before if root == step.before.version else step.after
            holders = {keyid: who for keyid, who in held.root_holders().items() if keyid not in dead}
            have = {holders[keyid] for keyid in signed if keyid in holders}
            short = held.root_threshold - len(have)
            if short > 0:
                could = tuple(dict.fromkeys(p for p in holders.values() if p not in have))
                found.append(Lacking(place, root, short, could))
    return found


def without_dead(draft: RootDraft, revoked: Collection[str], suspended: Collection[str]) -> RootDraft:
    """Return the draft without the signatures that a record must not carry."""
    kept = []
    for step in steps_of(draft):
        dead = _dead(step.statement.kind, revoked, suspended)
        live = tuple(s for s in step.envelope.signatures if s.keyid not in dead)
        kept.append(_with(step.envelope, live))
    return msgspec.structs.replace(draft, envelopes=tuple(kept))


def _dead(kind: str, revoked: Collection[str], suspended: Collection[str]) -> set[str]:
    return {*revoked, *(() if kind == "key-reinstated" else suspended)}


def _with(envelope: Envelope, signatures: tuple[Signature, ...]) -> Envelope:
    return Envelope(envelope.payload, signatures, envelope.payload_type)
