"""muniment root sign: what a draft changes, in plain words, and one signature more. No registry is opened."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tui.asking import agree
from tui.diagnostics import say
from tui.files import read_small, replace_file, write_new
from tui.output import emit, json_option
from tui.session import open_signer

if TYPE_CHECKING:
    from registry.trust.root_draft import RootDraft


@click.command("sign")
@click.argument("draft", metavar="DRAFT")
@click.option(
    "--key", metavar="FILE", help="A root person's key file, or agent[:KEYID]; without it, only shows."
)
@click.option("--passphrase-file", metavar="FILE", help="Read the passphrase from this file.")
@click.option("--anchor", metavar="DIGEST", help="Refuse the draft of a registry with another anchor.")
@click.option("-o", "--output", metavar="FILE", help="Write the signed draft here instead of in its place.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def sign(
    draft: str,
    key: str | None,
    passphrase_file: str | None,
    anchor: str | None,
    output: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Show what DRAFT changes against the root it follows, and add a root person's signature."""
    from registry.trust.root_draft import MAX_DRAFT, read_root_draft, sign_draft, steps_of

    found = read_root_draft(read_small(draft, MAX_DRAFT))
    _refuse_other(found, anchor)
    done, file = found, output or draft
    if key is not None:
        for line in draft_lines(found):
            say(line)
        agree("Sign this?", yes=yes)
        holders = {keyid for step in steps_of(found) for keyid in step.holders()}
        done = sign_draft(found, open_signer(key, passphrase_file, holders))
        (write_new if output else replace_file)(file, done.to_bytes())
    row = {**_row(done), "signed": key is not None, "file": file}

    def lines() -> Iterator[str]:
        yield from draft_lines(done) if key is None else [f"signed    {file}"]
        yield f"next      muniment root {'sign' if row['missing'] else 'update'} {file}"

    emit(row, as_json=as_json, text=lines)


def draft_lines(draft: "RootDraft") -> Iterator[str]:
    """Yield in plain words what a draft is for, what it changes, who signed it and who must still."""
    from registry.acts.actor import text_of
    from registry.trust.root_draft import lacking, steps_of
    from registry.trust.succession import anchor_of

    steps, names = list(steps_of(draft)), draft.names
    people = {keyid: person for step in steps for keyid, person in step.holders().items()}
    yield f"registry  {steps[0].before.origin}"
    yield f"anchor    {anchor_of(draft.chain[0])}"
    yield f"follows   trust root {steps[0].before.version}"
    yield from (f"change    {line}" for line in _changes(draft))
    yield from (f"reason    {text_of(text)}" for text in draft.texts)
    for keyid in dict.fromkeys(s.keyid for envelope in draft.envelopes for s in envelope.signatures):
        yield f"signed    {_called(people.get(keyid, keyid), names)}  {keyid[:16]}"
    for item in lacking(draft):
        could = ", ".join(_called(p, names) for p in item.persons) or "nobody"
        yield f"to sign   {item.number} more by root version {item.version}, of: {could}"
    if names:
        yield "names     by the word of whoever made the draft: compare the ids"


def _called(person: str, names: dict[str, str]) -> str:
    return f"{names[person]} ({person})" if person in names else person


def _changes(draft: "RootDraft") -> list[str]:
    from registry.trust.root_draft import steps_of
    from registry.trust.root_words import describe

    return [line for step in steps_of(draft) for line in describe(step, draft.names)]


def _row(draft: "RootDraft") -> dict[str, Any]:
    from registry.trust.root_draft import lacking, root_of
    from registry.trust.succession import anchor_of

    root = root_of(draft)
    return {
        "origin": root.origin,
        "anchor": anchor_of(draft.chain[0]),
        "follows": root.version,
        "changes": _changes(draft),
        "missing": [
            {"version": item.version, "number": item.number, "persons": list(item.persons)}
            for item in lacking(draft)
        ],
    }


def _refuse_other(draft: "RootDraft", anchor: str | None) -> None:
    from registry.trust.succession import anchor_of
    from schemas.errors import Refused

    begins = anchor_of(draft.chain[0])
    if anchor is not None and anchor != str(begins):
        raise Refused(
            f"ANCHOR_MISMATCH: the draft is of the registry with the anchor {begins}, not {anchor}",
            hint="ask for the draft of the registry you know",
        )
