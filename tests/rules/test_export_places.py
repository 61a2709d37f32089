"""Where a model's files lie, as a name that other tools can mean too; no secret is part of it."""

import pytest

from registry.exports.model_dataset import find_location


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("s3://bucket/models/7/", ("s3://bucket", "models/7")),
        ("s3a://key:secret@bucket/models/7", ("s3://bucket", "models/7")),
        ("gs://bucket/7", ("gs://bucket", "7")),
        ("abfss://box@account.dfs.core.windows.net/7", ("abfss://box@account.dfs.core.windows.net", "7")),
        ("hdfs://node:8020/models/7", ("hdfs://node:8020", "/models/7")),
        ("https://ann:hunter2@files.example/7?sig=abc", ("https://files.example", "/7")),
        ("file:///srv/a%20b/7", ("file", "/srv/a b/7")),
        ("/srv/a%20b/7", ("file", "/srv/a%20b/7")),
    ],
)
def test_a_place_that_others_can_mean_is_named(uri: str, found: tuple[str, str]) -> None:
    name = find_location(uri)
    assert name is not None
    assert (name.namespace, name.name) == found


@pytest.mark.parametrize(
    "uri", ["", "models:/m-1", "mlflow-artifacts:/1/r/artifacts/model", "runs:/r/model", "s3:/odd", "model"]
)
def test_a_place_that_only_its_server_knows_is_not(uri: str) -> None:
    assert find_location(uri) is None
