"""What commands share: opening the registry, naming versions, and borrowing a person's key."""

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from registry.acts.actor import Actor
from registry.acts.own_key import find_key_file, live_keys, people_with_files
from registry.acts.service_key import get_service_signer
from registry.acts.state import get_trust_root, read_state
from registry.registry import Registry, open_registry
from registry.signing import agent, keyfile
from registry.trust.dsse import Signer
from registry.trust.state import State
from schemas.asset import VersionRef, parse_version_ref
from schemas.errors import Error, NotFound, Refused, Usage
from tui.sealing_along import seal_along
from tui.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


@contextmanager
def opened(settings: Settings, *, read_only: bool = False) -> Iterator[Registry]:
    """Open the registry that the settings name; a command that writes seals what was posted as well."""
    with open_registry(settings.registry, read_only=read_only) as registry:
        yield registry
        if registry.has_written:
            seal_along(registry)


def version_ref(settings: Settings, text: str) -> VersionRef:
    """Return the version a person wrote, short names in the default namespace."""
    return parse_version_ref(text, namespace=settings.namespace)


class Who(msgspec.Struct, frozen=True):
    """What was typed about who signs; all of it may be left out."""

    person: str | None
    key: str | None
    passphrase_file: str | None


def signer_options(function: Command) -> Command:
    """Give a command the options that say who signs, passed on as one `who`."""

    @wraps(function)
    def called(
        *args: Any, person: str | None, key: str | None, passphrase_file: str | None, **rest: Any
    ) -> Any:
        return function(*args, who=Who(person, key, passphrase_file), **rest)

    wrapped: Any = called
    for option in (
        click.option("--as", "person", envvar="MUNIMENT_AS", metavar="NAME", help="Who signs."),
        click.option(
            "--key", metavar="FILE", help="The person's key file, or agent[:KEYID] for a key in ssh-agent."
        ),
        click.option("--passphrase-file", metavar="FILE", help="Read the passphrase from this file."),
    ):
        wrapped = option(wrapped)
    result: Command = wrapped
    return result


def acting_person(registry: Registry, who: Who) -> Actor:
    """Return the person who signs with their key opened; asks for the passphrase on the terminal.

    Without --key it is their file in the registry's folder, else their key in the ssh-agent.
    """
    state = read_state(registry)
    person = registry.names.get_person(who.person) if who.person else None
    if who.key:
        mine = frozenset() if person is None else live_keys(state, person)
        signer = open_signer(who.key, who.passphrase_file, mine or get_trust_root(state).public_keys())
        return Actor(signer, person or _holder(state, signer))
    person = person or _only_person(registry, state)
    path = find_key_file(registry, state, person)
    if path is not None:
        return Actor(open_key(path, who.passphrase_file), person)
    try:
        return Actor(
            agent.choose_key(agent.open_agent().list_keys(), wanted=live_keys(state, person)), person
        )
    except Error as error:
        raise NotFound(
            f"{registry.keys / person}: no key file of {who.person or person} here; {error.message}",
            hint="name it with --key FILE, or load it into the ssh-agent",
        ) from error


def open_signer(named: str, passphrase_file: str | None, wanted: Collection[str] = ()) -> Signer:
    """Return the key that `--key` names: a file, or a key in the ssh-agent, there one of `wanted`."""
    word, _, prefix = named.partition(":")
    if word == "agent":
        return agent.choose_key(agent.open_agent().list_keys(), prefix, wanted)
    return open_key(Path(named).expanduser(), passphrase_file)


def open_key(path: Path, passphrase_file: str | None) -> keyfile.PrivateKey:
    """Return the private key in `path`; asks for its passphrase on the terminal when it has one."""
    passphrase = _passphrase(path, passphrase_file) if keyfile.is_encrypted(path) else None
    return keyfile.load(path, passphrase)


def acting(registry: Registry, who: Who, *, service: bool) -> Actor:
    """Return the service when asked for, with --key another than the registry's own; else the person."""
    if not service:
        return acting_person(registry, who)
    if who.key:
        signer = open_signer(who.key, who.passphrase_file)
        if get_trust_root(read_state(registry)).service_of(signer.keyid) is None:
            raise Refused(f"the key {signer.keyid[:16]} is no service's", hint="muniment root show")
        return Actor(signer)
    return Actor(get_service_signer(registry, "what no person does"))


def ask_new_passphrase(
    passphrase_file: str | None, option: str = "--passphrase-file", whose: str = "your key"
) -> bytes:
    """Return the passphrase of a key about to be made, asked twice on the terminal."""
    if passphrase_file:
        return _read_passphrase(passphrase_file)
    if not sys.stdin.isatty():
        raise Usage(
            "a passphrase is asked on the terminal, and there is none",
            hint=f"use {option} FILE, or --no-passphrase for a throw-away registry",
        )
    text: str = click.prompt(
        f"New passphrase for {whose}", hide_input=True, confirmation_prompt=True, err=True
    )
    return text.encode()


def _passphrase(path: Path, passphrase_file: str | None) -> bytes:
    if passphrase_file:
        return _read_passphrase(passphrase_file)
    if not sys.stdin.isatty():
        raise Usage(
            f"{path.name}: the key has a passphrase and there is no terminal to ask on",
            hint="use --passphrase-file FILE",
        )
    text: str = click.prompt(f"Passphrase of {path.name}", hide_input=True, err=True)
    return text.encode()


def _read_passphrase(name: str) -> bytes:
    try:
        return Path(name).expanduser().read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise NotFound(f"{name}: cannot be read: {error.strerror}", hint="check --passphrase-file") from error


def _only_person(registry: Registry, state: State) -> str:
    people = people_with_files(registry, state)
    if len(people) == 1:
        return people[0]
    names = ", ".join(sorted(registry.names.name_of(p) for p in people)) or "none"
    raise Usage(f"say who signs; keys here belong to: {names}", hint="add --as NAME or set MUNIMENT_AS")


def _holder(state: State, signer: Signer) -> str:
    person = get_trust_root(state).person_of(signer.keyid)
    if person is None:
        raise Refused(
            f"SIGNER_UNKNOWN: the key {signer.keyid[:16]} is no person's here", hint="muniment key list"
        )
    return person.id
