"""Write all named cases as folders, and ask any verifier's command for its answers to them.

python -m tests.attacks.corpus DIR
python -m tests.attacks.corpus run DIR -- muniment bundle verify {bundle} --anchor {anchor} --json
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.attacks.case import Case, all_cases

PROTOCOL = Path(__file__).with_name("corpus.md")


def write_corpus(target: Path) -> int:
    """Write every case into a folder of its own; return how many there are."""
    for case in all_cases().values():
        write_case(case, target / case.folder)
    (target / "README.md").write_bytes(PROTOCOL.read_bytes())
    return len(all_cases())


def write_case(case: Case, folder: Path) -> None:
    """Write one case."""
    handed = case.hand()
    folder.mkdir(parents=True)
    (folder / "bundle.zip").write_bytes(handed.bundle)
    (folder / "anchor").write_text("" if handed.anchor is None else f"{handed.anchor}\n")
    (folder / "args").write_text("".join(f"{word}\n" for word in handed.words()))
    (folder / "expected.json").write_text(json.dumps(case.expected(), indent=1, sort_keys=True) + "\n")


def run_corpus(
    source: Path, command: Sequence[str], jobs: int = 2, *, without: Sequence[str] = ()
) -> list[str]:
    """Return a line for every case to which the command gives another answer than it must.

    Cases whose `args` hold one of the options `without` are left out: the command lacks it.
    """
    folders = find_cases(source, without)
    with ThreadPoolExecutor(jobs) as pool:
        faults = pool.map(lambda folder: _ask(folder, command), folders)
        return [f"{f.name}: {fault}" for f, fault in zip(folders, faults, strict=True) if fault]


def find_cases(source: Path, without: Sequence[str] = ()) -> list[Path]:
    """Return the folders of the cases whose `args` hold none of the options `without`."""
    folders = sorted(path.parent for path in source.glob("*/expected.json"))
    return [f for f in folders if not {*(f / "args").read_text().split()} & {*without}]


def _ask(folder: Path, command: Sequence[str]) -> str:
    expected = json.loads((folder / "expected.json").read_text())
    words = [*_filled(command, folder), *(folder / "args").read_text().splitlines()]
    with tempfile.TemporaryDirectory() as home:
        # A verifier may remember what it saw; here no case knows of another one.
        env = {**os.environ, "MUNIMENT_VERIFIER_HOME": home}
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=env, timeout=120)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return f"no JSON from the command, exit code {done.returncode}: {done.stderr.strip()[-200:]}"
    return fault_of(answer, expected, done.returncode)


def fault_of(answer: dict[str, Any], expected: dict[str, Any], exit_code: int) -> str:
    """Return what is wrong with an answer; nothing when it is the one expected."""
    codes, must = set(answer.get("codes", ())), set(expected["codes"])
    extra = codes - must - set(expected["consequences"])
    said = [
        f"verdict {answer.get('verdict')}, not {expected['verdict']}"
        if answer.get("verdict") != expected["verdict"]
        else "",
        f"does not name {' '.join(sorted(must - codes))}" if must - codes else "",
        f"names {' '.join(sorted(extra))}" if extra else "",
        f"exit code {exit_code}, not {expected['exitCode']}" if exit_code != expected["exitCode"] else "",
    ]
    return "; ".join(item for item in said if item)


def _filled(command: Sequence[str], folder: Path) -> Iterator[str]:
    anchor = (folder / "anchor").read_text().strip()
    for word, after in zip(command, (*command[1:], ""), strict=True):
        if not anchor and "{anchor}" in (word, after):
            continue
        yield word.replace("{bundle}", str(folder / "bundle.zip")).replace("{anchor}", anchor)


def main(words: Sequence[str]) -> int:
    """Write the corpus, or run a command over it."""
    if words[:1] != ["run"]:
        parser = argparse.ArgumentParser(prog="corpus", description="write the conformance corpus")
        parser.add_argument("folder", type=Path, help="an empty folder, or one to be made")
        count = write_corpus(parser.parse_args(words).folder)
        sys.stdout.write(f"{count} cases\n")
        return 0
    parser = argparse.ArgumentParser(prog="corpus run", description="ask a verifier's command")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--without", action="append", default=[], help="an option the command lacks")
    parser.add_argument("command", nargs="+", help="with {bundle} and {anchor}, after --")
    asked = parser.parse_args(words[1:])
    faults = run_corpus(asked.folder, asked.command, asked.jobs, without=asked.without)
    total = len(find_cases(asked.folder, asked.without))
    sys.stdout.write("".join(f"{fault}\n" for fault in faults) + f"{total - len(faults)} of {total} agree\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
