"""muniment gate: whether a version may be deployed."""

from collections.abc import Iterator
from pathlib import Path

import click

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
    no_remember: bool,
    as_json: bool,
) -> int:
    """Answer whether M@V, or the bytes at PATH, may be deployed; deny by default.

    Exit codes: 0 allow, 1 deny, 2 usage, 3 not provable, 4 stale, 5 unknown version, 6 registry unusable.
    """
    if bundle is not None:
        from tui.bundle_gate import ask_bundle
        from tui.verifying import Asked

        ref = version_ref(settings, version) if version else None
        asked = Asked(anchor=anchor, remember=not no_remember)
        return ask_bundle(bundle, asked, ref, artifact, environment, as_json=as_json)
    from registry.acts.gate import answer_gate, keep_receipt

    with opened(settings) as registry:
        answer = answer_gate(
            registry,
            version_ref(settings, version) if version else None,
            Path(artifact).expanduser() if artifact else None,
            environment,
            full=full,
        )
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
