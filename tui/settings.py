"""What stands before the command."""

import msgspec


class Settings(msgspec.Struct, frozen=True):
    """What stands before the command: where the registry is, and the default namespace."""

    registry: str | None
    namespace: str
