"""muniment audit as-of, sample and coverage: what an auditor asks of the trail."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option, table
from tui.session import opened
from tui.settings import Settings


@click.command("as-of")
@click.argument("time", metavar="TIME")
@json_option
@click.pass_obj
def as_of(settings: Settings, time: str, as_json: bool) -> None:
    """Show every status as it was at TIME: YYYY-MM-DDTHH:MM:SSZ, or a day, which means its end.

    Decided from the leaves up to then alone; their times are the registry's word.
    """
    from registry.acts.as_of import list_statuses_at
    from registry.acts.days import end_of_day
    from tui.verifying import parse_at

    moment = end_of_day(time) if len(time) == 10 else parse_at(time, what="TIME")
    with opened(settings, read_only=True) as registry:
        found = list_statuses_at(registry, moment)

    def lines() -> Iterator[str]:
        yield f"the log at {found.time} (claimed): {found.size} leaves, signed up to {found.signed}"
        cells = [
            (i["subject"], i["environment"] or "-", i["status"], i["version_state"], i["verdict"])
            for i in found.items
        ]
        yield from table(("VERSION", "ENVIRONMENT", "STATUS", "STATE", "GATE"), cells)

    value = {"time": found.time, "size": found.size, "signed_size": found.signed, "items": list(found.items)}
    emit(value, as_json=as_json, text=lines)


@click.command("sample")
@click.option("--n", "count", type=click.IntRange(1, 100_000), required=True, metavar="N", help="How many.")
@click.option("--seed", required=True, metavar="S", help="Any text; the same text draws the same leaves.")
@click.option("--size", type=click.IntRange(1), metavar="SIZE", help="Draw from the first SIZE leaves.")
@json_option
@click.pass_obj
def sample(settings: Settings, count: int, seed: str, size: int | None, as_json: bool) -> None:
    """Draw N leaves of the signed log: those with the smallest SHA-256 of seed, a zero byte and their place.

    Name the seed yourself, after the log was signed. With the size printed it is drawn again at any time.
    """
    from registry.acts.sample import draw_sample

    with opened(settings, read_only=True) as registry:
        drawn = draw_sample(registry, count, seed, size)
    items = [
        {"seq": r.seq, "time": r.time, "type": r.type, "actor": r.actor, "subject": r.subject, "body": r.body}
        for r in drawn.rows
    ]

    def lines() -> Iterator[str]:
        yield f"{len(items)} of {drawn.size} leaves, seed {drawn.seed}, root {drawn.root.hex()}"
        cells = [(r.seq, r.time, r.type, r.subject, r.actor) for r in drawn.rows]
        yield from table(("SEQ", "TIME (CLAIMED)", "TYPE", "SUBJECT", "BY"), cells)

    value = {"seed": drawn.seed, "size": drawn.size, "root": drawn.root.hex(), "items": items}
    emit(value, as_json=as_json, text=lines)


@click.command("coverage")
@json_option
@click.pass_obj
def coverage(settings: Settings, as_json: bool) -> None:
    """List every type of record: who signs it, how many there are, which command writes it."""
    from registry.acts.coverage import list_coverage

    with opened(settings, read_only=True) as registry:
        rows = list_coverage(registry)
    items = [
        {
            "type": r.type,
            "signer": r.signer,
            "leaves": r.leaves,
            "use_cases": list(r.use_cases),
            "commands": list(r.commands),
        }
        for r in rows
    ]

    def lines() -> Iterator[str]:
        cells = [(r.type, r.signer, r.leaves, "; ".join(r.commands) or "nothing yet") for r in rows]
        yield from table(("TYPE", "SIGNED BY", "LEAVES", "WRITTEN BY"), cells)

    emit({"items": items}, as_json=as_json, text=lines)
