"""Who may post: tokens, the namespaces they are for, and what is kept of them."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from registry.acts.door import Door
from registry.registry import open_registry
from registry.store.tokens import Tokens
from tests.sources.serving import Receiver, event, make_registry, serving
from tui.cli import cli, main


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_registry(tmp_path_factory.mktemp("tokens"))


@pytest.fixture(scope="module")
def tokens(home: Path) -> dict[str, str]:
    spaces = {"all": (), "prod": ("--namespace", "prod"), "team": ("--namespace", "team-*")}
    return {name: run(home, "token", "new", name, *more)["token"] for name, more in spaces.items()}


@pytest.fixture(scope="module")
def receiver(home: Path, tokens: dict[str, str]) -> Iterator[Receiver]:
    file = home / "more-tokens"
    file.write_text("from-the-file\n")
    with serving(home, "--token-file", str(file)) as running:
        yield running


def run(home: Path, *words: str) -> Any:
    done = CliRunner().invoke(cli, ["--registry", str(home), *words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_without_a_token_or_with_a_wrong_one_nothing_is_taken(receiver):
    assert receiver.post(event(1)).status_code == 401
    assert receiver.post(event(1), authorization="Bearer wrong").status_code == 401
    assert receiver.post(event(1), authorization="Basic eDp5").status_code == 401


def test_the_answer_to_a_stranger_says_what_is_expected(receiver):
    assert receiver.post(event(1)).headers["www-authenticate"] == "Bearer"


def test_a_token_is_taken_in_either_header_and_from_the_file(receiver, tokens):
    answers = [
        receiver.post(event(2), authorization=f"Bearer {tokens['all']}"),
        receiver.post(event(3), authorization=f"bearer {tokens['all']}"),
        receiver.post(event(4), x_api_key=tokens["all"]),
        receiver.post(event(5), authorization="Bearer from-the-file"),
    ]

    assert [answer.json()["status"] for answer in answers] == ["accepted"] * 4


@pytest.mark.parametrize(
    ("token", "namespace", "status"),
    [
        ("prod", "prod", "accepted"),
        ("prod", "production", "quarantined"),
        ("team", "team-a", "accepted"),
        ("team", "prod", "quarantined"),
        ("all", "anything", "accepted"),
    ],
)
def test_what_a_token_may_not_write_is_quarantined(receiver, tokens, token, namespace, status):
    answer = receiver.post(event(6, namespace=namespace), authorization=f"Bearer {tokens[token]}")

    assert (answer.status_code, answer.json()["status"]) == (201, status)


def test_a_quarantined_event_does_not_keep_out_the_one_who_may_post_it(receiver, tokens):
    for token, status in (("team", "quarantined"), ("all", "accepted"), ("all", "duplicate")):
        answer = receiver.post(event(7, namespace="open"), authorization=f"Bearer {tokens[token]}")

        assert answer.json()["status"] == status


def test_a_revoked_token_ends_at_once(receiver, home):
    secret = run(home, "token", "new", "brief")["token"]
    before = receiver.post(event(8), authorization=f"Bearer {secret}").status_code
    run(home, "token", "revoke", "brief")

    assert (before, receiver.post(event(8), authorization=f"Bearer {secret}").status_code) == (201, 401)


def test_the_list_shows_no_secret_and_the_database_holds_none(home, tokens):
    listed = run(home, "token", "list")["items"]
    with closing(sqlite3.connect(home / "registry.db")) as connection:
        dump = "\n".join(connection.iterdump())

    assert [(item["name"], item["namespaces"]) for item in listed[:3]] == [
        ("all", []),
        ("prod", ["prod"]),
        ("team", ["team-*"]),
    ]
    assert not [secret for secret in tokens.values() if secret in dump or secret in json.dumps(listed)]


def test_a_name_in_use_is_refused_and_an_unknown_one_is_not_found(home, tokens):
    assert main(["--registry", str(home), "token", "new", "all"]) == 2
    assert main(["--registry", str(home), "token", "revoke", "nobody"]) == 5


def test_before_any_token_this_machine_may_post_and_others_may_not(tmp_path):
    with open_registry(make_registry(tmp_path / "r")) as registry:
        door = Door(Tokens(registry.connection))

        assert door.admit(None, local=True) is not None
        assert door.admit(None, local=False) is None


def test_revoking_the_last_token_does_not_open_the_door(tmp_path):
    with open_registry(make_registry(tmp_path / "r")) as registry:
        tokens = Tokens(registry.connection)
        tokens.make("only", (), registry.clock())
        tokens.revoke("only", registry.clock())

        assert Door(tokens).admit(None, local=True) is None


def test_other_machines_are_not_served_before_a_token_is_made(tmp_path):
    home = make_registry(tmp_path / "r")

    assert main(["--registry", str(home), "serve", "--host", "192.0.2.1", "--port", "0"]) == 2
