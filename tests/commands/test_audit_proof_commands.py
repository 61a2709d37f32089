"""audit prove, audit verify-proof: a receipt holds without the registry, and nothing else does."""

import base64
import shutil
from pathlib import Path

import pytest

from registry.signing.keyfile import PrivateKey
from registry.trust import merkle, note
from registry.trust.proof import Proof, format_proof, parse_proof, verify_proof
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint, Leaf, origin_subject

ORIGIN = "muniment.dev/log/" + "ab" * 16
LOG = PrivateKey.from_seed(b"\x07" * 32)
KEY = note.vkey(ORIGIN, LOG.public)


@pytest.fixture
def receipt(approved, tmp_path: Path):
    """The receipt of the approval, in a file, with the log's key."""
    seq = approved("audit", "log", "--json").json["items"][-1]["seq"]
    done = approved("audit", "prove", seq, "-o", tmp_path / "approval.tlog-proof", "--json")
    assert done.code == 0, done.err
    return done.json


def test_a_receipt_is_checked_with_the_registry_gone(approved, receipt, tmp_path: Path):
    shutil.rmtree(tmp_path / "registry")

    done = approved("audit", "verify-proof", receipt["file"], "--key", receipt["key"], "--json")

    assert done.code == 0, done.err
    assert (done.json["index"], done.json["size"]) == (receipt["index"], receipt["size"])
    assert done.json["leaf"]["type"] == receipt["leaf"]["type"]


def test_a_receipt_is_in_the_format_that_other_tools_read(approved):
    text = approved("audit", "prove", 1).out

    lines = text.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[2] == "index 1"
    assert all(len(base64.b64decode(line)) == 32 for line in lines[3 : lines.index("")])


def test_every_leaf_of_the_log_has_a_receipt(approved, tmp_path: Path):
    items = approved("audit", "log", "--json").json["items"]

    codes = {approved("audit", "prove", item["seq"], "--json").code for item in items}

    assert codes == {0}


def test_another_key_does_not_check_it(approved, receipt):
    origin = receipt["origin"]
    stranger = note.vkey(origin, LOG.public)

    done = approved("audit", "verify-proof", receipt["file"], "--key", stranger)

    assert done.code == 1
    assert "NOTE_UNKNOWN_SIGNER" in done.err


def test_no_changed_byte_is_accepted(receipt):
    text = receipt["receipt"]
    accepted = 0
    for at in range(len(text)):
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        try:
            verify_proof(changed, receipt["key"])
        except VerificationError:
            continue
        accepted += 1
    assert accepted == 0


def test_a_record_that_is_not_the_leafs_is_named(approved, receipt, tmp_path: Path):
    (tmp_path / "other.json").write_bytes(b"{}")

    done = approved(
        "audit", "verify-proof", receipt["file"], "--key", receipt["key"], "--record", tmp_path / "other.json"
    )

    assert done.code == 1
    assert "BODY_DIGEST" in done.err


def test_a_leaf_that_is_not_there_is_not_found(founded):
    assert founded("audit", "prove", 99).code == 5


def test_a_leaf_under_no_signed_head_is_not_provable(founded, tmp_path: Path):
    (tmp_path / "registry" / "keys" / "log").rename(tmp_path / "log-key")
    founded("key", "enrol", "bob", "--role", "owner", "--no-passphrase", "--as", "alice")

    done = founded("audit", "prove", 2)

    assert done.code == 3
    assert "next: muniment audit checkpoint" in done.err


def test_a_receipt_is_never_written_over_a_file(founded, tmp_path: Path):
    (tmp_path / "taken").write_text("mine")

    assert founded("audit", "prove", 0, "-o", tmp_path / "taken").code == 2
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_leaf_at_another_place_than_it_says_is_refused():
    subjects = (origin_subject(ORIGIN),)
    leaf = Leaf(5, "seal", "2026-11-23T10:00:00Z", origin_subject("x"), subjects).to_bytes()
    head = note.sign_checkpoint(Checkpoint(ORIGIN, 1, merkle.root([merkle.leaf_hash(leaf)])), LOG)

    with pytest.raises(VerificationError, match="LEAF_SEQ"):
        verify_proof(format_proof(Proof(leaf, 0, (), head)), KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n\nhead\n",
        "c2sp.org/tlog-proof@v1\nextra e30=\nindex 01\n\nhead\n",
        "c2sp.org/tlog-proof@v1\nextra e30=\nindex -1\n\nhead\n",
        "c2sp.org/tlog-proof@v2\nextra e30=\nindex 0\n\nhead\n",
        "c2sp.org/tlog-proof@v1\nextra e30=\nindex 0\n" + "AAAA\n" * 65 + "\nhead\n",
        "x" * 200_000,
    ],
)
def test_what_is_no_receipt_is_refused_by_name(text):
    with pytest.raises(VerificationError, match="PROOF_MALFORMED"):
        parse_proof(text)
