"""What the commands that list imported things share: `--limit`, `--after`, `--filter`."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from registry.rules.naming import without_secrets

Command = TypeVar("Command", bound=Callable[..., Any])

_SHOWN = 200


def page_options(function: Command) -> Command:
    """Give a command the options of a page."""
    for option in (
        click.option("--filter", "wanted", default="", metavar="TEXT", help="Only names that contain this."),
        click.option("--after", metavar="ID", help="Start behind the item with this id."),
        click.option(
            "--limit", type=click.IntRange(1), help=f"At most so many; {_SHOWN}, or all with --json."
        ),
    ):
        function = option(function)
    return function


def how_many(limit: int | None, *, as_json: bool) -> int:
    """Return how many items to read: what was asked for, else a screenful or two, else all for a script."""
    if limit is not None:
        return limit
    return 1 << 62 if as_json else _SHOWN


def full_name(thing: dict[str, Any]) -> str:
    """Return `namespace:name` for a screen, without passwords."""
    return without_secrets(f"{thing['namespace']}:{thing['name']}")


def more(after: str | None) -> list[str]:
    """Return the line that says how to go on, if there is more."""
    return [] if after is None else [f"more: --after {after}"]


def statements_option(function: Command) -> Command:
    """Give a command the choice to show single SQL statements as jobs and runs of their own."""
    return click.option(
        "--statements/--no-statements",
        default=None,
        help="Show every SQL statement that ran inside another run, or leave it to that run. "
        "Default: all with --json.",
    )(function)
