"""muniment without a command: the review queue in the terminal."""

from tui.cli import Settings
from tui.session import opened


def open_screens(settings: Settings) -> None:
    """Open the terminal UI on the registry that the settings name."""
    from registry.pages.desk import Desk
    from tui.app import run

    with opened(settings) as registry:
        run(Desk(registry))
