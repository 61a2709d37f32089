"""Files people write mean what they look like, or are refused with the place."""

import pytest

from schemas.authored import read_authored
from schemas.errors import Malformed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: no", {"a": "no"}),
        ("a: on\nb: true", {"a": "on", "b": True}),
        ("a: 2026-11-23", {"a": "2026-11-23"}),
        ("a: 0.8", {"a": "0.8"}),
        ("a: 010\nb: 1:30\nc: -7", {"a": "010", "b": "1:30", "c": -7}),
        ("a: 1e3\nb: .inf\nc: 1_000", {"a": "1e3", "b": ".inf", "c": "1_000"}),
        ("a: ~\nb: null\nc:", {"a": None, "b": None, "c": None}),
        ('{"a": [1, false, "x"]}', {"a": [1, False, "x"]}),
        ("a: 'true'", {"a": "true"}),
    ],
)
def test_nothing_is_read_as_more_than_it_says(text: str, value: object):
    assert read_authored(text.encode(), "f.yaml") == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2", "line 2, column 1: 'a' stands twice"),
        ("a: &x [1]\nb: *x", "aliases are not read"),
        ("a: !!python/object/apply:os.system [ls]", "line 1, column 4: tags are not read"),
        ("a: !!bool maybe", "tags are not read"),
        ("1: a", "key 1 is no text"),
        ("? [a]\n: b", "is no text"),
        ("a: [1", "line 1, column"),
        ("a: 1\n--- \nb: 2", "another document"),
        ("a: \x01", "not YAML"),
        ("[" * 5000, "not YAML"),
    ],
)
def test_what_could_mean_two_things_is_refused_with_its_place(text: str, words: str):
    with pytest.raises(Malformed) as caught:
        read_authored(text.encode(), "f.yaml")

    assert words in caught.value.message
    assert caught.value.message.startswith("f.yaml: ")


def test_bytes_that_are_not_utf8_are_refused():
    with pytest.raises(Malformed, match="byte 3 is not UTF-8"):
        read_authored(b"a: \xff", "f.yaml")
