"""muniment demo: a registry filled from recorded real runs."""

import tempfile
from pathlib import Path

import click

from tui.diagnostics import ExitCode, say
from tui.output import emit, json_option
from tui.settings import Settings


@click.command("demo")
@click.option("--headless", is_flag=True, help="Walk the main job, print each step, and end.")
@click.option("--dir", "place", metavar="D", help="The registry's folder; a new temporary one when left out.")
@json_option
def command(place: str | None, headless: bool, as_json: bool) -> int:
    """Fill a registry from recorded real runs, then open it with a decision waiting."""
    from tui.demo.walk import DEVELOPER, PASSPHRASE, REVIEWER, build_only, walk_all

    home = Path(place).expanduser() if place else Path(tempfile.mkdtemp(prefix="muniment-demo-")) / "registry"
    show = _silent if as_json else click.echo
    if headless:
        done = walk_all(home, show)
        value = {
            "registry": done.registry,
            "anchor": done.anchor,
            "bundle": done.bundle,
            "verdict": done.verdict,
        }
        emit(value, as_json=as_json, text=lambda: [f"bundle {done.bundle}", f"verdict {done.verdict}"])
        return ExitCode.YES if done.verdict == "PASS" else ExitCode.NO
    from tui.commands.screens import need_terminal, open_screens

    need_terminal("muniment demo --headless")
    anchor = build_only(home, show)
    say("")
    say(f"registry    {home}")
    say(f"anchor      {anchor}")
    say(f"people      {DEVELOPER} made the model; {REVIEWER} decides, passphrase: {PASSPHRASE}")
    click.pause("Press a key to open the review queue.", err=True)
    open_screens(Settings(str(home), "retail"))
    say(f"open it again with: muniment --registry {home}")
    return ExitCode.YES


def _silent(_line: str) -> None:
    """Show nothing: with --json, stdout is one document."""
