"""The lineage tab: the frozen snapshot, line by line."""

import re
from typing import Any

from registry.views import LineageEdge, LineageGap, LineageNode, LineagePage
from schemas.canonical import parse_canonical
from schemas.digest import Digest

_SHORT = re.compile(r"([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def lineage_page(body: bytes, snapshot: Digest | None, root: str, weakest: str) -> LineagePage:
    """Return the nodes, edges and gaps that a snapshot's JSON Lines hold; `root` is the version itself."""
    rows: list[dict[str, Any]] = [parse_canonical(line) for line in body.splitlines() if line]
    nodes: dict[str, LineageNode] = {}
    for row in rows:
        if row["kind"] == "node":
            node = _node(row)
            nodes[node.id] = node
    edges = [_edge(row) for row in rows if row["kind"] == "edge"]
    # The version itself is the model node; a snapshot without a training run has none.
    top = next((n.id for n in nodes.values() if n.kind == "model"), root)
    nodes.setdefault(top, LineageNode(top, "model", root, "verified"))
    gaps = [LineageGap(str(row["at"]), str(row["reason"])) for row in rows if row["kind"] == "gap"]
    for number, gap in enumerate(gaps):
        node = LineageNode(f"gap:{number}", "gap", gap.reason, "absent", note=gap.at)
        nodes[node.id] = node
        edges.append(LineageEdge(node.id, gap.at if gap.at in nodes else top, "gap", "absent"))
    return LineagePage(
        root=top,
        nodes=tuple(nodes.values()),
        edges=tuple(edges),
        gaps=tuple(gaps),
        weakest=weakest,
        snapshot=snapshot or "",
    )


def _node(row: dict[str, Any]) -> LineageNode:
    kind = str(row["node"])
    name, version = str(row["name"]).removeprefix(f"{kind}:"), str(row.get("version", ""))
    if kind == "run":
        name, _, version = name.rpartition("@")
    return LineageNode(
        id=_node_id(row),
        kind=kind,
        name=name,
        level=str(row["level"]),
        version=_SHORT.sub(r"\1", version),
        digest=str(row.get("digest", "")),
        note=str(row.get("note", "")),
    )


def _node_id(row: dict[str, Any]) -> str:
    """Return what edges call a node: its name, and its version with the separator escaped."""
    if "version" not in row:
        return str(row["name"])
    return f"{row['name']}@{str(row['version']).replace('@', '%40')}"


def _edge(row: dict[str, Any]) -> LineageEdge:
    return LineageEdge(str(row["from"]), str(row["to"]), str(row["relation"]), str(row["level"]))
