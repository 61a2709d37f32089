"""audit timestamp: a pinned authority's word on a head, over HTTP or by file, in the audit and in bundles."""

import zipfile
from pathlib import Path

import pytest

from registry.bundle.timestamps import make_query
from registry.registry import open_registry
from registry.store.database import connect
from tests.commands.authority import Authority, need_openssl, serving
from tests.commands.loopback_witness import LoopbackWitness, name_witnesses
from tests.commands.loopback_witness import serving as witnessing

EXPORT = ("bundle", "export", "credit-risk@7", "-o")


@pytest.fixture
def authority(approved, tmp_path: Path) -> Authority:
    """An authority that the trust root pins."""
    need_openssl()
    made = Authority(tmp_path / "tsa")
    done = approved("root", "update", "--add-tsa-root", tmp_path / "tsa" / "root.pem", "--as", "alice")
    assert done.code == 0, done.err
    return made


@pytest.fixture
def stamped(approved, authority):
    """The registry with its newest head stamped."""
    with serving(authority) as url:
        done = approved("audit", "timestamp", "--tsa", url, "--json")
    assert done.code == 0, done.err
    return done.json


def verify(approved, bundle: Path):
    anchor = approved("root", "show", "--json").json["anchor"]
    return approved("bundle", "verify", bundle, "--anchor", anchor, "--json", "--no-remember")


def replace_token(home: Path, size: int, token: bytes) -> None:
    connection = connect(home / "registry.db")
    connection.execute("DROP TRIGGER timestamp_token_no_delete")
    connection.execute("DELETE FROM timestamp_token")
    connection.execute("INSERT INTO timestamp_token (size, token) VALUES (?, ?)", (size, token))
    connection.close()


def test_an_authority_stamps_the_newest_head_over_http(approved, stamped):
    assert stamped["authority"] == "CN=Test TSA"
    assert stamped["new"] is True
    assert approved("audit", "verify", "--json").json["problems"] == []


def test_by_file_for_a_machine_without_a_network(approved, authority, tmp_path):
    asked = approved("audit", "timestamp", "--request-out", tmp_path / "question.tsq", "--json")
    assert asked.code == 0, asked.err
    (tmp_path / "answer.tsr").write_bytes(authority.reply((tmp_path / "question.tsq").read_bytes()))

    done = approved("audit", "timestamp", "--token", tmp_path / "answer.tsr", "--json")
    again = approved("audit", "timestamp", "--token", tmp_path / "answer.tsr", "--json")

    assert (done.code, done.json["size"], done.json["new"]) == (0, asked.json["size"], True), done.err
    assert (again.code, again.json["new"]) == (0, False)


def test_a_token_over_an_older_head_finds_its_head(approved, authority, tmp_path):
    asked = approved("audit", "timestamp", "--request-out", tmp_path / "q", "--json")
    (tmp_path / "a").write_bytes(authority.reply((tmp_path / "q").read_bytes()))
    assert approved("key", "enrol", "x", "--role", "auditor", "--no-passphrase", "--as", "alice").code == 0

    done = approved("audit", "timestamp", "--token", tmp_path / "a", "--json")

    assert (done.code, done.json["size"]) == (0, asked.json["size"]), done.err


def test_a_token_over_no_head_of_this_log_is_refused(approved, authority, tmp_path):
    (tmp_path / "a").write_bytes(authority.reply(make_query(b"something else").data))

    done = approved("audit", "timestamp", "--token", tmp_path / "a")

    assert (done.code, "TIMESTAMP_INVALID" in done.err) == (1, True)


def test_an_authority_that_nobody_pinned_is_refused(approved, tmp_path):
    need_openssl()
    with serving(Authority(tmp_path / "tsa")) as url:
        done = approved("audit", "timestamp", "--tsa", url)

    assert done.code == 1
    assert "TIMESTAMP_UNTRUSTED" in done.err


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ((500, b"down"), 6, "answers 500: down"),
        ((200, b""), 1, "TIMESTAMP_INVALID"),
        ((200, b"<html>hello</html>"), 1, "TIMESTAMP_INVALID"),
        ((200, b"\x30\x05\x30\x03\x02\x01\x02"), 1, "status 2 instead of a token"),
    ],
)
def test_an_answer_that_is_no_token_is_said_in_words(approved, authority, answer, code, said):
    with serving(authority, answer) as url:
        done = approved("audit", "timestamp", "--tsa", url)

    assert (done.code, said in done.err) == (code, True), done.err


def test_a_replayed_answer_is_refused(approved, authority, tmp_path):
    asked = approved("audit", "timestamp", "--request-out", tmp_path / "q", "--json")
    assert asked.code == 0
    old = authority.reply((tmp_path / "q").read_bytes())
    with serving(authority, (200, old)) as url:
        done = approved("audit", "timestamp", "--tsa", url)

    assert (done.code, "TIMESTAMP_INVALID" in done.err) == (1, True)


def test_one_way_of_asking_at_a_time(approved, tmp_path):
    assert approved("audit", "timestamp").code == 2
    assert approved("audit", "timestamp", "--tsa", "http://x", "--token", tmp_path / "t").code == 2


def test_a_bundle_carries_the_token_and_its_session_checks_it(approved, stamped, tmp_path):
    assert approved(*EXPORT, tmp_path / "b.zip", "--head", stamped["size"]).code == 0

    answer = verify(approved, tmp_path / "b.zip").json

    assert answer["verdict"] == "PASS", answer["codes"]
    assert answer["session"]["timestamps"] == [
        {"size": stamped["size"], "state": "good", "at": stamped["at"], "authority": "CN=Test TSA"}
    ]
    assert "timestamps" not in answer["record"]


def test_openssl_checks_the_token_of_an_unwitnessed_bundle_alone(approved, authority, stamped, tmp_path):
    assert approved(*EXPORT, tmp_path / "b.zip", "--head", stamped["size"]).code == 0
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        archive.extractall(authority.folder)
    token = f"data/log/timestamps/{stamped['size']:09d}.tsr"

    done = authority.run(
        "ts", "-verify", "-data", "data/log/checkpoint.txt", "-in", token, "-CAfile", "root.pem"
    )

    assert b"Verification: OK" in done.stdout


def test_a_token_that_is_not_over_the_head_fails_the_bundle_and_the_audit(
    approved, authority, stamped, tmp_path
):
    replace_token(tmp_path / "registry", stamped["size"], authority.reply(make_query(b"other").data))
    assert approved(*EXPORT, tmp_path / "b.zip", "--head", stamped["size"]).code == 0

    answer = verify(approved, tmp_path / "b.zip").json
    audited = approved("audit", "verify", "--json")

    assert (answer["verdict"], answer["codes"]) == ("FAIL", ["TIMESTAMP_INVALID"])
    assert answer["session"]["timestamps"] == [{"size": stamped["size"], "state": "invalid"}]
    assert audited.code == 1
    assert "TIMESTAMP_INVALID" in audited.json["problems"][0]


def test_a_token_of_a_stranger_leaves_the_bundle_unproven(approved, stamped, tmp_path):
    stranger = Authority(tmp_path / "stranger")
    assert (
        approved("audit", "timestamp", "--request-out", tmp_path / "q", "--size", stamped["size"]).code == 0
    )
    token = stranger.reply((tmp_path / "q").read_bytes())
    replace_token(tmp_path / "registry", stamped["size"], token)
    assert approved(*EXPORT, tmp_path / "b.zip", "--head", stamped["size"]).code == 0

    answer = verify(approved, tmp_path / "b.zip").json

    assert (answer["verdict"], answer["codes"]) == ("UNPROVEN", ["TIMESTAMP_UNTRUSTED"])


def test_a_token_is_over_the_head_without_its_witnesses(approved, authority, stamped, tmp_path):
    witness = LoopbackWitness("witness.example/w1", b"\x21" * 32)
    witness.watch(approved("root", "show", "--json").json["log_keys"][0])
    name_witnesses(tmp_path / "registry", 1, witness.vkey)
    with witnessing(witness) as url:
        assert approved("audit", "witness", url).code == 0
    with serving(authority) as url:
        assert approved("audit", "timestamp", "--tsa", url).code == 0
    assert approved(*EXPORT, tmp_path / "b.zip").code == 0

    answer = verify(approved, tmp_path / "b.zip").json

    assert answer["verdict"] == "PASS", answer["codes"]
    assert [row["state"] for row in answer["session"]["timestamps"]] == ["good"]
    assert answer["record"]["strength"].startswith("3:")


def test_the_table_takes_no_token_twice(approved, stamped, tmp_path):
    with open_registry(tmp_path / "registry") as registry:
        [(size, token)] = registry.confirmations.tokens()
        assert registry.confirmations.add_token(size, token) is False


def test_the_verifier_says_in_words_what_was_stamped_and_by_whom(approved, stamped, tmp_path):
    assert approved(*EXPORT, tmp_path / "b.zip", "--head", stamped["size"]).code == 0
    anchor = approved("root", "show", "--json").json["anchor"]

    said = approved("bundle", "verify", tmp_path / "b.zip", "--anchor", anchor, "--no-remember").out

    assert f"timestamp of the head over {stamped['size']} leaves: at {stamped['at']} by CN=Test TSA" in said
