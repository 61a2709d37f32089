"""Heads, witnesses' lines, receipts and proofs, checked by Go's own transparency-log packages.

Skipped where there is no Go; the packages come with it, so that no network is asked.
"""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from registry.signing.keyfile import PrivateKey
from registry.trust import merkle, note
from registry.trust.cosignature import cosign, witness_vkey
from registry.trust.proof import Proof, format_proof
from registry.trust.witnessing import Submission, format_submission
from schemas.ledger import Checkpoint

SOURCE = Path(__file__).parents[1] / "data" / "go" / "check.go"
ORIGIN = "muniment.dev/log/" + "ef" * 16
LOG, ONE, TWO = (PrivateKey.from_seed(bytes([n]) * 32) for n in (31, 32, 33))
KEY = note.vkey(ORIGIN, LOG.public)
WITNESSES = [witness_vkey("w.example/1", ONE.public), witness_vkey("w.example/2", TWO.public)]
LEAVES = [b'{"seq":%d}' % n for n in range(33)]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checker, built once from its one file."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go here")
    folder = tmp_path_factory.mktemp("go")
    root = subprocess.run([go, "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    vendored = Path(root) / "src" / "cmd" / "vendor" / "golang.org"
    if not (vendored / "x" / "mod" / "sumdb").is_dir():
        pytest.skip("this Go comes without golang.org/x/mod")
    (folder / "src").mkdir()
    (folder / "src" / "golang.org").symlink_to(vendored)
    settings = {**os.environ, "GO111MODULE": "off", "GOPATH": str(folder), "GOFLAGS": ""}
    built = folder / "check"
    subprocess.run([go, "build", "-o", built, SOURCE], env=settings, check=True, capture_output=True)
    return built


def refused(checker: Path, cases: list[dict[str, Any]]) -> set[str]:
    """Return the names of the cases that Go refuses."""
    given = json.dumps([{"Key": KEY, "Witnesses": [], "Want": 0} | case for case in cases])
    done = subprocess.run([checker], input=given, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def head(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, merkle.root(HASHES[:size]))


def signed(size: int) -> str:
    return note.sign_checkpoint(head(size), LOG)


def root_text(size: int) -> str:
    return base64.b64encode(head(size).root).decode()


def receipt(size: int, index: int, said: int | None = None) -> str:
    path = merkle.inclusion_proof(size, index, merkle.hash_reader(HASHES[:size]))
    return format_proof(Proof(LEAVES[index], index if said is None else said, path, signed(size)))


def continuation(old: int, new: int) -> str:
    proof = merkle.consistency_proof(old, new, merkle.hash_reader(HASHES[:new]))
    return format_submission(Submission(old, proof, signed(new)))


def test_every_receipt_of_small_trees_holds_in_go(checker):
    cases: list[dict[str, Any]] = [
        {"Name": f"{index} of {size}", "Kind": "receipt", "Text": receipt(size, index)}
        for size in range(1, 34)
        for index in range(size)
    ]

    assert len(cases) == 561
    assert refused(checker, cases) == set()


def test_every_proof_of_consistency_of_small_trees_holds_in_go(checker):
    cases: list[dict[str, Any]] = [
        {
            "Name": f"{old} to {new}",
            "Kind": "consistency",
            "Text": continuation(old, new),
            "OldSize": old,
            "OldRoot": root_text(old),
        }
        for new in range(1, 34)
        for old in range(1, new + 1)
    ]

    assert refused(checker, cases) == set()


def test_witnesses_lines_hold_in_go(checker):
    text = note.checkpoint_text(head(9))
    lines = cosign(text, "w.example/1", ONE, 1_795_435_200) + cosign(text, "w.example/2", TWO, 1)
    cases: list[dict[str, Any]] = [
        {"Name": "both", "Kind": "head", "Text": signed(9) + lines, "Witnesses": WITNESSES, "Want": 2},
        {"Name": "one", "Kind": "head", "Text": signed(9) + lines, "Witnesses": WITNESSES[1:], "Want": 1},
        {"Name": "nobody asked", "Kind": "head", "Text": signed(9) + lines},
        {"Name": "too few", "Kind": "head", "Text": signed(9), "Witnesses": WITNESSES, "Want": 1},
    ]

    assert refused(checker, cases) == {"too few"}


def test_what_we_refuse_go_refuses(checker):
    line = cosign(note.checkpoint_text(head(8)), "w.example/1", ONE, 1_795_435_200)
    cases: list[dict[str, Any]] = [
        {"Name": "another index", "Kind": "receipt", "Text": receipt(9, 4, said=5)},
        {"Name": "another size", "Kind": "receipt", "Text": receipt(9, 4).replace("\n9\n", "\n10\n")},
        {"Name": "another key", "Kind": "head", "Text": signed(9), "Key": note.vkey(ORIGIN, ONE.public)},
        {"Name": "an older head's line", "Kind": "head", "Text": signed(9) + line, "Witnesses": WITNESSES,
         "Want": 1},
        {"Name": "another past", "Kind": "consistency", "Text": continuation(5, 9), "OldSize": 5,
         "OldRoot": root_text(6)},
    ]  # fmt: skip

    assert refused(checker, cases) == {case["Name"] for case in cases}
