"""What every screen is handed: where to read, which marks to draw with, what was opened."""

from registry.reading import Reading
from schemas.digest import Digest
from tui.drawing.glyphs import Glyphs


class Desk:
    """One person's sitting. `opened` grows as documents are opened and is named in what is signed."""

    def __init__(self, reading: Reading, glyphs: Glyphs) -> None:
        self.reading = reading
        self.glyphs = glyphs
        self.opened: dict[str, dict[Digest, None]] = {}

    def open(self, subject: str, digest: Digest) -> bytes | None:
        """Return a document's bytes and remember that it was opened for this subject."""
        body = self.reading.evidence_body(digest)
        if body is not None:
            self.opened.setdefault(subject, {})[digest] = None
        return body

    def opened_for(self, subject: str) -> tuple[Digest, ...]:
        """Return what was opened for a subject, in that order."""
        return tuple(self.opened.get(subject, ()))
