"""Saying that two names are one dataset, or that they are not: signed, logged, and taken in at once."""

import msgspec

from registry.acts.actor import Actor, subject, text_body
from registry.acts.closures import touched_by
from registry.acts.writing import writing
from registry.registry import Registry
from registry.rules.alias_suggestions import Suggestion, suggest, unknown_pairs
from registry.rules.naming import dataset_member, reference, without_secrets
from registry.store.aliases import (
    alias_pairs,
    dataset_names,
    is_same,
    job_namespaces,
    list_pairs,
    put_edit,
    written_names,
)
from registry.store.codes import Kind
from registry.store.lineage import find_node
from schemas.errors import Conflict, NotFound, Usage
from schemas.ledger import origin_subject
from schemas.observation import Name


class Aliased(msgspec.Struct, frozen=True):
    """A decision about two names; `both_written` says that runs wrote the dataset under either name."""

    a: Name
    b: Name
    leaf: int
    both_written: bool


def add_alias(registry: Registry, actor: Actor, first: Name, second: Name, reason: str) -> Aliased:
    """Record that two names are one dataset; raise Conflict when that is known already."""
    nodes = _nodes(registry, first, second)
    if is_same(registry.connection, nodes):
        raise Conflict(f"{_both(first, second)} are one dataset already", hint="muniment alias list")
    return _decide(registry, actor, (first, second), nodes, reason, same=True)


def remove_alias(registry: Registry, actor: Actor, first: Name, second: Name, reason: str) -> Aliased:
    """Record that two names are not one dataset, whatever events say; raise Conflict when nothing does."""
    nodes = _nodes(registry, first, second)
    if not is_same(registry.connection, nodes):
        raise Conflict(f"nothing says that {_both(first, second)} are one", hint="muniment alias list")
    return _decide(registry, actor, (first, second), nodes, reason, same=False)


def suggest_aliases(registry: Registry) -> list[Suggestion]:
    """Return pairs of dataset names that read alike and that nobody has decided about."""
    names = (name for _, name in dataset_names(registry.connection))
    decided = {frozenset((pair.a, pair.b)) for _, pair in list_pairs(registry.connection, "%")}
    found = suggest(names, job_namespaces(registry.connection))
    return list(unknown_pairs(found, decided))


def _decide(
    registry: Registry,
    actor: Actor,
    names: tuple[Name, Name],
    nodes: tuple[int, int],
    reason: str,
    *,
    same: bool,
) -> Aliased:
    connection, origin = registry.connection, registry.origin
    text = text_body(reason, "reason")
    kind = "alias-added" if same else "alias-removed"
    about = (subject(origin, origin_subject(origin)),)
    both = same and all(written_names(connection, node) for node in nodes)
    with writing(registry) as writer:
        # Who is called otherwise, before and after: every dossier that rests on one of them is looked at.
        called = _called(registry, nodes)
        predicate = {"names": sorted(map(reference, names)), "reason": writer.put_body(text)}
        leaf = writer.append(actor.sign(kind, about, predicate))[0]
        put_edit(connection, nodes, leaf.seq, same=same)
        called |= _called(registry, nodes)
        writer.touched |= touched_by(registry, {dataset_member(name) for name in called | set(names)})
    a, b = sorted(names)
    return Aliased(a, b, leaf.seq, both)


def _called(registry: Registry, nodes: tuple[int, int]) -> set[Name]:
    return {name for node in nodes for pair in alias_pairs(registry.connection, node) for name in pair}


def _nodes(registry: Registry, first: Name, second: Name) -> tuple[int, int]:
    if first == second:
        raise Usage("a dataset is itself under one name", hint="give two names")
    found = [find_node(registry.connection, Kind.DATASET, name) for name in (first, second)]
    for name, node in zip((first, second), found, strict=True):
        if node is None:
            raise NotFound(
                f"no dataset is called {without_secrets(reference(name))}",
                hint="muniment datasets --filter TEXT",
            )
    a, b = (node for node in found if node is not None)
    return a, b


def _both(first: Name, second: Name) -> str:
    return without_secrets(f"{reference(first)} and {reference(second)}")
