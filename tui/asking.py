"""Asking a person before what cannot be undone."""

import sys

import click

from schemas.errors import Usage


def agree(question: str, *, yes: bool) -> None:
    """Return when the person says yes; raise click.Abort when not, Usage when nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Usage(
            "this is asked about on the terminal, and there is none", hint="look first, then add --yes"
        )
    click.confirm(question, abort=True, err=True)
