"""Files that people write: YAML with the surprises taken out, or JSON, which is the same.

`true` and `false` are the only truths (`no` and `on` are words), days stay text, decimals stay text so that
they are exact, a key stands once, and nothing is aliased or tagged.
"""

import re
from typing import Any

import yaml

from schemas.errors import Malformed

MAX_BYTES = 1 << 20
_NULL, _BOOL, _INT = "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int"


class Loader(yaml.SafeLoader):
    """A safe loader that resolves nothing but null, true, false and plain integers."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse aliases, which expand without end, and tags, which make text something else."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not read", mark)
        if getattr(event, "tag", None) is not None:
            raise yaml.composer.ComposerError(None, None, "tags are not read", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that stands twice or is no text."""
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} is no text", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


Loader.add_implicit_resolver(_NULL, re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|false)$"), ["t", "f"])
Loader.add_implicit_resolver(_INT, re.compile(r"^-?(?:0|[1-9][0-9]{0,15})$"), list("-0123456789"))


def read_authored(data: bytes, name: str) -> Any:
    """Return the value `data` spells in YAML or JSON; raise Malformed with line and column otherwise."""
    if len(data) > MAX_BYTES:
        raise Malformed(f"{name}: {len(data)} bytes, at most {MAX_BYTES} are read")
    try:
        return yaml.load(data.decode("utf-8-sig"), Loader=Loader)  # noqa: S506 - a SafeLoader, narrowed
    except UnicodeDecodeError as error:
        raise Malformed(f"{name}: byte {error.start} is not UTF-8", hint="save it as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark is not None else ""
        raise Malformed(f"{name}: {where}{error.problem}", hint="check the YAML there") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Malformed(f"{name}: not YAML", hint="check the file's name") from error
