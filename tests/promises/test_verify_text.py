"""VERIFY.txt: its commands run as they stand, take good bundles and refuse forged ones."""

import base64
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.bundle import contents as at
from registry.bundle import layout
from registry.bundle.container import build_container, read_container
from registry.bundle.layout import wrap
from registry.bundle.write import write_bundle
from registry.trust import merkle
from registry.trust.note import sign_checkpoint
from schemas.digest import Digest
from schemas.ledger import Checkpoint
from tests.attacks.extracts import extract
from tests.attacks.forger import forge, replace_line, retop
from tests.attacks.simulator import ORIGIN, Registry, honest, key

TOOLS = ("bash", "openssl", "jq", "ssh-keygen", "unzip")
pytestmark = pytest.mark.skipif(any(shutil.which(t) is None for t in TOOLS), reason="a tool is not here")


def _registry() -> Registry:
    registry, manifest, _, _ = honest()
    registry.register(8)
    registry.seal(registry.gate(manifest))
    registry.claim(manifest, "valid")
    return registry


REGISTRY = _registry()
BUNDLE = REGISTRY.bundle()
FILES = read_container(BUNDLE)


def _check(bundle: bytes, folder: Path, *, anchor: str = REGISTRY.anchor) -> subprocess.CompletedProcess[str]:
    """Do what VERIFY.txt says; the commands are those of the genuine bundle, as it advises."""
    (folder / "b.zip").write_bytes(bundle)
    with zipfile.ZipFile(folder / "b.zip") as archive:
        archive.extractall(folder / "bundle")
    script = "\n".join(line[2:] for line in FILES[at.VERIFY].decode().split("\n") if line.startswith("  "))
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder / "bundle",
        env={"PATH": os.environ["PATH"], "ANCHOR": anchor, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_command_succeeds_on_a_good_bundle(tmp_path: Path) -> None:
    done = _check(BUNDLE, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "whole, signed, and of this log"


def test_envelopes_that_are_left_out_are_no_fault(tmp_path: Path) -> None:
    registry = _registry()
    registry.envelopes[2] = at.Withheld(registry.records()[2].leaf.body, "withheld", "private")
    assert _check(registry.bundle(), tmp_path).returncode == 0


def test_an_extract_is_checked_by_its_proofs(tmp_path: Path) -> None:
    good = write_bundle(extract(REGISTRY, (3, 5)), key("service"))
    assert _check(good, tmp_path).returncode == 0

    def other(payload: dict[str, bytes]) -> None:
        name = at.proof_name(4)
        lines = payload[name].split(b"\n")
        lines[4] = lines[3]
        payload[name] = b"\n".join(lines)

    payload = {n: d for n, d in read_container(good).items() if n.startswith("data/")}
    other(payload)
    (tmp_path / "forged").mkdir()
    forged = build_container(wrap(payload, ORIGIN, key("service")))
    assert _check(forged, tmp_path / "forged").returncode != 0


def test_the_way_to_get_the_script_is_the_one_that_stands_there(tmp_path: Path) -> None:
    (tmp_path / "BUNDLE.zip").write_bytes(BUNDLE)
    lines = FILES[at.VERIFY].decode().split("\n")
    start = lines.index("unzip -q BUNDLE.zip -d bundle && cd bundle")
    said = "\n".join(lines[start : start + 3]).replace("sha256:...", REGISTRY.anchor)
    done = subprocess.run(["bash", "-c", said], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _repaired(edit: Callable[[dict[str, bytes]], object], who: str = "service") -> bytes:
    """Return the bundle with files edited and packed and signed again as its exporter would."""
    payload = {n: d for n, d in FILES.items() if n.startswith("data/")}
    edit(payload)
    return build_container(wrap(payload, ORIGIN, key(who)))


def _with_leaf(payload: dict[str, bytes], row: int, envelope: bytes) -> None:
    """Put another envelope into a row, and make leaf, root and head fit it."""
    replace_line(at.ATTESTATIONS, row, lambda _: envelope)(payload)
    body = Digest.of(envelope)
    replace_line(at.LEAVES, row, lambda old: json.dumps(json.loads(old) | {"body": body}).encode())(payload)
    leaves = at.lines_of(payload[at.LEAVES], at.LEAVES)
    root = merkle.root(merkle.leaf_hash(leaf) for leaf in leaves)
    payload[at.CHECKPOINT] = sign_checkpoint(Checkpoint(ORIGIN, len(leaves), root), key("log")).encode()


def _forged_signature(payload: dict[str, bytes]) -> None:
    row = json.loads(at.lines_of(payload[at.ATTESTATIONS], "")[4])
    row["signatures"][0]["sig"] = base64.b64encode(key("alice").sign(b"something else")).decode()
    _with_leaf(payload, 4, json.dumps(row).encode())


def _unsigned(payload: dict[str, bytes]) -> bytes:
    row = json.loads(at.lines_of(payload[at.ATTESTATIONS], "")[4])
    return json.dumps(row | {"signatures": []}).encode()


def _other_log_key(payload: dict[str, bytes]) -> None:
    payload[at.CHECKPOINT] = sign_checkpoint(REGISTRY.head(), key("mallory")).encode()


def _append(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({name: files[name] + b" "})


def _cut(payload: dict[str, bytes]) -> None:
    for name in (at.LEAVES, at.ATTESTATIONS):
        payload[name] = payload[name][: payload[name].rindex(b"\n", 0, -1) + 1]


BODY = next(n for n in FILES if n.startswith(at.BODIES))
KEY = next(n for n in FILES if n.endswith(".pem"))
FORGED = {
    "a file is altered": retop(BUNDLE, _append(at.REPORT)),
    "a file is not listed": retop(BUNDLE, lambda f: f.update({"data/x": b""})),
    "a listed file is gone": retop(BUNDLE, lambda f: f.pop(at.REPORT)),
    "a stranger packed it": _repaired(lambda p: None, "mallory"),
    "the signature is of another manifest": retop(BUNDLE, _append(layout.MANIFEST)),
    "a key is under another name": _repaired(lambda p: p.update({at.KEYS + "0" * 64 + ".pem": p.pop(KEY)})),
    "a key is there that nobody enrolled": _repaired(
        lambda p: p.update({at.KEYS + "f" * 64 + ".pem": p[KEY]})
    ),
    "a record is signed by nobody": _repaired(_forged_signature),
    "a record is another": forge(
        BUNDLE, replace_line(at.ATTESTATIONS, 3, lambda r: r.replace(b"A", b"B", 1))
    ),
    "a record is spelled otherwise": _repaired(
        replace_line(at.ATTESTATIONS, 3, lambda r: r.replace(b"{", b"{ ", 1))
    ),
    "a record has no signature": _repaired(lambda p: _with_leaf(p, 4, _unsigned(p))),
    "a document is another": _repaired(_append(BODY)),
    "another key signed the head": _repaired(_other_log_key),
    "a leaf is altered": _repaired(replace_line(at.LEAVES, 3, lambda r: r.replace(b"10:0", b"11:0"))),
    "the last leaf is cut off": _repaired(_cut),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_command_fails_when(case: str, tmp_path: Path) -> None:
    assert _check(FORGED[case], tmp_path).returncode != 0


def test_a_command_fails_for_another_anchor(tmp_path: Path) -> None:
    assert _check(BUNDLE, tmp_path, anchor="sha256:" + "0" * 64).returncode != 0
