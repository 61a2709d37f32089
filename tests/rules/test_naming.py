"""Foreign names inside signed documents, and on screens."""

import hashlib

import pytest

from registry.rules.naming import escape, reference, value_without_secrets, without_secrets
from schemas.observation import Name


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("s3://bucket/a b~", "s3://bucket/a b~"),
        ("100%", "100%25"),
        ("é\n", "%C3%A9%0A"),
        ("a" * 512, "a" * 512),
        ("é" * 257, "sha256:" + hashlib.sha256(("é" * 257).encode()).hexdigest()),
    ],
)
def test_a_name_is_printable_ascii_and_at_most_512_bytes(text: str, written: str):
    assert escape(text) == written


def test_a_reference_can_be_taken_apart_at_its_last_separators():
    written = reference(Name("a:b@c", "d:e@f"), "v@1")

    assert written == "a:b%40c:d%3Ae%40f@v%401"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://scott:tiger@db:5432", "postgres://scott:***@db:5432"),
        ("postgres://scott@db", "postgres://scott@db"),
        ("s3://bucket:key@7", "s3://bucket:***@7"),
        ("mail a:b@c", "mail a:b@c"),
        ("jdbc:mysql://db/x?user=u&password=p1&ssl=1", "jdbc:mysql://db/x?user=u&password=***&ssl=1"),
        ("jdbc:sqlserver://db;user=u;Password=p1;x=y", "jdbc:sqlserver://db;user=u;Password=***;x=y"),
        ("s3://b/k?X-Amz-Security-Token=t&sig=abc#f", "s3://b/k?X-Amz-Security-Token=***&sig=***#f"),
        ("file:/data?part=1", "file:/data?part=1"),
    ],
)
def test_a_password_in_an_authority_is_not_shown(text: str, shown: str):
    assert without_secrets(text) == shown


def test_what_a_key_calls_a_secret_is_not_shown_at_any_depth():
    value = {"spark.hadoop.fs.s3a.secret.key": "k", "list": [{"apiKey": "k", "uri": "a://b:c@d"}], "n": 1}

    assert value_without_secrets(value) == {
        "spark.hadoop.fs.s3a.secret.key": "***",
        "list": [{"apiKey": "***", "uri": "a://b:***@d"}],
        "n": 1,
    }


def test_a_value_nested_without_end_is_cut():
    deep: object = "x"
    for _ in range(600):
        deep = {"a": deep}

    assert "…" in repr(value_without_secrets(deep))
