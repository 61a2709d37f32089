"""muniment gate: whether a version may be deployed."""

from collections.abc import Iterator
from pathlib import Path

import click

from schemas.asset import VersionRef
from schemas.errors import Usage
from tui.diagnostics import say
from tui.output import emit, json_option
from tui.session import opened, version_ref
from tui.settings import Settings


@click.command("gate")
@click.argument("version", metavar="[M@V]", required=False)
@click.option("--artifact", metavar="PATH", help="The bytes about to be deployed: file or folder.")
@click.option("--env", "environment", required=True, metavar="E", help="Where it shall run.")
@click.option("--full", is_flag=True, help="Fold the whole log instead of trusting the index of subjects.")
@click.option("--no-record", is_flag=True, help="Keep no receipt.")
@click.option("--bundle", metavar="B", help="Ask this audit bundle instead of a registry.")
@click.option("--anchor", metavar="A", help="With --bundle: SHA-256 of the registry's first trust root.")
@click.option("--max-age", metavar="D", help="With --bundle: its head must be no older: 90m, 12h or 30d.")
@click.option(
    "--require-witness",
    "witnesses",
    type=click.IntRange(0, 16),
    default=0,
    metavar="K",
    help="With --bundle: so many witnesses must confirm its head.",
)
@click.option("--no-remember", is_flag=True, help="With --bundle: neither use nor keep what was verified.")
@json_option
@click.pass_obj
def command(
    settings: Settings,
    version: str | None,
    artifact: str | None,
    environment: str,
    full: bool,
    no_record: bool,
    bundle: str | None,
    anchor: str | None,
    max_age: str | None,
    witnesses: int,
    no_remember: bool,
    as_json: bool,
) -> int:
    """Answer whether M@V, or the bytes at PATH, may be deployed; deny by default.

    Exit codes: 0 allow, 1 deny, 2 usage, 3 not provable, 4 stale, 5 unknown version, 6 registry unusable.
    """
    ref = version_ref(settings, version) if version else None
    if bundle is not None:
        from tui.bundle_gate import ask_bundle
        from tui.verifying import Asked

        asked = Asked(anchor=anchor, max_age=max_age, witnesses=witnesses, remember=not no_remember)
        return ask_bundle(bundle, asked, ref, artifact, environment, as_json=as_json)
    if anchor is not None or max_age is not None or witnesses:
        raise Usage(
            "--anchor, --max-age and --require-witness ask about a bundle", hint="name it with --bundle"
        )
    return _ask_registry(
        settings, ref, artifact, environment, full=full, no_record=no_record, as_json=as_json
    )


def _ask_registry(
    settings: Settings,
    ref: VersionRef | None,
    artifact: str | None,
    environment: str,
    *,
    full: bool,
    no_record: bool,
    as_json: bool,
) -> int:
    from registry.acts.gate import answer_gate, keep_receipt

    path = Path(artifact).expanduser() if artifact else None
    with opened(settings) as registry:
        answer = answer_gate(registry, ref, path, environment, full=full)
        kept = no_record or keep_receipt(registry, answer)

    def lines() -> Iterator[str]:
        yield f"{answer.verdict}  {answer.subject} for {environment}: {answer.status}"
        for why in answer.why:
            yield f"  {why}"
        for check in answer.checks:
            yield f"  check {check['result']:<14} {check['rule']}  {check['message']}"
        for step in answer.next:
            yield f"  next: {step}"
        yield f"  basis: {answer.basis}, {answer.unsealed}"

    emit(answer.to_json(), as_json=as_json, text=lines)
    if not kept:
        say("muniment: the answer could not be recorded; keep the receipt above")
        say("  next: make the registry writable, or ask with --no-record")
        return 6
    return answer.exit_code
