"""A time-stamping authority for tests: its certificates, replies by `openssl ts`, served on 127.0.0.1."""

import datetime as dt
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_SETTINGS = """[tsa]
default_tsa = own
[own]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.2
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""


def need_openssl() -> None:
    """Skip a test where no `openssl ts` or no library to read tokens is installed."""
    pytest.importorskip("rfc3161_client")
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here")
    if subprocess.run(["openssl", "ts", "-help"], capture_output=True, check=False).returncode:
        pytest.skip("openssl has no ts command")


class Authority:
    """A root, a signer under it, and the files `openssl ts` works from."""

    def __init__(self, folder: Path, *, days: tuple[int, int] = (-1, 3650), stamping: bool = True) -> None:
        folder.mkdir()
        self.folder = folder
        self._root_key = ec.generate_private_key(ec.SECP256R1())
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._certificate("Test root", self._root_key, days=(-3650, 3650), authority=True)
        self.signer = self._certificate("Test TSA", self.key, days=days, stamping=stamping)
        for name, certificate in (("root.pem", self.root), ("tsa.pem", self.signer)):
            (folder / name).write_bytes(certificate.public_bytes(Encoding.PEM))
        private = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "tsa.key").write_bytes(private)
        (folder / "tsa.conf").write_text(_SETTINGS.format(folder=folder))
        (folder / "serial").write_text("01\n")

    @property
    def root_der(self) -> bytes:
        return self.root.public_bytes(Encoding.DER)

    def reply(self, query: bytes, *more: str) -> bytes:
        """Return the signed reply to `query`."""
        (self.folder / "query").write_bytes(query)
        self.run(
            "ts", "-reply", "-config", "tsa.conf", "-section", "own", "-queryfile", "query",
            "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "reply", *more,
        )  # fmt: skip
        return (self.folder / "reply").read_bytes()

    def run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run openssl in the authority's folder."""
        return subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, check=True)

    def _certificate(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        *,
        days: tuple[int, int],
        authority: bool = False,
        stamping: bool = False,
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test root")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + dt.timedelta(days=days[0]))
            .not_valid_after(now + dt.timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if stamping:
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(purpose, critical=True)
        return builder.sign(self._root_key, hashes.SHA256())


@contextmanager
def serving(authority: Authority, answer: tuple[int, bytes] | None = None) -> Iterator[str]:
    """Serve the authority and yield its address; `answer` replaces what it would say."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            status, said = answer or (200, authority.reply(query))
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
