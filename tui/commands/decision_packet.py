"""approve, reject and abstain --packet: the dossier is shown and decided on with no registry at hand."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from registry.acts.travel import draft_from_packet, sign_draft
from registry.bundle.packet import MAX_PACKET, Packet, named_documents, read_packet
from registry.reading import DecisionRequest
from schemas.digest import Digest
from schemas.errors import Refused
from schemas.ledger import time_text
from tui.diagnostics import say
from tui.files import read_small, write_new
from tui.output import emit, safe
from tui.session import Who, open_signer


def decide_on_packet(
    request: DecisionRequest, file: str, output: str | None, who: Who, *, as_json: bool
) -> None:
    """Show the packet's dossier and the statement, sign it, and write what `decision submit` takes."""
    if output is None or who.key is None:
        raise click.UsageError("--packet needs --key FILE, and -o ENVELOPE for what is signed")
    packet = read_packet(read_small(file, MAX_PACKET))
    _refuse_other(packet, request)
    _show(packet)
    signer = open_signer(who.key, who.passphrase_file, packet.root.public_keys())
    draft = draft_from_packet(packet, signer, request, time_text(datetime.now(UTC)))
    say("you sign:")
    _say_document(draft.payload)
    write_new(output, sign_draft(draft, signer))
    done = draft.request

    def lines() -> Iterator[str]:
        yield f"{done.decision}  {done.subject} for {done.environment}, signed as {done.reviewer}"
        yield f"decision {output}"
        yield f"next     muniment decision submit {output}    (where the registry is)"

    value = {
        "decision": done.decision,
        "subject": done.subject,
        "environment": done.environment,
        "reviewer": done.reviewer,
        "dossier": Digest.of(packet.dossier),
        "file": output,
    }
    emit(value, as_json=as_json, text=lines)


def _refuse_other(packet: Packet, request: DecisionRequest) -> None:
    parts = packet.parts
    about = (str(parts.subject.ref), parts.environment)
    if (request.subject or about[0], request.environment or about[1]) != about:
        raise Refused(
            f"the packet is about {about[0]} for {about[1]}, "
            f"not about {request.subject or about[0]} for {request.environment or about[1]}",
            hint="leave M@V and --env out, or take another packet",
        )


def _show(packet: Packet) -> None:
    absent = len(named_documents(packet.parts) - set(packet.bodies))
    say(f"registry {packet.head.origin}, {packet.head.size} leaves")
    say(f"the packet holds {len(packet.bodies)} documents; {absent} that the dossier names are not in it")
    say("dossier:")
    _say_document(packet.dossier)


def _say_document(data: bytes) -> None:
    for line in json.dumps(json.loads(data), indent=2, ensure_ascii=False).split("\n"):
        say(safe(line))
