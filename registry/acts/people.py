"""What people are called: names beside the log, to be changed and forgotten without touching a record."""

import msgspec

from registry.acts.state import get_trust_root, read_state
from registry.registry import Registry
from registry.store.erasures import sweep, zero_deleted
from registry.trust.trust_root import Person
from schemas.errors import Conflict, NotFound, Usage

_MAX_NAME = 200


class Known(msgspec.Struct, frozen=True):
    """A person of any trust root: the name, None when none is kept, and who they are in force, if at all."""

    id: str
    name: str | None
    enrolled: Person | None


class Forgotten(msgspec.Struct, frozen=True):
    """A person whose name is gone; `swept` says that no copy is left in the files."""

    id: str
    swept: bool


def list_people(registry: Registry) -> tuple[Known, ...]:
    """Return everybody a trust root ever enrolled or a name is kept of, those in force first."""
    state, names = read_state(registry), registry.names.all()
    now = {person.id: person for person in get_trust_root(state).persons}
    ever = {person.id for root in state.roots for person in root.value.persons}
    ordered = sorted({*ever, *names}, key=lambda p: (p not in now, names.get(p, p)))
    return tuple(Known(p, names.get(p), now.get(p)) for p in ordered)


def rename_person(registry: Registry, called: str, name: str) -> str:
    """Let a person be called `name` from now on and return their id; what they signed says the id."""
    person = _get(registry, called)
    name = check_name(registry, name, person)
    zero_deleted(registry.connection)
    registry.names.add(person, name)
    return person


def check_name(registry: Registry, name: str, person: str) -> str:
    """Return what `person` may be called; raise Usage when it is no name, Conflict when it is another's."""
    name = name.strip()
    if not name or len(name) > _MAX_NAME or not name.isprintable():
        raise Usage(
            f"a name has 1 to {_MAX_NAME} characters that can be seen", hint="for example alice@acme.example"
        )
    if any(other != person and taken == name for other, taken in registry.names.all().items()):
        raise Conflict(f"{name!r} is somebody else's name", hint="muniment people list")
    return name


def forget_person(registry: Registry, called: str) -> Forgotten:
    """Erase what a person is called: records keep saying the id, which names nobody any more."""
    person = _get(registry, called)
    if person not in registry.names.all():
        raise Conflict(f"no name of {person} is kept", hint="muniment people list")
    zero_deleted(registry.connection)
    registry.names.forget(person)
    return Forgotten(person, sweep(registry.connection))


def _get(registry: Registry, called: str) -> str:
    person = registry.names.get_person(called)
    if all(known.id != person for known in list_people(registry)):
        raise NotFound(f"no person has the id {person} here", hint="muniment people list")
    return person
