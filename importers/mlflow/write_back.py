"""Setting tags on model versions of an MLflow server: the only thing that is ever written there."""

from collections.abc import Callable, Mapping

from importers.mlflow.answers import API, Call, Fetch, read_answer
from importers.mlflow.own_tags import PREFIX

_CALL = f"{API}/model-versions/set-tag"


def set_tags(
    fetch: Fetch,
    server: str,
    pair: tuple[str, str],
    tags: Mapping[str, str],
    done: Callable[[str, str], object],
) -> None:
    """Set `tags`, all of them ours, on the version `pair`; `done` hears each that the server took."""
    model, version = pair
    for key, value in sorted(tags.items()):
        if not key.startswith(PREFIX):
            raise ValueError(f"{key} is not a tag of ours")
        call = Call("POST", _CALL, body={"name": model, "version": version, "key": key, "value": value})
        read_answer(call, fetch(call), server)
        done(key, value)
