"""Every type of record the log may hold is written by a use case, or named here with the reason why not."""

from pathlib import Path

from schemas.ledger import RECORD_TYPES

ACTS = Path(__file__).parents[2] / "registry" / "acts"
READ_ONLY: dict[str, str] = {}


def test_every_record_type_has_its_writer():
    source = "".join(path.read_text("utf-8") for path in ACTS.glob("*.py"))
    source += "".join(p.read_text("utf-8") for p in (ACTS.parents[1] / "tui" / "commands").glob("*.py"))

    unwritten = {kind for kind in RECORD_TYPES if f'"{kind}"' not in source}

    assert unwritten - set(READ_ONLY) == set()
