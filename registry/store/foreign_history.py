"""What imports saw change in a foreign registry: aliases and stages that moved, names, disappearances.

A model or version is gone only when two full readings in a row lack it: one reading in pages can miss a row.
"""

import sqlite3
from collections.abc import Iterable, Iterator

import msgspec

GONE_AFTER = 2
_MOVED = ("foreign_version", "foreign_file", "foreign_signature", "foreign_written", "foreign_missing")
_REPLACED = ("foreign_tag", "foreign_alias")


class Change(msgspec.Struct, frozen=True):
    """One thing that was `before` and is `after`, as seen at `seen_at`.

    `what` is alias, stage, file, renamed, gone or returned; `name` is the alias or the file.
    """

    model: str
    version: str
    what: str
    name: str
    before: str | None
    after: str | None
    seen_at: str


class Settled(msgspec.Struct, frozen=True):
    """What a full reading says of models and versions that earlier ones showed.

    `missing` is what this reading alone lacks, `gone` what two or more in a row lack, `renamed` old to new.
    """

    renamed: tuple[tuple[str, str], ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    gone: tuple[tuple[str, str], ...] = ()


def note(connection: sqlite3.Connection, source: int, change: Change) -> None:
    """Keep one change."""
    connection.execute(
        "INSERT INTO foreign_change (source, model, version, what, name, before, after, seen_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (source, *msgspec.structs.astuple(change)),
    )


def changes_of(connection: sqlite3.Connection, source: int, model: str) -> Iterator[Change]:
    """Yield what changed about a model and its versions, in the order seen."""
    rows = connection.execute(
        "SELECT model, version, what, name, before, after, seen_at FROM foreign_change "
        "WHERE source = ? AND model = ? ORDER BY id",
        (source, model),
    )
    return (Change(*row) for row in rows.fetchall())


def find_source(connection: sqlite3.Connection, kind: str, name: str) -> int | None:
    """Return the id of a source, None for one that nothing was imported from."""
    row = connection.execute("SELECT id FROM source WHERE kind = ? AND name = ?", (kind, name)).fetchone()
    return None if row is None else int(row[0])


def known_models(connection: sqlite3.Connection, source: int) -> dict[str, str | None]:
    """Return the models that any reading showed, and when each was made."""
    rows = connection.execute("SELECT name, created_at FROM foreign_model WHERE source = ?", (source,))
    return dict(rows.fetchall())


def present_name(connection: sqlite3.Connection, source: int, model: str, since: str) -> str:
    """Return what the model is called now that had the name `model` at `since`; a name may be used anew."""
    rows = connection.execute(
        "SELECT before, after FROM foreign_change WHERE source = ? AND what = 'renamed' AND seen_at >= ? "
        "ORDER BY id",
        (source, since),
    )
    for before, after in rows.fetchall():
        model = after if model == before else model
    return model


def settle(
    connection: sqlite3.Connection,
    source: int,
    present: tuple[frozenset[str], frozenset[tuple[str, str]]],
    before: Iterable[str],
    now: str,
) -> Settled:
    """Compare all that is known with a full reading, which showed the `present` models and versions.

    `before` are the models known before this reading; what it showed is taken in already.
    """
    models, versions = present
    known = known_models(connection, source)
    fresh = models - set(before)
    renamed = []
    for old in sorted(known.keys() - models):
        heirs = [new for new in sorted(fresh) if _is_heir(connection, source, known, old, new)]
        if len(heirs) == 1:
            _rename(connection, source, old, heirs[0], now)
            renamed.append((old, heirs[0]))
    shown = versions | {(model, "") for model in models}
    missing, gone = _count_missing(connection, source, shown, now)
    return Settled(tuple(renamed), missing, gone)


def _is_heir(
    connection: sqlite3.Connection, source: int, known: dict[str, str | None], old: str, new: str
) -> bool:
    """Say whether `new` is `old` under another name: made in the same millisecond, with equal versions."""
    if known[old] is None or known[old] != known.get(new):
        return False
    olds, news = (_versions(connection, source, model) for model in (old, new))
    shared = olds.keys() & news.keys()
    return all(olds[v] == news[v] for v in shared) and bool(shared or not olds)


def _versions(connection: sqlite3.Connection, source: int, model: str) -> dict[str, tuple[object, ...]]:
    rows = connection.execute(
        "SELECT version, created_at, run, artifact_uri FROM foreign_version WHERE source = ? AND model = ?",
        (source, model),
    )
    return {row[0]: row[1:] for row in rows.fetchall()}


def _rename(connection: sqlite3.Connection, source: int, old: str, new: str, now: str) -> None:
    """Give the new name what only the old one has, and forget the old one; its history goes along."""
    before, after = (_movable(connection, source, model) for model in (old, new))
    # The reading that first showed the new name took all of it as new: what moved is told against the old.
    connection.execute("DELETE FROM foreign_change WHERE source = ? AND model = ?", (source, new))
    connection.execute(
        "DELETE FROM foreign_missing WHERE source = ? AND model = ? AND version = ''", (source, old)
    )
    for table in ("foreign_change", *_MOVED):
        connection.execute(
            f"UPDATE OR IGNORE {table} SET model = ? WHERE source = ? AND model = ?",  # noqa: S608 - fixed
            (new, source, old),
        )
    for table in (*_MOVED, *_REPLACED):
        connection.execute(f"DELETE FROM {table} WHERE source = ? AND model = ?", (source, old))  # noqa: S608
    connection.execute("DELETE FROM foreign_model WHERE source = ? AND name = ?", (source, old))
    note(connection, source, Change(new, "", "renamed", "", old, new, now))
    for what, version, name in sorted(before.keys() | after.keys()):
        was, is_now = before.get((what, version, name)), after.get((what, version, name))
        if was != is_now and (what == "alias" or is_now is not None):
            note(connection, source, Change(new, version, what, name, was, is_now, now))


def _movable(
    connection: sqlite3.Connection, source: int, model: str
) -> dict[tuple[str, str, str], str | None]:
    """Return what can move under a name, by (what, version, name): aliases to versions, stages."""
    rows = connection.execute(
        "SELECT 'alias', '', alias, version FROM foreign_alias WHERE source = ?1 AND model = ?2 UNION ALL "
        "SELECT 'stage', version, '', legacy_stage FROM foreign_version WHERE source = ?1 AND model = ?2",
        (source, model),
    )
    return {(what, version, name): value for what, version, name, value in rows.fetchall()}


def _count_missing(
    connection: sqlite3.Connection, source: int, shown: frozenset[tuple[str, str]], now: str
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    rows = connection.execute(
        "SELECT model, version FROM foreign_version WHERE source = ?1 "
        "UNION SELECT name, '' FROM foreign_model WHERE source = ?1",
        (source,),
    )
    known = {(model, version) for model, version in rows.fetchall()}
    counted = connection.execute(
        "SELECT model, version, readings FROM foreign_missing WHERE source = ?", (source,)
    )
    before = {(model, version): int(readings) for model, version, readings in counted.fetchall()}
    now_missing = {key: before.get(key, 0) + 1 for key in sorted(known - shown)}
    connection.execute("DELETE FROM foreign_missing WHERE source = ?", (source,))
    connection.executemany(
        "INSERT INTO foreign_missing (source, model, version, readings) VALUES (?, ?, ?, ?)",
        [(source, *key, readings) for key, readings in now_missing.items()],
    )
    for (model, version), readings in before.items():
        if readings >= GONE_AFTER and (model, version) in shown:
            note(connection, source, Change(model, version, "returned", "", "gone", None, now))
    for (model, version), readings in now_missing.items():
        if readings == GONE_AFTER:
            note(connection, source, Change(model, version, "gone", "", None, "gone", now))
    return (
        tuple(key for key, readings in now_missing.items() if readings < GONE_AFTER),
        tuple(key for key, readings in now_missing.items() if readings >= GONE_AFTER),
    )
