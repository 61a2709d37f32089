"""An operator with the database and the log and service keys, a pipeline with the service key, an exporter:
none of them makes a gate allow, or a bundle pass, what no quorum approved."""

import json
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from registry.acts.actor import Actor, subject
from registry.acts.gate import answer_gate
from registry.acts.link import link_version
from registry.acts.register import TrainingRun
from registry.acts.writing import writing
from registry.bundle.auditor import Auditor
from registry.bundle.container import build_container, read_container
from registry.bundle.contents import SUMMARY, Claim
from registry.bundle.gate import answer_from_bundle
from registry.bundle.layout import wrap
from registry.bundle.summary import Summary, summary_bytes
from registry.bundle.verify import verify_bundle
from registry.bundle.write import payload_of
from registry.registry import open_registry
from registry.rules.check_rules import BiasCheck, CheckRule, LineageCheck
from registry.rules.checks import CheckInputs, LineageSummary, evaluate_check
from registry.rules.dossier import CheckRow, EvidenceRow, build_dossier, parse_dossier
from registry.rules.fairness import evaluate, verify_bias_document
from registry.rules.policy import ApprovalRule, Enforcement, OnStale, PolicySet, ReApproveFrom
from registry.signing import keyfile
from registry.trust import merkle
from registry.trust.cosignature import witness_vkey
from registry.trust.trust_root import Role
from schemas.asset import VersionRef
from schemas.canonical import canonical
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.evaluation import BiasInput, GroupCounts, Polarity
from schemas.ledger import Leaf, time_text
from schemas.observation import Name
from schemas.statement import Statement, Subject
from tests.attacks.simulator import ORIGIN, altered_root, honest, key
from tests.attacks.simulator import Registry as Simulated
from tests.conftest import ALICE, BOB, CAROL, SERVICE, Logbook, roles
from tui.cli import main
from tui.diagnostics import report

SEVEN, EIGHT = VersionRef("main", "credit-risk", 7), VersionRef("main", "credit-risk", 8)
POLICY = """
semantics: 1
approval:
  - roles: {risk-approver: 1}
    excludeAuthors: true
    rejectionBlocks: true
checks:
  - {id: artifact, title: hashed, severity: block, check: {artifact: {level: verified}}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 7 approved by rita and really deployable; version 8 never looked at by anybody."""
    home = tmp_path_factory.mktemp("operator") / "registry"
    for name in ("good", "bad"):
        (home.parent / name).write_bytes(name.encode())
    (home.parent / "policy.yaml").write_text(POLICY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUNIMENT_REGISTRY", str(home))
        said = [
            ["init", "--as", "alice", "--no-passphrase"],
            ["key", "enrol", "rita", "--role", "risk-approver", "--no-passphrase"],
            ["policy", "sign", str(home.parent / "policy.yaml"), "--as", "alice"],
            ["register", "credit-risk@7", "--artifact", str(home.parent / "good"), "--as", "alice"],
            ["register", "credit-risk@8", "--artifact", str(home.parent / "bad"), "--as", "alice"],
            ["request", "credit-risk@7", "--env", "production", "--as", "alice"],
            [
                "approve",
                "credit-risk@7",
                "--env",
                "production",
                "--role",
                "risk-approver",
                "--as",
                "rita",
                "--reason",
                "checked",
            ],
            ["audit", "checkpoint"],
        ]
        for words in said:
            assert main(words) == 0, words
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "registry"
    shutil.copytree(made, copy)
    for name in ("good", "bad"):
        shutil.copy(made.parent / name, tmp_path / name)
    monkeypatch.setenv("MUNIMENT_REGISTRY", str(copy))
    return copy


def edit(home: Path, *statements: Any) -> None:
    connection = sqlite3.connect(home / "registry.db")
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(*((statement,) if isinstance(statement, str) else statement))
    connection.commit()
    connection.close()


def gate(*words: str) -> int:
    return main(["gate", *words, "--env", "production", "--no-record"])


def withdrawn(home: Path) -> int:
    """Rita takes her approval back; return the leaf."""
    assert main(["withdraw", "credit-risk@7", "--env", "production", "--as", "rita", "--reason", "no"]) == 0
    with open_registry(home) as registry:
        return next(r.leaf.seq for r in registry.ledger.records() if r.leaf.type == "withdrawn")


def test_the_honest_registry(home: Path) -> None:
    assert gate("credit-risk@7") == 0
    assert gate("credit-risk@7", "--full") == 0
    assert gate("credit-risk@8") == 1
    assert gate("--artifact", str(home.parent / "bad")) == 1
    assert gate("credit-risk@7", "--artifact", str(home.parent / "bad")) == 1
    withdrawn(home)
    assert gate("credit-risk@7") == 1


# 1. Database edits.


@pytest.mark.parametrize("full", [(), ("--full",)])
def test_a_name_pointed_at_another_manifest(home: Path, full: tuple[str, ...]) -> None:
    edit(
        home,
        "DELETE FROM governed_version WHERE version = 8",
        "UPDATE governed_version SET version = 8 WHERE version = 7",
    )
    assert gate("credit-risk@8", *full) != 0


@pytest.mark.parametrize("full", [(), ("--full",)])
def test_bad_bytes_pointed_at_the_approved_version(home: Path, full: tuple[str, ...]) -> None:
    edit(
        home,
        "INSERT OR IGNORE INTO leaf_subject SELECT s.subject, "
        "(SELECT seq FROM governed_version WHERE version = 7) "
        "FROM leaf_subject s JOIN governed_version v ON v.seq = s.seq WHERE v.version = 8",
    )
    bad = str(home.parent / "bad")
    assert gate("credit-risk@7", "--artifact", bad, *full) != 0


def test_a_withdrawal_deleted_from_the_log_is_seen_by_the_full_gate(home: Path) -> None:
    seq = withdrawn(home)
    main(["request", "credit-risk@8", "--env", "production", "--as", "alice"])  # so that it is not the tail
    edit(home, ("DELETE FROM leaf WHERE seq = ?", (seq,)), ("DELETE FROM leaf_subject WHERE seq = ?", (seq,)))
    assert gate("credit-risk@7", "--full") != 0


def test_a_withdrawal_moved_before_its_approval_is_seen_by_the_full_gate(home: Path) -> None:
    seq = withdrawn(home)
    with open_registry(home) as registry:
        rows = {r.leaf.seq: r.leaf for r in registry.ledger.records(seq - 1)}
    first, second = rows[seq - 1], rows[seq]
    swapped = json.loads(first.to_bytes()), json.loads(second.to_bytes())
    swapped[0]["seq"], swapped[1]["seq"] = seq, seq - 1
    swapped[0]["time"], swapped[1]["time"] = second.time, first.time
    edit(
        home,
        ("UPDATE leaf SET data = ? WHERE seq = ?", (canonical(swapped[1]), seq - 1)),
        ("UPDATE leaf SET data = ? WHERE seq = ?", (canonical(swapped[0]), seq)),
    )
    assert gate("credit-risk@7", "--full") != 0
    assert gate("credit-risk@7") != 0


def test_a_head_nobody_signed_proves_no_grant(home: Path) -> None:
    edit(home, "DELETE FROM checkpoint", "INSERT INTO checkpoint VALUES (99, 'nobody signed this')")
    assert gate("credit-risk@7") == 3
    assert gate("credit-risk@7", "--full") == 3


def test_the_audit_sees_a_record_hidden_from_the_index(home: Path) -> None:
    seq = withdrawn(home)
    edit(home, ("DELETE FROM leaf_subject WHERE seq = ?", (seq,)))
    assert main(["audit", "verify"]) != 0


def test_the_audit_sees_a_name_pointed_elsewhere(home: Path) -> None:
    edit(
        home,
        "DELETE FROM governed_version WHERE version = 8",
        "UPDATE governed_version SET version = 8 WHERE version = 7",
    )
    assert main(["audit", "verify"]) != 0


def test_the_log_key_signs_no_tree_that_is_only_in_the_cached_head(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody with the file and no key cannot get a head signed over a history without the withdrawal."""
    seq = withdrawn(home)
    with open_registry(home) as registry:
        leaves = list(registry.ledger.leaf_datas())
        time = registry.ledger.leaf(seq).time
        signed = registry.ledger.find_checkpoint()
    leaves[seq] = Leaf(seq, "link", time, Digest.of(b"nothing"), (Digest.of(b"nobody"),)).to_bytes()
    tree = merkle.Frontier()
    tree.extend(merkle.leaf_hash(data) for data in leaves)
    edit(home, ("UPDATE head SET frontier = ?", (tree.to_bytes(),)))
    (home.parent / "model9").write_bytes(b"nine")

    # An honest act of somebody else, on the registry's own machine, would sign the head.
    code = main(["register", "credit-risk@9", "--artifact", str(home.parent / "model9"), "--as", "alice"])

    assert code == 1
    assert "HEAD_CACHE" in capsys.readouterr().err
    with open_registry(home) as registry:
        assert registry.ledger.find_checkpoint() == signed


def test_a_linked_folder_inside_the_artifact_is_not_overlooked(home: Path) -> None:
    folder, elsewhere = home.parent / "folder", home.parent / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / "weights").write_bytes(b"w")
    (elsewhere / "evil.py").write_bytes(b"evil")
    said = [
        ["register", "credit-risk@9", "--artifact", str(folder), "--as", "alice"],
        ["request", "credit-risk@9", "--env", "production", "--as", "alice"],
        [
            "approve",
            "credit-risk@9",
            "--env",
            "production",
            "--role",
            "risk-approver",
            "--as",
            "rita",
            "--reason",
            "checked",
        ],
    ]
    assert [main(words) for words in said] == [0, 0, 0]
    assert gate("credit-risk@9", "--artifact", str(folder)) == 0
    (folder / "code").symlink_to(elsewhere)
    assert gate("credit-risk@9", "--artifact", str(folder)) != 0


def test_words_of_a_record_do_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:

    report(VerificationError("DOSSIER_MISMATCH", "the log does not hold its \x1b[2J\u202e as it says"))
    assert "\x1b" not in capsys.readouterr().err


def link_a_run(home: Path) -> None:
    with open_registry(home) as registry:
        person = registry.names.get_person("alice")
        alice = Actor(keyfile.load(registry.keys / person, None), person)
        run = TrainingRun("s", "11111111-1111-1111-1111-111111111111", Name("ns", "job"))
        link_version(registry, alice, SEVEN, (run,), ())


def test_a_run_linked_after_the_approval_of_a_version_without_runs_makes_it_stale(home: Path) -> None:
    link_a_run(home)  # no attacker: `muniment changes` shows five pinned differences
    assert gate("credit-risk@7") == 4


def test_a_run_linked_before_the_decision_on_a_version_without_runs_voids_it(home: Path) -> None:
    withdrawn(home)
    assert main(["request", "credit-risk@7", "--env", "production", "--as", "alice"]) == 0
    link_a_run(home)
    words = ["approve", "credit-risk@7", "--env", "production", "--role", "risk-approver", "--as", "rita"]
    assert main([*words, "--reason", "checked"]) != 0


# 2. A pipeline with the service key.


def two_tiers() -> Logbook:
    book = Logbook()
    book.enrol(
        (ALICE, roles("owner", "developer", "policy", "root")),
        (BOB, roles("risk-approver")),
        (CAROL, roles("validator", "risk-approver")),
    )
    book.set_policy(
        PolicySet(
            version=1,
            approval=(
                ApprovalRule(roles={"risk-approver": 2}, tiers=("high", "critical")),
                ApprovalRule(roles={"risk-approver": 1}, enforcement=Enforcement(mode="warn")),
            ),
        )
    )
    book.register()
    return book


def test_the_service_does_not_assess_its_way_past_a_rule_that_blocks() -> None:
    book = two_tiers()
    book.assess("high", CAROL)
    assert book.gate().verdict == "deny"
    book.assess("low", SERVICE)
    assert book.gate().verdict != "allow"


def test_the_service_does_not_lower_the_tier_to_excuse_an_unknown_author() -> None:
    book = Logbook()
    book.enrol((ALICE, roles("owner", "developer", "policy", "root")), (BOB, roles("risk-approver")))
    book.set_policy(PolicySet(version=1, approval=(ApprovalRule(roles={"risk-approver": 1}),)))
    book.register(SERVICE)
    dossier = book.request(SERVICE, risk=book.assess("high", BOB))
    book.decide(BOB, dossier)
    assert book.gate().verdict == "unproven"
    book.assess("low", SERVICE)
    assert book.gate().verdict != "allow"


def test_a_tier_that_grants_lies_under_the_signed_head() -> None:
    book = two_tiers()
    book.assess("high", CAROL)
    leaf = len(book.records)
    book.assess("low", CAROL)
    assert book.gate(signed_size=leaf).verdict != "allow"


def test_the_service_does_not_swallow_a_rejection_by_a_change_it_takes_back() -> None:
    book = Logbook()
    book.enrol(
        (ALICE, roles("owner", "developer", "policy", "root")),
        (BOB, roles("risk-approver")),
        (CAROL, roles("validator")),
    )
    book.set_policy(PolicySet(version=1, approval=(ApprovalRule(roles={"risk-approver": 1}),)))
    book.register()
    dossier = book.request()
    book.decide(BOB, dossier)
    book.change(dossier, "lineage")
    book.decide(CAROL, dossier, "reject", role="validator")
    book.change(dossier)
    assert book.gate().verdict != "allow"


def test_the_service_does_not_swallow_a_rejection_by_a_new_request() -> None:
    book = Logbook()
    book.enrol(
        (ALICE, roles("owner", "developer", "policy", "root")),
        (BOB, roles("risk-approver")),
        (CAROL, roles("validator")),
    )
    book.set_policy(PolicySet(version=1, approval=(ApprovalRule(roles={"risk-approver": 1}),)))
    book.register()
    dossier = book.request()
    book.decide(BOB, dossier)
    book.request(SERVICE)
    book.decide(CAROL, dossier, "reject", role="validator")
    assert book.gate().verdict != "allow"


def test_the_service_does_not_put_back_evidence_a_person_withdrew() -> None:
    book = Logbook()
    book.enrol((ALICE, roles("owner", "developer", "policy", "root")), (BOB, roles("risk-approver")))
    book.set_policy(PolicySet(version=1, approval=(ApprovalRule(roles={"risk-approver": 1}),)))
    book.register()
    paper = book.put(b"report")
    add = {"kind": "validation_report", "level": "verified"}
    book.log("evidence-added", [book.subject(), ("evidence", paper)], add, ALICE)

    dossier = book.request(evidence=(EvidenceRow(kind="validation_report", digest=paper, level="verified"),))
    book.decide(BOB, dossier)
    assert book.gate().verdict == "allow"
    book.log("evidence-withdrawn", [book.subject(), ("evidence", paper)], {}, BOB)
    assert book.gate().status == "stale"
    book.log("evidence-added", [book.subject(), ("evidence", paper)], add, SERVICE)
    assert book.gate().verdict != "allow"


# 3. Authority.


def test_a_policy_role_for_one_namespace_signs_no_policy_for_all() -> None:
    book = Logbook()
    book.enrol(
        (ALICE, roles("owner", "developer", "root", "policy")),
        (BOB, (Role("policy", ("sandbox",), ("test",)), Role("developer"))),
    )
    book.set_policy(PolicySet(version=1, approval=(ApprovalRule(roles={"risk-approver": 1}),)))
    book.register()
    book.set_policy(
        PolicySet(
            version=2,
            approval=(ApprovalRule(roles={"risk-approver": 1}, enforcement=Enforcement(mode="observe")),),
        ),
        BOB,
    )
    assert book.gate().verdict != "allow"


def test_a_second_revocation_does_not_take_back_that_a_key_was_compromised() -> None:
    book = two_tiers()
    dossier = book.request()
    book.decide(BOB, dossier)
    book.revoke(BOB, "compromised", 0)
    assert book.status().status == "revoked"
    book.revoke(BOB, "left", 0)
    assert book.status().status == "revoked"


def test_a_root_role_for_one_namespace_signs_no_root_for_all() -> None:
    book = Logbook()
    book.enrol((ALICE, roles("owner", "developer", "root", "policy")), (BOB, (Role("root", ("sandbox",)),)))
    book.enrol((ALICE, roles("owner")), (BOB, roles("root", "policy", "risk-approver")), signers=(BOB,))
    assert "ROOT_THRESHOLD_OLD" in book.codes()


# 4. Bundles that pass with what is not so.


def test_a_check_called_attested_is_computed_again_where_its_documents_are() -> None:
    book = Simulated()
    check = CheckRule(id="lineage", title="No gaps", severity="block", check=LineageCheck("reported", 0))
    policy = PolicySet(version=2, approval=(ApprovalRule(roles={"risk-approver": 1}),), checks=(check,))
    book.append(book.about_origin("policy-set", policy.to_predicate(book.nonce())), "alice")
    manifest = book.register()
    lie = CheckRow(rule="lineage", title="No gaps", severity="block", result="pass", by="attested")
    book.decide(manifest, book.request(manifest, "service", checks=(lie,)))
    book.claim(manifest, "valid")
    answer = book.verify()
    assert answer.verdict == "FAIL" or answer.record["claims"][0]["gate"]["verdict"] != "allow"


def test_an_artifact_nobody_hashed_is_not_verified() -> None:
    book = Simulated()
    original = book.append

    def append(statement: Any, *signers: str) -> int:
        if statement.kind == "version-registered":
            statement.predicate["artifactLevel"] = "absent"
        return original(statement, *signers)

    book.append = append  # type: ignore[method-assign]
    manifest = book.register()
    book.decide(manifest, book.request(manifest))
    book.claim(manifest, "valid")
    answer = book.verify()
    assert answer.verdict == "FAIL" or answer.record["claims"][0]["gate"]["verdict"] != "allow"


def test_a_receipt_is_not_older_than_the_leaves_it_counts() -> None:
    registry, manifest, _, _ = honest()

    honest_time = time_text(registry.now)
    registry.now += timedelta(days=400)
    registry.add_policy(2, {"risk-approver": 1})
    assert json.loads(registry.gate(manifest))["verdict"] == "deny"
    registry.seal(registry.gate(manifest, verdict="allow", status="valid", time=honest_time))
    registry.claim(manifest, "expired")
    assert registry.verify().verdict == "FAIL"


def test_a_receipt_names_the_version_it_is_about() -> None:
    registry, manifest, _, _ = honest()
    other = registry.register(8, weights=b"never looked at")
    registry.seal(registry.gate(manifest, subject={"manifest": manifest.digest, "name": str(other.ref)}))
    registry.claim(manifest, "valid")
    assert registry.verify().verdict == "FAIL"


def test_a_dossier_changed_says_what_its_two_dossiers_say() -> None:
    registry, manifest, dossier, _ = honest()

    old = parse_dossier(registry.bodies[dossier])
    now = msgspec.structs.replace(old, authors=(*old.authors, "p-" + "9" * 16))
    to = registry.put(build_dossier(now))
    about = (Subject(str(manifest.ref), manifest.digest), Subject("dossier", dossier))
    said = {
        "base": dossier,
        "environment": "production",
        "nonce": "0" * 32,
        "parts": [],
        "through": 4,
        "to": to,
    }
    registry.append(Statement("dossier-changed", about, said), "service")
    registry.claim(manifest, "valid")
    assert registry.verify().verdict == "FAIL"


def test_a_failing_bias_check_of_the_log_is_not_replaced_by_one_nobody_recorded() -> None:

    def bias(women: int) -> bytes:
        counts = (GroupCounts("F", 100, women), GroupCounts("M", 100, 60))
        return canonical(
            evaluate(BiasInput("sex", "general", "best", Polarity("granted"), 0, counts)).to_document()
        )

    book = Simulated()
    check = CheckRule(id="bias", title="Four fifths", severity="block", check=BiasCheck(attributes=("sex",)))
    policy = PolicySet(version=2, approval=(ApprovalRule(roles={"risk-approver": 1}),), checks=(check,))
    book.append(book.about_origin("policy-set", policy.to_predicate(book.nonce())), "alice")
    manifest = book.register()
    failing, made_up = book.put(bias(20)), book.put(bias(59))
    about = (Subject(str(manifest.ref), manifest.digest), Subject("document", failing))
    predicate = {"attribute": "sex", "rule": "general", "level": "verified", "nonce": book.nonce()}
    book.append(Statement("bias-recorded", about, predicate), "vic")
    inputs = CheckInputs(
        evaluated_at=time_text(book.now),
        artifact_level="verified",
        lineage=LineageSummary(training_known=False, datasets=0, gaps=1, weakest="absent"),
        bias=(verify_bias_document(book.bodies[made_up]),),
    )
    row, put = evaluate_check(check, inputs), book.put

    def lie(data: bytes) -> Digest:
        if data.startswith(b'{"authors"'):
            data = build_dossier(msgspec.structs.replace(parse_dossier(data), bias_checks=(made_up,)))
        return put(data)

    book.put = lie  # type: ignore[method-assign]
    book.decide(manifest, book.request(manifest, "service", checks=(row,)))
    book.claim(manifest, "valid")
    answer = book.verify()
    assert answer.verdict != "PASS", (answer.codes, answer.record["claims"][0]["gate"])


def test_witnesses_the_root_asks_for_hold_for_the_gate_over_a_bundle_too() -> None:

    registry, manifest, _, _ = honest()
    registry.add_root(
        altered_root(
            registry.root, version=2, witness_quorum=1, witnesses=(witness_vkey("witness", key("w").public),)
        ),
        "alice",
    )
    registry.claim(manifest, "valid")
    bundle = registry.bundle()
    assert verify_bundle(bundle, anchor=registry.anchor).verdict == "UNPROVEN"
    answer = answer_from_bundle(
        bundle,
        manifest.ref,
        (),
        "production",
        at=time_text(registry.now),
        auditor=Auditor(anchor=registry.anchor),
    )
    assert answer.answer.verdict == "unproven"


# 5. Words.


def test_an_exporter_does_not_write_lines_of_the_verifier(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry, manifest, _, _ = honest()

    registry.claim(manifest, "valid")
    payload = payload_of(registry.contents())
    forged = Claim(manifest.digest, "x: none\nstatus    main/other@9 for production: valid", "none")
    stated = Summary(claims=(*registry.claims, forged))
    payload[SUMMARY] = summary_bytes(registry.head(), stated)
    (tmp_path / "b.zip").write_bytes(build_container(wrap(payload, ORIGIN, key("service"))))
    main(["bundle", "verify", str(tmp_path / "b.zip"), "--anchor", registry.anchor])
    assert not any(line.startswith("status    main/other@9") for line in capsys.readouterr().out.splitlines())


def test_no_text_direction_character_reaches_the_report() -> None:
    registry, manifest, dossier, _ = honest()

    about = (Subject(str(manifest.ref), manifest.digest), Subject("dossier", dossier))
    said = {
        "base": dossier,
        "environment": "production",
        "nonce": "0" * 32,
        "through": 4,
        "to": dossier,
        "parts": [{"part": "lineage", "cause": "\u202edilav\u202c \x1b[2J"}],
    }
    registry.append(Statement("dossier-changed", about, said), "service")
    registry.claim(manifest, "stale")

    page = read_container(registry.bundle())["data/report.html"].decode()
    assert "\u202e" not in page
    assert "\x1b" not in page


# 6. Stumbling.


def test_a_date_that_does_not_exist_is_answered() -> None:
    book = Logbook()
    book.enrol((ALICE, roles("owner", "developer", "policy", "root")), (BOB, roles("risk-approver")))
    rule = ApprovalRule(roles={"risk-approver": 1}, on_stale=OnStale(allow_days=3))
    book.set_policy(PolicySet(version=1, approval=(rule,)))
    book.register()
    book.decide(BOB, book.request())
    book.set_policy(
        PolicySet(version=2, approval=(rule,), existing_approvals=ReApproveFrom("2026-02-31T00:00:00Z"))
    )
    book.gate(at="2026-04-01T00:00:00Z")


def test_a_leaf_at_the_end_of_time_is_answered() -> None:
    registry = Simulated()
    rule = ApprovalRule(roles={"risk-approver": 1}, on_stale=OnStale(allow_days=3))
    policy = PolicySet(version=2, approval=(rule,))
    registry.append(registry.about_origin("policy-set", policy.to_predicate(registry.nonce())), "alice")
    manifest = registry.register()
    dossier = registry.request(manifest)
    registry.decide(manifest, dossier)

    registry.now = datetime(9999, 12, 31, 23, 50, tzinfo=UTC)
    about = (Subject(str(manifest.ref), manifest.digest), Subject("dossier", dossier))
    said = {
        "base": dossier,
        "environment": "production",
        "nonce": "0" * 32,
        "parts": [{"part": "x", "cause": "y"}],
        "through": 4,
        "to": dossier,
    }
    registry.append(Statement("dossier-changed", about, said), "service")
    registry.claim(manifest, "stale")
    registry.verify()


@pytest.mark.parametrize(
    "receipt",
    [b"not json", b"[]", b'{"subject":{"manifest":1}}', "size", "time", "environment", "spaces", "float"],
)
def test_one_bad_item_in_the_inbox_stops_nobody(home: Path, receipt: Any) -> None:
    with open_registry(home) as registry:
        good = json.loads(answer_gate(registry, SEVEN, None, "production").receipt)
        change = {
            "size": {"treeSize": "1"},
            "time": {"time": "soon"},
            "environment": {"environment": ["x"]},
            "spaces": {},
            "float": {"extra": 1.5},
        }
        data = receipt if isinstance(receipt, bytes) else json.dumps(good | change[receipt]).encode()
        registry.inbox.put("receipts", registry.ledger.put_body(data), registry.clock())
        with writing(registry):
            pass
    main(["bundle", "export", "credit-risk@7", "-o", str(home.parent / "b.zip")])
    with open_registry(home) as registry:
        assert (home.parent / "b.zip").exists()


@pytest.mark.parametrize("predicate", [{"reason": "sha256:x"}, {"conditions": 5}, {"conditions": None}])
def test_one_odd_record_does_not_stop_every_export(home: Path, predicate: dict[str, Any]) -> None:
    with open_registry(home) as registry, writing(registry) as writer:
        service = registry.find_service_key()
        assert service is not None
        about = (subject(SEVEN, registry.get_manifest(SEVEN)),)
        writer.append(Actor(service).sign("link", about, predicate))
    main(["bundle", "export", "credit-risk@7", "-o", str(home.parent / "b.zip")])
    assert (home.parent / "b.zip").exists()
