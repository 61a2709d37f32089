"""One transaction of the log: records go in together, the head is signed, or nothing happened.

1. Take the write lock; refuse when the log does not continue the last head that was signed.
2. Append what the act brings.
3. With the service key: seal what waits in the inbox, and say which dossiers the new facts changed.
4. With the log key: sign the new head.
5. Commit; then move the last-head file on, and a new log key into its place.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from registry.acts import dossier_changes, seals
from registry.acts.actor import Actor
from registry.acts.heads import sign_head
from registry.acts.log_key import settle_log_key
from registry.acts.service_key import find_service_signer
from registry.acts.writer import Writer
from registry.registry import Registry
from registry.store.last_head import check_last_head, read_last_head, write_last_head
from registry.store.transaction import begin, undo
from schemas.errors import StoreError


@contextmanager
def writing(registry: Registry, *, changes: bool = True) -> Iterator[Writer]:
    """Yield a Writer; commit when the block ends, undo everything when it raises.

    `changes=False` leaves out step 3's look at dossiers, for batches whose closing act does it once.
    """
    connection = registry.connection
    begin(connection, registry.home)
    try:
        writer = Writer(registry, registry.clock())
        size = registry.ledger.head().size
        check_last_head(read_last_head(registry.keys), size, registry.ledger.root_at)
        yield writer
        service = find_service_signer(registry)
        if service is not None:
            _service_work(writer, Actor(service), changes=changes)
        signed = sign_head(registry)
        connection.execute("COMMIT")
        registry.has_written = True
    except sqlite3.Error as error:
        undo(connection)
        raise StoreError(
            f"{registry.home}: the database refused: {error}",
            hint="check the permissions of the folder, then muniment audit verify",
        ) from error
    except BaseException:
        undo(connection)
        raise
    if signed is not None:
        write_last_head(registry.keys, signed)
        settle_log_key(registry)


def _service_work(writer: Writer, service: Actor, *, changes: bool) -> None:
    seals.seal_receipts(writer, service)
    if changes and writer.leaves:
        dossier_changes.note_changes(writer, service)
