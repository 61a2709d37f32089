"""report.html: one mechanical, escaped rendering of the verifier's record.

It holds nothing the record does not hold, so a verifier that renders its own record gets the same bytes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape as escape_html
from typing import Any

from registry.bundle.words import harmless

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid #d0d7de}
h3{font-size:1rem;margin:1.2rem 0 .3rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #eaeef2}
th{font-weight:600;color:#57606a}code{font-size:.85em;overflow-wrap:anywhere}
.PASS,.pass,.valid{color:#116329}.FAIL,.fail,.error,.revoked{color:#a40e26}
.UNPROVEN,.stale,.expired,.valid-with-conditions{color:#7d4e00}
@media print{body{max-width:none}}
"""
_PERSON = re.compile(r"p-[0-9a-f]{16}")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render(record: Mapping[str, Any]) -> bytes:
    """Return the page that shows `record`; persons it has names for stand under both."""
    if record.get("names"):
        record = _with_names(record, record["names"])
    parts = [
        *_front(record),
        *(_claim(claim) for claim in record["claims"]),
        "<h2>Population</h2>",
        _population(record),
        "<h2>Versions</h2>",
        _table(record["versions"], ("name", "subject", "artifact", "authors", "leaf", "loggedAt")),
        "<h2>Gate answers</h2>",
        _table(
            record["receipts"], ("time", "environment", "verdict", "status", "treeSize", "seal", "agrees")
        ),
        "<h2>Findings</h2>",
        _table(record["findings"], ("check", "result", "code", "message")),
        "<h2>Refused records</h2>",
        _table(record["refused"], ("leaf", "type", "code", "message")),
        "<h2>Records in the log</h2>",
        _table(record["records"], ("type", "count", "absent")),
        *_held_back(record["withheld"]),
        "<h2>What this cannot show</h2>",
        _list(record["limits"]),
        *(("<h2>What would make this stronger</h2>", _list(record["advice"])) if record["advice"] else ()),
        "<p>All of it, for programs: <code>data/record.json</code> in this bundle.</p>",
        "</body></html>\n",
    ]
    return "\n".join(parts).encode()


def _front(record: Mapping[str, Any]) -> list[str]:
    names = ", ".join(v["name"] for v in record["versions"]) or "no version"
    head = record["head"]
    return [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>Audit bundle: {_escape(names)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Audit bundle: {_escape(names)}</h1>",
        f"<p>What the records themselves show: {_mark(record['result'])}. Whether this page",
        "belongs to them, and whether the registry is the one you know, is what",
        "<code>muniment bundle verify --anchor</code> says.</p>",
        _pairs(
            [
                ("registry", record["origin"]),
                ("anchor", record["anchor"]),
                ("head", f"{head['treeSize']} records, last one at {head['time']} (claimed)"),
                *_witnesses(head),
                ("root hash", head["rootHash"]),
                ("policy set in force", str(record["policyVersion"])),
                ("trust root in force", str(record["rootVersion"])),
                ("strength", record["strength"]),
            ]
        ),
        *(["<p>Names beside ids of persons are the exporter's word.</p>"] if record.get("names") else []),
    ]


def _with_names(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _PERSON.sub(lambda found: _with_name(found[0], names), value)
    if isinstance(value, list):
        return [_with_names(item, names) for item in value]
    if isinstance(value, dict):
        return {key: _with_names(item, names) for key, item in value.items()}
    return value


def _with_name(person: str, names: Mapping[str, str]) -> str:
    return f"{names[person]} ({person})" if person in names else person


def _population(record: Mapping[str, Any]) -> str:
    counted, scope = record["population"], record["scope"]
    named = ", ".join(scope["subjects"] + [f"namespace {name}" for name in scope["namespaces"]])
    period = f"{scope['since'] or 'the beginning'} to {scope['until'] or 'the head'}"
    enclosed = sum(counted["enclosed"].values())
    return _pairs(
        [
            ("source", f"the log {record['origin']}"),
            ("asked for", named or "every version"),
            ("environments", ", ".join(scope["environments"]) or "all"),
            ("registered or decided", period),
            ("versions in scope", str(counted["versions"])),
            ("claims", str(counted["claims"])),
            ("leaves", _range(record)),
            ("first leaf", counted["first"]),
            ("last leaf", counted["last"]),
            ("records enclosed", f"{enclosed} of {counted['leaves']}"),
        ]
    )


def _range(record: Mapping[str, Any]) -> str:
    here, size = record["population"]["leaves"], record["head"]["treeSize"]
    if record["profile"] == "extract":
        return f"an extract: {here} of {size}, each with its proof"
    return f"0 to {here - 1}, {here} without a hole" if here else "none"


def _held_back(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return ["<h2>Held back by the exporter</h2>", _table(rows, ("what", "reason", "digest"))] if rows else []


def _witnesses(head: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "witnesses" not in head:
        return []
    listed = ", ".join(f"{row['name']} at {row['at']}" for row in head["witnesses"])
    return [("witnessed at", head["witnessedAt"] or "not by enough"), ("witnesses", listed)]


def _decided(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    witnessed = ("witnessedAt",) if rows and all("witnessedAt" in row for row in rows) else ()
    return ("person", "role", "decidedAt", "loggedAt", *witnessed, "leaf", "reason", "opened")


def _claim(claim: Mapping[str, Any]) -> str:
    title = f"{claim['name'] or claim['subject']} for {claim['environment']}"
    parts = [
        f"<h2>{_escape(title)}: {_mark(claim['status'])}</h2>",
        _pairs(
            [
                ("claimed", claim["claimed"]),
                ("gate at this head", ": ".join((claim["gate"]["verdict"], *claim["gate"]["why"]))),
                ("version state", claim["versionState"]),
                ("risk tier", claim["tier"] or "not assessed"),
                ("dossier", claim["dossier"] or "none"),
                ("expires", claim["expiresAt"] or "no date"),
            ]
        ),
        _list(claim["why"]),
        "<h3>Approvals that stand</h3>",
        _table(claim["approvals"], _decided(claim["approvals"])),
        "<h3>Quorum</h3>",
        _table(claim["quorum"], ("role", "have", "need")),
        "<h3>Checks the reviewers signed</h3>",
        _table(claim["checks"], ("rule", "title", "severity", "result", "message")),
    ]
    parts += _reviewed(claim["reviewed"]) if claim["reviewed"] else []
    for name, title, columns in (
        ("exceptions", "Exceptions made", ("leaf", "said", "state", "reason")),
        ("rejections", "Rejections", ("person", "role", "decidedAt", "leaf", "reason")),
        ("conditions", "Conditions", ("text", "digest")),
        ("causes", "Changed since", ("part", "cause")),
    ):
        if claim[name]:
            parts += [f"<h3>{title}</h3>", _table(claim[name], columns)]
    if claim["unproven"]:
        parts += ["<h3>Not provable from here</h3>", _list(claim["unproven"])]
    return "\n".join(parts)


def _reviewed(view: Mapping[str, Any]) -> list[str]:
    lineage, risk = view["lineage"], view["risk"]
    counted = f"{lineage['nodes']} nodes, {lineage['edges']} edges, {lineage['gaps']} gaps"
    parts = [
        "<h3>Lineage</h3>",
        f"<p>{_escape(counted)}; the weakest link is {_escape(lineage['weakest'])}.</p>",
        _table(lineage["datasets"], ("name", "version", "level", "digest")),
    ]
    if lineage["gapList"]:
        parts += ["<h3>Lineage gaps</h3>", _table(lineage["gapList"], ("at", "reason"))]
    for check in view["bias"]:
        title = f"Bias by {check['attribute']} ({check['rule']}; reference {check['reference'] or 'none'})"
        parts += [f"<h3>{_escape(title)}</h3>", _table(check["groups"], _GROUP), _unknown(check["unknown"])]
    if risk:
        parts += [f"<h3>Risk: tier {_escape(risk['tier'])}</h3>", f"<p>{_escape(risk['summary'])}</p>"]
        parts += [_list(risk["steps"]), _table(risk["risks"], _RISK)]
    return [*parts, "<h3>Evidence</h3>", _table(view["evidence"], ("kind", "level", "validUntil", "digest"))]


def _escape(text: str) -> str:
    """Return `text` as the page shows it: no markup, and no character that cannot be seen."""
    return escape_html(harmless(text))


def _unknown(count: int) -> str:
    return f"<p>{count} people of unknown group are in no row.</p>" if count else ""


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    if not rows:
        return "<p>none</p>"
    head = "".join(f"<th>{_escape(_TITLES.get(column, column))}</th>" for column in columns)
    body = "\n".join("<tr>" + "".join(f"<td>{_cell(row[c])}</td>" for c in columns) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>\n{body}</table>"


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    body = "\n".join(f"<tr><th>{_escape(k)}</th><td>{_cell(v)}</td></tr>" for k, v in rows)
    return f"<table>{body}</table>"


def _list(items: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{_escape(item)}</li>" for item in items) + "</ul>" if items else ""


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "<br>".join(_cell(item) for item in value)
    text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    if text in _WORDS:
        return _mark(text)
    return f"<code>{_escape(text)}</code>" if text.startswith("sha256:") else _escape(text)


def _mark(word: str) -> str:
    return f'<strong class="{_escape(word)}">{_escape(word)}</strong>'


_GROUP = ("label", "n", "selected", "rate", "impactRatio", "interval", "belowFourFifths", "smallSample")
_RISK = ("id", "title", "area", "inherent", "residual", "treatment")
_TITLES = {
    "label": "group",
    "impactRatio": "impact ratio",
    "interval": "95 % interval",
    "belowFourFifths": "under four fifths",
    "smallSample": "small sample",
    "validUntil": "valid until",
    "decidedAt": "decided (claimed)",
    "loggedAt": "logged (claimed)",
    "witnessedAt": "witnessed at",
    "opened": "evidence opened",
    "subject": "manifest",
    "treeSize": "records then",
    "seal": "sealed at leaf",
    "agrees": "agrees with the log",
    "absent": "not in this bundle",
}
_WORDS = frozenset(
    {"PASS", "FAIL", "UNPROVEN", "NOTE", "pass", "fail", "error", "valid", "valid-with-conditions", "stale"}
    | {"expired", "revoked", "superseded"}
)
