"""The options that imports about one version share, and what was typed there."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click
import msgspec

from tui.output import json_option
from tui.session import Who, signer_options

Command = TypeVar("Command", bound=Callable[..., Any])


class Asked(msgspec.Struct, frozen=True):
    """How one file is to be taken in: about which version, by whom, and whether only to say what it holds."""

    version: str
    dry_run: bool
    strict: bool
    service: bool
    who: Who
    as_json: bool


def import_options(function: Command) -> Command:
    """Give a command FILE and the options of an import about one version, passed on as `file` and `asked`."""

    @wraps(function)
    def called(
        *args: Any,
        version: str,
        dry_run: bool,
        strict: bool,
        service: bool,
        who: Who,
        as_json: bool,
        **rest: Any,
    ) -> Any:
        return function(*args, asked=Asked(version, dry_run, strict, service, who, as_json), **rest)

    wrapped: Any = json_option(signer_options(called))
    for option in (
        click.option(
            "--service", is_flag=True, help="Sign with the registry's service key, as pipelines do."
        ),
        click.option(
            "--strict", is_flag=True, help="Exit 1 when a check in it failed, or it contradicts M@V."
        ),
        click.option("--dry-run", is_flag=True, help="Say what it holds and record nothing."),
        click.option("--for", "version", required=True, metavar="M@V", help="The version it is about."),
        click.argument("file", metavar="FILE"),
    ):
        wrapped = option(wrapped)
    result: Command = wrapped
    return result
