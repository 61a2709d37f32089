"""What differs between two lineage snapshots, by alias-folded identity: a new alias renames nothing."""

from collections.abc import Callable, Iterable, Iterator

from registry.rules.snapshot_lines import Alias, Edge, Gap, Node, Snapshot

Fold = Callable[[str], str]
NodeKey = tuple[str, str]
Content = tuple[str | None, str | None]


def lineage_changes(before: Snapshot, after: Snapshot) -> tuple[tuple[str, str], ...]:
    """Return (kind of change, what) from `before` to `after`; the kinds are keys of changes.MATERIALITY."""
    # Two names are one thing when either snapshot says so: a newly learnt alias is not a new dataset.
    fold = _folder((*before.aliases, *after.aliases))
    return (
        *_nodes(before, after, fold),
        *_members("edge", {_edge(e, fold) for e in before.edges}, {_edge(e, fold) for e in after.edges}),
        *_members("gap", {_gap(g, fold) for g in before.gaps}, {_gap(g, fold) for g in after.gaps}),
        *_members("alias", {_alias(a) for a in before.aliases}, {_alias(a) for a in after.aliases}),
    )


def _nodes(before: Snapshot, after: Snapshot, fold: Fold) -> Iterator[tuple[str, str]]:
    old, new = _contents(before.nodes, fold), _contents(after.nodes, fold)
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key, set()), new.get(key, set())
        if was == now:
            continue
        word = "changed" if was and now else ("added" if now else "removed")
        kind, called = key
        # Most names begin with their kind: it is said once.
        name = called if called.startswith(f"{kind}:") else f"{kind} {called}"
        detail = f" from {_versions(was)} to {_versions(now)}" if word == "changed" else ""
        yield f"lineage node {word}", name + detail


def _contents(nodes: Iterable[Node], fold: Fold) -> dict[NodeKey, set[Content]]:
    found: dict[NodeKey, set[Content]] = {}
    for node in nodes:
        found.setdefault((node.node, fold(node.name)), set()).add((node.version, node.digest))
    return found


def _versions(contents: set[Content]) -> str:
    names = sorted(version or digest or "unpinned" for version, digest in contents)
    return ", ".join(names)


def _members(word: str, old: set[str], new: set[str]) -> Iterator[tuple[str, str]]:
    yield from ((f"lineage {word} added", item) for item in sorted(new - old))
    yield from ((f"lineage {word} removed", item) for item in sorted(old - new))


def _edge(edge: Edge, fold: Fold) -> str:
    return f"{fold(edge.source)} {edge.relation} {fold(edge.target)}"


def _gap(gap: Gap, fold: Fold) -> str:
    return f"{gap.reason} at {fold(gap.at)}"


def _alias(alias: Alias) -> str:
    return " = ".join(sorted((alias.a, alias.b)))


def _folder(aliases: Iterable[Alias]) -> Fold:
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while name in parent:
            name = parent[name]
        return name

    for alias in aliases:
        low, high = sorted((root(alias.a), root(alias.b)))
        if low != high:
            parent[high] = low

    def fold(name: str) -> str:
        # An end of an edge may carry a version; the name before the last @ is what an alias is about.
        folded = root(name)
        base, at, version = name.rpartition("@")
        return folded if folded != name or not at else f"{root(base)}@{version}"

    return fold
