"""Read the server as `import mlflow` does and keep every call and answer."""

import gzip
import sys
from pathlib import Path

from importers.mlflow.recording import recording
from importers.mlflow.rest import Server
from importers.mlflow.scan import scan_server

lines: list[bytes] = []
with Server("http://127.0.0.1:5000", {}) as server:
    scan_server(recording(server.fetch, lines.append), server.address.url)
Path(sys.argv[1]).write_bytes(gzip.compress(b"".join(lines), mtime=0))
