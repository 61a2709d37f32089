"""What takes the root threshold: signed at once when one person suffices, as a draft when it takes more."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from registry.acts.actor import Actor, new_nonce, subject
from registry.acts.people import check_name
from registry.acts.refusing import refused
from registry.acts.state import get_trust_root, read_state
from registry.acts.writing import writing
from registry.registry import Registry
from registry.trust.dsse import sign_statement
from registry.trust.root_draft import Lacking, RootDraft, lacking, sign_draft, steps_of, without_dead
from registry.trust.state import State
from registry.trust.trust_root import TrustRoot, parse_trust_root
from schemas.errors import Refused, Usage, VerificationError
from schemas.ledger import origin_subject
from schemas.statement import Envelope, Statement, parse_envelope


class Proposal(msgspec.Struct, frozen=True):
    """Statements for root persons to sign, and what the people are called whom they enrol."""

    statements: tuple[Statement, ...]
    names: dict[str, str] = {}
    made: tuple[Path, ...] = ()
    """Key files made for it, which go again when it comes to nothing."""
    texts: tuple[bytes, ...] = ()
    """Salted texts that the statements name by digest."""


class Submitted(msgspec.Struct, frozen=True):
    """The leaves that came of a draft, and which of them is what."""

    kinds: tuple[str, ...]
    leaves: tuple[int, ...]


def origin_statement(registry: Registry, kind: str, **predicate: object) -> Statement:
    """Return a statement of `kind` about the registry itself, with a nonce."""
    about = (subject(registry.origin, origin_subject(registry.origin)),)
    return Statement(kind, about, {**predicate, "nonce": new_nonce()})


@contextmanager
def keeping(*files: Path) -> Iterator[None]:
    """Remove the key files made for an act that comes to nothing."""
    try:
        yield
    except BaseException:
        for file in files:
            file.unlink(missing_ok=True)
        raise


def propose_root(
    state: State, changed: TrustRoot, names: dict[str, str] | None = None, *, made: tuple[Path, ...] = ()
) -> Proposal:
    """Return the proposal of the next root like `changed`; raise Refused when nobody could follow it."""
    root = get_trust_root(state)
    with keeping(*made):
        if changed == root:
            raise Usage("nothing changes", hint="muniment root update --help lists what can change")
        following = msgspec.structs.replace(changed, version=root.version + 1)
        statement = following.to_statement(nonce=new_nonce())
        try:
            parse_trust_root(statement.predicate)
        except VerificationError as error:
            raise Refused(error.message, hint="muniment root show") from error
        _refuse_lockout(state, following)
    return Proposal((statement,), names or {}, made)


def make_draft(registry: Registry, actor: Actor, proposal: Proposal) -> RootDraft:
    """Return the draft of `proposal`, signed by `actor`; raise Refused when they hold no root."""
    state = read_state(registry)
    get_trust_root(state)
    unsigned = tuple(Envelope(s.payload(), ()) for s in proposal.statements)
    names = {**registry.names.all(), **proposal.names}
    named = {person: names[person] for person in _persons(proposal, state) if person in names}
    return sign_draft(RootDraft(unsigned, _chain(registry, state), named, proposal.texts), actor.signer)


def enact(registry: Registry, actor: Actor, proposal: Proposal) -> Submitted:
    """Log what `proposal` says, signed by `actor` alone; raise Refused when it takes more signatures."""
    root = get_trust_root(read_state(registry))
    with keeping(*proposal.made):
        if actor.signer.keyid in root.root_holders():
            return submit_draft(registry, make_draft(registry, actor, proposal))
        # Who holds no root may still revoke their own key: the fold says which statements stand.
        signed = tuple(sign_statement(statement, actor.signer) for statement in proposal.statements)
        return log_signed(registry, signed, proposal.names, proposal.texts)


def submit_draft(registry: Registry, draft: RootDraft) -> Submitted:
    """Log a draft's statements; raise Refused, naming who must still sign, when a threshold is not met."""
    state = read_state(registry)
    _refuse_other(registry, state, draft)
    missing = list_missing(registry, draft)
    if missing:
        raise Refused(
            "ROOT_THRESHOLD: the draft has not enough signatures of root persons",
            unmet=missing,
            hint="muniment root sign DRAFT --key FILE, by each of them; -o DRAFT writes one",
        )
    clean = without_dead(draft, state.revoked, state.suspended)
    return log_signed(registry, clean.envelopes, draft.names, draft.texts)


def list_missing(registry: Registry, draft: RootDraft) -> tuple[str, ...]:
    """Return in words who must still sign a draft, empty when it can be submitted."""
    state, names = read_state(registry), {**draft.names, **registry.names.all()}
    return tuple(lack_text(item, names) for item in lacking(draft, state.revoked, state.suspended))


def lack_text(item: Lacking, names: dict[str, str]) -> str:
    """Return in words who must still sign."""
    could = ", ".join(names.get(person, person) for person in item.persons) or "nobody"
    return f"{item.number} more by root version {item.version}, of: {could}"


def log_signed(
    registry: Registry,
    envelopes: tuple[Envelope, ...],
    names: dict[str, str],
    texts: tuple[bytes, ...] = (),
) -> Submitted:
    """Log signed statements, all or none; raise Refused when the fold would not count one of them."""
    with writing(registry) as writer:
        for text in texts:
            writer.put_body(text)
        leaves = writer.append(*(envelope.to_bytes() for envelope in envelopes))
        state = read_state(registry, *(leaf.subjects[0] for leaf in leaves))
        written = {leaf.seq for leaf in leaves}
        for problem in state.problems:
            if problem.seq in written and problem.code != "ROOT_AFTER_COMPROMISE":
                raise refused(problem)
        known = registry.names.all()
        for person in get_trust_root(state).persons:
            if person.id in names and person.id not in known:
                registry.names.add(person.id, check_name(registry, names[person.id], person.id))
    return Submitted(tuple(leaf.type for leaf in leaves), tuple(leaf.seq for leaf in leaves))


def _refuse_lockout(state: State, following: TrustRoot) -> None:
    dead = {*state.revoked, *state.suspended}
    live = {person for keyid, person in following.root_holders().items() if keyid not in dead}
    if len(live) < following.root_threshold:
        raise Refused(
            f"ROOT_THRESHOLD: {following.root_threshold} root persons would have to sign what comes next, "
            f"only {len(live)} hold the role root with a key in force",
            hint="muniment key enrol NAME --role root, or a lower --threshold",
        )


def _chain(registry: Registry, state: State) -> tuple[Envelope, ...]:
    seqs = {root.seq for root in state.roots}
    records = registry.ledger.records_about((origin_subject(registry.origin),))
    found = [r.envelope for r in records if r.leaf.type == "trust-root" and r.leaf.seq in seqs]
    return tuple(parse_envelope(data) for data in found if data is not None)


def _persons(proposal: Proposal, state: State) -> set[str]:
    named = {person.id for person in get_trust_root(state).persons}
    return named | set(proposal.names)


def _refuse_other(registry: Registry, state: State, draft: RootDraft) -> None:
    step = next(steps_of(draft))
    if step.before.origin != registry.origin:
        raise Refused(
            f"ORIGIN_MISMATCH: the draft is for {step.before.origin}, this registry is {registry.origin}",
            hint="submit it where it was made",
        )
    if draft.chain != _chain(registry, state):
        root = get_trust_root(state)
        raise VerificationError(
            "ROOT_VERSION",
            f"the draft follows version {step.before.version}, in force is version {root.version}",
            hint="make the draft again and have it signed",
        )
