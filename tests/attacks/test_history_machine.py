"""Any honest history, any attack of its operator: no bundle passes with a status it does not give.

`MUNIMENT_HISTORIES=500` tries that many histories instead of the few of every day.
"""

import os
import random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from registry.bundle.verify import verify_bundle
from registry.rules.dossier import EvidenceRow, RiskRow
from registry.rules.status import status
from schemas.asset import Manifest
from schemas.digest import Digest
from schemas.governance import RiskForm
from tests.attacks.operator_attacks import ADDITIONS, rewritten, twin
from tests.attacks.simulator import ENV, Registry
from tests.attacks.simulator_keys import reinstate, renew_root, suspend
from tests.attacks.simulator_policy import allow_breaking, break_glass, override

HISTORIES = int(os.environ.get("MUNIMENT_HISTORIES", "30"))
WORDS = ("none", "valid", "valid-with-conditions", "stale", "expired", "revoked")
SEEDS = st.integers(0, 2**16)


class Histories(RuleBasedStateMachine):
    """One version on its way, everything done by whoever may do it; attacks happen to copies."""

    registry: Registry
    version: Manifest
    dossier: Digest

    @initialize()
    def begin(self) -> None:
        """Make a registry with a version somebody asks about."""
        self.registry = Registry()
        allow_breaking(self.registry)
        self.version = self.registry.register()
        self.evidence: list[Digest] = []
        self.risk: RiskRow | None = None
        self.decisions: dict[str, int] = {}
        self.dead: set[str] = set()
        self.resting: set[str] = set()
        self.versions = 7
        self.request()

    # What people do.

    @rule()
    def request(self) -> None:
        rows = tuple(EvidenceRow(kind="validation_report", digest=d, level="verified") for d in self.evidence)
        self.dossier = self.registry.request(self.version, parts={"evidence": rows, "risk": self.risk})

    @rule(
        who=st.sampled_from(("rita", "rita", "vic", "alice")),
        word=st.sampled_from(("approve", "approve", "approve", "reject", "abstain")),
        conditions=st.booleans(),
    )
    def decide(self, who: str, word: str, conditions: bool) -> None:
        if who in self.dead | self.resting:
            return
        texts = [self.registry.put(b"sixteen bytes ok" + b"monitor")] if conditions else []
        changed = {"decision": word, "conditions": texts}
        self.decisions[who] = self.registry.decide(self.version, self.dossier, who, **changed)

    @rule(who=st.sampled_from(("rita", "vic")))
    def withdraw(self, who: str) -> None:
        if who in self.decisions and who not in self.dead | self.resting:
            self.registry.withdraw(self.version, self.decisions.pop(who), who)

    @precondition(lambda self: "vic" in self.decisions)
    @rule()
    def override(self) -> None:
        override(self.registry, self.version, self.decisions["vic"])

    @rule()
    def break_the_glass(self) -> None:
        if "rita" not in self.dead | self.resting:
            break_glass(self.registry, self.version)

    @rule(reason=st.sampled_from(("left", "superseded", "compromised")), back=st.integers(0, 9))
    def revoke(self, reason: str, back: int) -> None:
        if "rita" not in self.dead:
            start = max(0, len(self.registry.leaves) - back)
            self.registry.revoke("rita", "alice", reason=reason, from_index=start)
            self.dead.add("rita")

    @rule(who=st.sampled_from(("rita", "vic")))
    def suspend(self, who: str) -> None:
        if who in self.resting:
            reinstate(self.registry, who)
            self.resting.discard(who)
        else:
            suspend(self.registry, who)
            self.resting.add(who)

    @rule(role=st.sampled_from(("risk-approver", "validator")))
    def change_policy(self, role: str) -> None:
        self.registry.add_policy(self.registry.policy_version + 1, {role: 1})

    @rule()
    def renew_root(self) -> None:
        renew_root(self.registry)

    @rule(text=st.binary(min_size=1, max_size=3), gone=st.booleans())
    def change_evidence(self, text: bytes, gone: bool) -> None:
        if gone and self.evidence:
            self.registry.withdraw_evidence(self.version, self.evidence.pop())
        else:
            digest = self.registry.evidence(self.version, b"report " + text)
            self.evidence = [d for d in self.evidence if d != digest] + [digest]

    @rule(exposure=st.integers(1, 5))
    def assess(self, exposure: int) -> None:
        form = RiskForm(exposure=exposure, purpose=exposure, summary="Decides on loans.")
        who = "alice" if "rita" in self.dead | self.resting else "rita"
        row = self.registry.assess(self.version, form, who)
        if not self.registry.state().problems or row.assessment in _standing(self.registry, self.version):
            self.risk = row

    @rule(changed=st.booleans())
    def tell_of_changes(self, changed: bool) -> None:
        parts = [("lineage", "a training input changed")] if changed else []
        self.registry.change(self.version, self.dossier, self.dossier, *parts)

    @rule()
    def ask_the_gate(self) -> None:
        self.registry.seal(self.registry.gate(self.version))

    @rule()
    def register_another(self) -> None:
        self.versions += 1
        self.registry.register(self.versions, weights=b"%d" % self.versions)

    @rule(days=st.sampled_from((1, 400)))
    def wait(self, days: int) -> None:
        self.registry.later(days=days)

    # What must hold.

    def truth(self, registry: Registry | None = None) -> str:
        """Return the status that the records give."""
        state = (registry or self.registry).state()
        return status(state, self.version.digest, ENV, state.time).status

    @rule(word=st.sampled_from(WORDS))
    def a_true_claim_passes_and_a_false_one_fails(self, word: str) -> None:
        honest = twin(self.registry)
        honest.claim(self.version, word)
        assert honest.verify().verdict == ("PASS" if word == self.truth() else "FAIL")

    @rule(attack=st.sampled_from(ADDITIONS), word=st.sampled_from(WORDS), seed=SEEDS)
    def an_operator_who_adds_or_leaves_out_gains_nothing(self, attack, word: str, seed: int) -> None:
        forged = twin(self.registry)
        head = forged.head()
        attack(forged, self.version, self.dossier, random.Random(seed))  # noqa: S311
        forged.claim(self.version, word)
        answer = forged.verify(prior=(head.size, head.root))
        assert answer.verdict != "PASS" or word == self.truth(), (attack.__name__, word, answer.codes)

    @rule(word=st.sampled_from(WORDS), seed=SEEDS)
    def an_operator_who_rewrites_history_is_seen_by_whoever_kept_a_head(self, word: str, seed: int) -> None:
        forged = twin(self.registry)
        head = forged.head()
        forged.claim(self.version, word)
        bundle = rewritten(forged, random.Random(seed))  # noqa: S311
        answer = verify_bundle(bundle, anchor=forged.anchor, prior=(head.size, head.root))
        assert answer.verdict == "FAIL", answer.codes


def _standing(registry: Registry, version: Manifest) -> set[Digest]:
    risk = registry.state().find_risk(version.digest)
    return set() if risk is None else {risk.digest}


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
