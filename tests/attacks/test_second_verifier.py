"""The second verifier: one file that needs nothing of ours, and says the same as the first."""

import ast
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import registry.bundle
from registry.bundle import contents as at
from registry.bundle import standalone
from registry.bundle.container import build_container, read_container
from registry.bundle.guide import VERIFY_TEXT
from registry.bundle.layout import wrap
from registry.bundle.report import render
from registry.bundle.verify import verify_bundle
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.statement import Statement, parse_envelope, parse_statement
from tests.attacks.case import asked
from tests.attacks.references import NAMES, Honest, references
from tests.attacks.simulator import ORIGIN, SNAPSHOT, honest, key
from tui.demo.walk import MODEL, Walk

SOURCE = Path(registry.bundle.__file__).with_name("standalone.py")


def run(
    folder: Path, bundle: bytes, *words: str, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a copy of the file alone, without site packages and without this project in reach."""
    (folder / "verifier.py").write_bytes(SOURCE.read_bytes())
    (folder / "bundle.zip").write_bytes(bundle)
    found = {**os.environ, "PATH": os.environ["PATH"] if path is None else path}
    command = [sys.executable, "-I", "-S", "verifier.py", "bundle.zip", *words]
    return subprocess.run(command, cwd=folder, env=found, capture_output=True, text=True, check=False)


def small() -> Honest:
    return references()[0]


def told(bundle: bytes, change: Any) -> bytes:
    """Return the bundle with another record, its page rendered anew and the exporter's signature on both."""
    files = read_container(bundle)
    record = parse_canonical(files[at.RECORD], limit=1 << 26)
    change(record)
    payload = {name: data for name, data in files.items() if name.startswith("data/")}
    payload |= {at.RECORD: canonical(record), at.REPORT: render(record)}
    return build_container(wrap(payload, ORIGIN, key("service")))


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(SOURCE.read_text("utf-8"))
    plain = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    parts = {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in plain | parts} <= sys.stdlib_module_names


def test_it_knows_the_guide_that_every_bundle_holds() -> None:
    assert hashlib.sha256(VERIFY_TEXT.encode()).hexdigest() == standalone.GUIDE_SHA256


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_alone_over_every_kind_of_honest_bundle(name: str, tmp_path: Path) -> None:
    given = references()[NAMES.index(name)]
    prior = f"{given.head[0]}:{given.head[1].hex()}"
    done = run(tmp_path, given.bundle, "--anchor", given.anchor, "--prior", prior)
    verdict, code = ("UNPROVEN", 3) if name == "extract" else ("PASS", 0)
    assert (done.stdout.splitlines()[-1], done.returncode, done.stderr) == (verdict, code, "")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a folder with what the demo exports, in every packing, and the anchor of its registry."""
    folder = tmp_path_factory.mktemp("second")
    walk = Walk(folder / "registry", lambda _line: None)
    anchor = walk.build()
    os.replace(walk.finish(anchor).bundle, folder / "one.zip")
    walk.forget_passphrase_file()
    record = parse_canonical(read_container((folder / "one.zip").read_bytes())[at.RECORD], limit=1 << 26)
    held = record["claims"][0]["reviewed"]["bias"][0]["digest"] + "=trade-secret"
    for name, words in EXPORTS.items():
        walk.run(
            "bundle",
            "export",
            *(held if word == "HELD" else word for word in words),
            "-o",
            str(folder / name),
        )
    return folder, anchor


EXPORTS = {
    "all.zip": ("--whole", "--with-evidence"),
    "namespace.zip": ("--namespace", "retail", "--env", "production", "--names"),
    "extract.zip": (f"{MODEL}@6", "--extract"),
    "withheld.zip": (f"{MODEL}@7", "--withhold", "HELD"),
}


@pytest.mark.parametrize("name", ["one.zip", *EXPORTS])
def test_it_agrees_about_what_the_demo_exports(name: str, demo: tuple[Path, str]) -> None:
    folder, anchor = demo
    bundle = (folder / name).read_bytes()
    ours, second = verify_bundle(bundle, anchor=Digest(anchor)), standalone.verify(bundle, anchor)
    assert (second["verdict"], second["codes"]) == (ours.verdict, list(ours.codes))
    assert second["verdict"] == ("UNPROVEN" if name == "extract.zip" else "PASS")


def test_it_prints_one_json_value(tmp_path: Path) -> None:
    done = run(tmp_path, small().bundle, "--anchor", small().anchor, "--at", "2027-11-24T00:00:00Z", "--json")
    said = json.loads(done.stdout)
    assert set(said) == {"checks", "claims", "codes", "statuses", "unusable", "verdict"}
    assert (said["verdict"], said["codes"], said["unusable"]) == ("PASS", [], False)
    assert [(c["name"], c["status"], c["gate"]["verdict"]) for c in said["claims"]] == [
        ("retail/credit-risk@7", "valid", "allow")
    ]
    assert [row["status"] for row in said["statuses"]] == ["expired"]


@pytest.mark.parametrize(
    ("words", "code", "last"),
    [
        ((), 3, "UNANCHORED"),
        (("--anchor", "sha256:" + "0" * 64), 1, "FAIL"),
        (("--anchor", "ANCHOR", "--max-age", "1h", "--at", "2027-01-01T00:00:00Z"), 3, "UNPROVEN"),
        (("--anchor", "ANCHOR", "--require-witness", "1"), 3, "UNPROVEN"),
    ],
)
def test_it_exits_as_the_first_one_does(words: tuple[str, ...], code: int, last: str, tmp_path: Path) -> None:
    given = small()
    done = run(tmp_path, given.bundle, *(given.anchor if word == "ANCHOR" else word for word in words))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (code, last)


@pytest.mark.parametrize(
    "words", [("--anchor", "sha256:0"), ("--prior", "3"), ("--at", "now"), ("--max-age", "1")]
)
def test_it_refuses_words_it_cannot_mean(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(tmp_path, small().bundle, *words)
    assert (done.returncode, words[0] in done.stderr) == (2, True)


def test_it_says_that_something_is_no_bundle_at_all(tmp_path: Path) -> None:
    assert run(tmp_path, b"no archive").returncode == 2
    assert run(tmp_path, b"PK but none").returncode == 1


def test_it_says_that_openssl_is_missing(tmp_path: Path) -> None:
    done = run(tmp_path, small().bundle, "--anchor", small().anchor, path=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "cannot verify: the command openssl is not here; it verifies the signatures\n"


@pytest.mark.parametrize("code", [0, 1])
def test_it_believes_no_openssl_that_says_the_same_of_everything(code: int, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "openssl").write_text(f"#!/bin/sh\nexit {code}\n")
    (folder / "openssl").chmod(0o755)
    done = run(tmp_path, small().bundle, "--anchor", small().anchor, path=str(folder))
    assert (done.returncode, "does not verify Ed25519" in done.stderr) == (2, True)


def _first_claim(**changed: Any) -> Any:
    return lambda record: record["claims"][0].update(changed)


@pytest.mark.parametrize(
    "change",
    [
        _first_claim(tier="low"),
        _first_claim(approvals=[]),
        _first_claim(quorum=[{"have": 2, "need": 1, "role": "risk-approver"}]),
        lambda record: record["claims"][0]["gate"].update(verdict="deny"),
        lambda record: record["claims"][0]["approvals"][0].update(reason="looked at all of it"),
        lambda record: record["claims"].pop(),
        lambda record: record["versions"][0].update(name="retail/credit-risk@8"),
        lambda record: record["records"][0].update(count=9),
        lambda record: record["population"].update(leaves=9),
        lambda record: record.update(strength=record["strength"].replace("1", "3", 1)),
        lambda record: record.update(policyVersion=2),
        lambda record: record.update(result="UNPROVEN"),
        lambda record: record["head"].update(time="2026-11-24T00:00:00Z"),
        lambda record: record["limits"].pop(),
        lambda record: record["advice"].pop(),
        lambda record: record.update(approvedBy="the board"),
        lambda record: record["claims"][0]["reviewed"]["lineage"]["gapList"].append(
            {"at": "a", "reason": "b"}
        ),
        lambda record: record["claims"][0]["reviewed"].update(policyVersion=9),
        lambda record: record["claims"][0]["approvals"][0].update(standing="for good"),
    ],
)
def test_a_record_that_states_another_fact_fails_in_both(change: Any) -> None:
    forged = told(small().bundle, change)
    ours, second = verify_bundle(forged, anchor=small().anchor), standalone.verify(forged, small().anchor)
    assert (ours.verdict, second["verdict"]) == ("FAIL", "FAIL")
    assert "RECORD_MISMATCH" in ours.codes
    assert "RECORD_MISMATCH" in second["codes"]


def test_a_page_that_shows_something_else_fails_in_both() -> None:
    files = read_container(small().bundle)
    payload = {name: data for name, data in files.items() if name.startswith("data/")}
    payload[at.REPORT] = payload[at.REPORT].replace(b"valid", b"expired", 1)
    forged = build_container(wrap(payload, ORIGIN, key("service")))
    assert "REPORT_MISMATCH" in verify_bundle(forged, anchor=small().anchor).codes
    assert standalone.verify(forged, small().anchor)["codes"] == ["REPORT_MISMATCH"]


def test_words_of_the_record_are_not_compared_by_the_second() -> None:
    forged = told(small().bundle, lambda record: record["claims"][0]["why"].append("written otherwise"))
    assert standalone.verify(forged, small().anchor)["verdict"] == "PASS"


def test_a_request_said_twice_hides_no_dossier_that_is_not_here() -> None:
    # The dossier that closed the first one is not here: whether it closed it cannot be told.
    registry, manifest, first = asked()
    second = registry.request(manifest, lines=SNAPSHOT.replace(b'"run"', b'"run2"'))
    said = [
        parse_statement(parse_envelope(row).payload) for row in registry.envelopes if isinstance(row, bytes)
    ]
    again = next(statement for statement in said if statement.kind == "review-requested")
    predicate = again.predicate | {"nonce": registry.nonce()}
    registry.append(Statement("review-requested", again.subjects, predicate), "alice")
    registry.decide(manifest, first)
    registry.claim(manifest, "none")
    del registry.bodies[second]
    bundle = registry.bundle()
    assert verify_bundle(bundle, anchor=registry.anchor).verdict == "UNPROVEN"
    assert standalone.verify(bundle, registry.anchor)["verdict"] == "UNPROVEN"


def test_both_decide_at_the_auditors_time() -> None:
    registry, manifest, _, _ = honest()
    registry.claim(manifest, "valid")
    bundle = registry.bundle()
    for time in ("2026-11-23T00:00:00Z", "2026-12-01T00:00:00Z", "2028-01-01T00:00:00Z"):
        ours = verify_bundle(bundle, anchor=registry.anchor, at=time)
        second = standalone.verify(bundle, registry.anchor, None, time)
        assert second["statuses"] == ours.session["statuses"]
        assert (second["verdict"], second["codes"]) == (ours.verdict, list(ours.codes))
