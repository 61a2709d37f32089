"""Witnesses: heads confirmed over HTTP or by file, two histories refused, a gate that waits for them."""

import json
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from registry.registry import open_registry
from registry.trust.cosignature import verify_head
from registry.trust.note import vkey
from tests.commands.loopback_witness import LoopbackWitness, name_witnesses, serving

GATE = ("gate", "credit-risk@7", "--env", "production")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "registry"


@pytest.fixture
def log_key(approved) -> str:
    return str(approved("root", "show", "--json").json["log_keys"][0])


@pytest.fixture
def witness(approved, log_key) -> LoopbackWitness:
    """A witness that watches the log, and that the trust root asks for."""
    made = LoopbackWitness("witness.example/w1", b"\x11" * 32)
    made.watch(log_key)
    words = ("--add-witness", made.vkey, "--witness-quorum", 1, "--as", "alice")
    done = approved("root", "update", *words)
    assert done.code == 0, done.err
    return made


@pytest.fixture
def url(witness):
    with serving(witness) as address:
        yield address


def grow(approved) -> None:
    done = approved(
        "key", "enrol", f"p{id(object())}", "--role", "auditor", "--no-passphrase", "--as", "alice"
    )
    assert done.code == 0, done.err


# Over HTTP.


def test_a_witness_confirms_the_newest_head_and_its_line_is_kept(approved, witness, url, tmp_path, log_key):
    done = approved("audit", "witness", url, "--json")

    assert done.code == 0, done.err
    assert (done.json["added"], done.json["have"], done.json["quorum"]) == (["witness.example/w1"], 1, 1)
    assert approved("audit", "checkpoint", "-o", tmp_path / "head.txt").code == 0
    head = verify_head((tmp_path / "head.txt").read_text(), log_key, [witness.vkey])
    assert head.checkpoint.size == done.json["size"]
    assert [c.name for c in head.cosignatures] == ["witness.example/w1"]


def test_a_grown_log_is_confirmed_with_a_proof_from_the_head_before(approved, witness, url):
    first = approved("audit", "witness", url, "--json").json["size"]
    grow(approved)

    second = approved("audit", "witness", url, "--json")

    assert second.code == 0, second.err
    assert second.json["size"] > first
    assert [size for size, _ in witness.seen.values()] == [second.json["size"]]
    assert witness.evidence == []


def test_the_same_head_twice_keeps_the_first_line(approved, url):
    approved("audit", "witness", url)

    again = approved("audit", "witness", url, "--json")

    assert (again.code, again.json["added"], again.json["have"]) == (0, [], 1)


def test_a_copy_that_went_its_own_way_is_refused_and_named(approved, witness, url, home, tmp_path):
    approved("audit", "witness", url)
    shutil.copytree(home, tmp_path / "copy")
    grow(approved)
    assert approved("audit", "witness", url).code == 0
    for _ in range(2):
        done = approved(
            "--registry", tmp_path / "copy", "key", "enrol", f"q{_}", "--role", "auditor", "--no-passphrase",
            "--as", "alice",
        )  # fmt: skip
        assert done.code == 0, done.err

    refused = approved("--registry", tmp_path / "copy", "audit", "witness", url)

    assert refused.code == 1
    assert "FORK" in refused.err
    assert len(witness.evidence) == 1


def test_a_fork_of_the_same_size_is_refused(approved, witness, url, home, tmp_path):
    shutil.copytree(home, tmp_path / "copy")
    grow(approved)
    assert approved("audit", "witness", url).code == 0
    enrol = ("key", "enrol", "q", "--role", "auditor", "--no-passphrase", "--as", "alice")
    done = approved("--registry", tmp_path / "copy", *enrol)
    assert done.code == 0, done.err

    refused = approved("--registry", tmp_path / "copy", "audit", "witness", url)

    assert (refused.code, "FORK" in refused.err) == (1, True)


def test_a_restored_older_copy_is_a_rollback(approved, url, home, tmp_path):
    shutil.copytree(home, tmp_path / "copy")
    grow(approved)
    assert approved("audit", "witness", url).code == 0

    refused = approved("--registry", tmp_path / "copy", "audit", "witness", url)

    assert refused.code == 1
    assert "ROLLBACK" in refused.err
    assert "restore the newer one" in refused.err


def test_a_witness_that_does_not_know_the_log_or_its_key_is_named(approved, witness, url):
    origin = next(iter(witness.logs))
    witness.logs[origin] = b"\x05" * 32
    wrong_key = approved("audit", "witness", url)
    del witness.logs[origin]
    unknown = approved("audit", "witness", url)

    assert (wrong_key.code, unknown.code) == (1, 1)
    assert "does not accept the log's key" in wrong_key.err
    assert "does not know this log" in unknown.err


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ((500, "text/plain", b"\x1b[31mon fire"), 6, "answers 500"),
        ((429, "text/plain", b"later"), 6, "answers 429: later"),
        ((200, "text/plain", b""), 1, "none of the 0 lines"),
        ((200, "text/html", b"<html>hello</html>"), 1, "none of the 0 lines"),
        ((200, "text/plain", b"\xff\xfe" * 100), 1, "none of the 0 lines"),
        ((200, "text/plain", b"x" * 70_000), 6, "more than 65536 bytes"),
        ((409, "text/x.tlog.size", b"0\n"), 1, "FORK"),
        ((409, "text/x.tlog.size", b"99999\n"), 1, "ROLLBACK"),
        ((409, "text/html", b"12\n"), 1, "FORK"),
        ((409, "text/x.tlog.size", b"012\n"), 1, "FORK"),
        ((422, "text/plain", b"no"), 1, "FORK"),
    ],
)
def test_every_other_answer_is_said_in_words_and_keeps_nothing(approved, witness, url, answer, code, said):
    witness.answer = answer

    done = approved("audit", "witness", url)

    assert (done.code, said in done.err) == (code, True), done.err
    assert "\x1b" not in done.err
    assert approved("audit", "checkpoint", "--json").json["witnesses"] == []


def test_lines_of_others_beside_the_witness_are_ignored(approved, witness, url):
    stranger = LoopbackWitness("stranger.example", b"\x12" * 32)
    witness.also = stranger.line("x\n1\ny\n").encode() + b"\xe2\x80\x94 post.quantum " + b"AAAA" * 900 + b"\n"

    done = approved("audit", "witness", url, "--json")

    assert (done.code, done.json["added"]) == (0, ["witness.example/w1"])


def test_a_line_of_the_witness_over_something_else_is_refused(approved, witness, url):
    witness.answer = (200, "text/plain", witness.line("other\n1\nAAAA\n").encode())

    done = approved("audit", "witness", url)

    assert done.code == 1
    assert "NOTE_SIGNATURE_INVALID" in done.err


def test_nobody_there_and_no_address_are_said_in_words(approved, witness):
    for address in ("http://127.0.0.1:9/w", "http://a..b", "http://[::1", "http://" + "a" * 300):
        done = approved("audit", "witness", address)
        assert (done.code, "cannot be reached" in done.err) == (6, True), done.err
    assert approved("audit", "witness", "ftp://example.org").code == 2
    secret = approved("audit", "witness", "https://user:secret@example.org/w")
    assert (secret.code, "secret" in secret.err) == (2, False)


# What the gate makes of it.


def test_the_gate_waits_for_the_witness_and_says_what_to_do(approved, witness, url):
    before = approved(*GATE, "--json")
    assert approved("audit", "witness", url).code == 0
    after = approved(*GATE, "--json")

    assert (before.code, before.json["verdict"]) == (3, "unproven")
    assert before.json["next"] == ["muniment audit witness URL"]
    assert "0 of 1 witnesses confirm the head" in before.json["why"][-1]
    assert (after.code, after.json["verdict"]) == (0, "allow")


def test_status_says_what_the_gate_says(approved, witness, url):
    assert approved("status", "credit-risk@7", "--json").json["items"][0]["verdict"] == "unproven"
    assert approved("audit", "witness", url).code == 0
    assert approved("status", "credit-risk@7", "--json").json["items"][0]["verdict"] == "allow"


def test_one_of_two_witnesses_is_not_enough(approved, home, log_key):
    one, two = LoopbackWitness("w.example/1", b"\x13" * 32), LoopbackWitness("w.example/2", b"\x14" * 32)
    name_witnesses(home, 2, one.vkey, two.vkey)
    codes = []
    for made in (one, two):
        made.watch(log_key)
        with serving(made) as address:
            assert approved("audit", "witness", address).code == 0
        codes.append(approved(*GATE, "--no-record").code)

    assert codes == [3, 0]


def test_a_witness_the_root_no_longer_names_is_not_counted(approved, witness, url, home, log_key):
    other = LoopbackWitness("w.example/2", b"\x15" * 32)
    name_witnesses(home, 1, other.vkey)

    refused = approved("audit", "witness", url)

    assert refused.code == 1
    assert "none of the 1 lines is by a witness" in refused.err
    assert approved(*GATE, "--no-record").code == 3


def test_a_line_changed_in_the_database_confirms_nothing(approved, witness, home):
    with open_registry(home) as registry:
        size = max(registry.ledger.checkpoints())
        line = witness.line("x\n1\ny\n").rstrip("\n")
        registry.confirmations.add_line(size, witness.vkey, line)

    assert approved(*GATE, "--no-record").code == 3
    assert approved("audit", "checkpoint", "--json").json["witnesses"] == []
    found = approved("audit", "verify", "--json")
    assert found.code == 1
    assert any("NOTE_SIGNATURE_INVALID" in problem for problem in found.json["problems"])


def test_doctor_names_what_no_witness_has_seen(approved, witness, url):
    def said() -> list[str]:
        return [c["next"] for c in approved("doctor", "--json").json["items"] if c["check"] == "log"]

    before = said()
    assert approved("audit", "witness", url).code == 0

    assert (before, said()) == (["muniment audit witness URL"], [""])


def test_statuses_as_they_were_wait_for_the_witness_too(approved, witness, url):
    def verdict() -> str:
        found = approved("audit", "as-of", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "--json")
        return str(found.json["items"][0]["verdict"])

    before = verdict()
    assert approved("audit", "witness", url).code == 0

    assert (before, verdict()) == ("unproven", "allow")


# By file, with this program as the witness.


@pytest.fixture
def second(approved, home, tmp_path):
    """A witness that is this program: its key, and the words to call it with."""
    assert approved("key", "new", tmp_path / "w.key", "--no-passphrase").code == 0
    words = (
        "audit",
        "cosign",
        "--key",
        tmp_path / "w.key",
        "--name",
        "w.example/2",
        "--state",
        tmp_path / "seen.json",
    )
    return lambda file, *more: approved(*words, file, *more)


def test_two_parties_with_this_program_alone(approved, second, home, log_key, tmp_path):
    assert approved("audit", "checkpoint", "-o", tmp_path / "head.txt").code == 0
    first = second(tmp_path / "head.txt", "--log-key", log_key, "-o", tmp_path / "answer.txt", "--json")
    assert first.code == 0, first.err
    name_witnesses(home, 1, first.json["witness"])
    assert approved(*GATE, "--no-record").code == 3

    assert (
        approved("audit", "prove", "--consistency", first.json["size"], "-o", tmp_path / "more.txt").code == 0
    )
    done = second(tmp_path / "more.txt", "-o", tmp_path / "answer2.txt", "--json")
    assert (done.code, done.json["before"]) == (0, first.json["size"]), done.err
    taken = approved("audit", "checkpoint", "--add", tmp_path / "answer2.txt", "--json")

    assert (taken.json["added"], taken.json["have"]) == (["w.example/2"], 1)
    assert approved(*GATE, "--no-record").code == 0


def test_the_first_time_the_log_key_is_named_by_a_person(approved, second, tmp_path):
    approved("audit", "checkpoint", "-o", tmp_path / "head.txt")

    done = second(tmp_path / "head.txt")

    assert done.code == 2
    assert "--log-key" in done.err


def test_it_refuses_a_rollback_and_keeps_both_heads(approved, second, log_key, tmp_path):
    approved("audit", "checkpoint", "-o", tmp_path / "old.txt")
    grow(approved)
    approved("audit", "checkpoint", "-o", tmp_path / "new.txt")
    assert second(tmp_path / "new.txt", "--log-key", log_key).code == 0
    before = (tmp_path / "seen.json").read_bytes()

    done = second(tmp_path / "old.txt")

    assert (done.code, done.out) == (1, "")
    assert "ROLLBACK" in done.err
    assert (tmp_path / "seen.json").read_bytes() == before
    [kept] = (tmp_path / "seen.json.evidence").iterdir()
    assert (tmp_path / "old.txt").read_text() in kept.read_text()
    assert (tmp_path / "new.txt").read_text() in kept.read_text()


def test_it_refuses_a_fork_longer_or_as_long(approved, second, log_key, home, tmp_path):
    shutil.copytree(home, tmp_path / "copy")
    grow(approved)
    approved("audit", "checkpoint", "-o", tmp_path / "ours.txt")
    assert second(tmp_path / "ours.txt", "--log-key", log_key).code == 0
    size = json.loads((tmp_path / "seen.json").read_text())["logs"].popitem()[1]["size"]
    copy = ("--registry", tmp_path / "copy")
    enrol = ("key", "enrol", "--role", "auditor", "--no-passphrase", "--as", "alice")
    approved(*copy, *enrol, "q1")
    approved(*copy, "audit", "checkpoint", "-o", tmp_path / "same.txt")
    approved(*copy, *enrol, "q2")
    approved(*copy, "audit", "prove", "--consistency", size, "-o", tmp_path / "longer.txt")

    same, longer = second(tmp_path / "same.txt"), second(tmp_path / "longer.txt")

    assert (same.code, "FORK" in same.err) == (1, True)
    assert (longer.code, "CONSISTENCY_INVALID" in longer.err) == (1, True)
    assert len(list((tmp_path / "seen.json.evidence").iterdir())) == 2


def test_an_answer_that_was_lost_is_given_again(approved, second, log_key, tmp_path):
    approved("audit", "checkpoint", "-o", tmp_path / "head.txt")
    assert second(tmp_path / "head.txt", "--log-key", log_key).code == 0

    again = second(tmp_path / "head.txt")

    assert again.code == 0
    assert again.out.startswith((tmp_path / "head.txt").read_text())


def test_of_two_histories_offered_at_once_one_is_confirmed(approved, second, log_key, home, tmp_path):
    shutil.copytree(home, tmp_path / "copy")
    for folder, name in ((home, "p1"), (tmp_path / "copy", "p2")):
        words = ("--registry", folder)
        enrol = ("key", "enrol", name, "--role", "auditor", "--no-passphrase", "--as", "alice")
        assert approved(*words, *enrol).code == 0
        assert approved(*words, "audit", "checkpoint", "-o", tmp_path / f"{name}.txt").code == 0
    for attempt in range(5):
        command = [
            sys.executable,
            "-m",
            "tui",
            "audit",
            "cosign",
            "--key",
            tmp_path / "w.key",
            "--name",
            "w.example/2",
        ]
        command += ["--state", tmp_path / f"seen{attempt}.json", "--log-key", log_key]
        both = [
            subprocess.Popen(
                [*command, tmp_path / f"{name}.txt"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            for name in ("p1", "p2")
        ]
        for one in both:
            one.communicate(timeout=60)
        assert sorted(one.returncode for one in both) == [0, 1]


def test_a_larger_head_without_a_proof_is_refused(approved, second, log_key, tmp_path):
    approved("audit", "checkpoint", "-o", tmp_path / "head.txt")
    assert second(tmp_path / "head.txt", "--log-key", log_key).code == 0
    grow(approved)
    approved("audit", "checkpoint", "-o", tmp_path / "grown.txt")

    done = second(tmp_path / "grown.txt")

    assert done.code == 1
    assert "expected a proof from" in done.err


def test_a_head_by_another_key_is_refused_and_nothing_is_remembered(
    approved, second, witness, tmp_path, log_key
):
    approved("audit", "checkpoint", "-o", tmp_path / "head.txt")
    origin = log_key.partition("+")[0]
    done = second(tmp_path / "head.txt", "--log-key", vkey(origin, witness.public))

    assert (done.code, "NOTE_UNKNOWN_SIGNER" in done.err) == (1, True)
    assert not (tmp_path / "seen.json").exists()


def test_a_known_log_may_not_change_its_key_by_an_option(approved, second, witness, tmp_path, log_key):
    approved("audit", "checkpoint", "-o", tmp_path / "head.txt")
    assert second(tmp_path / "head.txt", "--log-key", log_key).code == 0

    done = second(tmp_path / "head.txt", "--log-key", vkey(log_key.partition("+")[0], witness.public))

    assert (done.code, "KEY_CHANGED" in done.err) == (1, True)


def test_a_memory_of_another_witness_or_a_damaged_one_is_not_used(approved, second, tmp_path, log_key):
    approved("audit", "checkpoint", "-o", tmp_path / "head.txt")
    assert second(tmp_path / "head.txt", "--log-key", log_key).code == 0
    renamed = second(tmp_path / "head.txt", "--name", "w.example/3")
    assert (renamed.code, "this is the memory of" in renamed.err) == (2, True)
    memory = (tmp_path / "seen.json").read_text()
    for damage in (
        "{",
        "",
        "[]",
        "\x00",
        memory.replace('"root":"', '"root":"zz'),
        memory.replace(":1}", ':"1"}'),
    ):
        (tmp_path / "seen.json").write_text(damage)
        done = second(tmp_path / "head.txt")
        assert (done.code, "damaged" in done.err) == (6, True), damage


def test_a_witness_whose_clock_went_back_confirms_nothing(approved, second, tmp_path, log_key):
    approved("audit", "checkpoint", "-o", tmp_path / "head.txt")
    assert second(tmp_path / "head.txt", "--log-key", log_key).code == 0
    memory = json.loads((tmp_path / "seen.json").read_text())
    next(iter(memory["logs"].values()))["time"] += 3600
    (tmp_path / "seen.json").write_text(json.dumps(memory))

    done = second(tmp_path / "head.txt")

    assert done.code == 1
    assert "set the clock" in done.err


def test_lines_about_another_head_of_that_size_are_refused(approved, witness, tmp_path):
    approved("audit", "checkpoint", "-o", tmp_path / "head.txt")
    text = (tmp_path / "head.txt").read_text().split("\n")
    text[2] = "A" * 43 + "="
    (tmp_path / "other.txt").write_text("\n".join(text))

    done = approved("audit", "checkpoint", "--add", tmp_path / "other.txt")

    assert (done.code, "FORK" in done.err) == (1, True)


@pytest.mark.parametrize("text", ["", "hello", "a\nb\nc\n\nd\n", "x\n99\ny\n\n", "\n\n"])
def test_what_is_no_head_is_refused(approved, tmp_path, text):
    (tmp_path / "junk.txt").write_text(text)

    assert approved("audit", "checkpoint", "--add", tmp_path / "junk.txt").code in (1, 2, 5)


# Proofs of consistency.


def test_a_proof_of_consistency_is_checked_without_the_registry(approved, tmp_path, log_key, home):
    before = approved("audit", "checkpoint", "--json").json
    grow(approved)
    assert approved("audit", "prove", "--consistency", before["size"], "-o", tmp_path / "proof.txt").code == 0
    shutil.rmtree(home)
    check = ("audit", "verify-proof", tmp_path / "proof.txt", "--key", log_key, "--prior")

    good = approved(*check, f"{before['size']}:{before['root']}", "--json")
    fork = approved(*check, f"{before['size']}:{'00' * 32}")
    other = approved(*check, f"{before['size'] - 1}:{before['root']}")

    assert (good.code, good.json["size"] > before["size"]) == (0, True), good.err
    assert (fork.code, other.code) == (1, 1)


def test_a_size_beyond_the_head_has_no_proof(approved):
    assert approved("audit", "prove", "--consistency", 9999).code == 5
    assert approved("audit", "prove").code == 2
    assert approved("audit", "prove", 1, "--consistency", 1).code == 2


def test_a_receipt_names_the_witnesses_its_reader_knows(approved, witness, url, tmp_path, log_key):
    assert approved("audit", "witness", url).code == 0
    assert approved("audit", "prove", 3, "-o", tmp_path / "r.tlog-proof").code == 0
    check = ("audit", "verify-proof", tmp_path / "r.tlog-proof", "--key", log_key, "--json")

    assert list(approved(*check, "--witness", witness.vkey).json["witnesses"]) == ["witness.example/w1"]
    assert approved(*check).json["witnesses"] == {}


# In bundles.


def export(approved, target: Path, *more: object) -> dict[str, Any]:
    """Export credit-risk@7 and return what the verifier says of it."""
    anchor = approved("root", "show", "--json").json["anchor"]
    done = approved("bundle", "export", "credit-risk@7", "-o", target, *more)
    assert done.code == 0, done.err
    return dict(approved("bundle", "verify", target, "--anchor", anchor, "--no-remember", "--json").json)


def test_a_bundle_says_who_witnessed_its_head_and_when(approved, witness, url, tmp_path):
    assert approved("audit", "witness", url).code == 0
    witness.now += 3600
    grow(approved)
    assert approved("audit", "witness", url).code == 0

    answer = export(approved, tmp_path / "b.zip")

    record = answer["record"]
    assert answer["verdict"] == "PASS", answer["codes"]
    assert record["strength"].startswith("3:")
    assert record["head"]["witnesses"] == [{"at": "2027-01-15T09:00:00Z", "name": "witness.example/w1"}]
    assert record["head"]["witnessedAt"] == "2027-01-15T09:00:00Z"
    assert record["claims"][0]["approvals"][0]["witnessedAt"] == "2027-01-15T08:00:00Z"
    assert "2027-01-15T09:00:00Z" in record["limits"][0]
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        report = archive.read("data/report.html").decode()
    assert "<th>witnessed at</th>" in report


def test_an_extract_carries_the_witnesses_lines_in_every_proof(approved, witness, url, tmp_path):
    assert approved("audit", "witness", url).code == 0

    answer = export(approved, tmp_path / "b.zip", "--extract")

    assert (answer["verdict"], answer["codes"]) == ("UNPROVEN", ["COMPLETENESS_UNPROVEN"])
    assert answer["record"]["head"]["witnesses"][0]["name"] == "witness.example/w1"
    assert answer["record"]["head"]["witnessedAt"] == "2027-01-15T08:00:00Z"


def test_a_bundle_without_enough_witnesses_is_unproven(approved, witness, tmp_path):
    answer = export(approved, tmp_path / "b.zip")

    assert (answer["verdict"], answer["codes"]) == ("UNPROVEN", ["WITNESS_QUORUM"])
    assert answer["record"]["strength"].startswith("1:")


def test_an_export_is_taken_at_the_newest_head_that_witnesses_confirm(approved, witness, url, tmp_path):
    assert approved("audit", "witness", url).code == 0
    size = approved("audit", "checkpoint", "--json").json["size"]
    grow(approved)

    answer = export(approved, tmp_path / "b.zip")

    assert answer["verdict"] == "PASS"
    assert answer["record"]["head"]["treeSize"] == size


def test_gate_answers_over_witnessed_heads_are_sealed_and_verify(approved, witness, url, tmp_path):
    waiting = approved(*GATE)
    assert approved("audit", "witness", url).code == 0
    allowed = approved(*GATE)
    grow(approved)
    assert approved("audit", "witness", url).code == 0

    answer = export(approved, tmp_path / "b.zip")

    assert (waiting.code, allowed.code) == (3, 0)
    assert answer["verdict"] == "PASS", answer["codes"]
    assert [r["verdict"] for r in answer["record"]["receipts"]] == ["unproven", "allow"]


def test_a_dropped_witnesss_lines_on_later_heads_do_not_travel(approved, witness, url, home, tmp_path):
    assert approved("audit", "witness", url).code == 0
    name_witnesses(home, 0)
    with open_registry(home) as registry:
        size = max(registry.ledger.checkpoints())
        note = registry.ledger.find_checkpoint(size)
        text = str(note[1] if note else "").partition("\n\n")[0] + "\n"
        registry.confirmations.add_line(size, witness.vkey, witness.line(text).rstrip("\n"))

    answer = export(approved, tmp_path / "b.zip", "--head", size)

    assert answer["verdict"] == "PASS", answer["codes"]
    assert "witnesses" not in answer["record"]["head"]
