"""Whatever a file of results or a card has become, it is read or refused in words; nothing else happens."""

import contextlib
import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.evaluations import monitoring, results
from importers.evaluations.report import Results
from importers.modelcards import read as modelcards
from importers.modelcards.compare import compare
from registry.acts.evaluate import compute
from schemas.asset import FileEntry, VersionRef
from schemas.digest import Digest
from schemas.errors import Malformed, Usage
from schemas.evaluation import Polarity
from schemas.evaluation_report import EvaluationReport, parse_report

DIGEST = Digest.of(b"weights")
FAIRLEARN = (
    b'{"by_group": [{"sex": "F", "selection_rate": 0.3, "count": 10, "auc": 0.7}], "overall": {"auc": 1}}'
)
AEQUITAS = b"attribute_name,attribute_value,tp,fp,fn,tn\nsex,F,3,1,2,4\nsex,M,8,2,1,9\n"
JUNIT = (
    b'<testsuites><testsuite><testcase name="a"/><testcase name="b"><failure message="m">t</failure>'
    b"</testcase></testsuite></testsuites>"
)
SARIF = (
    b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "s", "rules": [{"id": "R1"}, {"id": "R2"}]}}'
    b', "results": [{"ruleId": "R1", "level": "note", "suppressions": [], "message": {"text": "a"}}]}]}'
)
METRICS = b'{"true_negatives": 4, "metrics": {"accuracy": 0.5, "loss": NaN, "nested": {"f1": 1e-7}}}'
EVIDENTLY = (
    b'{"metrics": [{"metric_name": "V", "config": {"type": "e:V", "column": "a", "method": "K"}, "value": 1'
    b'}, {"metric_name": "C", "config": {}, "value": {"count": 1, "share": 0.5}}],'
    b' "tests": [{"name": "t", "description": "d", "status": "FAIL"}]}'
)
NANNYML = (
    b"chunk_key,chunk_period,a_chi2_value,a_chi2_upper_threshold,a_chi2_lower_threshold,a_chi2_alert\n"
    b"[0:9],reference,1.5,2.0,,False\n[0:9],analysis,3.5,2.0,,True\n"
)
SUMMARY = b'{"a": {"counts/n": 20, "distribution/mean": 1.5}, "b": {"types/string": 3}}'
CONSTRAINTS = b'[["a has no missing values", 1, 0, null], ["b", 0, 1, {"metric": "b"}]]'
CARD = b"""---
license: mit
datasets: [acme/applications]
model-index:
- name: m
  results:
  - task: {type: t}
    dataset: {type: d, split: test}
    metrics:
    - {type: auc, value: 0.9130, name: AUC}
---
# M
"""
FACTS = (
    b'{"license": ["mit"], "base_model": "b", "model-index": [{"name": "", "results": [{"task": {"type": "t"}'
    b', "dataset": {"type": "d", "split": "s"}, "metrics": [{"type": "auc", "value": "1", "name": "A"}]}]}]}'
)
BOM = json.dumps(
    {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {
            "component": {
                "type": "machine-learning-model",
                "name": "m",
                "version": "7",
                "hashes": [{"alg": "SHA-256", "content": DIGEST.hex}],
                "licenses": [{"license": {"id": "MIT"}}],
                "components": [{"type": "file", "name": "f", "hashes": [{"alg": "SHA-256", "content": "0"}]}],
                "modelCard": {
                    "quantitativeAnalysis": {
                        "performanceMetrics": [
                            {
                                "type": "a",
                                "value": "0.9",
                                "slice": "s",
                                "confidenceInterval": {"lowerBound": "0"},
                            }
                        ]
                    },
                    "considerations": {"users": ["u"]},
                },
            }
        },
        "components": [{"type": "library", "name": "l"}],
    }
).encode()
CROISSANT = json.dumps(
    {
        "@type": "sc:Dataset",
        "name": "d",
        "conformsTo": ["http://mlcommons.org/croissant/1.0"],
        "license": ["mit"],
        "rai:dataBiases": "b",
        "distribution": [
            {"@type": "cr:FileObject", "contentUrl": "u/f", "contentSize": "7 B", "sha256": DIGEST.hex},
            {"@type": "cr:FileSet", "name": "s"},
        ],
        "recordSet": [{"field": [{"name": "a"}]}],
    }
).encode()


def read_results(data: bytes, kind: str | None) -> Results:
    return results.read_results("file", data, Polarity("selected"), kind)


def read_monitoring(data: bytes, kind: str | None) -> Results:
    return monitoring.read_monitoring("file", data, kind)


def read_card(data: bytes, kind: str | None) -> Results:
    """Read a card and lay it beside a version."""
    card = modelcards.read_card("file", data, kind)
    compare(card, VersionRef("retail", "m", 7), (FileEntry("f", DIGEST, 7),))
    json.dumps(dict(card.facts)).encode()
    return card.results


Reader = Callable[[bytes, str | None], Results]
SEEDS: dict[str, tuple[bytes, Reader, str]] = {
    "fairlearn": (FAIRLEARN, read_results, "fairlearn"),
    "aequitas": (AEQUITAS, read_results, "aequitas"),
    "junit": (JUNIT, read_results, "junit"),
    "sarif": (SARIF, read_results, "sarif"),
    "metrics": (METRICS, read_results, "metrics"),
    "evidently": (EVIDENTLY, read_monitoring, "evidently"),
    "nannyml": (NANNYML, read_monitoring, "nannyml"),
    "whylogs": (SUMMARY, read_monitoring, "whylogs"),
    "constraints": (CONSTRAINTS, read_monitoring, "whylogs"),
    "huggingface": (CARD, read_card, "huggingface"),
    "front matter": (FACTS, lambda data, kind: read_card(b"---\n" + data + b"\n---\n", kind), "huggingface"),
    "cyclonedx": (BOM, read_card, "cyclonedx"),
    "croissant": (CROISSANT, read_card, "croissant"),
}
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    10**30,
    10**400,
    1e308,
    float("nan"),
    float("-inf"),
    "",
    "\x00\x1b[2J",
    "\ud800",
    "x" * 5000,
    "1e999999999",
    [],
    {},
    [[]],
    {"": None},
    {"@value": "a"},
)
JSON = sorted(name for name, (data, _, _) in SEEDS.items() if data[:1] in b"{[")
CHUNKS = (
    b"\x00",
    b"\xff",
    b"\x1b[2J",
    b"\xed\xa0\x80",
    b'"',
    b"\n",
    b",",
    b"{",
    b"]",
    b"&a",
    b"*a",
    b"!!x ",
    b"9" * 400,
)


def edited(seed: bytes, chance: random.Random) -> bytes:
    """Return `seed` with one to four bytes flipped, cut out, doubled, or something hostile put in."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 4)):
        at, size = chance.randrange(len(data) + 1), chance.randint(1, 40)
        match chance.randrange(5):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = data[at : at + size]
            case 3:
                del data[at:]
            case _:
                data[at:at] = chance.choice(CHUNKS)
    return bytes(data)


def twisted(seed: bytes, chance: random.Random) -> bytes:
    """Return the JSON of `seed` with one to three members replaced by something odd."""
    value = {"": json.loads(seed)}
    for _ in range(chance.randint(1, 3)):
        place: Any = value
        while keys := list(place) if isinstance(place, dict) else list(range(len(place))):
            key = chance.choice(keys)
            if isinstance(place[key], dict | list) and place[key] and chance.random() < 0.9:
                place = place[key]
                continue
            place[key] = copy.deepcopy(chance.choice(ODD))
            break
    return json.dumps(value[""]).encode()


def take(data: bytes, read: Reader, kind: str | None) -> None:
    """Read `data` and compute what would be recorded, as the commands do."""
    with contextlib.suppress(Malformed, Usage):
        found = read(data, kind)
        report = EvaluationReport(found.tool, (("name", "file"),), found.metrics, found.outcomes)
        for record_type, document, _ in compute(report, found.bias).documents:
            if record_type == "evaluation-recorded":
                assert parse_report(document).metrics == tuple(sorted(found.metrics))


@pytest.mark.parametrize("name", SEEDS)
def test_the_sample_itself_is_read(name):
    data, read, kind = SEEDS[name]

    assert read(data, None) == read(data, kind)


@given(st.sampled_from(sorted(SEEDS)), st.booleans(), st.integers(0, 1 << 32))
@settings(max_examples=1500, deadline=None)
def test_edited_bytes_are_read_or_refused_in_words(name, named, number):
    data, read, kind = SEEDS[name]

    take(edited(data, random.Random(number)), read, kind if named else None)  # noqa: S311 - reproducible


@given(st.sampled_from(JSON), st.booleans(), st.integers(0, 1 << 32))
@settings(max_examples=1500, deadline=None)
def test_twisted_members_are_read_or_refused_in_words(name, named, number):
    data, read, kind = SEEDS[name]

    take(twisted(data, random.Random(number)), read, kind if named else None)  # noqa: S311 - reproducible


NUMBER = b"9" * 5000
HOSTILE = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "one byte that is no text": b"\xff",
    "a mark and nothing": b"\xef\xbb\xbf",
    "zeros": b"\x00" * 100,
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 200_000,
    "just too deep": b'{"a":' * 900 + b"1" + b"}" * 900,
    "deep XML": b"<testsuite>" * 100_000,
    "an unknown encoding": b'<?xml version="1.0" encoding="x-none"?><testsuite/>',
    "a wide encoding": b'<?xml version="1.0" encoding="utf-32"?><testsuite/>',
    "entities": b'<!DOCTYPE a [<!ENTITY b "c">]><testsuite><testcase name="&b;"/></testsuite>',
    "a huge number": b'{"a": ' + NUMBER + b"}",
    "a huge exponent": b'{"a": 1e999999999}',
    "half a character": b'{"a": "\\ud800"}',
    "a key twice": b'{"a": 1, "a": 2}',
    "aliases that grow": b"---\na: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n---\n",
    "a tag": b"---\na: !!python/name:os.system\n---\n",
    "deep YAML": b"---\na: " + b"[" * 50_000 + b"\n---\n",
    "a huge number in YAML": b"---\na: " + NUMBER + b"\n---\n",
    "an endless head": b"---\n" + b"a: b\n" * 50_000,
    "a wide table": b",".join(b"c%d" % n for n in range(20_000)) + b"\n",
    "a wide cell": b"chunk_key,a_value,a_alert\n" + b"x" * 200_000 + b",1,True\n",
    "a quote that never ends": b'chunk_key,a_value,a_alert\n"x\n',
}


@pytest.mark.parametrize("read", [read_results, read_monitoring, read_card])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_or_read_by_every_reader(name, read):
    kinds = {kind for _, reader, kind in SEEDS.values() if reader is read}

    for kind in (None, *sorted(kinds)):
        take(HOSTILE[name], read, kind)
