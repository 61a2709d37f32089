"""muniment policy: the policy set in force."""

import sys
from pathlib import Path
from typing import Any

import click

from schemas.errors import NotFound
from tui.diagnostics import say
from tui.output import counted, emit, json_option, safe_lines
from tui.session import Who, acting_person, opened, signer_options
from tui.settings import Settings


@click.group("policy")
def command() -> None:
    """Show and sign the policy set in force."""


@command.command("show")
@json_option
@click.pass_obj
def show(settings: Settings, as_json: bool) -> None:
    """Print the policy set in force as it was written."""
    from registry.acts.policy_set import get_policy_source

    with opened(settings, read_only=True) as registry:
        version, source = get_policy_source(registry)
    text = source.decode()
    if as_json:
        emit({"version": version, "source": text}, as_json=True, text=list)
    else:
        sys.stdout.write(f"# policy set {version}\n{safe_lines(text)}")


@command.command("check")
@click.argument("file", metavar="FILE")
@json_option
def check(file: str, as_json: bool) -> int:
    """Read FILE as a policy set without signing it; name each fault with its path and line."""
    from registry.acts.policy_set import PolicyFaulty, read_policy_source

    try:
        policy = read_policy_source(_read(file))
    except PolicyFaulty as error:
        faults = [{"path": path, "line": line, "message": said} for path, line, said in error.faults]
        emit({"faults": faults}, as_json=as_json, text=lambda: map(_fault_line, faults))
        say(f"muniment: {len(faults)} {'fault' if len(faults) == 1 else 'faults'}; {error.hint}")
        return error.exit_code
    value = {"faults": [], "approval": len(policy.approval), "checks": [c.id for c in policy.checks]}
    emit(
        value,
        as_json=as_json,
        text=lambda: [
            f"{counted(len(policy.approval), 'approval rules')}, {counted(len(policy.checks), 'checks')}"
        ],
    )
    return 0


def _fault_line(fault: dict[str, Any]) -> str:
    line = "" if fault["line"] is None else f"line {fault['line']}  "
    return f"{line}{fault['path'] or 'the whole set'}: {fault['message']}"


@command.command("sign")
@click.argument("file", metavar="FILE")
@signer_options
@json_option
@click.pass_obj
def sign(settings: Settings, file: str, who: Who, as_json: bool) -> None:
    """Sign FILE as the next policy set and put it in force."""
    from registry.acts.policy_set import sign_policy_set

    data = _read(file)
    with opened(settings) as registry:
        signed = sign_policy_set(registry, acting_person(registry, who), data)
    value = {"version": signed.version, "source": signed.source, "leaf": signed.seq}
    emit(value, as_json=as_json, text=lambda: [f"policy set {signed.version} is in force, leaf {signed.seq}"])


def _read(file: str) -> bytes:
    try:
        return Path(file).expanduser().read_bytes()
    except OSError as error:
        raise NotFound(f"{file}: cannot be read: {error.strerror}", hint="check the path") from error
