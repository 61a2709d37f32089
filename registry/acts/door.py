"""Who may post events: the holder of a token; before any token is made, whoever is on this machine."""

from collections.abc import Iterable

from registry.store.tokens import Tokens, hash_of
from schemas.receiving import Writer


class Door:
    """Looks at the tokens anew for every request, so that a revoked one ends at once."""

    def __init__(self, tokens: Tokens, more: Iterable[str] = ()) -> None:
        self._tokens = tokens
        self._more = frozenset(map(hash_of, more))
        self._is_closed = bool(self._more)

    def admit(self, secret: str | None, *, local: bool) -> Writer | None:
        """Return who posts; None when they may not."""
        if self.is_open:
            return Writer() if local else None
        if secret is None:
            return None
        if hash_of(secret) in self._more:
            return Writer("token-file")
        return self._tokens.find_writer(secret)

    @property
    def is_open(self) -> bool:
        """Whether no token was ever made."""
        # No token is ever unmade: once there is one, nobody need ask again.
        self._is_closed = self._is_closed or self._tokens.any_made()
        return not self._is_closed
