"""All about one thing, as lines: what `show` prints without `--json`; passwords are masked."""

import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from registry.rules.naming import value_without_secrets, without_secrets
from tui.output import table
from tui.paging import full_name

Shown = dict[str, Any]

_EVENTS = 20
_FACET = 160
_DIGEST = 12
_INDENT = 4
_LINES = 100


def show_lines(shown: Shown) -> Iterator[str]:
    """Yield the lines for what `registry.acts.show` returned."""
    return _KINDS[shown["kind"]](shown)


def _run(shown: Shown) -> Iterator[str]:
    yield from _pairs(
        ("run", shown["run_id"]),
        ("job", full_name(shown["job"])),
        ("state", (shown["state"] or "only mentioned") + (", streaming" if shown["streaming"] else "")),
        ("started", shown["started_at"]),
        ("ended", shown["ended_at"]),
        ("user", shown["user"]),
        ("parent", _inside(shown["parent"])),
        ("root", _inside(shown["root"])),
        *(("depends on", full_name(job)) for job in shown["depends_on"]),
        *(("depended on by", full_name(job)) for job in shown["depended_on_by"]),
    )
    for side in ("inputs", "outputs"):
        yield from _section(side, (line for use in shown[side] for line in _run_use(use)))
    used = (f"{use['direction']} {full_name(use)}  {use['state']}" for use in shown["statement_uses"])
    yield from _section("read and written by SQL statements inside", used)
    yield from _section("metrics", map(_metric, shown["metrics"]))
    yield from _section("run facets", _run_facets(shown["facets"]))
    yield from _section("job facets, as this run's events say", _run_facets(shown["job_facets"]))
    yield from _section("runs inside", _inner(shown["inner_runs"]))
    yield from _section("events", _events(shown["events"]))


def _run_use(use: Shown) -> Iterator[str]:
    versions = ", ".join(v["version"] or v["digest"] for v in use["versions"])
    if not versions and use["observed_version"]:
        versions = f"observed as {use['observed_version']['run']}"
    yield f"{full_name(use)}  {use['state']}" + (f"  {without_secrets(versions)}" if versions else "")
    for assertion in use["assertions"]:
        column = f" of {assertion['column']}" if assertion.get("column") else ""
        result = {True: "held", False: "failed"}.get(assertion.get("success"), "unknown")
        yield f"  {assertion.get('assertion', 'assertion')}{column}: {result}"
    for facets in (use["facets"], use["use_facets"]):
        yield from (f"  {line}" for line in _run_facets(facets))


def _run_facets(facets: dict[str, Shown]) -> list[str]:
    rows = [(name, _short(kept["said_by"]), _value(kept["value"])) for name, kept in facets.items()]
    return _cut(table(("FACET", "SAID BY", "VALUE"), rows)) if rows else []


def _metric(metric: Shown) -> str:
    on = "" if metric["dataset"] is None else f"  on {full_name(metric['dataset'])}"
    model = f"  for {metric['model_id']}" if metric["model_id"] else ""
    return f"{metric['key']} = {metric['value']}{on}{model}"


def _inner(runs: list[Shown]) -> Iterator[str]:
    statements = [run for run in runs if run["statement"]]
    for run in runs:
        if not run["statement"]:
            yield f"{run['state']}  {run['run_id']}  {full_name(run['job'])}"
    if statements:
        states = sorted({run["state"] for run in statements})
        counts = (f"{sum(run['state'] == state for run in statements)} {state}" for state in states)
        yield f"SQL statements: {', '.join(counts)}"


def _events(events: list[Shown]) -> Iterator[str]:
    rows = [
        (
            e["time"] or "-",
            e["type"] or "-",
            _short(e["digest"]),
            f"{e['source']['kind']} {e['source']['name']}",
        )
        for e in events[-_EVENTS:]
    ]
    if len(events) > len(rows):
        yield f"the last {len(rows)} of {len(events)}"
    yield from (without_secrets(line) for line in table(("TIME", "TYPE", "SHA-256", "SOURCE"), rows))


def _dataset(shown: Shown) -> Iterator[str]:
    yield from _pairs(("dataset", full_name(shown)), *_life_cycle(shown["life_cycle"]))
    yield from _section("other names", map(_alias, shown["aliases"]))
    rows = [(v["version"] or "-", v["digest"] or "-", v["state"]) for v in shown["versions"]]
    yield from _section("versions", table(("VERSION", "DIGEST", "STATE"), rows) if rows else ())
    for side in ("written_by", "read_by"):
        yield from _section(side.replace("_", " "), map(_use, shown[side]))
    exposures = (f"{e['name']}  ({e['type']}, dbt exposure)" for e in shown["exposures"])
    yield from _section("used by", exposures)
    yield from _section("made from", map(full_name, shown["derived_from"]))
    yield from _section("declared to be made from", map(full_name, shown["declared_derived_from"]))
    yield from _section("facets", _node_facets(shown["facets"]))


def _job(shown: Shown) -> Iterator[str]:
    yield from _pairs(("job", full_name(shown)))
    same = (f"{full_name(job)}  ({job['why']})" for job in shown["same_as"])
    yield from _section("the same dbt node", same)
    for key, title in _RELATED.items():
        yield from _section(title, map(full_name, shown[key]))
    for side in ("inputs", "outputs"):
        yield from _section(side, map(_use, shown[side]))
    drift = (
        f"{d['direction']} {full_name(d)}: "
        + ("declared, and no run used it" if d["kind"] == "declared-only" else "used, and not declared")
        for d in shown["drift"]
    )
    yield from _section("drift", drift)
    rows = [(r["state"], r["started_at"] or "-", r["ended_at"] or "-", r["run_id"]) for r in shown["runs"]]
    yield from _section("latest runs", table(("STATE", "STARTED", "ENDED", "RUN"), rows) if rows else ())
    yield from _section("facets", _node_facets(shown["facets"]))


def _event(shown: Shown) -> Iterator[str]:
    yield from _pairs(
        ("event", f"sha256:{shown['digest']}"),
        ("source", without_secrets(f"{shown['source']['kind']} {shown['source']['name']}")),
        ("run", shown["run_id"]),
        ("bytes", str(shown["size"])),
    )
    yield ""
    yield from _spelled_out(shown["text"]).split("\n")


def _spelled_out(text: str) -> str:
    """Return JSON with a line per member, secrets masked; --json gives the exact text."""
    try:
        value = json.loads(text)
    except ValueError:
        return without_secrets(text)
    return json.dumps(value_without_secrets(value), ensure_ascii=False, indent=2)


def _version(shown: Shown) -> Iterator[str]:
    yield from _pairs(("version", shown["subject"]), ("manifest", shown["manifest"]))
    if not shown["stands"]:
        yield "the registration of this version does not stand"
        return
    yield from _pairs(
        ("artifact", shown["artifact"]),
        ("authors", ", ".join(shown["authors"]) or "unknown"),
        ("leaf", str(shown["leaf"])),
    )
    yield from _section("training runs", (without_secrets(_value(run)) for run in shown["runs"]))
    rows = [(i["environment"] or "-", i["status"], i["version_state"]) for i in shown["statuses"]]
    yield from _section("statuses", table(("ENVIRONMENT", "STATUS", "STATE"), rows))


def _use(item: Shown) -> str:
    known = [word for word in ("observed", "declared") if item[word]]
    state = [item["state"]] if item.get("state") else []
    return f"{full_name(item)}  {', '.join(known + state)}"


def _alias(alias: Shown) -> str:
    joined = "; runs wrote it under several names" if alias["both_written"] else ""
    if alias["event"] is None:
        said = f"leaf {alias['leaf']}"
    else:
        said = (
            f"event {_short(alias['event']['digest'])} of {without_secrets(alias['event']['source']['name'])}"
        )
    sign = "=" if alias["same"] else "is not"
    return f"{full_name(alias['a'])} {sign} {full_name(alias['b'])}  ({alias['said_by']}, {said}{joined})"


def _life_cycle(found: Shown | None) -> list[tuple[str, str | None]]:
    if found is None:
        return []
    previous = "" if found["previous"] is None else f", before {full_name(found['previous'])}"
    change = f"{found['change']} at {found['at']}{previous}"
    dropped = f"since {found['dropped_at']}" if found["dropped_at"] else None
    return [("last change", change + (", attempted" if found["attempted"] else "")), ("dropped", dropped)]


def _node_facets(facets: dict[str, Shown]) -> list[str]:
    rows = [
        (
            name,
            kept["since"] or "-",
            _short(kept["said_by"]["digest"] if kept["said_by"] else ""),
            _value(kept["value"]),
        )
        for name, kept in facets.items()
    ]
    return _cut(table(("FACET", "SINCE", "SAID BY", "VALUE"), rows)) if rows else []


def _cut(lines: list[str]) -> list[str]:
    """Return the lines no wider than the terminal, where there is one; --json has the whole values."""
    width = shutil.get_terminal_size().columns - _INDENT if sys.stdout.isatty() else _FACET * 2
    return [line if len(line) <= width else f"{line[: max(width - 1, 0)]}…" for line in lines]


def _inside(run: Shown | None) -> str | None:
    if run is None:
        return None
    return f"{run['run_id']} of {full_name(run['job'])}" + ("" if run["imported"] else "  (not imported)")


def _pairs(*pairs: tuple[str, str | None]) -> Iterator[str]:
    known = [(name, value) for name, value in pairs if value]
    width = max((len(name) for name, _ in known), default=0)
    yield from (f"{name.ljust(width)}  {value}" for name, value in known)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a title and its lines, no more of them than a person reads; nothing where there are none."""
    every = list(lines)
    if every:
        yield f"{title}:"
    yield from (f"  {line}" for line in every[:_LINES])
    if len(every) > _LINES:
        yield f"  {len(every) - _LINES} more lines: --json"


def _value(value: Any) -> str:
    plain = value
    if isinstance(value, dict):
        plain = {key: item for key, item in value.items() if key not in ("_producer", "_schemaURL")}
    text = json.dumps(value_without_secrets(plain), ensure_ascii=False)
    return text if len(text) <= _FACET else f"{text[: _FACET - 1]}…"


def _short(digest: str) -> str:
    return digest[:_DIGEST] or "-"


_RELATED = {
    "statement_of": "a statement of",
    "inside_of": "inside of",
    "contains": "contains",
    "statements": "SQL statements",
    "depends_on": "depends on",
    "depended_on_by": "depended on by",
}
_KINDS = {"run": _run, "dataset": _dataset, "job": _job, "event": _event, "version": _version}
