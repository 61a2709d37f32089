"""The gate over a bundle, as the command line asks it: no registry is opened, nothing is recorded."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from registry.acts.files import hash_files
from registry.bundle.gate import answer_over
from schemas.asset import VersionRef, artifact_digest
from schemas.digest import Digest
from schemas.errors import Usage
from schemas.ledger import time_text
from tui.output import emit
from tui.verifying import Asked, examine_file


def ask_bundle(
    bundle: str,
    asked: Asked,
    ref: VersionRef | None,
    artifact: str | None,
    environment: str,
    *,
    as_json: bool,
) -> int:
    """Print the gate's answer over the bundle and return the exit code."""
    if ref is None and artifact is None:
        raise Usage("nothing to ask about", hint="name M@V, or --artifact PATH, or both")
    time = time_text(datetime.now(UTC))
    digests = _digests(artifact) if artifact else ()
    verified, examined = examine_file(Path(bundle).expanduser(), asked)
    found = answer_over(verified, examined, ref, digests, environment, at=time)
    answer = found.answer
    value = {
        "verdict": answer.verdict,
        "status": answer.status,
        "subject": found.subject,
        "manifest": found.manifest,
        "environment": environment,
        "basis": "bundle",
        "why": list(answer.why),
        "checks": list(answer.checks),
        "next": list(answer.next),
        "tree_size": found.tree_size,
        "time": time,
    }

    def lines() -> Iterator[str]:
        yield f"{answer.verdict}  {found.subject or ref or artifact} for {environment}: {answer.status}"
        yield from (f"  {why}" for why in answer.why)
        for check in answer.checks:
            yield f"  check {check['result']:<14} {check['rule']}  {check['message']}"
        yield from (f"  next: {step}" for step in answer.next)
        yield f"  basis: the bundle at a signed head of {found.tree_size} leaves; nothing is recorded"

    emit(value, as_json=as_json, text=lines)
    return found.exit_code


def _digests(artifact: str) -> tuple[Digest, ...]:
    files = hash_files([Path(artifact).expanduser()])
    alone = (files[0].digest,) if len(files) == 1 else ()
    return (*alone, artifact_digest(files))
