"""Where the command starts: a guard against other packages hiding ours, then the command line."""

import sys
from importlib.util import find_spec
from pathlib import Path

_OURS = ("schemas", "registry", "importers", "tui")


def main() -> None:
    """Run `muniment` and exit with its code."""
    home = Path(__file__).resolve().parent.parent
    for name in _OURS:
        spec = find_spec(name)
        if spec is None or spec.origin is None or Path(spec.origin).resolve().parent.parent != home:
            where = spec.origin if spec else "nowhere"
            sys.stderr.write(
                f"muniment: another package hides one of muniment's own ({name}: {where})\n"
                "  next: unset PYTHONPATH, or install muniment on its own with pipx or uv tool\n"
            )
            sys.exit(6)
    from tui.cli import main as run  # noqa: PLC0415 - after the guard

    sys.exit(run())


if __name__ == "__main__":
    main()
