"""Each record and document of a full registry erased in turn: every command answers in words, none lies."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from registry.pages.version import version_page
from registry.registry import open_registry
from schemas.errors import Error
from tests.commands.conftest import Run

VERSION, WHERE = "credit-risk@7", ("credit-risk@7", "--env", "production")
POLICY = """semantics: 1
approval:
  - roles: {risk-approver: 1}
    breakGlass: {roles: [risk-approver, owner], maxHours: 24}
checks: []
"""
RISK = "exposure: 1\npurpose: 1\nsummary: Sorts applications.\nrisks: []\n"
OUTCOMES = "sex,n,granted\nf,125,50\nm,150,75\n"
READING: tuple[tuple[Any, ...], ...] = (
    ("gate", *WHERE, "--no-record"),
    ("gate", *WHERE, "--no-record", "--full"),
    ("dossier", *WHERE),
    ("changes", *WHERE),
    ("status",),
    ("queue",),
    ("evidence", "list", VERSION),
    ("bias", "show", VERSION),
    ("risk", "show", VERSION),
    ("policy", "show"),
    ("audit", "log"),
    ("audit", "sample", "--n", "5", "--seed", "x"),
    ("audit", "coverage"),
    ("audit", "prove", "3"),
    ("doctor",),
    ("key", "list"),
    ("people", "list"),
    ("models",),
)


@pytest.fixture
def full(asked: Run, tmp_path: Path) -> Run:
    """A version with evidence, risk, bias, a broken glass, a rejection overridden, an approval, a receipt."""
    files = {"policy.yaml": POLICY, "risk.yaml": RISK, "outcomes.csv": OUTCOMES, "report.txt": "it works"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    bob = ("--role", "risk-approver", "--as", "bob", "--reason", "as I see it")
    counts = ("--attribute", "sex", "--n", "n", "--selected", "granted")
    for step in (
        ("policy", "sign", tmp_path / "policy.yaml", "--as", "alice"),
        ("evidence", "add", tmp_path / "report.txt", "--for", VERSION, "--kind", "other", "--as", "alice"),
        ("risk", "assess", tmp_path / "risk.yaml", "--for", VERSION, "--as", "alice"),
        ("bias", "check", tmp_path / "outcomes.csv", *counts, "--for", VERSION, "--as", "alice"),
        ("request", *WHERE, "--as", "alice"),
        ("break-glass", *WHERE, *bob, "--hours", "4"),
        ("reject", *WHERE, *bob),
        ("override", *WHERE, "--reason", "the board decided", "--as", "alice"),
        ("approve", *WHERE, *bob, "--condition", "look again in May"),
        ("gate", *WHERE),
        ("audit", "checkpoint"),
    ):
        done = asked(*step)
        assert done.code == 0, (step, done.err)
    return asked


def bodies_of(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "registry.db")) as connection:
        return [row[0] for row in connection.execute("SELECT digest FROM body ORDER BY digest")]


def test_every_answer_is_the_same_or_unproven_and_in_words(full: Run, tmp_path: Path) -> None:
    home, copy = tmp_path / "registry", tmp_path / "copy"
    anchor = full("root", "show", "--json").json["anchor"]
    was = full("gate", *WHERE, "--no-record", "--json").json["verdict"]
    refused = 0
    for digest in bodies_of(home):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(home, copy)
        there = ("--registry", copy)
        done = full(*there, "redact", digest, "--reason", "mistake", "--yes", "--json")
        if done.code == 1:
            refused += 1
            assert "is never erased" in done.err
            continue
        assert done.code == 0, done.err
        for words in READING:
            answer = full(*there, *words)
            assert "internal error" not in answer.err, (digest, words, answer.err)
        assert full(*there, "audit", "verify").code == 0
        assert _page_in_words(copy)
        verdict = full(*there, "gate", *WHERE, "--no-record", "--json").json["verdict"]
        assert verdict in (was, "unproven"), digest
        # What was shown before is what became of it.
        assert bool(done.json["unproven"]) == (verdict != was), (digest, done.json)
        _verify_export(full, copy, anchor, proved=verdict == was)
    assert refused == 4  # two roots, two policy sets


def _page_in_words(home: Path) -> bool:
    with open_registry(home, read_only=True) as registry:
        try:
            version_page(registry, "retail/credit-risk@7", "production")
        except Error as error:
            return "erased at leaf" in error.message
    return True


def _verify_export(run: Run, home: Path, anchor: str, *, proved: bool) -> None:
    bundle = home / "bundle.zip"
    done = run("--registry", home, "bundle", "export", VERSION, "-o", bundle, "--with-evidence")
    if done.code:
        assert (done.code, proved) == (3, False), done.err
        return
    answer = run("bundle", "verify", bundle, "--anchor", anchor, "--no-remember", "--json").json
    assert answer["verdict"] == ("PASS" if proved else "UNPROVEN"), answer["codes"]
    assert not {"REDACTION_UNLOGGED", "REDACTION_FALSE"} & set(answer["codes"])
