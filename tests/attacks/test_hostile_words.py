"""Small hostile input, in result files or on the command line: refused or read, and at once."""

import time
from pathlib import Path

import pytest

from importers.evaluations.results import read_results
from registry.bundle import standalone
from schemas.errors import Malformed, Usage
from schemas.evaluation import Polarity
from tui.verifying import parse_prior

PEOPLE = Polarity("selected", favourable=True)
ENTITY = (
    '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY a "b">]>'
    '<testsuite><testcase name="x"><failure>&a;</failure></testcase></testsuite>'
)
GROUPS = 20_000


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_no_encoding_hides_an_entity(encoding: str) -> None:
    with pytest.raises(Malformed, match="entities"):
        read_results("junit.xml", ENTITY.encode(encoding), PEOPLE, "junit")


def test_many_groups_take_no_more_time_each_than_few() -> None:
    rows = "".join(f"race,{number},1,1,1,1\n" for number in range(GROUPS))
    begun = time.monotonic()
    (check,) = read_results(
        "c.csv", f"attribute_name,attribute_value,tn,fp,fn,tp\n{rows}".encode(), PEOPLE
    ).bias
    assert len(check.groups) == GROUPS
    assert time.monotonic() - begun < 5


def test_a_size_of_thousands_of_digits_is_wrong_usage() -> None:
    with pytest.raises(Usage, match="expected SIZE:ROOT"):
        parse_prior(f"{'9' * 5_000}:{'0' * 64}")


def test_the_second_verifier_refuses_such_a_size_in_words(tmp_path: Path, capsys) -> None:
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(b"")
    with pytest.raises(SystemExit) as stopped:
        standalone.main([str(bundle), "--prior", f"{'9' * 5_000}:{'0' * 64}"])
    assert stopped.value.code == 2
    assert "Traceback" not in capsys.readouterr().err
