"""What others posted is sealed along with what a command writes, where the service key is (RECORDS §3)."""

import sqlite3

from registry.registry import Registry
from registry.store.received import Received
from schemas.errors import Error
from tui.diagnostics import say
from tui.progress import progress

MOST = 10_000
"""Events that one command seals besides its own work."""


def seal_along(registry: Registry) -> None:
    """Seal posted events that wait; say how many. The command has done its work, whatever becomes of this."""
    try:
        if not Received(registry.connection).waiting(1):
            return
        from importers.openlineage.posted import read_kept  # noqa: PLC0415 - only where something waits
        from registry.acts.seal_received import seal_posted  # noqa: PLC0415

        with progress("posted events sealed") as step:
            sealed = seal_posted(registry, read_kept, MOST, step)
        left = Received(registry.connection).count()
    except (Error, sqlite3.Error) as error:
        say(f"muniment: posted events go on waiting for their seal: {error}")
        return
    if sealed:
        more = f", {left} still wait: muniment audit checkpoint" if left else ""
        say(f"muniment: sealed {sealed} posted event{'s' if sealed > 1 else ''}{more}")
