"""Display names of persons: outside the log, erasable, never in signed bytes (RECORDS section 2)."""

import re
import sqlite3
from typing import Any

from registry.store.columns import text
from schemas.errors import NotFound

_PERSON = re.compile(r"p-[0-9a-f]{16}")
_ANYWHERE = re.compile(r"\bp-[0-9a-f]{16}\b")


class Names:
    """The table that maps pseudonymous ids to display names."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, person: str, name: str) -> None:
        """Remember what `person` is called."""
        self._connection.execute("INSERT OR REPLACE INTO person_name VALUES (?, ?)", (person, name))

    def forget(self, person: str) -> None:
        """Keep no name of `person` any more."""
        self._connection.execute("DELETE FROM person_name WHERE person = ?", (person,))

    def name_of(self, person: str) -> str:
        """Return the display name, or the id itself when none is kept."""
        row = self._connection.execute("SELECT name FROM person_name WHERE person = ?", (person,)).fetchone()
        return person if row is None else _name(row[0])

    def in_words(self, said: str) -> str:
        """Return `said` with every person's id written as the display name."""
        return _ANYWHERE.sub(lambda found: self.name_of(found[0]), said)

    def get_person(self, called: str) -> str:
        """Return the id of the person called `called`, which may be the id; raise NotFound otherwise."""
        if _PERSON.fullmatch(called):
            return called
        row = self._connection.execute("SELECT person FROM person_name WHERE name = ?", (called,)).fetchone()
        if row is None:
            raise NotFound(f"no person is called {called!r} here", hint="muniment key list")
        return _name(row[0])

    def all(self) -> dict[str, str]:
        """Return every name by id."""
        rows = self._connection.execute("SELECT person, name FROM person_name")
        return {_name(person): _name(name) for person, name in rows}


def _name(value: Any) -> str:
    return text(value, "the name of a person")
