"""What commands share: opening the registry, naming versions, and borrowing a person's key."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from registry.acts.actor import Actor
from registry.registry import Registry, open_registry
from registry.signing import keyfile
from schemas.asset import VersionRef, parse_version_ref
from schemas.errors import NotFound, Usage
from tui.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


def opened(settings: Settings, *, read_only: bool = False) -> Registry:
    """Open the registry that the settings name."""
    return open_registry(settings.registry, read_only=read_only)


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
        click.option("--key", metavar="FILE", help="The person's key file, when it is not the registry's."),
        click.option("--passphrase-file", metavar="FILE", help="Read the passphrase from this file."),
    ):
        wrapped = option(wrapped)
    result: Command = wrapped
    return result


def acting_person(registry: Registry, who: Who) -> Actor:
    """Return the person who signs with their key opened; asks for the passphrase on the terminal."""
    person = registry.names.get_person(who.person) if who.person else _only_person(registry)
    path = Path(who.key).expanduser() if who.key else registry.keys / person
    if not path.exists():
        raise NotFound(f"{path}: no key file of {who.person or person} here", hint="name it with --key FILE")
    return Actor(open_key(path, who.passphrase_file), person)


def open_key(path: Path, passphrase_file: str | None) -> keyfile.PrivateKey:
    """Return the private key in `path`; asks for its passphrase on the terminal when it has one."""
    passphrase = _passphrase(path, passphrase_file) if keyfile.is_encrypted(path) else None
    return keyfile.load(path, passphrase)


def acting(registry: Registry, who: Who, *, service: bool) -> Actor:
    """Return the service when asked for, else the person."""
    if not service:
        return acting_person(registry, who)
    signer = registry.find_service_key()
    if signer is None:
        raise NotFound(f"{registry.keys}: the service key is not readable here", hint="sign as a person")
    return Actor(signer)


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


def _only_person(registry: Registry) -> str:
    people = sorted(p.name for p in registry.keys.glob("p-*") if not p.name.endswith(".pub"))
    if len(people) == 1:
        return people[0]
    names = ", ".join(registry.names.name_of(p) for p in people) or "none"
    raise Usage(f"say who signs; keys here belong to: {names}", hint="add --as NAME or set MUNIMENT_AS")
