"""YAML that people write, read without surprises: no tags, duplicate keys, dates or yes/no booleans."""

import re
from typing import Any

import yaml

from schemas.errors import Malformed


class _Loader(yaml.SafeLoader):
    """YAML 1.1 with the surprising resolvers taken out."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if not tag.endswith((":timestamp", ":bool"))]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    pairs = loader.construct_pairs(node, deep=True)
    value = {}
    for key, item in pairs:
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, "a key is not text", node.start_mark)
        if key in value:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} stands twice", node.start_mark
            )
        value[key] = item
    return value


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_yaml(data: bytes, what: str) -> Any:
    """Return the one document in `data`; raise Malformed naming `what` and the line."""
    try:
        return yaml.load(data.decode(), Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer resolvers
    except UnicodeDecodeError as error:
        raise Malformed(f"{what}: not UTF-8 text", hint="save it as UTF-8") from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or "not YAML"
        raise Malformed(f"{what}{where}: {said}", hint="mend the file") from error
