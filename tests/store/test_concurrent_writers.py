"""Two processes that append at once: consecutive leaves, no gap, no fork (trust.md section 4b, F02)."""

import subprocess
import sys
from pathlib import Path

from registry.acts.audit import verify_log
from registry.acts.init import found_registry
from registry.registry import open_registry

_PROGRAM = """
import sys
from registry.acts.actor import Actor
from registry.acts.register import register_version
from registry.registry import open_registry
from schemas.asset import FileEntry, VersionRef
from schemas.digest import Digest

home, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
files = (FileEntry("model.bin", Digest.of(name.encode()), 7),)
with open_registry(home) as registry:
    service = Actor(registry.find_service_key())
    for version in range(1, count + 1):
        register_version(registry, service, VersionRef("main", name, version), files)
"""


def test_two_writers_share_one_log(tmp_path: Path):
    home = tmp_path / "registry"
    found_registry(home, "alice", None)
    root = Path(__file__).parents[2]
    writers = [
        subprocess.Popen([sys.executable, "-c", _PROGRAM, str(home), name, "20"], cwd=root)
        for name in ("first", "second")
    ]

    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]

    with open_registry(home) as registry:
        assert registry.ledger.head().size == 42
        assert verify_log(registry).problems == ()
