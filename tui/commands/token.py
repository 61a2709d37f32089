"""muniment token: who may post events."""

import re
from collections.abc import Iterator

import click

from schemas.errors import Usage
from tui.output import emit, json_option, table
from tui.session import opened
from tui.settings import Settings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@click.group("token")
def command() -> None:
    """Make, list and revoke the tokens of those who post events to `muniment serve`."""


@command.command("new")
@click.argument("name")
@click.option(
    "--namespace",
    "namespaces",
    multiple=True,
    metavar="NS",
    help="A job namespace it may write to, a trailing * for any ending; all when none is named.",
)
@json_option
@click.pass_obj
def new(settings: Settings, name: str, namespaces: tuple[str, ...], as_json: bool) -> None:
    """Make a token for NAME and print it, once: only its hash is kept.

    From the first token on, the receiver takes nothing without one.
    """
    from registry.store.tokens import Tokens

    if not _NAME.fullmatch(name):
        raise Usage(f"{name!r}: expected letters, digits, . _ or -, at most 64", hint="name it otherwise")
    with opened(settings) as registry:
        secret = Tokens(registry.connection).make(name, namespaces, registry.clock())
    value = {"name": name, "namespaces": list(namespaces), "token": secret}
    emit(value, as_json=as_json, text=lambda: [secret])


@command.command("list")
@json_option
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List tokens without their secrets."""
    from registry.store.tokens import Tokens

    with opened(settings, read_only=True) as registry:
        tokens = Tokens(registry.connection).all()
    items = [
        {
            "name": token.name,
            "namespaces": list(token.namespaces),
            "made_at": token.made_at,
            "revoked_at": token.revoked_at,
        }
        for token in tokens
    ]

    def lines() -> Iterator[str]:
        rows = [(t.name, " ".join(t.namespaces) or "all", t.made_at, t.revoked_at or "-") for t in tokens]
        yield from table(("NAME", "NAMESPACES", "MADE", "REVOKED"), rows)

    emit({"items": items}, as_json=as_json, text=lines)


@command.command("revoke")
@click.argument("name")
@json_option
@click.pass_obj
def revoke(settings: Settings, name: str, as_json: bool) -> None:
    """End the token of NAME, at once and also for a receiver that is running."""
    from registry.store.tokens import Tokens

    with opened(settings) as registry:
        Tokens(registry.connection).revoke(name, registry.clock())
    emit({"name": name, "revoked": True}, as_json=as_json, text=lambda: [f"revoked  {name}"])
