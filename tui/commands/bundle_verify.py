"""muniment bundle verify: check a bundle with no network and no registry."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from tui.output import emit, json_option

Command = TypeVar("Command", bound=Callable[..., Any])


def anchor_options(function: Command) -> Command:
    """Give a command the options that say whose registry it is, and whether to remember that."""

    @wraps(function)
    def called(*args: Any, no_remember: bool, **rest: Any) -> Any:
        return function(*args, remember=not no_remember, **rest)

    wrapped: Any = called
    for option in (
        click.option("--anchor", metavar="A", help="SHA-256 of the registry's first trust root."),
        click.option("--no-remember", is_flag=True, help="Neither use nor keep what this machine remembers."),
    ):
        wrapped = option(wrapped)
    result: Command = wrapped
    return result


@click.command("verify")
@click.argument("file", metavar="F")
@click.option("--prior", metavar="SIZE:ROOT", help="A head you have seen before; ROOT in base64.")
@click.option("--at", metavar="TIME", help="Decide as of this time, YYYY-MM-DDTHH:MM:SSZ.")
@click.option("--max-age", metavar="D", help="The head must be no older: 90m, 12h or 30d.")
@click.option(
    "--require-witness",
    "witnesses",
    type=click.IntRange(0, 16),
    default=0,
    metavar="K",
    help="So many witnesses must confirm the head.",
)
@anchor_options
@json_option
def verify(
    file: str,
    anchor: str | None,
    prior: str | None,
    at: str | None,
    max_age: str | None,
    witnesses: int,
    remember: bool,
    as_json: bool,
) -> int:
    """Check a bundle, a file or the folder it was unpacked to, offline; decide everything in it again.

    What passes under an anchor is remembered on this machine: from then on the anchor is known, and a log
    that was rolled back or forked is refused.
    """
    from tui.verifying import Asked, answer_lines, verify_file

    asked = Asked(anchor=anchor, prior=prior, at=at, max_age=max_age, witnesses=witnesses, remember=remember)
    answer = verify_file(Path(file).expanduser(), asked)
    emit(answer.to_json(), as_json=as_json, text=lambda: answer_lines(answer))
    return answer.exit_code
