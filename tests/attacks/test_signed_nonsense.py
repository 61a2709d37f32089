"""Whoever holds every key may sign any nonsense: the verifier answers, and never stumbles."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.canonical import canonical
from schemas.errors import VerificationError
from schemas.statement import Statement, parse_statement
from tests.attacks.simulator import Registry, altered_root

Path = tuple[str | int, ...]
NONSENSE: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**53 - 1, "", "x", "\u202e", "sha256:" + "0" * 64, "p-" + "0" * 16, "*"),
    *([], {}, [[]], [None], {"a": 1}, {"num": "1", "den": "0"}, "A" * 5000, "approve", "production"),
    *("9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "2026-11-23T10:00:00Z", "__proto__"),
]


class Liar(Registry):
    """Changes one statement and one document on their way into the log, then signs as always."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same nonsense every time
        self.statement, self.document = self.random.randrange(12), self.random.randrange(12)
        super().__init__()

    def append(self, statement: Statement, *signers: str) -> int:
        if len(self.leaves) == self.statement:
            try:
                statement = parse_statement(canonical(self._mutated(json.loads(statement.payload()))))
            except VerificationError:
                changed = self._mutated(statement.predicate)
                kept = changed if isinstance(changed, dict) else {}
                statement = Statement(statement.kind, statement.subjects, kept)
        return super().append(statement, *signers)

    def put(self, data: bytes) -> Any:
        if len(self.bodies) == self.document and data.startswith(b"{"):
            data = canonical(self._mutated(json.loads(data)))
        return super().put(data)

    def _mutated(self, value: Any) -> Any:
        value = json.loads(json.dumps(value))
        *way, last = self.random.choice(list(_places(value)))
        inside = value
        for step in way:
            inside = inside[step]
        match self.random.randrange(6):
            case 0:
                del inside[last]
            case 1 if isinstance(inside, dict):
                inside["stray"] = self.random.choice(NONSENSE)
            case 2 if isinstance(inside, list):
                inside.append(self.random.choice(NONSENSE))
            case _:
                inside[last] = self.random.choice(NONSENSE)
        return value


@pytest.mark.parametrize("seed", range(150))
def test_the_verifier_answers_whatever_was_signed(seed: int) -> None:
    registry = Liar(seed)
    manifest = registry.register()
    dossier = registry.request(manifest)
    seq = registry.decide(manifest, dossier)
    registry.decide(manifest, dossier, "vic", decision="reject")
    registry.withdraw(manifest, seq)
    registry.revoke("vic", "alice", reason="compromised", from_index=3)
    registry.seal(registry.gate(manifest))
    registry.add_policy(2, {"owner": 1})
    registry.add_root(altered_root(registry.root, version=2), "alice")
    registry.claim(manifest, "valid-with-conditions")
    answer = registry.verify(at="2027-01-01T00:00:00Z")
    assert answer.verdict in ("FAIL", "UNPROVEN")
    assert all(check.result == "PASS" or check.code for check in answer.checks)


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inside:
        yield (*path, step)
        yield from _places(item, (*path, step))
