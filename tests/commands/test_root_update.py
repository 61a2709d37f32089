"""root update: changes that cannot be, and the optional members of a root."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from schemas.digest import Digest


@pytest.fixture
def board(founded):
    """alice and bob hold root, either decides alone."""
    done = founded(
        "key", "enrol", "bob", "--role", "root", "--role", "validator", "--no-passphrase", "--as", "alice"
    )
    assert done.code == 0, done.err
    return founded


def size(run) -> int:
    return len(run("audit", "log", "--json").json["items"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "nothing changes"),
        (("--grant", "nobody", "owner"), 5, "no person is called 'nobody'"),
        (("--grant", "bob", "king"), 2, "no role is called 'king'"),
        (("--grant", "bob", "owner@"), 2, "is no role"),
        (("--grant", "bob", "root@retail"), 2, "holds everywhere or not at all"),
        (("--grant", "bob", "policy@retail/production"), 2, "holds everywhere or not at all"),
        (("--grant", "bob", "validator"), 2, "holds validator already"),
        (("--grant", "bob", "owner@RETAIL"), 1, "IDENTIFIER"),
        (("--ungrant", "bob", "owner"), 5, "does not hold owner"),
        (("--remove", "nobody"), 5, "no person is called"),
        (("--expires", "soon"), 2, "expected a day"),
        (("--add-log-key", "junk"), 1, "KEY_MALFORMED"),
        (("--remove-log-key", "junk"), 5, "names no log key"),
        (("--witness-quorum", "3"), 1, "WITNESS_QUORUM"),
        (("--threshold", "0"), 2, "--threshold"),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_words(board, words, code, said):
    before = size(board)

    done = board("root", "update", *words, "--as", "alice")

    assert done.code == code, done.err
    assert said in done.err
    assert size(board) == before


def shown(run):
    return run("root", "show", "--json").json


def test_with_threshold_one_everything_happens_at_once(board):
    done = board("root", "update", "--grant", "bob", "owner@retail/staging", "--as", "alice", "--json")

    assert done.code == 0, done.err
    assert done.json == {"version": 3, "leaf": size(board) - 1, "draft": None, "missing": []}


def test_a_root_expires_and_no_longer_does(board):
    board("root", "update", "--expires", "2031-05-01", "--as", "alice")
    first = shown(board)["expires"]
    board("root", "update", "--expires", "never", "--as", "alice")

    assert first == "2031-05-01T23:59:59Z"
    assert shown(board)["expires"] is None


def test_a_root_that_expired_is_said_to_have(board):
    board("root", "update", "--expires", "2020-01-01", "--as", "alice")

    assert "the trust root expired at 2020-01-01T23:59:59Z" in board("root", "show").err
    assert board("root", "update", "--expires", "never", "--as", "alice").code == 0


def test_a_removed_person_signs_no_more(board):
    assert board("root", "update", "--remove", "bob", "--as", "alice").code == 0

    refused = board("key", "enrol", "zoe", "--role", "owner", "--no-passphrase", "--as", "bob")

    assert refused.code == 1
    assert [p["name"] for p in shown(board)["persons"]] == ["alice"]


def test_a_removed_service_is_gone(board):
    board("key", "enrol", "--service", "ci", "--as", "alice")
    assert [s["id"] for s in shown(board)["services"]] == ["service", "ci"]

    assert board("root", "update", "--remove", "ci", "--as", "alice").code == 0
    assert [s["id"] for s in shown(board)["services"]] == ["service"]


def certificate() -> x509.Certificate:
    key, name = Ed25519PrivateKey.generate(), x509.Name([])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC)).not_valid_after(
        datetime(2036, 1, 1, tzinfo=UTC)
    )
    return dated.serial_number(1).sign(key, None)


def test_a_time_stamping_root_is_kept_as_der(board, tmp_path: Path):
    made = certificate()
    (tmp_path / "tsa.pem").write_bytes(made.public_bytes(Encoding.PEM))

    done = board("root", "update", "--add-tsa-root", tmp_path / "tsa.pem", "--as", "alice")

    assert done.code == 0, done.err
    assert shown(board)["tsa_roots"] == [Digest.of(made.public_bytes(Encoding.DER))]


def test_what_is_no_certificate_is_refused(board, tmp_path: Path):
    (tmp_path / "junk").write_bytes(b"junk")

    refused = board("root", "update", "--add-tsa-root", tmp_path / "junk", "--as", "alice")

    assert refused.code == 2
    assert "is no certificate" in refused.err


def test_two_people_are_told_to_draft_what_takes_both(board):
    refused = board("root", "update", "--threshold", "2", "--as", "alice")

    assert refused.code == 1
    assert "1 more by root version 3, of: bob" in refused.err
    assert "-o DRAFT writes one" in refused.err
