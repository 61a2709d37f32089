"""muniment bundle remembered: the anchors and heads that this machine's verifier keeps."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option, table


@click.command("remembered")
@click.option("--forget", metavar="ORIGIN", help="Remember nothing of this log any more.")
@json_option
def remembered(forget: str | None, as_json: bool) -> None:
    """List the logs whose anchor and largest verified head this machine remembers."""
    from tui.remembered import verifier_memory

    memory = verifier_memory()
    if forget is not None:
        memory.forget(forget)
        emit({"forgotten": forget}, as_json=as_json, text=lambda: [f"forgotten {forget}"])
        return
    items = [
        {
            "origin": origin,
            "anchor": known.anchor,
            "tree_size": known.size,
            "root": known.root.hex(),
            "time": since,
        }
        for origin, (known, since) in sorted(memory.read().items())
    ]

    def lines() -> Iterator[str]:
        cells = [(i["origin"], i["tree_size"], i["time"], i["anchor"]) for i in items]
        yield from table(("LOG", "LEAVES", "SINCE", "ANCHOR"), cells)

    emit({"items": items, "file": str(memory.path)}, as_json=as_json, text=lines)
