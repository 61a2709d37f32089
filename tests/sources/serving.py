"""A receiver as people run it: `muniment serve` in a process of its own, ended by the test."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tui.cli import main

PATH = "/api/v1/lineage"


class Receiver:
    """A running receiver and the command line beside it."""

    def __init__(self, home: Path, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        self.home = home
        self.process = process
        self.client = httpx2.Client(timeout=10)
        self.url = process.stdout.readline().strip()

    def post(self, body: Any, path: str = PATH, **headers: str) -> httpx2.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {"content-type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return self.client.post(self.url + path, content=content, headers=named)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.client.get(self.url + path, headers=headers)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def stop(self, how: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(how)
        _, talk = self.process.communicate(timeout=15)
        return self.process.returncode, talk


def make_registry(home: Path) -> Path:
    assert main(["--registry", str(home), "init", "--as", "alice", "--no-passphrase"]) == 0
    return home


@contextmanager
def serving(home: Path, *options: str) -> Iterator[Receiver]:
    words = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "tui",
        "--registry",
        str(home),
        "serve",
        "--port",
        "0",
        *options,
    ]
    env = {**os.environ, "MUNIMENT_DEBUG": "1"}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    ) as process:
        receiver = Receiver(home, process)
        try:
            yield receiver
        finally:
            receiver.client.close()
            if process.poll() is None:
                process.kill()


def event(number: int, state: str = "COMPLETE", namespace: str = "prod", **more: Any) -> dict[str, Any]:
    return {
        "eventType": state,
        "eventTime": "2026-11-20T09:00:00Z",
        "run": {"runId": f"0190b5f0-0000-7000-8000-{number:012d}"},
        "job": {"namespace": namespace, "name": "train"},
        "inputs": [],
        "outputs": [{"namespace": "s3://lake", "name": f"table-{number}"}],
        "producer": "https://example.org/test",
        **more,
    }


def zipped(value: Any) -> bytes:
    return gzip.compress(json.dumps(value).encode())


def until(found: Any, wanted: Any, seconds: float = 10) -> None:
    """Wait until `found()` is `wanted`."""
    end = time.monotonic() + seconds
    while (last := found()) != wanted:
        assert time.monotonic() < end, f"{last!r} did not become {wanted!r}"
        time.sleep(0.05)
