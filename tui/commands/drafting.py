"""What commands that take the root threshold share: done at once, or written as a draft to be signed."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from tui.files import refuse_taken, write_new

if TYPE_CHECKING:
    from registry.acts.actor import Actor
    from registry.acts.propose import Proposal
    from registry.registry import Registry

Command = TypeVar("Command", bound=Callable[..., Any])


class Carried(msgspec.Struct, frozen=True):
    """What became of a proposal: its leaves, or the draft's file and who must still sign it."""

    leaves: tuple[int, ...]
    draft: str | None = None
    missing: tuple[str, ...] = ()

    def members(self) -> dict[str, Any]:
        """Return the members of `--json` that say so."""
        leaf = self.leaves[0] if self.leaves else None
        return {"leaf": leaf, "draft": self.draft, "missing": list(self.missing)}

    def lines(self) -> Iterator[str]:
        """Yield the lines that say so."""
        if self.draft is None:
            yield f"leaf      {self.leaves[0]}"
            return
        yield f"draft     {self.draft}, nothing is recorded yet"
        yield from (f"to sign   {line}" for line in self.missing)
        yield f"next      {self.next_step()}"

    def next_step(self) -> str:
        """Return the command that carries a draft on."""
        return f"muniment root {'sign' if self.missing else 'update'} {self.draft}"


def draft_option(function: Command) -> Command:
    """Give a command `-o`, passed on as `output`; a file that is there already is refused at once."""

    def check(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
        if value is not None:
            refuse_taken(value)
        return value

    return click.option(
        "-o",
        "--output",
        metavar="DRAFT",
        callback=check,
        help="Write a draft for other root persons to sign, and record nothing yet.",
    )(function)


def carry(registry: "Registry", actor: "Actor", proposal: "Proposal", output: str | None) -> Carried:
    """Record the proposal, or write it as a draft signed by `actor`."""
    from registry.acts.propose import enact, keeping, list_missing, make_draft

    if output is None:
        return Carried(enact(registry, actor, proposal).leaves)
    with keeping(*proposal.made):
        draft = make_draft(registry, actor, proposal)
        write_new(output, draft.to_bytes())
    return Carried((), output, list_missing(registry, draft))
