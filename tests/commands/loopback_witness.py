"""A witness on 127.0.0.1 that remembers: C2SP tlog-witness over HTTP, written from the specification.

It shares no code with the product's own witness but the tree's arithmetic.
"""

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from registry.acts.actor import Actor, subject
from registry.acts.state import get_trust_root, read_state
from registry.acts.writing import writing
from registry.registry import open_registry
from registry.signing import keyfile
from registry.trust.merkle import verify_consistency
from schemas.errors import VerificationError
from schemas.ledger import origin_subject


class LoopbackWitness:
    """What it knows: its key, the logs it watches with their keys, the head of each it confirmed last."""

    def __init__(self, name: str, seed: bytes) -> None:
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()
        self.logs: dict[str, bytes] = {}
        self.seen: dict[str, tuple[int, bytes]] = {}
        self.now = 1_800_000_000
        self.evidence: list[str] = []
        self.asked = 0
        self.also = b""
        self.answer: tuple[int, str, bytes] | None = None
        self.lock = threading.Lock()

    @property
    def vkey(self) -> str:
        raw = b"\x04" + self.public
        return f"{self.name}+{self._hash().hex()}+{base64.b64encode(raw).decode()}"

    def watch(self, log_vkey: str) -> None:
        """Trust the log with this key."""
        origin, _, raw = log_vkey.split("+", 2)
        self.logs[origin] = base64.b64decode(raw)[1:]

    def add_checkpoint(self, body: bytes) -> tuple[int, str, bytes]:
        """Answer one request."""
        above, _, note = body.decode().partition("\n\n")
        first, *steps = above.split("\n")
        old = int(first.removeprefix("old "))
        text, _, lines = note.partition("\n\n")
        origin, size_text, root_text = text.split("\n")
        size, root = int(size_text), base64.b64decode(root_text)
        if origin not in self.logs:
            return 404, "text/plain", b"unknown log"
        if not any(self._is_logs(origin, line, f"{text}\n") for line in lines.splitlines()):
            return 403, "text/plain", b"no trusted signature"
        proof = [base64.b64decode(step) for step in steps]
        return self._confirm(origin, old, size, root, proof, f"{text}\n")

    def _confirm(
        self, origin: str, old: int, size: int, root: bytes, proof: list[bytes], text: str
    ) -> tuple[int, str, bytes]:
        if old > size:
            return 400, "text/plain", b"old is larger"
        with self.lock:
            known, known_root = self.seen.get(origin, (0, hashlib.sha256(b"").digest()))
            if old != known:
                return 409, "text/x.tlog.size", f"{known}\n".encode()
            try:
                if old == size and root != known_root:
                    self.evidence.append(text)
                    return 409, "text/x.tlog.size", f"{known}\n".encode()
                if old:
                    verify_consistency(old, size, proof, known_root, root)
            except VerificationError:
                self.evidence.append(text)
                return 422, "text/plain", b"not consistent"
            self.seen[origin] = (size, root)
        return 200, "text/plain", self.also + self.line(text).encode()

    def line(self, text: str) -> str:
        """Return the cosignature line over a checkpoint's three lines."""
        message = f"cosignature/v1\ntime {self.now}\n{text}".encode()
        blob = self._hash() + self.now.to_bytes(8, "big") + self._key.sign(message)
        return f"\N{EM DASH} {self.name} {base64.b64encode(blob).decode()}\n"

    def _hash(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n\x04" + self.public).digest()[:4]

    def _is_logs(self, origin: str, line: str, text: str) -> bool:
        _, name, blob = line.split(" ")
        if name != origin:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.logs[origin]).verify(
                base64.b64decode(blob)[4:], text.encode()
            )
        except InvalidSignature:
            return False
        return True


@contextmanager
def serving(witness: LoopbackWitness) -> Iterator[str]:
    """Serve `witness` under a prefix and yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            witness.asked += 1
            if self.path != "/prefix/add-checkpoint":
                status, kind, said = 404, "text/plain", b"no such page"
            else:
                status, kind, said = witness.answer or witness.add_checkpoint(body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/prefix"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def name_witnesses(home: Path, quorum: int, *vkeys: str) -> int:
    """Let alice sign a next trust root of the registry at `home` that asks for `quorum` of these."""
    with open_registry(home) as registry:
        person = registry.names.get_person("alice")
        alice = Actor(keyfile.load(registry.keys / person), person)
        root = get_trust_root(read_state(registry))
        grown = msgspec.structs.replace(
            root, version=root.version + 1, witnesses=vkeys, witness_quorum=quorum
        )
        about = (subject(registry.origin, origin_subject(registry.origin)),)
        with writing(registry) as writer:
            seq = writer.append(alice.sign("trust-root", about, grown.to_predicate(nonce="")))[0].seq
        problems = read_state(registry).problems
    assert not problems, problems
    return seq
