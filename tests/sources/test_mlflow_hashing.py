"""A model file is hashed as the server gives it, and never kept whole."""

from hashlib import sha256

import pytest

from importers.mlflow.answers import Call, Hashed
from importers.mlflow.rest import Server
from schemas.errors import SourceError
from tests.commands.loopback_mlflow import serving

BODY = b"weights" * 100_000
CALL = Call(
    "GET", "/model-versions/get-artifact", params={"name": "clinic-wine", "version": "2", "path": "w.bin"}
)


def test_a_file_is_hashed_as_it_comes_and_one_without_end_is_left() -> None:
    with serving() as mlflow, Server(mlflow.url, {}) as server:
        mlflow.model_files["clinic-wine", "2", "w.bin"] = BODY
        whole, part = server.hash(CALL, len(BODY)), server.hash(CALL, 10)
    assert whole == Hashed(200, sha256(BODY).hexdigest(), len(BODY))
    assert 10 < part.size < len(BODY)


def test_a_file_that_is_not_there_says_so_by_its_status() -> None:
    with serving() as mlflow, Server(mlflow.url, {}) as server:
        assert server.hash(CALL, 10).status == 404


def test_a_server_that_is_gone_is_named() -> None:
    with Server("http://127.0.0.1:9", {}) as server, pytest.raises(SourceError, match="cannot be reached"):
        server.hash(CALL, 10)
