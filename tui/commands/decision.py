"""What approve, reject and abstain share: the text is shown, the key is opened, the decision is recorded."""

from collections.abc import Iterator
from typing import Any

import click

from registry.reading import DecisionRequest
from tui.diagnostics import say
from tui.output import emit, json_option, safe
from tui.session import Who, acting_person, opened, signer_options, version_ref
from tui.settings import Settings


def make_command(name: str, help_text: str) -> click.Command:
    """Return the command that signs the decision `name`."""

    @click.command(name, help=help_text)
    @click.argument("version", metavar="M@V", required=False)
    @click.option("--env", "environment", metavar="E", help="Where it shall run.")
    @click.option("--role", required=True, metavar="R", help="The role you decide in.")
    @click.option("--reason", required=True, metavar="T", help="Why, in words.")
    @click.option("--expires", metavar="D", help="Last day of the approval, YYYY-MM-DD.")
    @click.option("--condition", "conditions", multiple=True, metavar="T", help="What must hold.")
    @click.option("--packet", metavar="F", help="Decide on this packet; no registry is opened.")
    @click.option("-o", "--output", metavar="ENVELOPE", help="With --packet: write the decision here.")
    @signer_options
    @json_option
    @click.pass_obj
    def command(
        settings: Settings,
        version: str | None,
        environment: str | None,
        role: str,
        reason: str,
        expires: str | None,
        conditions: tuple[str, ...],
        packet: str | None,
        output: str | None,
        who: Who,
        as_json: bool,
    ) -> None:
        from registry.acts.days import end_of_day

        request = DecisionRequest(
            subject=str(version_ref(settings, version)) if version else "",
            environment=environment or "",
            reviewer="",
            role=role,
            decision=name,
            reason=reason,
            conditions=conditions,
            expires_at=end_of_day(expires) if expires else None,
        )
        if packet is not None:
            from tui.commands.decision_packet import decide_on_packet

            decide_on_packet(request, packet, output, who, as_json=as_json)
            return
        if output is not None:
            raise click.UsageError("-o belongs to --packet")
        if not version or not environment:
            raise click.UsageError("name M@V and --env, or a --packet")
        _decide_here(settings, request, who, as_json=as_json)

    return command


def _decide_here(settings: Settings, request: DecisionRequest, who: Who, *, as_json: bool) -> None:
    import msgspec

    from registry.acts.decide import draft_decision, record_decision

    with opened(settings) as registry:
        actor = acting_person(registry, who)
        draft = draft_decision(registry, msgspec.structs.replace(request, reviewer=actor.person or ""))
        for warning in draft.warnings:
            say(f"note: {safe(warning)}")
        receipt = record_decision(registry, draft, actor.signer)

    def lines() -> Iterator[str]:
        where = f"{request.subject} for {request.environment}"
        yield f"{request.decision}  {where}, leaf {receipt.seq}, status now {receipt.status}"
        yield f"envelope {receipt.envelope}"

    value: dict[str, Any] = {
        "decision": request.decision,
        "subject": request.subject,
        "environment": request.environment,
        "envelope": receipt.envelope,
        "leaf": receipt.seq,
        "status": receipt.status,
    }
    emit(value, as_json=as_json, text=lines)
