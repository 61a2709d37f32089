"""The main job from end to end, as command lines on recorded real runs.

Version 6 of `retail/credit-risk` is approved, then facts about its data arrive late and it goes stale;
version 7 waits for a decision. `finish` decides it, asks the gate, exports the bundle and verifies it.
"""

import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import click
import msgspec

from registry.acts.take_in import import_source
from registry.registry import open_registry
from schemas.errors import Error
from tui.demo.recorded import (
    EVENTS,
    LATE_EVENTS,
    MODELS,
    OUTCOMES,
    RECORDINGS,
    RISK,
    SERVER,
    VALIDATION,
    recorded_mlflow,
)

POLICY = Path(__file__).parent / "policy.yaml"
DEVELOPER = "j.rivera@credit.example"
REVIEWER = "m.osei@credit.example"
PASSPHRASE = "credit demo"  # noqa: S105 - printed on the screen: it protects a throw-away registry
MODEL = "retail/credit-risk"
_FILTERS = ("registry", "anchor", "key", "bundle")


class Shown(msgspec.Struct, frozen=True):
    """What the walk made."""

    registry: str
    anchor: str
    bundle: str
    verdict: str


class Walk:
    """Runs command lines against one registry and shows each with what it printed."""

    def __init__(self, home: Path, show: Callable[[str], None]) -> None:
        self._home = home
        self._show = show
        self._secrets = home.with_name(f"{home.name}-passphrase")

    def build(self) -> str:
        """Make the registry up to the open request for version 7; return the anchor."""
        self._home.parent.mkdir(parents=True, exist_ok=True)
        self._secrets.write_text(PASSPHRASE, "utf-8")
        self._secrets.chmod(0o600)
        anchor: str = self.run("init", "--as", DEVELOPER, "--no-passphrase")["anchor"]
        roles = ("--role", "risk-approver", "--role", "validator", "--in", "retail")
        self.run("key", "enrol", REVIEWER, *roles, "--new-passphrase-file", str(self._secrets), by=DEVELOPER)
        self.run("policy", "sign", str(POLICY), by=DEVELOPER)
        self.run("import", "openlineage", str(EVENTS))
        self._import_mlflow()
        self._register(6)
        self._record(6)
        self.run("request", f"{MODEL}@6", "--env", "production", by=DEVELOPER)
        self._decide("approve", 6, "champion since the spring; refusals are reviewed by a person")
        self.run("gate", f"{MODEL}@6", "--env", "production")
        self.run("import", "openlineage", str(LATE_EVENTS))
        self.run("gate", f"{MODEL}@6", "--env", "production")
        self._register(7)
        self._record(7)
        self.run("request", f"{MODEL}@7", "--env", "production", by=DEVELOPER)
        return anchor

    def finish(self, anchor: str) -> Shown:
        """Decide on version 7, ask the gate, export and verify."""
        self._decide(
            "approve",
            7,
            "better calibrated than version 6; young applicants are granted less often, see the condition",
            "--condition",
            "outcomes by age band are reported every month",
        )
        artifact = str(MODELS[7])
        self.run("gate", f"{MODEL}@7", "--artifact", artifact, "--env", "production")
        self.run("audit", "checkpoint")
        bundle = self._home.with_name(f"{self._home.name}-credit-risk-7.bundle.zip")
        self.run("bundle", "export", f"{MODEL}@7", "-o", str(bundle))
        # A demo leaves nothing behind on the machine, neither in its verifier's memory.
        answer = self.run("bundle", "verify", str(bundle), "--anchor", anchor, "--no-remember")
        return Shown(str(self._home), anchor, str(bundle), answer["verdict"])

    def forget_passphrase_file(self) -> None:
        """Remove the file that carried the passphrase."""
        self._secrets.unlink(missing_ok=True)

    def run(self, *words: str, by: str | None = None) -> Any:
        """Run one command line, show it with what it printed, and return its JSON."""
        signed = (*words, "--as", by) if by else words
        self._show("$ muniment " + " ".join(_quoted(word) for word in signed))
        return self._call(signed)

    def _call(self, words: tuple[str, ...]) -> Any:
        from tui.cli import cli  # noqa: PLC0415 - the command line itself starts this file

        out, talk = io.StringIO(), io.StringIO()
        arguments = ["--registry", str(self._home), "--namespace", "retail", *words, "--json"]
        with redirect_stdout(out), redirect_stderr(talk):
            code = cli.main(arguments, prog_name="muniment", standalone_mode=False)
        value = json.loads(out.getvalue())
        for line in talk.getvalue().splitlines():
            self._show(f"    {line}")
        self._show("    " + _said(value) + (f"  (exit {code})" if code else ""))
        return value

    def _register(self, version: int) -> None:
        artifact = str(MODELS[version])
        link = f"credit-risk@{version}"
        self.run("register", f"{MODEL}@{version}", "--artifact", artifact, "--link", link, by=DEVELOPER)

    def _record(self, version: int) -> None:
        name = f"{MODEL}@{version}"
        self.run("risk", "assess", str(RISK), "--for", name, by=DEVELOPER)
        counts = ("--tn", "tn", "--fp", "fp", "--fn", "fn", "--tp", "tp")
        groups = ("--attribute", "sex", "--attribute", "age_band", "--cross", "sex*age_band")
        table = str(OUTCOMES[version])
        self.run("bias", "check", table, *groups, *counts, "--for", name, by=DEVELOPER)
        if version == 7:
            how = str(RECORDINGS / "README.md")
            self.run("evidence", "add", how, "--for", name, "--kind", "datasheet", by=DEVELOPER)
            report = ("evidence", "add", str(VALIDATION), "--for", name, "--kind", "validation_report")
            self.run(*report, by=DEVELOPER)

    def _decide(self, decision: str, version: int, reason: str, *more: str) -> None:
        who = ("--as", REVIEWER, "--passphrase-file", str(self._secrets), "--role", "risk-approver")
        where = (f"{MODEL}@{version}", "--env", "production")
        self.run(decision, *where, *who, "--reason", reason, *more)

    def _import_mlflow(self) -> None:
        self._show(f"$ muniment import mlflow {SERVER}    # its answers were recorded")
        source = recorded_mlflow()
        with open_registry(self._home) as registry:
            report = import_source(registry, source)
        counts = {**source.counts, "taken": report.taken.taken, "quarantined": report.taken.quarantined}
        self._show("    " + _said(counts))


def walk_all(home: Path, show: Callable[[str], None]) -> Shown:
    """Walk the whole main job in `home`; raise what any step raises."""
    walk = Walk(home, show)
    try:
        return walk.finish(walk.build())
    except click.ClickException as error:
        raise Error(f"a step of the demo was refused: {error.format_message()}") from error
    finally:
        walk.forget_passphrase_file()


def build_only(home: Path, show: Callable[[str], None]) -> str:
    """Build the registry with a decision waiting; return the anchor."""
    walk = Walk(home, show)
    try:
        return walk.build()
    finally:
        walk.forget_passphrase_file()


def _quoted(word: str) -> str:
    name = Path(word).name if word.startswith(str(RECORDINGS.parent)) else word
    return f'"{name}"' if " " in name else name


def _said(value: dict[str, Any]) -> str:
    """Return the answer's short members on one line."""
    rows = value.get("items")
    shown = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else value
    parts = [
        f"{name} {item}"
        for name, item in shown.items()
        if isinstance(item, str | int) and not isinstance(item, bool) and len(str(item)) <= 90
    ]
    return ", ".join(parts[:7])
