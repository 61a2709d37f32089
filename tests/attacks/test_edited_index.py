"""An operator who edits what only serves look-up: the audit names it, and the whole fold is not fooled."""

from pathlib import Path

import pytest

from registry.acts.audit import verify_log
from registry.registry import open_registry
from tui.demo.walk import Walk


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("edited") / "registry"
    walk = Walk(home, lambda _line: None)
    walk.build()
    walk.forget_passphrase_file()
    return home


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ("DROP TRIGGER leaf_subject_no_delete; DELETE FROM leaf_subject WHERE seq = 12", "INDEX_MISMATCH"),
        (
            "DROP TRIGGER leaf_subject_no_update; UPDATE leaf_subject SET seq = 0 WHERE seq = 12",
            "INDEX_MISMATCH",
        ),
        (
            "DROP TRIGGER body_only_redacted; UPDATE body SET bytes = CAST(replace(CAST(bytes AS TEXT), "
            '\'"result":"fail"\', \'"result":"pass"\') AS BLOB) WHERE digest IN '
            "(SELECT digest FROM body WHERE CAST(bytes AS TEXT) LIKE '{\"authors\"%')",
            "BODY_DIGEST",
        ),
        ("UPDATE governed_version SET version = 9 WHERE version = 7", "NAMES_MISMATCH"),
        ("DELETE FROM governed_version", "NAMES_MISMATCH"),
        ("UPDATE head SET size = size - 1", "LOG_TRUNCATED"),
        (
            "PRAGMA foreign_keys = OFF; DROP TRIGGER leaf_no_delete; DELETE FROM leaf WHERE seq > 20",
            "LOG_TRUNCATED",
        ),
        ("DROP TRIGGER body_only_redacted; UPDATE body SET bytes = x'00' WHERE rowid < 5", "BODY_DIGEST"),
        ("DROP TRIGGER checkpoint_no_update; UPDATE checkpoint SET note = 'x'", "NOTE_MALFORMED"),
    ],
)
def test_the_audit_names_an_edit(demo: Path, tmp_path: Path, edit: str, code: str):
    with open_registry(demo) as registry:
        registry.connection.execute("VACUUM INTO ?", (str(tmp_path / "registry.db"),))
    with open_registry(tmp_path) as registry:
        for statement in edit.split("; "):
            registry.connection.execute(statement)
        problems = verify_log(registry).problems

    assert any(code in problem for problem in problems), problems
