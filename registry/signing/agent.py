"""Signing with a key that an ssh-agent holds: the private half never enters this process.

The agent protocol over the socket that SSH_AUTH_SOCK names (draft-ietf-sshm-ssh-agent, RFC 8709 keys): list
the keys, sign with an Ed25519 one. What the agent answers is checked like anybody's signature.
"""

import os
import socket
import struct
import time
from collections.abc import Collection, Iterator

import msgspec

from registry.trust.keys import check_public, key_id, verify
from schemas.errors import NotFound, Refused, SourceError, Usage, VerificationError

SOCKET = "SSH_AUTH_SOCK"
ED25519 = b"ssh-ed25519"
MAX_ANSWER = 262_144
LIST_SECONDS, SIGN_SECONDS = 5.0, 120.0
"""A person may have to confirm a signature, or to touch a token; a list needs nobody."""
_FAILURE, _REQUEST_KEYS, _KEYS, _SIGN_REQUEST, _SIGNATURE = 5, 11, 12, 13, 14
_HINT = "start one with: eval $(ssh-agent), then: ssh-add FILE"


class AgentKey:
    """An Ed25519 key in an agent; signs there, and shows its public half only."""

    __slots__ = ("_agent", "comment", "keyid", "public")

    def __init__(self, agent: "Agent", public: bytes, comment: str) -> None:
        self._agent = agent
        self.public: bytes = public
        self.keyid: str = key_id(public)
        self.comment = comment

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`; raise Refused when the agent does not give it."""
        return self._agent.sign(self.public, message)

    def __repr__(self) -> str:
        return f"AgentKey({self.keyid[:16]})"


class Held(msgspec.Struct, frozen=True):
    """What an agent holds: Ed25519 keys, and the types of the keys it cannot be asked to sign with."""

    keys: tuple[AgentKey, ...]
    others: tuple[str, ...]


class Agent:
    """The ssh-agent behind one socket; every question is a connection of its own."""

    def __init__(
        self, path: str, *, list_seconds: float = LIST_SECONDS, sign_seconds: float = SIGN_SECONDS
    ) -> None:
        self._path, self._list_seconds, self._sign_seconds = path, list_seconds, sign_seconds

    def list_keys(self) -> Held:
        """Return what the agent holds; an empty or locked agent holds nothing."""
        answer = self._ask(bytes([_REQUEST_KEYS]), self._list_seconds)
        if answer[:1] != bytes([_KEYS]):
            raise SourceError("the ssh-agent does not list its keys", hint="ssh-add -l says why")
        keys, others = [], []
        for blob, comment in _identities(answer[1:]):
            kind, *rest = _strings(blob) or [b""]
            if kind == ED25519 and len(rest) == 1:
                keys.append(AgentKey(self, check_public(rest[0]), comment.decode("utf-8", "replace")))
            else:
                others.append(kind.decode("ascii", "replace")[:80])
        return Held(tuple(keys), tuple(others))

    def sign(self, public: bytes, message: bytes) -> bytes:
        """Return the signature of `message` by the key `public`, verified; raise in words otherwise."""
        blob = _string(ED25519) + _string(public)
        request = bytes([_SIGN_REQUEST]) + _string(blob) + _string(message) + struct.pack(">I", 0)
        answer = self._ask(request, self._sign_seconds)
        keyid = key_id(public)[:16]
        if answer[:1] == bytes([_FAILURE]):
            raise Refused(
                f"the ssh-agent does not sign with the key {keyid}: it is locked, was asked to confirm and "
                "did not, or no longer holds the key",
                hint="ssh-add -X unlocks it, ssh-add FILE loads the key",
            )
        fields = _strings(answer[1:]) if answer[:1] == bytes([_SIGNATURE]) else []
        parts = _strings(fields[0]) if len(fields) == 1 else []
        if len(parts) != 2 or parts[0] != ED25519:
            raise SourceError("the ssh-agent answers with no Ed25519 signature", hint="ssh-add -l")
        try:
            verify(public, message, parts[1])
        except VerificationError as error:
            raise SourceError(
                f"the ssh-agent's signature is not by the key {keyid}", hint="load the key again"
            ) from error
        return parts[1]

    def _ask(self, request: bytes, seconds: float) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
                link.settimeout(seconds)
                end = time.monotonic() + seconds
                link.connect(self._path)
                link.sendall(_string(request))
                (size,) = struct.unpack(">I", _receive(link, 4, end))
                if not 1 <= size <= MAX_ANSWER:
                    raise SourceError(
                        f"the ssh-agent answers with {size} bytes, expected 1 to {MAX_ANSWER}",
                        hint=f"check what {SOCKET} names",
                    )
                return _receive(link, size, end)
        except TimeoutError as error:
            raise SourceError(
                f"the ssh-agent does not answer within {seconds:g} s",
                hint="ssh-add -l shows whether it lives",
            ) from error
        except OSError as error:
            raise SourceError(
                f"no ssh-agent answers at {self._path}: {error.strerror}", hint=_HINT
            ) from error


def open_agent() -> Agent:
    """Return the agent that SSH_AUTH_SOCK names; raise SourceError when there is none."""
    path = os.environ.get(SOCKET)
    if not path or not hasattr(socket, "AF_UNIX"):
        raise SourceError(f"no ssh-agent: {SOCKET} is not set", hint=_HINT)
    return Agent(path)


def choose_key(held: Held, prefix: str = "", wanted: Collection[str] = ()) -> AgentKey:
    """Return the one key whose id begins with `prefix` and, when `wanted` names any, is among them."""
    found = [key for key in held.keys if key.keyid.startswith(prefix.lower())]
    if wanted:
        found = [key for key in found if key.keyid in wanted]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"{key.keyid[:16]} ({key.comment[:60]})" for key in found)
        raise Usage(f"the ssh-agent holds several keys that fit: {listed}", hint="--key agent:KEYID")
    if any(kind.startswith("sk-") for kind in held.others):
        named = ", ".join(sorted({kind for kind in held.others if kind.startswith("sk-")}))
        raise Usage(
            f"the ssh-agent offers {named}: such a token signs another structure than a record",
            hint="use an ssh-ed25519 key",
        )
    if not held.keys and not held.others:
        raise NotFound(
            "the ssh-agent lists no keys: it is empty or locked", hint="ssh-add FILE, or ssh-add -X"
        )
    listed = ", ".join(key.keyid[:16] for key in held.keys) or "no Ed25519 key"
    said = f"with an id that begins with {prefix[:64]}" if prefix else "that is enrolled for you"
    raise NotFound(f"the ssh-agent holds no key {said}, only: {listed}", hint="ssh-add FILE")


def _identities(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if len(data) < 4:
        raise _unreadable()
    (count,) = struct.unpack(">I", data[:4])
    fields = _strings(data[4:])
    if len(fields) != 2 * count:
        raise _unreadable()
    return zip(fields[::2], fields[1::2], strict=True)


def _strings(data: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        if len(data) < at + 4 or end > len(data):
            raise _unreadable()
        found.append(data[at + 4 : end])
        at = end
    return found


def _unreadable() -> SourceError:
    return SourceError("the ssh-agent's answer cannot be read", hint=f"check what {SOCKET} names")


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _receive(link: socket.socket, size: int, end: float) -> bytes:
    data = b""
    while len(data) < size:
        # The time is for the whole answer: a byte now and then is no answer either.
        if (left := end - time.monotonic()) <= 0:
            raise TimeoutError
        link.settimeout(left)
        part = link.recv(size - len(data))
        if not part:
            raise SourceError("the ssh-agent hangs up in the middle of its answer", hint="ssh-add -l")
        data += part
    return data
