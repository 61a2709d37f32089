"""A signed document whose numbers do not follow from its own counts convinces nobody."""

from pathlib import Path

import pytest

from registry.acts.actor import Actor
from registry.acts.record import record_document
from registry.registry import open_registry
from registry.rules.fairness import evaluate
from registry.rules.risk import assess
from registry.signing import keyfile
from schemas.asset import VersionRef
from schemas.canonical import canonical
from schemas.evaluation import BiasInput, GroupCounts, Polarity
from schemas.governance import RiskForm
from tui.cli import main

REF = VersionRef("retail", "credit-risk", 7)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUNIMENT_REGISTRY", str(tmp_path / "registry"))
    monkeypatch.setenv("MUNIMENT_NAMESPACE", "retail")
    (tmp_path / "model.bin").write_bytes(b"weights")
    assert main(["init", "--as", "alice", "--no-passphrase"]) == 0
    assert main(["register", "credit-risk@7", "--artifact", str(tmp_path / "model.bin")]) == 0
    return tmp_path / "registry"


def sign_bias_document(home: Path, **changes: object) -> None:
    counts = (GroupCounts("F", 100, 20), GroupCounts("M", 100, 60))
    document = evaluate(BiasInput("sex", "general", "best", Polarity("granted"), 0, counts)).to_document()
    document["groups"][0].update(changes)
    with open_registry(home) as registry:
        (key,) = (p for p in registry.keys.glob("p-*") if not p.name.endswith(".pub"))
        alice = Actor(keyfile.load(key, None), key.name)
        predicate = {"attribute": "sex", "rule": "general", "level": "verified"}
        record_document(registry, alice, REF, "bias-recorded", canonical(document), predicate)


def test_a_dossier_is_not_composed_over_a_false_ratio(home: Path, capsys: pytest.CaptureFixture[str]):
    sign_bias_document(home, impactRatio={"num": "6000", "den": "6000"}, belowFourFifths=False)
    capsys.readouterr()

    code = main(["dossier", "credit-risk@7", "--env", "production"])

    assert code == 3
    assert "BIAS_MISMATCH" in capsys.readouterr().err


def test_a_false_interval_is_not_shown(home: Path, capsys: pytest.CaptureFixture[str]):
    sign_bias_document(home, ci={"low": "0.9", "high": "1.1"})
    capsys.readouterr()

    code = main(["bias", "show", "credit-risk@7"])

    assert code == 1
    assert "BIAS_MISMATCH" in capsys.readouterr().err


def test_a_record_cannot_claim_another_tier_than_its_assessment_gives(
    home: Path, capsys: pytest.CaptureFixture[str]
):
    form = RiskForm(exposure=5, purpose=5, summary="Decides on loans.")
    document = assess(form, today="2026-11-23").to_bytes()
    with open_registry(home) as registry:
        (key,) = (p for p in registry.keys.glob("p-*") if not p.name.endswith(".pub"))
        alice = Actor(keyfile.load(key, None), key.name)
        record_document(registry, alice, REF, "risk-assessed", document, {"level": "verified", "tier": "low"})
    capsys.readouterr()

    code = main(["dossier", "credit-risk@7", "--env", "production"])

    assert code == 3
    assert "gives critical, its record at leaf" in capsys.readouterr().err


def test_the_true_document_is_taken(home: Path, capsys: pytest.CaptureFixture[str]):
    sign_bias_document(home)
    capsys.readouterr()

    assert main(["bias", "show", "credit-risk@7"]) == 0
    assert main(["dossier", "credit-risk@7", "--env", "production"]) == 0
