"""root update, root sign: with a threshold above one, a draft travels and gathers signatures."""

import base64
import json
from pathlib import Path

import pytest

NOWHERE = "/nowhere/at/all"


@pytest.fixture
def board(founded, tmp_path: Path):
    """alice, bob and carol hold root; any two of them decide."""
    for name in ("bob", "carol"):
        done = founded(
            "key", "enrol", name, "--role", "root", "--role", "validator", "--no-passphrase", "--as", "alice"
        )
        assert done.code == 0, done.err
    first = tmp_path / "first"
    assert founded("root", "update", "--threshold", "2", "--as", "alice", "-o", first).code == 0
    assert sign(founded, tmp_path, first, "bob").code == 0
    assert founded("root", "update", first).code == 0
    return founded


def key_file(run, tmp_path: Path, name: str):
    people = run("key", "list", "--json").json["items"]
    person = next(p["person"] for p in people if p["name"] == name)
    return tmp_path / "registry" / "keys" / person


def sign(run, tmp_path: Path, draft: Path, name: str, *more: object):
    return run("root", "sign", draft, "--key", key_file(run, tmp_path, name), "--yes", *more)


def size(run) -> int:
    return len(run("audit", "log", "--json").json["items"])


def test_one_signature_of_two_changes_nothing_and_names_who_is_missing(board):
    before = size(board)

    done = board("root", "update", "--threshold", "1", "--as", "alice")

    assert done.code == 1
    assert "ROOT_THRESHOLD" in done.err
    assert "1 more by root version 4, of: bob, carol" in done.err
    assert size(board) == before


def test_a_draft_signed_by_two_is_submitted(board, tmp_path: Path):
    draft = tmp_path / "draft"
    made = board("root", "update", "--grant", "carol", "policy", "--as", "alice", "-o", draft)
    assert made.code == 0, made.err
    assert "nothing is recorded yet" in made.out

    early = board("root", "update", draft)
    signed = sign(board, tmp_path, draft, "bob")
    done = board("root", "update", draft, "--json")

    assert early.code == 1
    assert "of: bob, carol" in early.err
    assert signed.code == 0, signed.err
    assert done.code == 0, done.err
    assert done.json["items"] == [{"type": "trust-root", "leaf": done.json["leaf"]}]
    assert board("root", "show", "--json").json["version"] == 5


def test_a_signer_far_away_sees_in_words_what_changes(board, tmp_path: Path, monkeypatch):
    draft = tmp_path / "draft"
    anchor = board("root", "show", "--json").json["anchor"]
    board("root", "update", "--grant", "carol", "owner@retail/production", "--ungrant", "bob", "validator",
          "--expires", "2031-05-01", "--as", "alice", "-o", draft)  # fmt: skip
    bobs = key_file(board, tmp_path, "bob")
    monkeypatch.setenv("MUNIMENT_REGISTRY", NOWHERE)

    shown = board("root", "sign", draft)
    signed = board("root", "sign", draft, "--key", bobs, "--yes", "--anchor", anchor)

    assert shown.code == 0, shown.err
    assert f"anchor    {anchor}" in shown.out
    assert "follows   trust root 4" in shown.out
    assert "expires 2031-05-01T23:59:59Z (was never)" in shown.out
    assert "gives carol (p-" in shown.out
    assert "owner@retail/production" in shown.out
    assert "takes validator from bob" in shown.out
    assert "1 more by root version 4, of: bob (p-" in shown.out
    assert signed.code == 0, signed.err
    assert f"next      muniment root update {draft}" in signed.out


def test_a_draft_of_another_registry_is_refused_by_its_anchor(board, tmp_path: Path):
    draft = tmp_path / "draft"
    board("root", "update", "--grant", "carol", "owner", "--as", "alice", "-o", draft)

    refused = sign(board, tmp_path, draft, "bob", "--anchor", "sha256:" + "0" * 64)

    assert refused.code == 1
    assert "ANCHOR_MISMATCH" in refused.err


def test_without_a_terminal_or_yes_nothing_is_signed(board, tmp_path: Path):
    draft = tmp_path / "draft"
    board("root", "update", "--grant", "carol", "owner", "--as", "alice", "-o", draft)
    before = draft.read_bytes()

    done = board("root", "sign", draft, "--key", key_file(board, tmp_path, "bob"))

    assert done.code == 2
    assert "add --yes" in done.err
    assert draft.read_bytes() == before


def test_copies_signed_side_by_side_are_joined(board, tmp_path: Path):
    draft, other = tmp_path / "draft", tmp_path / "other"
    board("root", "update", "--threshold", "3", "--as", "alice", "-o", draft)
    other.write_bytes(draft.read_bytes())
    sign(board, tmp_path, draft, "bob")
    sign(board, tmp_path, other, "carol")

    alone = board("root", "update", draft)
    joined = board("root", "update", draft, other)

    assert "1 more by root version 5, of: carol" in alone.err
    assert joined.code == 0, joined.err
    assert board("root", "show", "--json").json["root_threshold"] == 3


def test_drafts_of_different_changes_are_not_joined(board, tmp_path: Path):
    board("root", "update", "--threshold", "1", "--as", "alice", "-o", tmp_path / "a")
    board("root", "update", "--threshold", "3", "--as", "alice", "-o", tmp_path / "b")

    assert board("root", "update", tmp_path / "a", tmp_path / "b").code == 2


def test_the_new_root_has_to_be_signed_by_its_own_threshold(board, tmp_path: Path):
    draft = tmp_path / "draft"
    board("root", "update", "--threshold", "3", "--as", "alice", "-o", draft)
    sign(board, tmp_path, draft, "bob")

    refused = board("root", "update", draft)

    assert refused.code == 1
    assert "1 more by root version 5, of: carol" in refused.err
    assert "root version 4" not in refused.err


def test_whoever_holds_no_root_signs_no_draft(board, tmp_path: Path):
    draft = tmp_path / "draft"
    board("root", "update", "--threshold", "1", "--as", "alice", "-o", draft)
    board("key", "new", tmp_path / "mallory", "--no-passphrase")

    refused = board("root", "sign", draft, "--key", tmp_path / "mallory", "--yes")

    assert refused.code == 1
    assert "ROLE_MISSING" in refused.err


def test_the_same_key_signs_once(board, tmp_path: Path):
    draft = tmp_path / "draft"
    board("root", "update", "--threshold", "1", "--as", "alice", "-o", draft)

    again = sign(board, tmp_path, draft, "alice")

    assert again.code == 2
    assert "signed this draft already" in again.err


def test_a_draft_overtaken_by_another_root_is_refused(board, tmp_path: Path):
    for name in ("a", "b"):
        board("root", "update", "--grant", "carol", "owner" if name == "a" else "auditor",
              "--as", "alice", "-o", tmp_path / name)  # fmt: skip
        sign(board, tmp_path, tmp_path / name, "bob")
    assert board("root", "update", tmp_path / "a").code == 0

    late = board("root", "update", tmp_path / "b")

    assert late.code == 1
    assert "ROOT_VERSION: the draft follows version 4, in force is version 5" in late.err


def test_a_draft_is_never_written_over_a_file(board, tmp_path: Path):
    (tmp_path / "draft").write_text("mine")

    assert board("root", "update", "--threshold", "1", "--as", "alice", "-o", tmp_path / "draft").code == 2
    assert (tmp_path / "draft").read_text() == "mine"


def test_a_person_is_enrolled_by_draft_and_known_by_name_afterwards(board, tmp_path: Path):
    draft = tmp_path / "draft"
    made = board(
        "key", "enrol", "dora", "--role", "owner", "--no-passphrase", "--as", "alice", "-o", draft, "--json"
    )
    assert made.code == 0, made.err
    assert made.json["leaf"] is None
    assert "dora" not in {p["name"] for p in board("key", "list", "--json").json["items"]}
    shown = board("root", "sign", draft)
    assert "adds dora (p-" in shown.out
    assert "with owner" in shown.out
    sign(board, tmp_path, draft, "carol")

    assert board("root", "update", draft).code == 0
    assert "dora" in {p["name"] for p in board("key", "list", "--json").json["items"]}


def test_a_key_is_revoked_by_draft(board, tmp_path: Path):
    draft = tmp_path / "draft"
    board("key", "enrol", "dora", "--role", "owner", "--no-passphrase", "--as", "alice", "-o", draft)
    sign(board, tmp_path, draft, "bob")
    board("root", "update", draft)
    late = board("key", "revoke", "dora", "--reason", "left", "--as", "alice")
    made = board("key", "revoke", "dora", "--reason", "left", "--as", "alice", "-o", tmp_path / "second")
    shown = board("root", "sign", tmp_path / "second")
    sign(board, tmp_path, tmp_path / "second", "bob")
    done = board("root", "update", tmp_path / "second", "--json")

    assert late.code == 1
    assert made.code == 0, made.err
    assert "revokes the key" in shown.out
    assert "of dora (p-" in shown.out
    assert done.json["items"][0]["type"] == "key-revoked"
    assert len(board("root", "show", "--json").json["revoked"]) == 1


def test_a_suspended_key_is_reinstated_by_draft_and_counts_for_nothing_else(board, tmp_path: Path):
    assert board("key", "suspend", "bob", "--as", "alice").code == 0
    board("root", "update", "--threshold", "1", "--as", "alice", "-o", tmp_path / "root")
    sign(board, tmp_path, tmp_path / "root", "bob")
    refused = board("root", "update", tmp_path / "root")
    alone = board("key", "reinstate", "bob", "--as", "carol")
    made = board("key", "reinstate", "bob", "--as", "carol", "-o", tmp_path / "draft")
    sign(board, tmp_path, tmp_path / "draft", "bob")
    done = board("root", "update", tmp_path / "draft")

    assert "1 more by root version 4, of: carol" in refused.err
    assert alone.code == 1
    assert made.code == 0, made.err
    assert done.code == 0, done.err
    assert board("root", "show", "--json").json["suspended"] == []


def test_a_threshold_nobody_could_meet_is_refused(board):
    assert "ROOT_THRESHOLD" in board("root", "update", "--threshold", "9", "--as", "alice").err
    board("key", "suspend", "bob", "--as", "alice")
    board("key", "suspend", "carol", "--as", "alice")
    locked = board("root", "update", "--remove", "bob", "--as", "alice")

    assert locked.code == 1
    assert "only 1 hold the role root with a key in force" in locked.err


def head(**members: object) -> bytes:
    said = {"format": "muniment-root-draft", "names": {}, "statements": 1, "texts": [], "v": 1, **members}
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n"


BAD = {
    "empty": b"",
    "no JSON": b"\xff\n\n\n",
    "another file": b'{"format":"muniment-packet","v":1}\n',
    "a member too few": b'{"format":"muniment-root-draft","v":1}\n',
    "a member too many": head(more=1) + b"{}\n{}\n",
    "no statements": head(statements=0) + b"\n",
    "more statements than lines": head(statements=3) + b"{}\n",
    "names that are none": head(names={"p": 7}) + b"{}\n{}\n",
    "true for one": head(statements=True) + b"{}\n{}\n",
    "texts that are none": head(texts="abc") + b"{}\n{}\n",
    "no envelopes": head() + b"{}\n{}\n",
    "no last line's end": head() + b"{}\n{}",
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_draft_is_refused_in_words(board, tmp_path: Path, case: str):
    (tmp_path / "draft").write_bytes(BAD[case])

    for words in (("sign", tmp_path / "draft"), ("update", tmp_path / "draft")):
        done = board("root", *words)
        assert done.code == 1
        assert "Traceback" not in done.err
        assert "internal error" not in done.err


def test_a_draft_changed_on_its_way_is_refused(board, tmp_path: Path):
    draft = tmp_path / "draft"
    board("root", "update", "--grant", "carol", "owner", "--as", "alice", "-o", draft)
    lines = draft.read_bytes().split(b"\n")
    envelope = json.loads(lines[1])
    payload = base64.b64decode(envelope["payload"]).replace(b'"rootThreshold":2', b'"rootThreshold":1')
    envelope["payload"] = base64.b64encode(payload).decode()
    lines[1] = json.dumps(envelope, sort_keys=True, separators=(",", ":")).encode()
    draft.write_bytes(b"\n".join(lines))

    refused = sign(board, tmp_path, draft, "bob")

    assert refused.code == 1
    assert "SIGNATURE_INVALID" in refused.err


def test_a_draft_and_changes_together_are_wrong_usage(board, tmp_path: Path):
    board("root", "update", "--grant", "carol", "owner", "--as", "alice", "-o", tmp_path / "draft")

    assert board("root", "update", tmp_path / "draft", "--threshold", "1").code == 2


@pytest.mark.parametrize("name", ["", "alice", "a\x1b[31m", "x" * 201])
def test_a_draft_gives_nobody_a_name_that_is_none_or_anothers(board, tmp_path: Path, name: str):
    draft = tmp_path / "draft"
    board("key", "enrol", "dora", "--role", "owner", "--no-passphrase", "--as", "alice", "-o", draft)
    sign(board, tmp_path, draft, "bob")
    first, rest = draft.read_bytes().split(b"\n", 1)
    said = json.loads(first)
    said["names"] = {person: name if called == "dora" else called for person, called in said["names"].items()}
    first = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    draft.write_bytes(first + b"\n" + rest)
    before = size(board)

    refused = board("root", "update", draft)

    assert refused.code in (1, 2)
    assert "internal error" not in refused.err
    assert size(board) == before
