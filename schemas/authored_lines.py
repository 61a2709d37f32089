"""Where in an authored file a member stands: its line, by its path."""

import yaml

from schemas.authored import Loader
from schemas.errors import Malformed


def find_lines(data: bytes) -> dict[str, int]:
    """Return the line of every member of the YAML `data`, by paths such as `approval[0].roles`."""
    try:
        root = yaml.compose(data.decode("utf-8-sig"), Loader=Loader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("not YAML", hint="check the file's name") from error
    found: dict[str, int] = {}
    todo = [("", root)]
    while todo:
        path, node = todo.pop()
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                name = f"{path}.{key.value}".removeprefix(".")
                found[name] = key.start_mark.line + 1
                todo.append((name, value))
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                found[f"{path}[{index}]"] = item.start_mark.line + 1
                todo.append((f"{path}[{index}]", item))
    return found


def line_of(path: str, lines: dict[str, int]) -> int | None:
    """Return the line of `path`, or of the nearest member around it."""
    while path:
        if path in lines:
            return lines[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None
