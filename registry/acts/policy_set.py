"""Policy sets: written in YAML, signed as one document, strictly one version after the other."""

from importlib.resources import files

import msgspec

from registry.acts.actor import Actor, new_nonce, subject
from registry.acts.state import read_state
from registry.acts.writing import writing
from registry.registry import Registry
from registry.rules.policy import PolicySet, parse_policy_set
from registry.rules.policy_faults import find_faults
from schemas.digest import Digest
from schemas.errors import Malformed, NotFound, Refused
from schemas.ledger import origin_subject

MAX_SOURCE = 1 << 20


class PolicySigned(msgspec.Struct, frozen=True):
    """A policy set that came into force."""

    version: int
    source: Digest
    seq: int


def starter_source() -> bytes:
    """Return the YAML of the policy set that a new registry starts with."""
    return files("registry.catalogue").joinpath("starter.yaml").read_bytes()


def read_policy_source(data: bytes, version: int | None = None) -> PolicySet:
    """Return the policy set that YAML spells; raise Malformed naming each fault with its path and line.

    `version` is the one it would get; without one, any that the file names is taken.
    """
    from schemas.authored import read_authored  # noqa: PLC0415 - YAML is read only when a policy is signed
    from schemas.authored_lines import find_lines, line_of  # noqa: PLC0415

    if len(data) > MAX_SOURCE:
        raise Malformed(f"a policy of {len(data)} bytes, at most {MAX_SOURCE}")
    value = read_authored(data, "the policy set")
    if not isinstance(value, dict):
        raise Malformed("the policy set: expected a mapping with approval and checks")
    faults = find_faults(value, version)
    if faults:
        lines = find_lines(data)
        found = [(f.path, line_of(f.path, lines), f.message) for f in faults]
        raise PolicyFaulty(tuple(sorted(found, key=lambda fault: fault[1] or 0)))
    number = version or value.get("version") or 1
    parsed = parse_policy_set({"checks": [], **value, "version": number, "nonce": "0" * 32})
    return msgspec.structs.replace(parsed, source=Digest.of(data))


class PolicyFaulty(Malformed):
    """A policy set is not understood whole; `faults` are (path, line, what was expected)."""

    def __init__(self, faults: tuple[tuple[str, int | None, str], ...]) -> None:
        self.faults = faults
        said = [_in_words(*fault) for fault in faults]
        super().__init__(f"the policy set: {'; '.join(said)}", hint="compare registry/catalogue/starter.yaml")


def _in_words(path: str, line: int | None, message: str) -> str:
    where = [path] if path else []
    where += [f"line {line}"] if line is not None else []
    return f"{', '.join(where)}: {message}" if where else message


def sign_policy_set(registry: Registry, actor: Actor, data: bytes) -> PolicySigned:
    """Put the policy set spelled by the YAML `data` in force, one version after the present one."""
    with writing(registry) as writer:
        # One that a compromised key signed is void, and its number is used all the same.
        policy = read_policy_source(data, max(read_state(registry).policies, default=0) + 1)
        writer.put_body(data)
        about = (subject(registry.origin, origin_subject(registry.origin)),)
        leaf = writer.append(actor.sign("policy-set", about, policy.to_predicate(new_nonce())))[0]
        for problem in read_state(registry).problems:
            if problem.seq == leaf.seq:
                raise Refused(
                    f"{problem.code}: {problem.message}", hint="a person with the role policy signs"
                )
    return PolicySigned(policy.version, Digest.of(data), leaf.seq)


def get_policy_source(registry: Registry) -> tuple[int, bytes]:
    """Return the version in force and its YAML; raise NotFound when none is in force."""
    present = read_state(registry).policy_set
    if present is None or present.value.source is None:
        raise NotFound("no policy set with a source is in force", hint="muniment policy sign FILE")
    return present.version, registry.ledger.get_body(present.value.source)
