"""What stands beside the log and can be checked: witnesses' lines and timestamp tokens."""

import msgspec

from registry.acts.heads import find_root_at
from registry.registry import Registry
from registry.trust.cosignature import find_cosignatures
from registry.trust.state import State
from schemas.errors import VerificationError


class TokenAudit(msgspec.Struct, frozen=True):
    """What is wrong with timestamp tokens, and how many were not looked at for want of the library."""

    problems: tuple[str, ...] = ()
    unchecked: int = 0


def audit_tokens(registry: Registry, state: State) -> TokenAudit:
    """Check every timestamp token against the authorities that the root in force for its head pins."""
    kept = registry.confirmations.tokens()
    if not kept:
        return TokenAudit()
    from registry.bundle.timestamps import can_read_tokens, verify_token  # noqa: PLC0415 - for tokens alone

    if not can_read_tokens():
        return TokenAudit(unchecked=len(kept))
    problems = []
    for size, token in kept:
        head, root = registry.ledger.find_checkpoint(size), find_root_at(state, size)
        try:
            verify_token(token, head[1].encode() if head else b"", root.tsa_roots if root else ())
        except VerificationError as error:
            problems.append(f"timestamp of the head at {size}: {error.message}")
    return TokenAudit(tuple(problems))


def find_confirmation_problems(registry: Registry, state: State) -> list[str]:
    """Return which witnesses' lines are not what they say, or stand on a head that is not kept."""
    problems = []
    newest: dict[str, tuple[int, int]] = {}
    for size in reversed(registry.confirmations.witnessed_sizes()):
        kept, root = registry.ledger.find_checkpoint(size), find_root_at(state, size)
        if kept is None or root is None:
            problems.append(f"witnesses of the head at {size}: LOG_TRUNCATED: no such head is kept")
            continue
        for line in registry.confirmations.lines(size):
            where = f"witness's line on the head at {size}"
            try:
                found = find_cosignatures(kept[1], (line,), root.witnesses)
            except VerificationError as error:
                problems.append(f"{where}: {error.message}")
                continue
            if not found:
                problems.append(f"{where}: NOTE_UNKNOWN_SIGNER: the trust root names no such witness")
            for item, _ in found:
                before, time = newest.get(item.witness, (0, 0))
                if item.time < time:
                    said = f"{item.name} confirmed {before} leaves after it confirmed {size}"
                    problems.append(f"{where}: WITNESS_TIME_ORDER: {said}")
                newest[item.witness] = (size, item.time)
    return problems
