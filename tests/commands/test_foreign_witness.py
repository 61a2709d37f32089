"""A witness that others wrote (`aics-witness`, where installed) confirms heads and refuses two histories."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = shutil.which("aics-witness")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no aics-witness here")


def run(*words: object) -> str:
    command = [str(PROGRAM), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def url(approved, tmp_path: Path) -> Iterator[str]:
    """The running witness, which watches the log and which the trust root asks for."""
    config = tmp_path / "witness" / "witness.json"
    config.parent.mkdir()
    vkey = run("init", "--config", config, "--name", "witness.example/foreign").splitlines()[-1]
    root = approved("root", "show", "--json").json
    run("add-log", "--config", config, "--origin", root["origin"], "--vkey", root["log_keys"][0])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = json.loads(config.read_text())
    settings["witness"]["listen"] = f"127.0.0.1:{port}"
    config.write_text(json.dumps(settings))
    words = ("--add-witness", vkey, "--witness-quorum", 1, "--as", "alice")
    assert approved("root", "update", *words).code == 0
    with subprocess.Popen(
        [str(PROGRAM), "serve", "--config", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as served:
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            served.terminate()


def test_it_confirms_a_growing_log_and_the_gate_allows(approved, url):
    sizes = []
    for name in ("x", "y"):
        sizes.append(approved("audit", "witness", url, "--json").json["size"])
        enrol = ("key", "enrol", name, "--role", "auditor", "--no-passphrase", "--as", "alice")
        assert approved(*enrol).code == 0

    assert sizes == sorted(set(sizes))
    assert approved("gate", "credit-risk@7", "--env", "production").code == 0


def test_it_refuses_a_rollback_and_forks_and_we_say_so(approved, url, tmp_path):
    shutil.copytree(tmp_path / "registry", tmp_path / "copy")
    enrol = ("key", "enrol", "--role", "auditor", "--no-passphrase", "--as", "alice")
    copy = ("--registry", tmp_path / "copy")
    assert approved(*enrol, "x").code == 0
    assert approved("audit", "witness", url).code == 0

    rollback = approved(*copy, "audit", "witness", url)
    approved(*copy, *enrol, "y")
    same = approved(*copy, "audit", "witness", url)
    approved(*copy, *enrol, "z")
    longer = approved(*copy, "audit", "witness", url)

    assert [done.code for done in (rollback, same, longer)] == [1, 1, 1]
    assert "ROLLBACK" in rollback.err
    assert "FORK" in same.err
    assert "FORK" in longer.err
