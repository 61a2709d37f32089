"""The quorum equals what trying every assignment finds."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from registry.rules.quorum import is_full, match_roles

ROLES = ("risk", "legal", "owner")


def brute_force(need: dict[str, int], signed: dict[str, set[str]]) -> bool:
    slots = [role for role, count in need.items() for _ in range(count)]
    return any(
        all(slot in signed[person] for slot, person in zip(slots, people, strict=True))
        for people in permutations(signed, len(slots))
    )


@given(
    st.dictionaries(st.sampled_from(ROLES), st.integers(1, 2), min_size=1),
    st.dictionaries(st.sampled_from("abcdef"), st.sets(st.sampled_from(ROLES)), max_size=6),
)
def test_matching_is_full_exactly_when_some_assignment_is(
    need: dict[str, int], signed: dict[str, set[str]]
) -> None:
    assert is_full(match_roles(need, signed)) == brute_force(need, signed)


@given(
    st.dictionaries(st.sampled_from(ROLES), st.integers(1, 3), min_size=1),
    st.dictionaries(st.sampled_from("abcdef"), st.sets(st.sampled_from(ROLES)), max_size=6),
)
def test_one_more_signature_never_empties_a_slot(need: dict[str, int], signed: dict[str, set[str]]) -> None:
    before = sum(c.have for c in match_roles(need, signed))
    after = sum(c.have for c in match_roles(need, {**signed, "zoe": set(ROLES)}))

    assert before <= after <= before + 1
