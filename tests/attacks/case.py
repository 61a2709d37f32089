"""A named case: a bundle, what its auditor brings along, and the answer every verifier must give.

Modules under `cases/` define them, three lines each where possible:

    @case("A01", "FAIL", "CLAIM_FALSE QUORUM_NOT_MET", "the approval is missing")
    def approval_missing() -> Handed:
        registry, manifest, _ = asked()
        return claimed(registry, manifest)
"""

import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from registry.bundle.auditor import Auditor
from schemas.asset import Manifest
from schemas.digest import Digest
from tests.attacks.forger import Edit, forge
from tests.attacks.simulator import Registry, honest

Verdict = Literal["PASS", "FAIL", "UNPROVEN", "UNANCHORED"]
EXIT_CODES = {"PASS": 0, "FAIL": 1, "UNPROVEN": 3, "UNANCHORED": 3}


class Handed(msgspec.Struct, frozen=True):
    """What an auditor holds: the bundle, the anchor they were given, and the rest of their question."""

    bundle: bytes
    anchor: Digest | None
    prior: tuple[int, bytes] | None = None
    at: str | None = None
    max_days: int = 0
    """How old the head may be at `at`, when not nothing."""
    witnesses: int = 0
    """How many witnesses the auditor asks for."""

    def auditor(self) -> Auditor:
        """Return the same as our verifier takes it."""
        age = timedelta(days=self.max_days) if self.max_days else None
        return Auditor(
            anchor=self.anchor, prior=self.prior, at=self.at, max_age=age, witnesses=self.witnesses
        )

    def words(self) -> tuple[str, ...]:
        """Return what follows the bundle and the anchor on the command line."""
        head = "" if self.prior is None else f"{self.prior[0]}:{self.prior[1].hex()}"
        prior = ("--prior", head) if head else ()
        time = () if self.at is None else ("--at", self.at)
        age = ("--max-age", f"{self.max_days}d") if self.max_days else ()
        need = ("--require-witness", str(self.witnesses)) if self.witnesses else ()
        return (*prior, *time, *age, *need)


class Case(msgspec.Struct, frozen=True):
    """One case; every verifier names `codes`, and of all others only what follows from them.

    Ours names all of both.
    """

    id: str
    name: str
    verdict: Verdict
    codes: frozenset[str]
    consequences: frozenset[str]
    sentence: str
    build: Callable[[], Handed]
    unusable: bool = False

    @property
    def folder(self) -> str:
        """The case's folder; `_fail` says that the bundle must not be accepted."""
        return f"{self.id}-{self.name}" + ("" if self.verdict == "PASS" else "_fail")

    @property
    def exit_code(self) -> int:
        """What a verifier's command returns."""
        return 2 if self.unusable else EXIT_CODES[self.verdict]

    def hand(self) -> Handed:
        """Return what the auditor holds, built once."""
        return _built(self.id)

    def expected(self) -> dict[str, Any]:
        """Return the answer as `expected.json` states it."""
        return {
            "codes": sorted(self.codes),
            "consequences": sorted(self.consequences),
            "exitCode": self.exit_code,
            "id": self.id,
            "sentence": self.sentence,
            "verdict": self.verdict,
        }


_CASES: dict[str, Case] = {}


def case(
    ident: str, verdict: Verdict, codes: str, sentence: str, *, unusable: bool = False
) -> Callable[[Callable[[], Handed]], Callable[[], Handed]]:
    """Make a function that hands over a bundle a case, named as the function.

    In `codes`, what follows from the fault stands after a bar: a verifier that stops early never sees it.
    """

    def add(build: Callable[[], Handed]) -> Callable[[], Handed]:
        name = build.__name__.strip("_").replace("_", "-")
        _add(Case(ident, name, verdict, *_split(codes), sentence, build, unusable))
        return build

    return add


def table(letter: str, first: int, about: str, rows: Iterable[tuple[str, str, Callable[[], Handed]]]) -> None:
    """Add a run of refused cases that differ in one thing: (words for it, codes, what is handed over)."""
    for number, (words, codes, build) in enumerate(rows, first):
        name = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
        sentence = f"{about} {words}"
        _add(Case(f"{letter}{number:02d}", name, "FAIL", *_split(codes), sentence, build))


def _split(codes: str) -> tuple[frozenset[str], frozenset[str]]:
    named, _, followed = codes.partition("|")
    return frozenset(named.split()), frozenset(followed.split())


def _add(made: Case) -> None:
    if made.id in _CASES:
        raise ValueError(f"two cases are called {made.id}")
    _CASES[made.id] = made


@cache
def all_cases() -> Mapping[str, Case]:
    """Return every case by its id, in order."""
    for path in sorted((Path(__file__).parent / "cases").glob("*.py")):
        importlib.import_module(f"tests.attacks.cases.{path.stem}")
    return dict(sorted(_CASES.items()))


@cache
def _built(ident: str) -> Handed:
    return _CASES[ident].build()


# What cases are made of.


def asked(need: Mapping[str, int] | None = None) -> tuple[Registry, Manifest, Digest]:
    """Return a registry in which somebody asked for a decision, and nobody decided."""
    registry = Registry(need=need)
    manifest = registry.register()
    return registry, manifest, registry.request(manifest)


def approved() -> tuple[Registry, Manifest]:
    """Return a registry in which the version is approved for production."""
    registry, manifest, _, _ = honest()
    return registry, manifest


def claimed(registry: Registry, manifest: Manifest, status: str = "valid", **session: Any) -> Handed:
    """Hand over the registry's bundle, which claims a status."""
    registry.claim(manifest, status)
    return handed(registry, **session)


def handed(registry: Registry, **session: Any) -> Handed:
    """Hand over the registry's bundle as it stands, under its own anchor unless another is given."""
    anchor = session.pop("anchor", None) or registry.anchor
    return Handed(registry.bundle(), anchor, **session)


@cache
def reference() -> Registry:
    """Return the honest registry that forgers start from: one approval, one sealed gate answer."""
    registry, manifest, _, _ = honest()
    registry.seal(registry.gate(manifest))
    registry.claim(manifest, "valid")
    return registry


@cache
def reference_bundle() -> bytes:
    """Return the bundle of the honest registry."""
    return reference().bundle()


def forged(edit: Edit, **options: Any) -> Handed:
    """Hand over the honest bundle with an edit, everything repaired that the exporter can repair."""
    return Handed(forge(reference_bundle(), edit, **options), reference().anchor)


def raw(data: bytes) -> Handed:
    """Hand over bytes under the honest bundle's anchor."""
    return Handed(data, reference().anchor)
