"""Linking a training run, or a foreign registry's version, to a version that is registered already."""

import msgspec

from registry.acts.actor import Actor, subject
from registry.acts.links import Link
from registry.acts.register import TrainingRun
from registry.acts.writing import writing
from registry.registry import Registry
from schemas.asset import VersionRef


class Linked(msgspec.Struct, frozen=True):
    """The leaves that were written."""

    ref: VersionRef
    leaves: tuple[int, ...]


def link_version(
    registry: Registry,
    actor: Actor,
    ref: VersionRef,
    runs: tuple[TrainingRun, ...],
    links: tuple[Link, ...],
) -> Linked:
    """Record that `runs` trained `ref` and that `links` name it elsewhere, with their runs."""
    about = (subject(ref, registry.get_manifest(ref)),)
    trained = dict.fromkeys((*runs, *(link.run for link in links if link.run is not None)))
    with writing(registry) as writer:
        writer.append(*(actor.sign("link", about, link.to_predicate()) for link in links))
        writer.append(*(actor.sign("run-linked", about, run.to_predicate()) for run in trained))
        leaves = tuple(leaf.seq for leaf in writer.leaves)
    return Linked(ref, leaves)
