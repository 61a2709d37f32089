"""--key agent: signing with a key that an ssh-agent holds, and every way an agent can fail."""

import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.signing import keyfile
from registry.signing.agent import Agent, choose_key
from registry.trust.keys import verify
from schemas.errors import Refused

BOB = (
    "approve",
    "credit-risk@7",
    "--env",
    "production",
    "--role",
    "risk-approver",
    "--reason",
    "fine",
    "--as",
    "bob",
)
NO_AGENT = not all(shutil.which(tool) for tool in ("ssh-agent", "ssh-add"))
needs_agent = pytest.mark.skipif(NO_AGENT, reason="needs OpenSSH's ssh-agent and ssh-add")


@pytest.fixture
def socket_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path short enough for a socket."""
    return tmp_path_factory.mktemp("a") / "s"


@pytest.fixture
def ssh_agent(socket_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A real ssh-agent of this test's own."""
    process = subprocess.Popen(["ssh-agent", "-D", "-a", socket_path], stdout=subprocess.DEVNULL)
    while not socket_path.exists():
        assert process.poll() is None
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket_path))
    yield socket_path
    process.terminate()
    process.wait()


def load(file: Path, *options: str) -> None:
    subprocess.run(["ssh-add", "-q", *options, file], check=True, capture_output=True)


def key_file(run, tmp_path: Path, name: str):
    people = run("key", "list", "--json").json["items"]
    return tmp_path / "registry" / "keys" / next(p["person"] for p in people if p["name"] == name)


@needs_agent
def test_the_agent_signs_what_the_key_file_would(ssh_agent: Path, tmp_path: Path):
    made = keyfile.create(tmp_path / "key", None)
    load(tmp_path / "key")

    held = Agent(str(ssh_agent)).list_keys()

    assert [key.keyid for key in held.keys] == [made.keyid]
    signature = choose_key(held).sign(b"message")
    assert signature == keyfile.load(tmp_path / "key").sign(b"message")
    verify(made.public, b"message", signature)


@needs_agent
def test_a_decision_is_signed_by_a_key_that_lies_only_in_the_agent(asked, ssh_agent: Path, tmp_path: Path):
    bobs = key_file(asked, tmp_path, "bob")
    load(bobs)
    bobs.unlink()

    done = asked(*BOB, "--key", "agent")

    assert done.code == 0, done.err


@needs_agent
def test_without_a_key_file_the_agent_is_asked_by_itself(asked, ssh_agent: Path, tmp_path: Path):
    bobs = key_file(asked, tmp_path, "bob")
    load(bobs)
    bobs.unlink()

    assert asked(*BOB).code == 0


@needs_agent
def test_the_signer_is_whose_key_the_agent_holds(asked, ssh_agent: Path, tmp_path: Path):
    load(key_file(asked, tmp_path, "bob"))

    done = asked(*BOB[:-2], "--key", "agent")

    assert done.code == 0, done.err


@needs_agent
def test_a_key_is_named_by_the_beginning_of_its_id(asked, ssh_agent: Path, tmp_path: Path):
    for name in ("alice", "bob"):
        load(key_file(asked, tmp_path, name))
    keyid = keyfile.load(key_file(asked, tmp_path, "bob")).keyid

    unclear = asked(*BOB[:-2], "--key", "agent")
    wrong = asked(*BOB, "--key", "agent:ffff0000ffff")
    done = asked(*BOB, "--key", f"agent:{keyid[:12]}")

    assert unclear.code == 2
    assert "holds several keys that fit" in unclear.err
    assert wrong.code == 5
    assert "with an id that begins with ffff0000ffff" in wrong.err
    assert done.code == 0, done.err


@needs_agent
def test_a_key_of_ssh_keygen_is_proved_and_enrolled_from_its_line(founded, ssh_agent: Path, tmp_path: Path):
    key = tmp_path / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "carol@desk", "-f", key], check=True)
    load(key)
    key.unlink()
    line = Path(f"{key}.pub").read_text().strip()
    origin = founded("root", "show", "--json").json["origin"]

    proved = founded("key", "prove", "carol", "--origin", origin, "--key", "agent", "-o", tmp_path / "proof")
    done = founded(
        "key",
        "enrol",
        "carol",
        "--role",
        "root",
        "--public",
        line,
        "--proof",
        tmp_path / "proof",
        "--as",
        "alice",
    )
    acted = founded("key", "enrol", "dora", "--role", "owner", "--no-passphrase", "--as", "carol")

    assert proved.code == 0, proved.err
    assert done.code == 0, done.err
    assert acted.code == 0, acted.err


@needs_agent
def test_a_packet_is_decided_on_with_the_agent(asked, ssh_agent: Path, tmp_path: Path):
    load(key_file(asked, tmp_path, "bob"))
    asked("dossier", "credit-risk@7", "--env", "production", "--packet", tmp_path / "packet")

    signed = asked(
        "approve", "--packet", tmp_path / "packet", "--role", "risk-approver", "--reason", "fine",
        "--key", "agent", "-o", tmp_path / "decision",
    )  # fmt: skip

    assert signed.code == 0, signed.err
    assert asked("decision", "submit", tmp_path / "decision").code == 0


@needs_agent
def test_a_draft_is_signed_by_the_agent(founded, ssh_agent: Path, tmp_path: Path):
    founded("key", "enrol", "bob", "--role", "root", "--no-passphrase", "--as", "alice")
    founded("root", "update", "--threshold", "2", "--as", "alice", "-o", tmp_path / "draft")
    load(key_file(founded, tmp_path, "bob"))

    signed = founded("root", "sign", tmp_path / "draft", "--key", "agent", "--yes")

    assert signed.code == 0, signed.err
    assert founded("root", "update", tmp_path / "draft").code == 0


@needs_agent
def test_a_key_that_is_not_loaded_is_missed_by_name(asked, ssh_agent: Path, tmp_path: Path):
    empty = asked(*BOB, "--key", "agent")
    load(key_file(asked, tmp_path, "alice"))
    other = asked(*BOB, "--key", "agent")

    assert empty.code == 5
    assert "it is empty or locked" in empty.err
    assert other.code == 5
    assert "holds no key that is enrolled for you" in other.err
    assert "ssh-add FILE" in other.err


@needs_agent
def test_a_locked_agent_is_said_to_be_locked(asked, ssh_agent: Path, tmp_path: Path):
    load(key_file(asked, tmp_path, "bob"))
    held = Agent(str(ssh_agent)).list_keys()
    lock = struct.pack(">IBI", 9, 22, 4) + b"pass"
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(ssh_agent))
        link.sendall(lock)
        link.recv(16)

    refused = asked(*BOB, "--key", "agent")

    assert refused.code == 5
    assert "empty or locked" in refused.err
    with pytest.raises(Refused, match="it is locked"):
        choose_key(held).sign(b"message")


@needs_agent
def test_an_agent_that_asks_and_is_not_answered_refuses(asked, ssh_agent: Path, tmp_path: Path, monkeypatch):
    # `ssh-add -c` lets the agent ask before each signature; with nobody to ask it says no.
    load(key_file(asked, tmp_path, "bob"), "-c")

    refused = asked(*BOB, "--key", "agent")

    assert refused.code == 1
    assert "was asked to confirm and did not" in refused.err


def test_without_an_agent_the_next_step_is_named(asked, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)

    done = asked(*BOB, "--key", "agent")

    assert done.code == 6
    assert "no ssh-agent: SSH_AUTH_SOCK is not set" in done.err
    assert "ssh-add FILE" in done.err


def test_a_socket_where_nobody_listens_is_named(asked, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))

    done = asked(*BOB, "--key", "agent")

    assert done.code == 6
    assert f"no ssh-agent answers at {tmp_path / 'gone'}" in done.err


def test_a_token_keys_line_is_refused_by_name(founded, tmp_path: Path):
    (tmp_path / "proof").write_bytes(b"{}")
    line = "sk-ssh-ed25519@openssh.com AAAA me"
    for public in (line, tmp_path / "line"):
        (tmp_path / "line").write_text(line)
        done = founded(
            "key", "enrol", "carol", "--role", "owner", "--public", public, "--proof", tmp_path / "proof",
            "--as", "alice",
        )  # fmt: skip
        assert done.code == 2
        assert "sk-ssh-ed25519@openssh.com key: such a token signs another structure" in done.err
