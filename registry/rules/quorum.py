"""Counting a quorum: every slot of every role needs a person of its own.

Sums per role would let one person with two roles fill two slots; maximum matching cannot.
"""

from collections.abc import Mapping, Set

import msgspec


class RoleCount(msgspec.Struct, frozen=True):
    """One role of a rule: how many people it has, how many it needs."""

    role: str
    have: int
    need: int


def match_roles(need: Mapping[str, int], signed: Mapping[str, Set[str]]) -> tuple[RoleCount, ...]:
    """Return how full each role gets at best; `signed` maps a person to the roles they signed in."""
    slots = [role for role in sorted(need) for _ in range(need[role])]
    holder: dict[int, str] = {}
    for person in sorted(signed):
        _place(person, slots, signed, holder, set())
    return tuple(
        RoleCount(role, sum(1 for slot in holder if slots[slot] == role), need[role]) for role in sorted(need)
    )


def is_full(counts: tuple[RoleCount, ...]) -> bool:
    """Say whether every role has what it needs; nothing needed is never full."""
    return bool(counts) and all(c.have >= c.need for c in counts)


def _place(
    person: str, slots: list[str], signed: Mapping[str, Set[str]], holder: dict[int, str], tried: set[int]
) -> bool:
    # Kuhn's augmenting path: take a free slot, or one whose holder can move.
    for slot, role in enumerate(slots):
        if slot in tried or role not in signed[person]:
            continue
        tried.add(slot)
        if slot not in holder or _place(holder[slot], slots, signed, holder, tried):
            holder[slot] = person
            return True
    return False
