"""An ssh-agent that answers what no honest one would: every answer ends in words."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from registry.signing import keyfile
from registry.signing.agent import MAX_ANSWER, Agent, choose_key
from schemas.errors import NotFound, SourceError, Usage


@pytest.fixture
def socket_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path short enough for a socket."""
    return tmp_path_factory.mktemp("a") / "s"


def string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def identities(*kinds: tuple[bytes, bytes]) -> bytes:
    listed = b"".join(string(string(kind) + string(body)) + string(b"comment") for kind, body in kinds)
    return string(bytes([12]) + struct.pack(">I", len(kinds)) + listed)


@pytest.fixture
def answering(socket_path: Path) -> Iterator[Callable[[bytes], Agent]]:
    """Return an agent whose every answer is the bytes given; empty: it never answers."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(socket_path))
    listening.listen()
    answers: list[bytes] = []
    open_links: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                link, _ = listening.accept()
            except OSError:
                return
            link.recv(65_536)
            if answers[0]:
                link.sendall(answers[0])
                link.close()
            else:
                open_links.append(link)

    def make(answer: bytes) -> Agent:
        answers[:] = [answer]
        return Agent(str(socket_path), list_seconds=0.3, sign_seconds=0.3)

    worker = threading.Thread(target=serve, daemon=True)
    worker.start()
    yield make
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    worker.join()
    for link in open_links:
        link.close()


HOSTILE = {
    "too large": (struct.pack(">I", MAX_ANSWER + 1) + b"x", f"expected 1 to {MAX_ANSWER}"),
    "empty": (struct.pack(">I", 0), "answers with 0 bytes"),
    "cut off": (struct.pack(">I", 100) + b"\x0c", "hangs up in the middle"),
    "silence at once": (b"\x00", "hangs up in the middle"),
    "a failure": (string(bytes([5])), "does not list its keys"),
    "no count": (string(bytes([12])), "cannot be read"),
    "more keys than there are": (string(bytes([12]) + struct.pack(">I", 9)), "cannot be read"),
    "a length beyond the end": (string(bytes([12]) + struct.pack(">II", 1, 99)), "cannot be read"),
    "nothing, for ever": (b"", "does not answer within 0.3 s"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_an_answer_that_cannot_be_is_refused_in_words(answering: Callable[[bytes], Agent], case: str):
    answer, said = HOSTILE[case]

    with pytest.raises(SourceError) as refused:
        answering(answer).list_keys()

    assert said in refused.value.message


def test_a_token_key_is_refused_by_name(answering: Callable[[bytes], Agent]):
    held = answering(identities((b"sk-ssh-ed25519@openssh.com", bytes(32)), (b"ssh-rsa", b"e"))).list_keys()

    assert held.keys == ()
    with pytest.raises(Usage, match=r"sk-ssh-ed25519@openssh\.com: such a token signs another structure"):
        choose_key(held)


def test_other_keys_are_passed_over(answering: Callable[[bytes], Agent], tmp_path: Path):
    mine = keyfile.create(tmp_path / "key", None)
    held = answering(identities((b"ssh-rsa", b"e"), (b"ssh-ed25519", mine.public))).list_keys()

    assert choose_key(held).keyid == mine.keyid
    with pytest.raises(NotFound):
        choose_key(held, "0" * 64)


SIGNED = {
    "another key's signature": (
        string(bytes([14]) + string(string(b"ssh-ed25519") + string(bytes(64)))),
        "is not by",
    ),
    "another algorithm": (
        string(bytes([14]) + string(string(b"ssh-rsa") + string(bytes(64)))),
        "no Ed25519 signature",
    ),
    "no signature": (string(bytes([14])), "no Ed25519 signature"),
    "another message": (string(bytes([6])), "no Ed25519 signature"),
}


@pytest.mark.parametrize("case", SIGNED)
def test_a_false_signature_leaves_the_process_as_an_error(answering: Callable[[bytes], Agent], case: str):
    answer, said = SIGNED[case]
    public = keyfile.PrivateKey.generate().public

    with pytest.raises(SourceError) as refused:
        answering(answer).sign(public, b"message")

    assert said in refused.value.message


def test_a_signature_that_never_comes_is_given_up(answering: Callable[[bytes], Agent]):
    with pytest.raises(SourceError, match=r"within 0.3 s"):
        answering(b"").sign(keyfile.PrivateKey.generate().public, b"message")


def test_an_answer_that_drips_is_given_up(socket_path: Path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(socket_path))
        listening.listen()

        def drip() -> None:
            link, _ = listening.accept()
            with link, suppress(OSError):
                link.sendall(struct.pack(">I", 1000))
                while True:
                    link.sendall(b"x")
                    time.sleep(0.05)

        worker = threading.Thread(target=drip, daemon=True)
        worker.start()
        with pytest.raises(SourceError, match="does not answer within"):
            Agent(str(socket_path), list_seconds=0.3).list_keys()
        worker.join()
