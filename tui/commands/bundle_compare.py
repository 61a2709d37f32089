"""muniment bundle compare: what came between two bundles of one registry."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.commands.bundle_verify import anchor_options
from tui.output import emit, json_option, table

if TYPE_CHECKING:
    from registry.bundle.compare import Comparison
    from registry.bundle.verify import Answer

_FAILED = {"FORK": "FORK", "OTHER_LOG": "ORIGIN_MISMATCH"}


@click.command("compare")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@anchor_options
@json_option
def compare(first: str, second: str, anchor: str | None, remember: bool, as_json: bool) -> int:
    """Verify two bundles, tell whether the one log continues the other, and list what is new.

    Exit codes: 0 consistent, 1 a fork or a bundle that fails, 3 not provable.
    """
    from registry.bundle.compare import compare as compare_bundles
    from tui.verifying import Asked, auditor_of, examine_path
    from tui.verifying import remember as keep

    asked = Asked(anchor=anchor, remember=remember, older=True)
    auditor = auditor_of(asked)
    read = [(name, *examine_path(Path(name).expanduser(), auditor)) for name in (first, second)]
    answers = [(name, answer) for name, answer, _ in read]
    one, other = (examined for _, _, examined in read)
    found = None if one is None or other is None else compare_bundles(one, other)
    if found is not None and found.result == "CONSISTENT":
        # Of two logs that part, nobody can say here which one to believe from now on.
        answers = [(name, keep(answer, examined, asked)) for name, answer, examined in read]
    verdict, code = _verdict([answer for _, answer in answers], found)
    value = {"verdict": verdict, "bundles": [_bundle(*item) for item in answers], **_value(found)}
    emit(value, as_json=as_json, text=lambda: _lines(verdict, answers, found))
    return code


def _verdict(answers: list["Answer"], found: "Comparison | None") -> tuple[str, int]:
    if found is not None and found.result in _FAILED:
        return _FAILED[found.result], 1
    if any(answer.unusable for answer in answers):
        return "FAIL", 2
    if found is None or any(answer.verdict == "FAIL" for answer in answers):
        return "FAIL", 1
    if found.result != "CONSISTENT":
        return found.result, 3
    unproven = [answer.verdict for answer in answers if answer.verdict != "PASS"]
    return (unproven[0], 3) if unproven else ("CONSISTENT", 0)


def _bundle(name: str, answer: "Answer") -> dict[str, Any]:
    head = answer.record.get("head", {})
    return {
        "file": name,
        "verdict": answer.verdict,
        "codes": list(answer.codes),
        "tree_size": head.get("treeSize", 0),
        "time": head.get("time", ""),
    }


def _value(found: "Comparison | None") -> dict[str, Any]:
    if found is None:
        return {"result": None, "why": "a bundle cannot be read to its end", "fork": None, "new": None}
    new = {
        "leaves": found.larger - found.smaller,
        "records": [{"type": kind, "count": n} for kind, n in found.records.items()],
        "decisions": list(found.decisions),
        "statuses": list(found.statuses),
        "documents": {
            "added": list(found.added),
            "withheld": list(found.withheld),
            "erased": list(found.erased),
        },
    }
    return {
        "result": found.result,
        "why": found.why,
        "fork": found.fork,
        "new": new if found.result == "CONSISTENT" else None,
    }


def _lines(verdict: str, answers: list[tuple[str, "Answer"]], found: "Comparison | None") -> Iterator[str]:
    for name, answer in answers:
        size = answer.record.get("head", {}).get("treeSize", 0)
        codes = f": {', '.join(answer.codes)}" if answer.codes else ""
        yield f"bundle    {name}  {answer.verdict}, {size} leaves{codes}"
    if found is not None and found.result == "CONSISTENT":
        yield from _news(found)
    elif found is not None:
        yield f"problem   {found.why}"
    yield f"verdict {verdict}"


def _news(found: "Comparison") -> Iterator[str]:
    yield f"new       {found.larger - found.smaller} leaves behind {found.smaller}"
    yield from (f"records   {count} {kind}" for kind, count in found.records.items())
    cells = [(d["leaf"], d["decision"], d["name"], d["environment"], d["person"]) for d in found.decisions]
    if cells:
        yield from table(("LEAF", "DECISION", "VERSION", "ENVIRONMENT", "BY"), cells)
    for s in found.statuses:
        yield f"status    {s['name']} for {s['environment']}: {s['before']}, then {s['after']}"
    for word, digests in (
        ("added", found.added),
        ("withheld", found.withheld),
        ("erased", found.erased),
    ):
        yield from (f"{word:<9} {digest}" for digest in digests)
