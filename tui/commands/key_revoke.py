"""muniment key revoke, key suspend, key reinstate: keys that no longer sign."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tui.asking import agree
from tui.commands.drafting import carry, draft_option
from tui.diagnostics import say
from tui.output import emit, json_option
from tui.session import Who, acting_person, opened, signer_options
from tui.settings import Settings

if TYPE_CHECKING:
    from registry.acts.fallen import Fall, Fallen


@click.command("revoke")
@click.argument("revoked", metavar="KEY")
@click.option("--reason", metavar="R", help="superseded, left or compromised.")
@click.option("--from-index", type=click.IntRange(0), metavar="SEQ", help="Compromised since this leaf.")
@click.option("--since", metavar="TIME", help="Compromised since this time: a day, or YYYY-MM-DDTHH:MM:SSZ.")
@click.option("--dry-run", is_flag=True, help="Say what would fall and revoke nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@draft_option
@signer_options
@json_option
@click.pass_obj
def revoke(
    settings: Settings,
    revoked: str,
    reason: str | None,
    from_index: int | None,
    since: str | None,
    dry_run: bool,
    yes: bool,
    output: str | None,
    who: Who,
    as_json: bool,
) -> None:
    """Revoke a key by its id or its person's name, signed by the root threshold.

    First lists what falls with a compromised one; with --since, asks before it does.
    """
    from registry.acts.days import moment_text
    from registry.acts.fallen import foresee_fall
    from registry.acts.revoke import find_index_at, propose_revocation, require_reach

    reason = _why(reason, since, from_index)
    with opened(settings, read_only=dry_run) as registry:
        start = from_index if since is None else find_index_at(registry, moment_text(since))
        made = propose_revocation(registry, revoked, reason, start)
        fall = None
        if reason == "compromised":
            fall = foresee_fall(registry, made.keyid, made.from_index)
            for line in fall_lines(fall):
                say(line)
        value: dict[str, Any] = {"keyid": made.keyid, "reason": reason, "from_index": made.from_index}
        if fall is not None:
            value["falls"] = fall_row(fall)
        if dry_run:
            emit(value, as_json=as_json, text=lambda: [f"nothing is revoked: {made.keyid}"])
            return
        actor = acting_person(registry, who)
        require_reach(registry, actor, made)
        agree("Revoke the key?", yes=yes or since is None)
        done = carry(registry, actor, made.proposal, output)

    def lines() -> Iterator[str]:
        yield f"revoked  {made.keyid}  {made.reason}" if done.draft is None else f"to revoke  {made.keyid}"
        yield from done.lines()

    emit({**value, **done.members()}, as_json=as_json, text=lines)


def _why(reason: str | None, since: str | None, from_index: int | None) -> str:
    if since is not None and (from_index is not None or reason not in (None, "compromised")):
        raise click.UsageError("--since is for a compromised key, and says itself from which leaf on")
    if since is None and reason is None:
        raise click.UsageError("say why: --reason superseded, left or compromised")
    return reason or "compromised"


@click.command("suspend")
@click.argument("named", metavar="KEY")
@signer_options
@json_option
@click.pass_obj
def suspend(settings: Settings, named: str, who: Who, as_json: bool) -> None:
    """Let a key sign nothing from now on, by one root person; what it signed before stands."""
    from registry.acts.suspend import suspend_key

    with opened(settings) as registry:
        done = suspend_key(registry, acting_person(registry, who), named)
    value = {"keyid": done.keyid, "leaf": done.seq}
    emit(value, as_json=as_json, text=lambda: [f"suspended  {done.keyid}, leaf {done.seq}"])


@click.command("reinstate")
@click.argument("named", metavar="KEY")
@draft_option
@signer_options
@json_option
@click.pass_obj
def reinstate(settings: Settings, named: str, output: str | None, who: Who, as_json: bool) -> None:
    """Let a suspended key sign again, signed by the root threshold and never by that key alone."""
    from registry.acts.suspend import propose_reinstatement

    with opened(settings) as registry:
        keyid, proposal = propose_reinstatement(registry, named)
        done = carry(registry, acting_person(registry, who), proposal, output)

    def lines() -> Iterator[str]:
        yield f"reinstated  {keyid}" if done.draft is None else f"to reinstate  {keyid}"
        yield from done.lines()

    emit({"keyid": keyid, **done.members()}, as_json=as_json, text=lines)


def fall_lines(fall: "Fall") -> Iterator[str]:
    """Yield in words what falls with a key, per version and environment, then what is about the registry."""
    since = f"compromised from leaf {fall.from_index} on"
    yield f"the key {fall.keyid[:16]} {since}: {len(fall.records)} records fall"
    shown = {(turned.subject, turned.environment) for turned in fall.statuses}
    for turned in fall.statuses:
        yield f"{turned.subject} for {turned.environment}: {turned.before} becomes {turned.after}"
        about = [
            f for f in fall.records if (f.subject, f.environment) == (turned.subject, turned.environment)
        ]
        yield from (f"  {_fallen_line(item)}" for item in about)
    rest = [f for f in fall.records if (f.subject, f.environment) not in shown]
    if rest:
        yield "also falling:"
    yield from (f"  {_fallen_line(item)}" for item in rest)
    yield from (f"look at: {_fallen_line(item)}; a root is not unwound" for item in fall.roots)


def fall_row(fall: "Fall") -> dict[str, Any]:
    """Return what falls as a row of `--json`."""
    return {
        "records": [_fallen_row(item) for item in fall.records],
        "roots": [_fallen_row(item) for item in fall.roots],
        "statuses": [
            {"subject": t.subject, "environment": t.environment, "before": t.before, "after": t.after}
            for t in fall.statuses
        ],
    }


def _fallen_line(item: "Fallen") -> str:
    about = f" of {item.subject}" if item.subject else ""
    return f"leaf {item.seq}  {item.time}  {item.type} {item.says}{about}".rstrip()


def _fallen_row(item: "Fallen") -> dict[str, Any]:
    return {
        "leaf": item.seq, "time": item.time, "type": item.type, "subject": item.subject,
        "environment": item.environment, "says": item.says,
    }  # fmt: skip
