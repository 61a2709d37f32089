"""muniment lineage: what a thing came from, and what came from it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from tui.lineage_notes import notes
from tui.output import emit, json_option, table
from tui.session import opened
from tui.settings import Settings

if TYPE_CHECKING:
    from registry.rules.lineage import Lineage


@click.command("lineage")
@click.argument("selector")
@click.option("--table", "as_table", is_flag=True, help="One line per edge.")
@click.option("--dot", "as_dot", is_flag=True, help="A Graphviz drawing.")
@click.option("--apart", is_flag=True, help="Keep jobs apart that are one dbt node or one job's statements.")
@click.option("--datasets", is_flag=True, help="Leave jobs out: which dataset was made from which.")
@json_option
@click.pass_obj
def command(
    settings: Settings,
    selector: str,
    as_table: bool,
    as_dot: bool,
    apart: bool,
    datasets: bool,
    as_json: bool,
) -> None:
    """Show the lineage that SELECTOR names.

    +x is everything x came from, x+ everything that came from it, 2+x+1 two hops up and one down, x alone
    one hop each way. x is a model version (retail/credit-risk@7: its lineage as of its training), a dataset,
    a job or a run's id.

    Of what was imported, outputs that no run completed are marked, and what is only declared stands apart.
    --datasets takes the most exact thing said: a lineage facet, else column lineage, else that a job which
    read the one wrote the other, which is inferred.
    """
    from registry.acts.lineage import find_dataset_flow, find_lineage
    from registry.rules import lineage as drawing

    chosen = drawing.parse_selector(selector)
    with opened(settings, read_only=True) as registry:
        if datasets:
            found = find_dataset_flow(registry, chosen)
        else:
            found = find_lineage(registry, chosen, settings.namespace, fold=not apart)
    value = {
        "roots": list(found.roots),
        "nodes": [
            {
                "id": n.id,
                "kind": n.kind,
                "namespace": n.namespace,
                "name": n.name,
                "version": n.version,
                "level": n.level,
            }
            for n in found.nodes
        ],
        "edges": [
            {
                "from": e.source,
                "to": e.target,
                "relation": e.relation,
                "level": e.level,
                "state": e.state or None,
            }
            for e in found.edges
        ],
        "gaps": [{"at": g.at, "reason": g.reason, "level": "absent"} for g in found.gaps],
        "folded": [{"job": f.name, "into": f.into, "why": f.why} for f in found.folds],
        "drift": [
            {"job": d.job, "direction": d.direction, "dataset": d.dataset, "kind": d.kind}
            for d in found.drift
        ],
        "joined": [{"a": a, "b": b, "both_written": True} for a, b in found.joined],
    }

    def lines() -> Iterator[str]:
        if as_dot:
            yield from drawing.dot(found)
        elif as_table:
            yield from _table(found)
        else:
            yield from _trees(found, both=chosen.up > 0 and chosen.down > 0, up=chosen.up > 0)
        if not as_dot:
            yield from notes(found)

    emit(value, as_json=as_json, text=lines)


def _trees(found: "Lineage", *, both: bool, up: bool) -> Iterator[str]:
    from registry.rules.lineage import tree

    if both:
        yield "came from:"
    if up:
        yield from tree(found, upstream=True)
    if both:
        yield "went into:"
    if both or not up:
        yield from tree(found, upstream=False)
    yield f"{len(found.nodes)} nodes, {len(found.edges)} edges, {len(found.gaps)} gaps"


def _table(found: "Lineage") -> Iterator[str]:
    from registry.rules.naming import without_secrets

    rows = [
        (e.relation, e.level, e.state or "-", without_secrets(e.source), without_secrets(e.target))
        for e in found.edges
    ]
    yield from table(("RELATION", "LEVEL", "STATE", "FROM", "TO"), rows)
    yield from (f"gap: {without_secrets(gap.at)}: {gap.reason}" for gap in found.gaps)
