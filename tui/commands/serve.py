"""muniment serve: the receiver that OpenLineage clients post to."""

import sys
from pathlib import Path

import click

from schemas.errors import NotFound
from tui.session import opened
from tui.settings import Settings


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=5050, show_default=True, type=click.IntRange(0, 65535), help="0: any free one."
)
@click.option("--token-file", metavar="FILE", help="More tokens, one a line, for every namespace.")
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A host name it is reached by, besides localhost and addresses.",
)
@click.option(
    "--max-bytes", default=10 << 20, show_default=True, type=click.IntRange(1), help="Of one body, unpacked."
)
@click.option(
    "--seal-every",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    metavar="SECONDS",
    help="The longest that an event waits for its seal.",
)
@click.pass_obj
def command(
    settings: Settings,
    host: str,
    port: int,
    token_file: str | None,
    hosts: tuple[str, ...],
    max_bytes: int,
    seal_every: float,
) -> None:
    """Receive OpenLineage events at /api/v1/lineage until interrupted; prints the URL once it listens.

    Clients post there with OPENLINEAGE_URL set to that URL, and a token in OPENLINEAGE_API_KEY; without
    tokens (`muniment token new`) only this machine may post. An event is durable before it is acknowledged,
    and sealed soon after by a process beside this one. /healthz and /metrics say how it is.
    """
    from tui.serving import Served, serve

    more = _tokens_of(token_file)
    with opened(settings) as registry:
        serve(registry, Served(host, port, (host, *hosts), more, max_bytes, seal_every), sys.stdout)


def _tokens_of(token_file: str | None) -> tuple[str, ...]:
    if token_file is None:
        return ()
    try:
        lines = Path(token_file).expanduser().read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(f"{token_file}: cannot be read: {error}", hint="check --token-file") from error
    tokens = tuple(line.strip() for line in lines if line.strip())
    if not tokens:
        raise NotFound(f"{token_file}: holds no token", hint="one token a line")
    return tokens
