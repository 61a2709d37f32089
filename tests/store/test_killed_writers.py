"""A writer killed at any moment: the log reopens whole, its signed head never ahead of it, and signs on.

MUNIMENT_KILLS sets how many times; what a disk does when the power fails is not tried here.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from registry.acts.audit import verify_log
from registry.registry import open_registry
from tui.cli import main

KILLS = int(os.environ.get("MUNIMENT_KILLS", "50"))

_PROGRAM = """
import json, os, random, signal, sys, time
from registry.acts.actor import Actor, new_nonce, subject
from registry.acts.heads import grow_frontier
from registry.acts.writing import writing
from registry.registry import open_registry
from registry.store.last_head import read_last_head
from schemas.ledger import origin_subject

home, kills = sys.argv[1], int(sys.argv[2])

def write_for_ever(ready):
    with open_registry(home) as registry:
        service = Actor(registry.find_service_key())
        about = (subject(registry.origin, origin_subject(registry.origin)),)
        os.write(ready, b"x")
        while True:
            with writing(registry) as writer:
                bodies = [writer.put_body(new_nonce().encode()) for _ in range(4)]
                writer.append(*(service.sign("seal", about, {"of": str(body)}) for body in bodies))

sizes, behind = [], 0
for attempt in range(kills):
    reader, ready = os.pipe()
    child = os.fork()
    if not child:
        write_for_ever(ready)
    os.read(reader, 1)
    os.close(reader), os.close(ready)
    time.sleep(random.Random(attempt).random() * 0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with open_registry(home, read_only=True) as registry:
        head, known = registry.ledger.head(), read_last_head(registry.keys)
        assert known.size <= head.size, (known.size, head.size)
        behind += known.size < head.size
        assert registry.ledger.find_checkpoint()[0] <= head.size
        assert grow_frontier(registry).root() == head.root
        sizes.append(head.size)
print(json.dumps({"sizes": sizes, "behind": behind}))
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_log_that_is_signed_on(tmp_path: Path):
    home = tmp_path / "registry"
    assert main(["--registry", str(home), "init", "--as", "alice", "--no-passphrase"]) == 0

    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(home), str(KILLS)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-2000:]
    sizes = json.loads(done.stdout)["sizes"]
    assert len(sizes) == KILLS
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]
    with open_registry(home, read_only=True) as registry:
        found = verify_log(registry)
    # The records are made up for this test; all that the log itself must hold holds.
    assert [p for p in found.problems if "PREDICATE" not in p] == []
    assert main(["--registry", str(home), "key", "enrol", "bob", "--role", "owner", "--no-passphrase"]) == 0
