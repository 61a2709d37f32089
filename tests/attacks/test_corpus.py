"""The corpus on disk is the cases, byte for byte, and its runner says which answers are wrong."""

import os
import subprocess
import sys
from pathlib import Path

from tests.attacks.case import all_cases
from tests.attacks.corpus import fault_of, run_corpus, write_case, write_corpus

ROOT = Path(__file__).parents[2]
OURS = [sys.executable, "-m", "tui", "bundle", "verify", "{bundle}", "--anchor", "{anchor}", "--json"]
SOME = ("A01", "B21", "L07", "L63", "T01", "F16")


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.attacks.corpus", str(tmp_path / "there")],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    assert write_corpus(tmp_path / "here") == len(all_cases())
    here = _contents(tmp_path / "here")
    assert here == _contents(tmp_path / "there")
    assert len(here) == 4 * len(all_cases()) + 1


def test_our_command_answers_as_expected_through_the_runner(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for ident in SOME:
        case = all_cases()[ident]
        write_case(case, tmp_path / case.folder)
    assert run_corpus(tmp_path, OURS) == []


def test_a_command_that_says_yes_to_everything_is_found_out(tmp_path: Path) -> None:
    case = all_cases()["A01"]
    write_case(case, tmp_path / case.folder)
    assert run_corpus(tmp_path, ["echo", '{"verdict":"PASS","codes":[]}']) == [
        "A01-approval-missing_fail: verdict PASS, not FAIL; does not name CLAIM_FALSE QUORUM_NOT_MET; "
        "exit code 0, not 1"
    ]


def test_a_verifier_that_stops_early_need_not_name_what_follows() -> None:
    expected = {"verdict": "FAIL", "codes": ["A"], "consequences": ["B"], "exitCode": 1}
    assert fault_of({"verdict": "FAIL", "codes": ["A"]}, expected, 1) == ""
    assert fault_of({"verdict": "FAIL", "codes": ["A", "B"]}, expected, 1) == ""
    assert fault_of({"verdict": "FAIL", "codes": ["A", "C"]}, expected, 1) == "names C"
    assert fault_of({"verdict": "FAIL", "codes": ["B"]}, expected, 1) == "does not name A"
