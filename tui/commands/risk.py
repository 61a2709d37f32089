"""muniment risk: the tier of a version and its register of risks."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from tui.input_file import read_input
from tui.output import emit, json_option
from tui.session import Who, acting, opened, signer_options, version_ref
from tui.settings import Settings

if TYPE_CHECKING:
    from schemas.governance import RiskForm

_MODIFIERS = ("complex", "opaque", "autonomous", "special_category_data")
_FLOORS = ("ai_act_high_risk", "ll144_aedt", "gdpr_22", "customer_facing_generative")


@click.group("risk")
def command() -> None:
    """Assess the risk of a model version: its tier, and what could go wrong."""


@command.command("assess")
@click.argument("file", metavar="FILE")
@click.option("--for", "version", metavar="M@V", help="Record the assessment for this version; signs.")
@click.option("--service", is_flag=True, help="Sign with the registry's service key, as pipelines do.")
@signer_options
@json_option
@click.pass_obj
def assess(
    settings: Settings,
    file: str,
    version: str | None,
    service: bool,
    who: Who,
    as_json: bool,
) -> None:
    """Assess FILE (YAML or JSON, `-` for standard input). With no --for, nothing is stored."""
    from registry.rules.risk import assess as assess_form
    from tui.risk_text import assessment_json, assessment_lines

    form = _read_form(file)
    names: dict[str, str] = {}
    placed: dict[str, object] = {}
    if version is None:
        assessment = assess_form(form, today=datetime.now(UTC).date().isoformat())
    else:
        from registry.acts.assess_risk import record_risk

        with opened(settings) as registry:
            done = record_risk(
                registry, acting(registry, who, service=service), version_ref(settings, version), form
            )
            names = registry.names.all()
        assessment, recorded = done.assessment, done.recorded
        placed = {"subject": str(recorded.ref), "document": recorded.digest, "leaf": recorded.seq}
    value = {**assessment_json(assessment, names), **placed}

    def lines() -> Iterator[str]:
        yield from assessment_lines(assessment)
        if placed:
            yield f"recorded   {placed['subject']}  {placed['document']}  leaf {placed['leaf']}"

    emit(value, as_json=as_json, text=lines)


@command.command("show")
@click.argument("version", metavar="M@V")
@json_option
@click.pass_obj
def show(settings: Settings, version: str, as_json: bool) -> None:
    """Show the latest risk assessment of M@V, derived again from what was assessed."""
    from registry.acts.state import read_state
    from registry.rules.risk import verify_risk_document
    from schemas.errors import NotFound
    from tui.risk_text import assessment_json, assessment_lines

    ref = version_ref(settings, version)
    with opened(settings, read_only=True) as registry:
        manifest = registry.get_manifest(ref)
        latest = read_state(registry, manifest).find_risk(manifest)
        if latest is None:
            raise NotFound(f"{ref}: no risk is assessed", hint=f"muniment risk assess FILE --for {ref}")
        assessment = verify_risk_document(registry.ledger.get_body(latest.digest))
        names = registry.names.all()
    value = assessment_json(assessment, names)
    value |= {"subject": str(ref), "document": latest.digest}
    value |= {"leaf": latest.by.seq, "assessed_at": latest.by.time}

    def lines() -> Iterator[str]:
        yield f"{ref}  assessed {latest.by.time}"
        yield from assessment_lines(assessment)
        yield f"document   {latest.digest}  leaf {latest.by.seq}"

    emit(value, as_json=as_json, text=lines)


@command.command("tier")
@click.option(
    "--exposure", type=click.IntRange(1, 5), required=True, help="People or money affected, 1 to 5."
)
@click.option("--purpose", type=click.IntRange(1, 5), required=True, help="5: law, credit, work, health.")
@click.option("--modifier", "modifiers", multiple=True, type=click.Choice(_MODIFIERS), help="Two add a step.")
@click.option("--floor", "floors", multiple=True, type=click.Choice(_FLOORS), help="The law's lowest tier.")
@json_option
def tier(
    exposure: int, purpose: int, modifiers: tuple[str, ...], floors: tuple[str, ...], as_json: bool
) -> None:
    """Try the tier table; nothing is stored."""
    from registry.rules.risk import derive_tier
    from schemas.governance import Floors, Modifiers, RiskForm
    from tui.risk_text import step_lines

    form = RiskForm(
        exposure=exposure,
        purpose=purpose,
        summary="-",
        modifiers=Modifiers(**dict.fromkeys(modifiers, True)),
        floors=Floors(**dict.fromkeys(floors, True)),
    )
    steps = derive_tier(form, today="0000-00-00")
    value = {"tier": steps[-1].tier.word, "steps": [{"rule": s.rule, "tier": s.tier.word} for s in steps]}
    emit(value, as_json=as_json, text=lambda: step_lines(steps))


def _read_form(file: str) -> "RiskForm":
    from registry.rules.risk_form import read_form
    from schemas.authored import read_authored
    from schemas.errors import Malformed

    name, data = read_input(file)
    written = read_authored(data, name)
    try:
        return read_form(written)
    except Malformed as error:
        raise Malformed(f"{name}: {error.message}", hint=error.hint) from error
