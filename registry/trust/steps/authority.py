"""Trust roots, policy sets, dead and suspended keys: who may sign, and by which rules, from this leaf on."""

from registry.rules.policy import parse_policy_set
from registry.trust.opening import (
    Opened,
    require_origin,
    require_root_threshold,
    root_signers,
    signed_by,
)
from registry.trust.predicates import KeyReinstated, KeyRevoked, KeySuspended, parse_predicate
from registry.trust.state import PolicyInForce, Problem, Revocation, RootInForce, State
from registry.trust.succession import verify_first_root, verify_next_root
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import Leaf
from schemas.statement import Envelope


def trust_root(state: State, leaf: Leaf, envelope: Envelope) -> None:
    """Take the first root, or the one that follows the root in force by both thresholds."""
    if state.roots:
        root = verify_next_root(state.roots[-1].value, envelope, dead={*state.revoked, *state.suspended})
    else:
        root = verify_first_root(envelope)
    if root.origin != state.origin:
        raise VerificationError("ORIGIN_MISMATCH", "the trust root is another registry's")
    digest = Digest.of(envelope.payload)
    if not state.roots:
        state.anchor = digest
    state.roots.append(RootInForce(root, leaf.seq, digest))
    state.keys = root.public_keys()
    state.persons = {key.keyid: person for person in root.persons for key in person.keys}
    state.services = {key.keyid: service for service in root.services for key in service.keys}


def policy_set(state: State, opened: Opened) -> None:
    """Take the next policy set, signed by one person with the role `policy`."""
    require_origin(state, opened)
    by = signed_by(state, opened)
    person = state.persons.get(by.keyid)
    # There is one policy set for all: a role for one namespace does not sign it.
    if person is None or not any(r.role == "policy" and r.everywhere for r in person.roles):
        raise opened.refuse("ROLE_MISSING", "its signer does not hold the role policy everywhere")
    value = parse_policy_set(opened.statement.predicate)
    expected = max(state.policies, default=0) + 1
    if value.version != expected:
        raise opened.refuse("POLICY_VERSION", f"expected version {expected}, found {value.version}")
    state.policies[value.version] = PolicyInForce(value, Digest.of(opened.envelope.payload), by)


def key_revoked(state: State, opened: Opened) -> None:
    """Kill a key from here on; a compromised one reaches back to `fromIndex` when root holders say so.

    A key may revoke itself, but then reaches back no further than this leaf: whoever stole it could
    otherwise erase what its owner signed.
    """
    require_origin(state, opened)
    revoked = parse_predicate(opened.statement.predicate, KeyRevoked)
    root = state.trust_root
    persons = set(root_signers(state, opened).values())
    by_root = root is not None and len(persons) >= root.root_threshold
    if not by_root and opened.signers != (revoked.keyid,):
        raise opened.refuse("ROLE_MISSING", "neither enough root holders nor the key itself signed it")
    _require_known(state, opened, revoked.keyid)
    seq, reach = opened.leaf.seq, None
    if revoked.reason == "compromised":
        reach = min(revoked.from_index, seq) if by_root else seq
    state.revoked[revoked.keyid] = _stricter(
        state.revoked.get(revoked.keyid), Revocation(revoked.keyid, revoked.reason, seq, reach)
    )
    if reach is not None:
        _report_roots(state, opened, reach)
        _suspend_again(state, opened)


def key_suspended(state: State, opened: Opened) -> None:
    """Let a key sign nothing from here on, on the word of any one root person: stopping must be quick."""
    require_origin(state, opened)
    keyid = parse_predicate(opened.statement.predicate, KeySuspended).keyid
    signed = root_signers(state, opened)
    if not signed:
        raise opened.refuse("ROLE_MISSING", "its signer does not hold the role root everywhere")
    _require_known(state, opened, keyid)
    state.suspended.setdefault(keyid, signed_by(state, opened))


def key_reinstated(state: State, opened: Opened) -> None:
    """Let a suspended key sign again, by the root threshold and never by that key alone."""
    require_origin(state, opened)
    keyid = parse_predicate(opened.statement.predicate, KeyReinstated).keyid
    signed, by = root_signers(state, opened), require_root_threshold(state, opened)
    if set(signed) == {keyid}:
        raise opened.refuse("ROLE_MISSING", "no other key than the suspended one signed it")
    if keyid not in state.suspended:
        raise opened.refuse("KEY_NOT_SUSPENDED", "the key it names is not suspended")
    del state.suspended[keyid]
    state.reinstated[keyid] = by


def _stricter(earlier: Revocation | None, later: Revocation) -> Revocation:
    # A second word about a dead key may reach further back; it never takes the first one back.
    if earlier is None or earlier.void_from is None:
        return later
    if later.void_from is None or later.void_from >= earlier.void_from:
        return earlier
    return later


def _require_known(state: State, opened: Opened, keyid: str) -> None:
    if not any(keyid in root.value.public_keys() for root in state.roots):
        raise opened.refuse("SIGNER_UNKNOWN", "the key it names was never enrolled")


def _suspend_again(state: State, opened: Opened) -> None:
    # From here on they sign nothing; what they signed in between must be looked at.
    for keyid, by in [found for found in state.reinstated.items() if state.is_void(found[1])]:
        state.suspended.setdefault(keyid, signed_by(state, opened))
        del state.reinstated[keyid]
        said = f"a compromised key reinstated the key {keyid[:16]} (leaf {by.seq}): it is suspended again"
        state.problems.append(Problem(opened.leaf.seq, "ROOT_AFTER_COMPROMISE", said, opened.leaf.subjects))


def _report_roots(state: State, opened: Opened, reach: int) -> None:
    # Later roots rest on earlier ones: a root is not unwound, so that it must be looked at is said.
    for root in state.roots[1:]:
        if root.seq >= reach:
            state.problems.append(
                Problem(
                    opened.leaf.seq,
                    "ROOT_AFTER_COMPROMISE",
                    f"trust root {root.value.version} (leaf {root.seq}) came after the key was compromised",
                    opened.leaf.subjects,
                )
            )
