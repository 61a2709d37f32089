"""A look over the registry: what needs doing, and the command that does it. It changes nothing."""

import os
from collections.abc import Callable
from datetime import timedelta

import msgspec

from registry.acts.audit_erasures import count_erased
from registry.acts.heads import newest_granting_head, newest_signed_head
from registry.acts.root import read_root
from registry.acts.seals import RECEIPTS
from registry.acts.state import read_state
from registry.acts.wording import words_of
from registry.registry import Registry
from registry.rules.break_glass import alarm, live_glass
from registry.rules.naming import reference
from registry.rules.status import status
from registry.store.aliases import count_joined, list_pairs
from registry.store.last_head import check_last_head, read_last_head
from registry.store.selfcheck import count_unindexed, count_unlogged_names, leaves_of, sources_of
from schemas.errors import Error
from schemas.ledger import moment, time_text
from schemas.statement import parse_envelope, parse_statement

MAX_WAIT = timedelta(days=1)
POSTED = "receiver"
"""The source of events that were posted: their seals stand alone, no import closes them."""


class Finding(msgspec.Struct, frozen=True):
    """One check: `todo` says that something needs doing, `next` what."""

    check: str
    todo: bool
    message: str
    next: str = ""


def examine(registry: Registry) -> tuple[Finding, ...]:
    """Return every check's finding; a check that cannot be made is itself something to do."""
    checks: dict[str, Callable[[Registry], tuple[Finding, ...]]] = {
        "keys": _keys,
        "log": _log,
        "inbox": _inbox,
        "root": _root,
        "index": _index,
        "imports": _imports,
        "erasures": _erasures,
        "aliases": _aliases,
        "glass": _glass,
    }
    return tuple(found for name, check in checks.items() for found in _made(name, check, registry))


def _made(
    name: str, check: Callable[[Registry], tuple[Finding, ...]], registry: Registry
) -> tuple[Finding, ...]:
    try:
        return check(registry)
    except Error as error:
        return (_todo(name, error.message, error.hint or "muniment audit verify"),)


def _todo(check: str, message: str, step: str) -> Finding:
    return Finding(check=check, todo=True, message=message, next=step)


def _fine(check: str, message: str) -> Finding:
    return Finding(check=check, todo=False, message=message)


def _keys(registry: Registry) -> tuple[Finding, ...]:
    if not registry.keys.is_dir():
        said = f"{registry.keys} is not here: nothing can be signed"
        return (_todo("keys", said, "restore it from the backup of the key folder"),)
    private = [
        p for p in sorted(registry.keys.iterdir()) if p.is_file() and p.suffix not in (".pub", ".lock")
    ]
    loose = [p for p in (registry.keys, *private) if os.name == "posix" and p.stat().st_mode & 0o077]
    loose = [p for p in loose if not p.name.startswith("last-head")]
    if loose:
        return tuple(
            _todo("keys", f"{p} is open to others", f"chmod {'700' if p.is_dir() else '600'} {p}")
            for p in loose
        )
    return (_fine("keys", "the key files are closed to others"),)


def _log(registry: Registry) -> tuple[Finding, ...]:
    size = registry.ledger.head().size
    check_last_head(read_last_head(registry.keys), size, registry.ledger.root_at)
    state = read_state(registry)
    signed, granting = (find(registry, state).size for find in (newest_signed_head, newest_granting_head))
    if signed < size:
        said = f"{size - signed} of {size} leaves lie under no signed head"
        return (_todo("log", said, "muniment audit checkpoint"),)
    if granting < size:
        said = f"{size - granting} of {size} leaves lie under no head that enough witnesses confirm"
        return (_todo("log", said, "muniment audit witness URL"),)
    return (_fine("log", f"{size} leaves, all under a signed head"),)


def _inbox(registry: Registry) -> tuple[Finding, ...]:
    items, since = registry.inbox.count()
    if since is None:
        return (_fine("inbox", "nothing waits for a seal"),)
    late = registry.clock() - moment(since) > MAX_WAIT
    said = f"{items} items wait for a seal, the oldest since {since}"
    return (Finding("inbox", late, said, "muniment audit checkpoint" if late else ""),)


def _root(registry: Registry) -> tuple[Finding, ...]:
    view = read_root(registry)
    if not view.warnings:
        return (_fine("root", f"trust root {view.root.version}: somebody else can recover it"),)
    return tuple(_todo("root", *warning.split("; next: ")) for warning in view.warnings)


def _index(registry: Registry) -> tuple[Finding, ...]:
    lost, unlogged = count_unindexed(registry.connection), count_unlogged_names(registry.connection)
    if lost or unlogged:
        said = f"{lost} records are not in the index, {unlogged} names are not in the log"
        return (_todo("index", said, "muniment audit verify"),)
    return (_fine("index", "the index and the names agree with the log, as far as a quick look goes"),)


def _imports(registry: Registry) -> tuple[Finding, ...]:
    open_seals: dict[int, str] = {}
    for seq in leaves_of(registry.connection, "seal", "import"):
        statement = parse_statement(
            parse_envelope(registry.ledger.get_body(registry.ledger.leaf(seq).body)).payload
        )
        said = statement.predicate
        if statement.kind == "import":
            for sealed in said.get("seals", ()):
                open_seals.pop(sealed, None)
        elif said.get("kind") != RECEIPTS:
            open_seals[seq] = str(said.get("kind"))
    first = {seq: items[0] for seq in open_seals if (items := registry.inbox.sealed(seq))}
    known = sources_of(registry.connection, first.values())
    broken = sorted({known.get(digest, "an unknown source") for digest in first.values()} - {POSTED})
    if broken:
        return tuple(
            _todo("imports", f"the import of {source} was interrupted", "import it again: it resumes")
            for source in broken
        )
    return (_fine("imports", "every import was closed"),)


def _erasures(registry: Registry) -> tuple[Finding, ...]:
    known = count_erased(registry)
    lost = sum(erased is None for _, erased in registry.ledger.erasures.without_bytes())
    if lost:
        said = f"bodies gone without a record that says why: {lost}; erased by one: {known}"
        return (_todo("erasures", said, "muniment audit verify"),)
    return (_fine("erasures", f"erased bodies: {known}, each by a record of the log"),)


def _aliases(registry: Registry) -> tuple[Finding, ...]:
    logged: dict[tuple[str, ...], tuple[int, bool]] = {}
    unread = set()
    for seq in leaves_of(registry.connection, "alias-added", "alias-removed"):
        leaf = registry.ledger.leaf(seq)
        decided, envelope = (seq, leaf.type == "alias-added"), registry.ledger.find_body(leaf.body)
        if envelope is None:
            unread.add(decided)  # erased: which names it was about is not told any more
        else:
            predicate = parse_statement(parse_envelope(envelope).payload).predicate
            logged[tuple(map(str, predicate.get("names", ())))] = decided
    kept = {
        tuple(sorted((reference(pair.a), reference(pair.b)))): (pair.leaf, pair.same)
        for _, pair in list_pairs(registry.connection, "%")
        if pair.leaf is not None
    }
    wrong = [n for n in kept.keys() | logged.keys() if kept.get(n) not in {logged.get(n), *unread}]
    if wrong:
        said = f"names that count as one dataset, or as two, otherwise than the log says: {len(wrong)}"
        return (_todo("aliases", said, "restore the database from a backup"),)
    joined = count_joined(registry.connection)
    said = f"names decided about: {len(kept)} pairs, each as the log says"
    return (_fine("aliases", said + (f"; written under several names: {joined}" if joined else "")),)


def _glass(registry: Registry) -> tuple[Finding, ...]:
    now = max(time_text(registry.clock()), registry.ledger.head().time)
    broken = (registry.ledger.leaf(seq).subjects[0] for seq in leaves_of(registry.connection, "break-glass"))
    live = []
    for manifest in dict.fromkeys(broken):
        state = read_state(registry, manifest)
        for environment in state.environments.get(manifest, ()):
            found = status(state, manifest, environment, now)
            if glass := live_glass(found, registry.ledger.head().size):
                end = f"muniment withdraw {found.ref} --env {environment} --break-glass --reason TEXT"
                step = (*found.next, f"{end} --as {glass.event.person}")[0]
                words = words_of(registry, state, manifest)
                said = f"{found.ref} for {environment}: {words(alarm(found))}"
                live.append(_todo("glass", said, words(step)))
    return tuple(live) or (_fine("glass", "no broken glass lets anything through"),)
