"""Deciding needs the standard library, cryptography and msgspec, and does no I/O."""

import subprocess
import sys

import pytest

OURS = {"registry", "schemas"}
# What cryptography and msgspec load themselves; msgspec takes typing_extensions only where it is there.
THEIRS = {"cryptography", "msgspec", "cffi", "_cffi_backend", "_openssl", "typing_extensions"}
PROGRAM = """
import sys
before = set(sys.modules)
import {module}
names = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(" ".join(sorted(names - set(sys.stdlib_module_names))))
"""


@pytest.mark.parametrize(
    "module",
    ["registry.trust.fold", "registry.rules.status", "registry.rules.policy", "registry.rules.checks"],
)
def test_it_imports_nothing_else(module: str) -> None:
    program = PROGRAM.format(module=module)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) <= OURS | THEIRS
