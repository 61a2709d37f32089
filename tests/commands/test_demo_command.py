"""muniment demo --headless: the main job from end to end, on recordings of real runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    home = tmp_path_factory.mktemp("walk") / "registry"
    words = [sys.executable, "-m", "tui", "demo", "--headless", "--dir", str(home), "--json"]
    return subprocess.run(words, capture_output=True, text=True, check=False), home


def test_it_ends_with_verdict_pass(walked):
    done, _ = walked

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "PASS"


def test_the_printed_keys_are_those_promised(walked):
    value = json.loads(walked[0].stdout)

    assert {"registry", "anchor", "bundle", "verdict"} <= set(value)


def test_another_folder_with_only_the_anchor_agrees(walked, tmp_path: Path, muniment):
    value = json.loads(walked[0].stdout)
    bundle = tmp_path / "handed-over.zip"
    bundle.write_bytes(Path(value["bundle"]).read_bytes())

    answer = muniment("bundle", "verify", bundle, "--anchor", value["anchor"], "--json")

    assert answer.code == 0
    assert answer.json["verdict"] == "PASS"


def test_without_the_anchor_it_cannot_be_told_whose_registry_it_is(walked, muniment):
    value = json.loads(walked[0].stdout)

    answer = muniment("bundle", "verify", value["bundle"], "--json")

    assert answer.code == 3
    assert answer.json["verdict"] == "UNANCHORED"


def test_the_bundle_is_reproduced_byte_for_byte_at_the_same_head(walked, tmp_path: Path, muniment):
    value = json.loads(walked[0].stdout)
    first = Path(value["bundle"]).read_bytes()
    again = tmp_path / "again.zip"

    done = muniment(
        "--registry", value["registry"],
        "bundle", "export", "retail/credit-risk@7", "-o", again, "--head", _size(muniment, value),
    )  # fmt: skip

    assert done.code == 0, done.err
    assert again.read_bytes() == first


def test_it_leaves_no_passphrase_behind(walked):
    home = walked[1]

    assert [p.name for p in home.parent.iterdir() if "passphrase" in p.name] == []


def test_gate_and_verify_import_nothing_heavy(walked):
    value = json.loads(walked[0].stdout)
    program = (
        "import sys\n"
        "from tui.cli import main\n"
        "codes = [main(words) for words in {commands!r}]\n"
        "heavy = ('sqlmodel', 'sqlalchemy', 'networkx', 'textual', 'pydantic', 'openlineage')\n"
        "print('CODES', codes, 'LOADED', [name for name in heavy if name in sys.modules])\n"
    )
    commands = [
        ["--registry", value["registry"], "gate", "retail/credit-risk@7", "--env", "production"],
        ["bundle", "verify", value["bundle"], "--anchor", value["anchor"]],
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [sys.executable, "-c", program.format(commands=commands)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )

    assert done.stdout.splitlines()[-1] == "CODES [0, 0] LOADED []"


def _size(muniment, value) -> int:
    answer = muniment("bundle", "verify", value["bundle"], "--json")
    size: int = answer.json["record"]["head"]["treeSize"]
    return size
