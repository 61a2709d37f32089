"""Saying in the log which reviewed dossiers no longer describe what is there (RECORDS section 6)."""

from registry.acts.actor import Actor
from registry.acts.writer import Writer


def note_changes(writer: Writer, service: Actor) -> None:
    """Append a dossier-changed record for every open request or live approval that this act touched."""
