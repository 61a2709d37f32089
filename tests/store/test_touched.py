"""What an import touched is counted at a bit each."""

from hypothesis import given
from hypothesis import strategies as st

from registry.store.touched import Marks


@given(st.lists(st.lists(st.integers(0, 3000))))
def test_marks_are_a_set_in_order(parts: list[list[int]]):
    marks = Marks()

    for part in parts:
        marks.add(part)

    expected = sorted({number for part in parts for number in part})
    assert list(marks) == expected
    assert len(marks) == len(expected)
