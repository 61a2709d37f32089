"""Linking a governed version to a foreign registry's: an import proposes, whoever registers confirms."""

import msgspec

from registry.acts.register import TrainingRun
from registry.acts.state import read_state
from registry.registry import Registry
from registry.store.foreign_history import find_source, present_name
from registry.trust.opening import read
from schemas.asset import VersionRef
from schemas.errors import NotFound, Usage
from schemas.observation import Name

_SQL = (
    "SELECT source.name, f.model, f.version, run.run_id, node.namespace, node.name "
    "FROM foreign_version f JOIN source ON source.id = f.source "
    "LEFT JOIN run ON run.id = f.run LEFT JOIN node ON node.id = run.job "
    "WHERE f.model = ? AND f.version = ? ORDER BY 1"
)


class Link(msgspec.Struct, frozen=True):
    """A foreign version, and the run that its registry says trained it."""

    source: str
    name: str
    version: str
    run: TrainingRun | None

    def to_predicate(self) -> dict[str, object]:
        """Return the link as it is signed."""
        return {"foreignName": self.name, "foreignVersion": self.version, "source": self.source}


def get_link(registry: Registry, text: str) -> Link:
    """Return the imported version `SOURCE:NAME@VERSION`, or `NAME@VERSION` where one source has it."""
    path, at, version = text.rpartition("@")
    if not at:
        raise Usage(f"expected SOURCE:NAME@VERSION, found {text[:120]!r}", hint="for example credit-risk@7")
    found = []
    for split in range(len(path) + 1):
        source, name = ("", path) if split == 0 else (path[: split - 1], path[split:])
        if split and path[split - 1] != ":":
            continue
        rows = registry.connection.execute(_SQL, (name, version)).fetchall()
        found += [row for row in rows if source in ("", row[0])]
    if not found:
        raise NotFound(f"no imported version is called {text!r}", hint="muniment import mlflow URI")
    if len(found) > 1:
        names = ", ".join(f"{row[0]}:{row[1]}@{row[2]}" for row in found)
        raise Usage(f"{text!r} is in several sources: {names}", hint="write SOURCE:NAME@VERSION")
    source, name, version, run_id, namespace, job = found[0]
    run = None if run_id is None else TrainingRun(source, run_id, Name(namespace, job))
    return Link(source, name, version, run)


def list_links(registry: Registry, ref: VersionRef) -> list[tuple[Link, str]]:
    """Return where a registered version is known elsewhere, by signed records, and when each was logged."""
    manifest = registry.get_manifest(ref)
    refused = {problem.seq for problem in read_state(registry, manifest).problems}
    found = []
    for record in registry.ledger.records_about((manifest,)):
        if record.leaf.type != "link" or record.leaf.seq in refused or record.envelope is None:
            continue
        said = read(record, record.envelope)[1].predicate
        source, name, version = (str(said.get(k, "")) for k in ("source", "foreignName", "foreignVersion"))
        found.append((Link(source, name, version, None), record.leaf.time))
    return found


def find_names(registry: Registry, ref: VersionRef, kind: str, source: str) -> list[tuple[str, str]]:
    """Return model and version by which `ref` is known in a source now; raise NotFound for one not linked."""
    number = find_source(registry.connection, kind, source)
    found = [
        (present_name(registry.connection, number, link.name, logged), link.version)
        for link, logged in list_links(registry, ref)
        if link.source == source and number is not None
    ]
    if not found:
        raise NotFound(
            f"nothing says which version in {source} {ref} is",
            hint=f"import it, then muniment link {ref} --to NAME@VERSION",
        )
    return list(dict.fromkeys(found))
