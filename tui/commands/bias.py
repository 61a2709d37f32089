"""muniment bias: are outcomes alike across groups, from counts or from rows that are counted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tui.bias_asked import Asked
from tui.diagnostics import say
from tui.input_file import read_input
from tui.output import emit, json_option
from tui.session import Who, acting, opened, signer_options, version_ref
from tui.settings import Settings

if TYPE_CHECKING:
    from registry.acts.actor import Actor
    from registry.registry import Registry
    from schemas.asset import VersionRef
    from schemas.evaluation import BiasCheck


def _column(name: str, help_text: str) -> Any:
    return click.option(name, metavar="COL", help=help_text)


def _check_options(function: Any) -> Any:
    for option in reversed(
        (
            click.option("--attribute", "attributes", multiple=True, metavar="COL", help="Column of groups."),
            click.option("--cross", "crosses", multiple=True, metavar="A*B", help="Columns crossed."),
            _column("--n", "Counts: people of the group."),
            _column("--selected", "Counts: of them selected."),
            _column("--above-median", "Counts: of them scored above the median."),
            _column("--tn", "Counts: true negatives."),
            _column("--fp", "Counts: false positives."),
            _column("--fn", "Counts: false negatives."),
            _column("--tp", "Counts: true positives."),
            _column("--outcome", "Rows: what was decided or predicted."),
            click.option("--positive", multiple=True, metavar="VALUE", help="Rows: the outcome that counts."),
            _column("--truth", "Rows: what turned out."),
            click.option("--truth-positive", multiple=True, metavar="VALUE", help="Rows: and counts."),
            _column("--weight", "Rows: how many people a row stands for."),
            _column("--score", "Rows: a score; counted above the median."),
            click.option(
                "--median-of",
                type=click.Choice(["known", "all"]),
                default="known",
                help="Scores: whose median.",
            ),
            click.option("--rule", type=click.Choice(["general", "ll144"]), default="general"),
            click.option(
                "--reference",
                "references",
                multiple=True,
                metavar="best|largest|overall|NAME",
                help="What ratios divide by; ATTRIBUTE=NAME for one attribute. Default best.",
            ),
            _column("--strata", "Column of jobs or sites decided on separately."),
            click.option("--favourable/--unfavourable", default=True, help="Do people want the outcome?"),
            click.option("--unknown", multiple=True, metavar="LABEL", help="Another word for unknown."),
            click.option("--exclude", multiple=True, metavar="LABEL", help="Leave a group out of ratios."),
            click.option("--exclude-small", is_flag=True, help="Under ll144: leave out groups under 2 %."),
            click.option("--exclude-reason", metavar="TEXT", help="Why groups are left out."),
        )
    ):
        function = option(function)
    return function


@click.group("bias")
def command() -> None:
    """Compare outcomes across groups: ratios, intervals, tests."""


@command.command("check")
@click.argument("file", metavar="FILE")
@_check_options
@click.option("--for", "version", metavar="M@V", help="Record the checks for this version; signs.")
@click.option("--service", is_flag=True, help="Sign with the registry's service key, as pipelines do.")
@signer_options
@json_option
@click.pass_obj
def check(
    settings: Settings,
    /,
    file: str,
    version: str | None,
    service: bool,
    who: Who,
    as_json: bool,
    **options: Any,
) -> None:
    """Check FILE (CSV, `-` for standard input): counts per group, or one row per person.

    Rows of one group are added together. With no --for, nothing is stored.
    """
    from tui.bias_question import checks_of
    from tui.bias_text import check_json, check_lines

    name, data = read_input(file)
    checks, notes = checks_of(Asked(**options), name, data, storing=version is not None)
    for note in notes:
        say(f"note: {note}")
    value: dict[str, Any] = {"checks": [check_json(c) for c in checks]}
    if version is not None:
        ref = version_ref(settings, version)
        with opened(settings) as registry:
            actor = acting(registry, who, service=service)
            value |= {"subject": str(ref), "recorded": _record(registry, actor, ref, checks)}

    def lines() -> Iterator[str]:
        for index, found in enumerate(checks):
            yield from ("", "") if index else ()
            yield from check_lines(found)
        for found, record in zip(checks, value.get("recorded", ()), strict=False):
            yield f"recorded   {found.given.attribute}  {record['document']}  leaf {record['leaf']}"

    emit(value, as_json=as_json, text=lines)


@command.command("show")
@click.argument("version", metavar="M@V")
@json_option
@click.pass_obj
def show(settings: Settings, version: str, as_json: bool) -> None:
    """Show the newest bias check of M@V per attribute, computed again from its counts."""
    from registry.acts.state import read_state
    from registry.rules.fairness import verify_bias_document
    from tui.bias_text import check_json, check_lines

    ref = version_ref(settings, version)
    found: list[tuple[Any, BiasCheck]] = []
    with opened(settings, read_only=True) as registry:
        manifest = registry.get_manifest(ref)
        found.extend(
            (document, verify_bias_document(registry.ledger.get_body(document.digest)))
            for document in read_state(registry, manifest).latest_bias(manifest)
        )
    value = {
        "subject": str(ref),
        "checks": [
            {**check_json(c), "document": d.digest, "leaf": d.by.seq, "recorded_at": d.by.time}
            for d, c in found
        ],
    }

    def lines() -> Iterator[str]:
        if not found:
            yield f"{ref}: no bias check is recorded. This is a gap, not a pass."
        for document, recorded in found:
            yield from check_lines(recorded)
            yield f"document   {document.digest}  leaf {document.by.seq}  {document.by.time}"
            yield ""

    emit(value, as_json=as_json, text=lines)


def _record(
    registry: "Registry", actor: "Actor", ref: "VersionRef", checks: list["BiasCheck"]
) -> list[dict[str, object]]:
    from registry.acts.record import record_documents

    documents = [
        (
            "bias-recorded",
            c.to_bytes(),
            {"attribute": c.given.attribute, "level": "verified", "rule": c.given.rule},
        )
        for c in checks
    ]
    recorded = record_documents(registry, actor, ref, documents)
    return [{"document": r.digest, "leaf": r.seq} for r in recorded]
