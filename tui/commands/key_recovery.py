"""muniment key recovery: a root key that lies away from the registry."""

from collections.abc import Iterator
from pathlib import Path

import click

from tui.commands.drafting import carry
from tui.files import refuse_taken
from tui.output import emit, json_option
from tui.session import Who, acting_person, ask_new_passphrase, opened, signer_options
from tui.settings import Settings


@click.command("recovery")
@click.option("-o", "--output", "folder", required=True, metavar="FOLDER", help="A new folder for the key.")
@click.option(
    "--name", default="recovery", show_default=True, metavar="NAME", help="What its holder is called."
)
@click.option("--new-passphrase-file", metavar="FILE", help="Read the new key's passphrase from this file.")
@click.option("--draft", metavar="DRAFT", help="Write a draft for other root persons to sign.")
@signer_options
@json_option
@click.pass_obj
def recovery(
    settings: Settings,
    folder: str,
    name: str,
    new_passphrase_file: str | None,
    draft: str | None,
    who: Who,
    as_json: bool,
) -> None:
    """Make the offline recovery root: a key under a passphrase in FOLDER, outside the registry."""
    from registry.acts.recovery import propose_recovery

    if draft is not None:
        refuse_taken(draft)
    with opened(settings) as registry:
        actor = acting_person(registry, who)
        passphrase = ask_new_passphrase(new_passphrase_file, "--new-passphrase-file", "the recovery key")
        made = propose_recovery(registry, Path(folder), passphrase, name)
        done = carry(registry, actor, made.proposal, draft)

    def lines() -> Iterator[str]:
        yield f"recovery  {made.name} as {made.person}"
        yield f"key       {made.key}"
        yield f"keyid     {made.keyid}"
        yield from done.lines()
        yield f"next      keep {folder} where the registry is not, and the passphrase elsewhere again"

    value = {
        "person": made.person, "name": made.name, "keyid": made.keyid, "key": str(made.key), **done.members()
    }  # fmt: skip
    emit(value, as_json=as_json, text=lines)
