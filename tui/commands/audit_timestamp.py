"""muniment audit timestamp: an authority's word on when a head was there (RFC 3161)."""

from collections.abc import Iterator

import click

from schemas.errors import Usage
from tui.files import read_small, write_new
from tui.output import emit, json_option
from tui.session import opened
from tui.settings import Settings


@click.command("timestamp")
@click.option("--tsa", metavar="URL", help="Ask this authority now.")
@click.option("--request-out", metavar="F", help="Write the question to this new file, to be sent elsewhere.")
@click.option("--token", metavar="FILE", help="Take in the authority's answer.")
@click.option("--size", type=click.IntRange(1), metavar="N", help="A head of N leaves, not the newest.")
@json_option
@click.pass_obj
def timestamp(
    settings: Settings,
    tsa: str | None,
    request_out: str | None,
    token: str | None,
    size: int | None,
    as_json: bool,
) -> None:
    """Have a signed head time-stamped by an authority that the trust root pins, and keep its token.

    Pin one with `root update --add-tsa-root CERT.pem`; what counts is the root in force at the head.
    """
    from registry.acts.timestamps import Kept, ask_about, fetch_token, keep
    from registry.bundle.timestamps import MAX_TOKEN

    if sum(item is not None for item in (tsa, request_out, token)) != 1:
        raise Usage("expected one of --tsa URL, --request-out F and --token FILE")
    if request_out is not None:
        with opened(settings, read_only=True) as registry:
            asked = ask_about(registry, size)
        write_new(request_out, asked.query.data)
        said = f"wrote the question about the head of {asked.size} leaves: {request_out}"
        emit({"size": asked.size, "file": request_out}, as_json=as_json, text=lambda: [said])
        return
    data = b"" if token is None else read_small(token, MAX_TOKEN)
    with opened(settings) as registry:
        done: Kept = fetch_token(registry, tsa, size) if tsa is not None else keep(registry, data, size)

    def lines() -> Iterator[str]:
        yield f"the head of {done.size} leaves was there at {done.stamped.at}"
        yield f"by       {done.stamped.authority}" + ("" if done.new else " (kept already)")

    value = {"size": done.size, "at": done.stamped.at, "authority": done.stamped.authority, "new": done.new}
    emit(value, as_json=as_json, text=lines)
