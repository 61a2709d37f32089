"""muniment bundle verifier: the second verifier, one file that anybody can read and run."""

import sys
from importlib.resources import files
from pathlib import Path

import click

from schemas.errors import Conflict

VERIFIER = "standalone.py"


@click.command("verifier")
@click.option("-o", "--output", "target", metavar="F", help="Write it to this file; without, it is printed.")
def verifier(target: str | None) -> None:
    """Print a verifier of its own: one Python file, written apart from this program.

    It needs Python and the openssl command and nothing else. Read it, then run it where you like:
    python3 verifier.py BUNDLE.zip --anchor sha256:...
    """
    text = files("registry.bundle").joinpath(VERIFIER).read_text("utf-8")
    if target is None:
        sys.stdout.write(text)
        return
    path = Path(target).expanduser()
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise Conflict(f"{path}: a file is already here", hint="name another file with -o") from error
    sys.stdout.write(f"verifier  {path}\n")
