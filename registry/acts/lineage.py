"""Lineage on request: of a model version as of its training, of anything imported as it is now."""

from urllib.parse import unquote

from registry.acts.history import history_of
from registry.acts.state import read_state
from registry.registry import Registry
from registry.rules.lineage import Edge, Gap, Lineage, Node, Selector, select
from registry.rules.snapshot_lines import Node as Line
from registry.rules.snapshot_lines import parse_snapshot
from registry.store.codes import Kind
from registry.store.dataset_flow import dataset_flow
from registry.store.lineage import find_node
from registry.store.neighbourhood import find_dataset, find_start, neighbourhood
from schemas.asset import VersionRef, parse_version_ref
from schemas.digest import Digest
from schemas.errors import Unproven, Usage


def find_lineage(registry: Registry, selector: Selector, namespace: str, *, fold: bool = True) -> Lineage:
    """Return what the selector names; a registered model version is looked for first.

    `fold` shows imported jobs that are one as one; the lineage of a version is never folded.
    """
    ref = _version(selector.name, namespace)
    manifest = None if ref is None else registry.versions.find_manifest(ref)
    if ref is not None and manifest is not None:
        return select(version_lineage(registry, manifest), selector.up, selector.down)
    start = find_start(registry.connection, selector.name)
    return neighbourhood(registry.connection, start, selector.up, selector.down, fold=fold)


def find_dataset_flow(registry: Registry, selector: Selector) -> Lineage:
    """Return which datasets the imported dataset that the selector names was made from, and went into."""
    name = find_dataset(registry.connection, selector.name)
    node = find_node(registry.connection, Kind.DATASET, name)
    return dataset_flow(registry.connection, [] if node is None else [node], selector.up, selector.down)


def version_lineage(registry: Registry, manifest: Digest) -> Lineage:
    """Return the historical lineage of a registered version, as a dossier frozen now would hold it."""
    state = read_state(registry, manifest)
    version = state.find_version(manifest)
    if version is None:
        raise Unproven("the registration of this version does not stand", hint="muniment audit verify")
    return read_lineage(history_of(registry, state, version).body, version.ref)


def read_lineage(body: bytes, ref: VersionRef) -> Lineage:
    """Return the graph that a snapshot's lines hold, with the version itself as its root."""
    lines = parse_snapshot(body)
    root = f"model:{ref.model}@{ref.version}"
    nodes = {node.id: node for node in map(_node, lines.nodes)}
    nodes.setdefault(root, Node(root, "model", ref.model, version=str(ref.version)))
    edges = [Edge(e.source, e.target, e.relation, e.level) for e in lines.edges]
    gaps = [Gap(g.at if g.at in nodes else root, g.reason) for g in lines.gaps]
    return Lineage((root,), tuple(sorted(nodes.values())), tuple(sorted(edges)), tuple(sorted(gaps)))


def _version(text: str, namespace: str) -> VersionRef | None:
    try:
        return parse_version_ref(text, namespace=namespace)
    except Usage:
        return None


def _node(line: Line) -> Node:
    """Return the node of a snapshot's line, its name as the source wrote it."""
    kind, _, full = line.name.partition(":")
    if line.node == "model":
        return Node(f"{line.name}@{line.version}", kind, full, version=line.version, level=line.level)
    name, version = full, line.version
    if line.node == "run":
        name, _, version = full.rpartition("@")
    namespace, _, short = name.rpartition(":")
    node_id = line.name if line.version is None else f"{line.name}@{line.version.replace('@', '%40')}"
    plain = None if version is None else unquote(version)
    return Node(node_id, kind, unquote(short), unquote(namespace), plain, line.level)
