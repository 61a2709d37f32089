"""bundle export: what is asked for is what is in it, and what is left out is said."""

import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from registry.bundle.container import read_container
from registry.bundle.verify import Answer, verify_bundle
from registry.registry import open_registry
from schemas.digest import Digest
from tests.commands.conftest import Run


def verified(path: Path) -> Answer:
    """Verify under the bundle's own anchor."""
    data = path.read_bytes()
    return verify_bundle(data, anchor=Digest(verify_bundle(data).record["anchor"]))


def reviewed(run: Run, folder: Path, *versions: str) -> None:
    """Register versions and ask for a decision about each."""
    for name in versions:
        artifact = folder / f"{name.replace('/', '-')}.bin"
        artifact.write_text(name)
        for words in (
            ("register", name, "--artifact", artifact, "--as", "alice"),
            ("request", name, "--env", "production", "--as", "alice"),
        ):
            done = run(*words)
            assert done.code == 0, done.err


@pytest.fixture
def several(approved: Run, tmp_path: Path) -> Run:
    """credit-risk@7 approved; credit-risk@8, fraud@1 and hr/hiring@1 asked about."""
    reviewed(approved, tmp_path, "credit-risk@8", "fraud@1", "hr/hiring@1")
    return approved


def claims(answer: Answer) -> list[tuple[str, str, str]]:
    return sorted((c["name"], c["environment"], c["status"]) for c in answer.record["claims"])


def export(run: Run, target: Path, *words: object) -> Answer:
    done = run("bundle", "export", *words, "-o", target)
    assert done.code == 0, done.err
    return verified(target)


def test_several_versions_are_claimed_in_one_bundle(several: Run, tmp_path: Path) -> None:
    answer = export(several, tmp_path / "b.zip", "credit-risk@7", "fraud@1")

    assert (answer.verdict, answer.codes) == ("PASS", ())
    assert claims(answer) == [
        ("retail/credit-risk@7", "production", "valid"),
        ("retail/fraud@1", "production", "none"),
    ]
    assert answer.record["scope"]["subjects"] == ["retail/credit-risk@7", "retail/fraud@1"]


def test_a_namespace_is_claimed_whole_and_every_registration_is_there(several: Run, tmp_path: Path) -> None:
    answer = export(several, tmp_path / "b.zip", "--namespace", "retail")

    assert (answer.verdict, answer.codes) == ("PASS", ())
    assert [name for name, _, _ in claims(answer)] == [
        "retail/credit-risk@7",
        "retail/credit-risk@8",
        "retail/fraud@1",
    ]
    population = answer.record["population"]
    assert (population["versions"], population["claims"]) == (3, 3)
    assert population["types"]["version-registered"] == population["enclosed"]["version-registered"] == 4
    assert population["leaves"] == answer.record["head"]["treeSize"]


def test_the_whole_registry_is_claimed(several: Run, tmp_path: Path) -> None:
    answer = export(several, tmp_path / "b.zip", "--whole")

    assert answer.verdict == "PASS"
    assert len(claims(answer)) == 4
    assert answer.record["scope"] == {
        "environments": [],
        "namespaces": [],
        "since": "",
        "subjects": [],
        "until": "",
    }


def test_an_environment_that_is_not_asked_for_is_named(several: Run, tmp_path: Path) -> None:
    several("request", "credit-risk@7", "--env", "staging", "--as", "alice")
    answer = export(several, tmp_path / "b.zip", "credit-risk@7", "--env", "production")

    assert (answer.verdict, answer.codes) == ("PASS", ("UNCLAIMED",))
    assert claims(answer) == [("retail/credit-risk@7", "production", "valid")]


def test_an_environment_asked_for_is_claimed_though_nobody_ever_asked_about_it(
    several: Run, tmp_path: Path
) -> None:
    answer = export(several, tmp_path / "b.zip", "credit-risk@8", "--env", "live")

    assert answer.verdict == "PASS"
    assert claims(answer) == [("retail/credit-risk@8", "live", "none")]


def test_a_period_keeps_what_was_registered_or_decided_in_it(several: Run, tmp_path: Path) -> None:
    answer = export(several, tmp_path / "b.zip", "--whole", "--since", "2020-01-01", "--until", "2999-12-31")

    assert len(claims(answer)) == 4
    scope = answer.record["scope"]
    assert (scope["since"], scope["until"]) == ("2020-01-01T00:00:00Z", "2999-12-31T23:59:59Z")
    none = several("bundle", "export", "--whole", "--until", "2020-12-31", "-o", tmp_path / "n.zip")
    assert (none.code, "no version is in this scope" in none.err) == (5, True)
    one = several("bundle", "export", "fraud@1", "--until", "2020-12-31", "-o", tmp_path / "n.zip")
    assert (one.code, "retail/fraud@1 was neither registered nor decided" in one.err) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("credit-risk@7", "--whole"),
        ("--whole", "--since", "soon"),
        ("--whole", "--since", "2026-02-01", "--until", "2026-01-01"),
        ("--namespace", "No Namespace"),
        ("credit-risk@7", "--env", "No Env"),
        ("credit-risk@7", "--withhold", "sha256:1=x"),
        ("credit-risk@7", "--withhold", f"sha256:{'0' * 64}=Not A Word"),
        ("credit-risk@7", "--withhold", f"sha256:{'0' * 64}=private"),
    ],
)
def test_a_question_that_means_nothing_is_refused(approved: Run, tmp_path: Path, words: Any) -> None:
    done = approved("bundle", "export", *words, "-o", tmp_path / "b.zip")

    assert done.code == 2, done.err
    assert not (tmp_path / "b.zip").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("credit-risk@7", "credit-risk@8", "--names"),
        ("--namespace", "retail", "--env", "production", "--with-evidence"),
        ("--whole", "--since", "2020-01-01"),
        ("credit-risk@7", "--extract"),
    ],
)
def test_the_same_head_gives_the_same_bytes(several: Run, tmp_path: Path, words: Any) -> None:
    first = several("bundle", "export", *words, "-o", tmp_path / "1.zip", "--json").json
    reviewed(several, tmp_path, "fraud@2")
    again = several("bundle", "export", *words, "--head", first["tree_size"], "-o", tmp_path / "2.zip")

    assert again.code == 0, again.err
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


def held(run: Run, target: Path, digest: str, reason: str = "private") -> Answer:
    return export(run, target, "credit-risk@7", "--withhold", f"{digest}={reason}")


def test_words_held_back_change_no_verdict_and_are_listed(several: Run, tmp_path: Path) -> None:
    whole = export(several, tmp_path / "b.zip", "credit-risk@7")
    said = {n: d for n, d in read_container((tmp_path / "b.zip").read_bytes()).items() if b"the numbers" in d}
    (name,) = (n for n in said if n.startswith("data/bodies/"))
    digest = "sha256:" + name.rpartition("/")[2]
    answer = held(several, tmp_path / "h.zip", digest, "trade-secret")

    assert (whole.verdict, answer.verdict, answer.codes) == ("PASS", "PASS", ("TEXT_ERASED",))
    assert answer.record["withheld"] == [{"digest": digest, "reason": "trade-secret", "what": "document"}]
    assert b"trade-secret" in read_container((tmp_path / "h.zip").read_bytes())["data/report.html"]


def test_a_dossier_held_back_leaves_its_answer_unproven_and_takes_its_lineage_along(
    several: Run, tmp_path: Path
) -> None:
    whole = export(several, tmp_path / "b.zip", "credit-risk@7")
    (claim,) = whole.record["claims"]
    answer = held(several, tmp_path / "h.zip", claim["dossier"])

    assert (answer.verdict, answer.codes) == ("UNPROVEN", ("BODY_MISSING", "CHECKS_ATTESTED"))
    snapshot = "data/bodies/" + claim["reviewed"]["lineage"]["snapshot"].removeprefix("sha256:")
    assert snapshot in read_container((tmp_path / "b.zip").read_bytes())


def test_a_record_held_back_makes_unproven_what_reads_it_and_nothing_else(
    several: Run, tmp_path: Path
) -> None:
    log = several("audit", "log", "--json").json["items"]
    (approval,) = (row for row in log if row["type"] == "approval")
    several("bundle", "export", "--whole", "-o", tmp_path / "b.zip")
    answer = verified(tmp_path / "b.zip")
    assert answer.verdict == "PASS"
    leaf = read_container((tmp_path / "b.zip").read_bytes())["data/log/leaves.jsonl"].split(b"\n")
    body = leaf[approval["seq"]].split(b'"')[3].decode()
    done = several(
        *("bundle", "export", "--whole", "--withhold", f"{body}=dispute", "-o", tmp_path / "h.zip")
    )
    assert done.code == 0, done.err
    answer = verified(tmp_path / "h.zip")

    assert (answer.verdict, answer.codes) == ("UNPROVEN", ("BODY_MISSING",))
    assert [c["name"] for c in answer.record["claims"] if c["unproven"]] == ["retail/credit-risk@7"]
    what = f"approval at leaf {approval['seq']}"
    assert answer.record["withheld"] == [{"digest": body, "reason": "dispute", "what": what}]


def test_what_everything_is_proved_by_is_not_held_back(several: Run, tmp_path: Path) -> None:
    several("bundle", "export", "credit-risk@7", "-o", tmp_path / "b.zip")
    leaves = read_container((tmp_path / "b.zip").read_bytes())["data/log/leaves.jsonl"].split(b"\n")
    body = json.loads(leaves[0])["body"]
    done = several(
        *("bundle", "export", "credit-risk@7", "--withhold", f"{body}=private", "-o", tmp_path / "h.zip")
    )

    assert (done.code, "the trust-root at leaf 0" in done.err) == (1, True)


def test_a_name_that_cannot_be_shown_is_left_out(several: Run, tmp_path: Path) -> None:
    bob = several("people", "list", "--json").json["items"]
    person = next(row for row in bob if "bob" in row.values())
    with open_registry(str(tmp_path / "registry")) as registry:
        registry.names.add(next(v for v in person.values() if str(v).startswith("p-")), "b" * 300)
        registry.connection.commit()
    answer = export(several, tmp_path / "n.zip", "credit-risk@7", "--names")

    assert (answer.verdict, list(answer.record["names"].values())) == ("PASS", ["alice"])


def test_names_are_there_when_asked_for_and_not_otherwise(several: Run, tmp_path: Path) -> None:
    named = export(several, tmp_path / "n.zip", "credit-risk@7", "--names")
    plain = export(several, tmp_path / "p.zip", "credit-risk@7")

    assert (named.verdict, named.codes) == ("PASS", ())
    assert sorted(named.record["names"].values()) == ["alice", "bob"]
    page = read_container((tmp_path / "n.zip").read_bytes())["data/report.html"].decode()
    (bob,) = (person for person, name in named.record["names"].items() if name == "bob")
    assert f"bob ({bob})" in page
    assert "the exporter&#x27;s word" in page or "the exporter's word" in page
    assert "names" not in plain.record
    assert b"alice" not in b"".join(read_container((tmp_path / "p.zip").read_bytes()).values())


def test_the_report_states_the_population(several: Run, tmp_path: Path) -> None:
    answer = export(several, tmp_path / "b.zip", "--namespace", "retail")
    page = read_container((tmp_path / "b.zip").read_bytes())["data/report.html"].decode()
    size = answer.record["head"]["treeSize"]

    assert "<h2>Population</h2>" in page
    assert "namespace retail" in page
    assert f"0 to {size - 1}, {size} without a hole" in page


def test_the_export_is_logged(several: Run, tmp_path: Path) -> None:
    done = several("bundle", "export", "--namespace", "retail", "-o", tmp_path / "b.zip", "--json").json
    items = several("audit", "log", "--json").json["items"]

    assert done["versions"] == done["claims"] == 3
    (row,) = (row for row in items if row["seq"] == done["leaf"])
    assert row["type"] == "bundle-exported"


def test_an_extract_holds_only_its_own_records_and_proves_no_absence(several: Run, tmp_path: Path) -> None:
    whole = export(several, tmp_path / "w.zip", "credit-risk@7")
    at = whole.record["head"]["treeSize"]
    answer = export(several, tmp_path / "e.zip", "credit-risk@7", "--extract", "--head", at)

    assert (answer.verdict, answer.codes) == ("UNPROVEN", ("COMPLETENESS_UNPROVEN",))
    assert claims(answer) == claims(whole)
    assert answer.record["head"] == whole.record["head"]
    assert answer.record["profile"] == "extract"
    assert answer.record["population"]["leaves"] < whole.record["population"]["leaves"]
    files = read_container((tmp_path / "e.zip").read_bytes())
    proofs = [name for name in files if name.startswith("data/log/proofs/")]
    assert len(proofs) == answer.record["population"]["leaves"]
    assert b"an extract: " in files["data/report.html"]


def test_an_extract_is_never_enough_for_the_gate(several: Run, tmp_path: Path) -> None:
    answer = export(several, tmp_path / "e.zip", "credit-risk@7", "--extract")
    where = ("--bundle", tmp_path / "e.zip", "--anchor", answer.record["anchor"], "--no-remember")
    done = several("gate", "credit-risk@7", "--env", "production", *where, "--json")

    assert (done.code, done.json["verdict"]) == (3, "unproven")
    assert "COMPLETENESS_UNPROVEN" in done.json["why"][0]


@pytest.mark.parametrize("words", [("credit-risk@7",), ("--whole", "--names"), ("fraud@1", "--extract")])
def test_a_shell_alone_checks_what_was_exported(several: Run, tmp_path: Path, words: Any) -> None:
    tools = ("bash", "unzip", "jq", "openssl", "ssh-keygen", "sha256sum")
    if any(shutil.which(tool) is None for tool in tools):
        pytest.skip("a tool is not here")
    answer = export(several, tmp_path / "BUNDLE.zip", *words)
    text = read_container((tmp_path / "BUNDLE.zip").read_bytes())["data/VERIFY.txt"].decode().split("\n")
    start = text.index("unzip -q BUNDLE.zip -d bundle && cd bundle")
    said = "\n".join(text[start : start + 3]).replace("sha256:...", answer.record["anchor"])
    done = subprocess.run(["bash", "-c", said], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "whole, signed, and of this log"


def test_an_export_of_many_versions_is_logged_about_the_registry(
    several: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.acts.export._MANY", 2)
    export(several, tmp_path / "b.zip", "--whole")
    export(several, tmp_path / "c.zip", "--namespace", "retail", "--namespace", "hr")
    row = several("audit", "log", "--json").json["items"][-1]

    assert row["type"] == "bundle-exported"
    assert several("audit", "verify").code == 0


def test_the_gate_reads_the_folder_a_bundle_was_unpacked_to(several: Run, tmp_path: Path) -> None:
    answer = export(several, tmp_path / "b.zip", "credit-risk@7")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        archive.extractall(tmp_path / "b")
    where = ("--bundle", tmp_path / "b", "--anchor", answer.record["anchor"], "--no-remember")
    done = several("gate", "credit-risk@7", "--env", "production", *where, "--json")

    assert done.json["verdict"] == "allow", done.out
