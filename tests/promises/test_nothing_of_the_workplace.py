"""Nothing in the project names a machine's paths or a package registry's host."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PATHS = re.compile("/" + r"(root|work|farm)/[a-z]|pypi\." + r"org|files\.python" + "hosted")
_TEXT = {".py", ".toml", ".md", ".yaml", ".json", ".jsonl", ".tcss", ".csv", ".txt", ""}


def test_no_file_names_this_machine():
    found = []
    for room in ("registry", "tui", "schemas", "importers", "tests", "pyproject.toml", "README.md", ".ci"):
        start = ROOT / room
        for path in [start] if start.is_file() else start.rglob("*"):
            if path.is_file() and path.suffix in _TEXT and "__pycache__" not in path.parts:
                found += [f"{path}: {m[0]}" for m in _PATHS.finditer(path.read_text("utf-8", "replace"))]

    assert found == []
