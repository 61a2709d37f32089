"""What approve, reject and abstain share: the text is shown, the key is opened, the decision is recorded."""

from collections.abc import Iterator

import click

from tui.cli import Settings
from tui.diagnostics import say
from tui.output import emit, json_option, safe
from tui.session import Who, acting_person, opened, signer_options, version_ref


def make_command(name: str, help_text: str) -> click.Command:
    """Return the command that signs the decision `name`."""

    @click.command(name, help=help_text)
    @click.argument("version", metavar="M@V")
    @click.option("--env", "environment", required=True, metavar="E", help="Where it shall run.")
    @click.option("--role", required=True, metavar="R", help="The role you decide in.")
    @click.option("--reason", required=True, metavar="T", help="Why, in words.")
    @click.option("--expires", metavar="D", help="Last day of the approval, YYYY-MM-DD.")
    @click.option("--condition", "conditions", multiple=True, metavar="T", help="What must hold.")
    @signer_options
    @json_option
    @click.pass_obj
    def command(
        settings: Settings,
        version: str,
        environment: str,
        role: str,
        reason: str,
        expires: str | None,
        conditions: tuple[str, ...],
        who: Who,
        as_json: bool,
    ) -> None:
        from registry.acts.decide import draft_decision, end_of_day, record_decision
        from registry.reading import DecisionRequest

        ref = version_ref(settings, version)
        with opened(settings) as registry:
            actor = acting_person(registry, who)
            draft = draft_decision(
                registry,
                DecisionRequest(
                    subject=str(ref),
                    environment=environment,
                    reviewer=actor.person or "",
                    role=role,
                    decision=name,
                    reason=reason,
                    conditions=conditions,
                    expires_at=end_of_day(expires) if expires else None,
                ),
            )
            for warning in draft.warnings:
                say(f"note: {safe(warning)}")
            receipt = record_decision(registry, draft, actor.signer)

        def lines() -> Iterator[str]:
            yield f"{name}  {ref} for {environment}, leaf {receipt.seq}, status now {receipt.status}"
            yield f"envelope {receipt.envelope}"

        value = {
            "decision": name,
            "subject": str(ref),
            "environment": environment,
            "envelope": receipt.envelope,
            "leaf": receipt.seq,
            "status": receipt.status,
        }
        emit(value, as_json=as_json, text=lines)

    return command
