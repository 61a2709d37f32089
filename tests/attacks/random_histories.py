"""Histories nobody would write down: persons and services do what they may and what they may not, at random.

Then some of it is left out of the bundle. What comes of it is for two verifiers to say, in the same words.
"""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from registry.bundle.contents import Claim, Withheld
from registry.bundle.summary import Asked
from registry.rules.check_rules import ArtifactCheck, CheckRule, EvidenceCheck, MonitoringCheck
from registry.rules.dossier import CheckRow, EvidenceRow, RiskRow
from registry.rules.policy import ApprovalRule, BreakGlassRule, Enforcement, OnStale, PolicySet, ReApproveFrom
from registry.rules.status import status
from registry.rules.time_spans import days_after
from registry.trust.trust_root import Key, Person, Role
from schemas.asset import Manifest
from schemas.digest import Digest
from schemas.governance import RiskForm
from schemas.ledger import parse_leaf, time_text
from schemas.statement import Statement, Subject
from tests.attacks.simulator import CHECK, Registry, altered_root, key, person_id
from tests.attacks.simulator_keys import suspend
from tests.attacks.simulator_policy import glass, override

HELD: dict[str, tuple[str, ...]] = {
    "alice": ("owner", "developer", "root", "policy"),
    "rita": ("risk-approver", "validator"),
    "vic": ("validator", "risk-approver", "root"),
    "olga": ("owner", "risk-approver"),
}
QUORUMS: tuple[dict[str, int], ...] = (
    {"risk-approver": 1},
    {"risk-approver": 2},
    {"risk-approver": 1, "validator": 1},
    {"validator": 1},
)
ENVIRONMENTS = ("production", "staging")
REPORT = "validation_report"
DAYS = 1


class Chance:
    """A registry to which things happen at random; the same seed makes the same history."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - it is to repeat itself
        self.registry = Registry()
        self.versions: list[Manifest] = []
        self.dossiers: list[tuple[Manifest, str, Digest]] = []
        self.signed: list[tuple[Manifest, str, int, str]] = []
        """Decisions and break-glasses: about what, where, at which leaf and by whom."""
        self.checks: tuple[CheckRule, ...] = ()
        people = tuple(
            Person(person_id(name), tuple(Role(role) for role in roles), (Key(key(name).public),))
            for name, roles in HELD.items()
        )
        root = altered_root(self.registry.root, version=2, persons=people)
        self.registry.root = root
        self.registry.add_root(root, "alice")
        self.policy()
        self.register()
        for _ in range(self.dice.randint(5, 40)):
            self.dice.choices(self.acts(), WEIGHTS)[0]()

    def acts(self) -> Sequence[Callable[[], object]]:
        """Return what may happen, in the order of `WEIGHTS`."""
        decided = (self.decide, self.withdraw, self.override, self.break_glass, self.change)
        known = (self.evidence, self.monitor, self.assess, self.register, self.request, self.gate)
        return (*decided, *known, self.policy, self.revoke, self.suspend, self.wait, self.rotate)

    def bundle(self) -> bytes:
        """Return the bundle with some of its records or documents left out, and mostly true claims."""
        dice, registry, left_out = self.dice, self.registry, self.dice.random()
        if left_out < 0.2 and self.dossiers:
            registry.bodies.pop(dice.choice(self.dossiers)[2], None)
        elif left_out < 0.4:
            seq = dice.randrange(1, len(registry.leaves))
            state = dice.choice(("omitted", "redacted"))
            registry.envelopes[seq] = Withheld(parse_leaf(registry.leaves[seq]).body, state)  # type: ignore[arg-type]
        elif left_out < 0.45:
            registry.bodies.pop(self.versions[0].digest, None)
        folded = registry.state()
        for manifest in {version.digest for version in self.versions}:
            for environment in ENVIRONMENTS:
                word = status(folded, manifest, environment, folded.time).status
                stated = word if dice.random() < 0.97 else "valid"
                registry.claims += [Claim(manifest, environment, stated)] if dice.random() < 0.8 else []
        names = {str(version.ref) for version in self.versions}
        registry.asked = Asked(subjects=tuple(sorted(names)), environments=ENVIRONMENTS)
        return registry.bundle()

    # What happens.

    def who(self) -> str:
        """Return somebody."""
        return self.dice.choice(tuple(HELD))

    def word(self, text: str) -> Digest:
        """Keep a salted text."""
        return self.registry.put(b"sixteen bytes ok" + text.encode())

    def register(self) -> None:
        """Register a version, seldom under a name in use."""
        number = max(1, 7 + len(self.versions) - int(self.dice.random() < 0.05))
        signer = self.dice.choice(("alice", "alice", "olga", "service"))
        self.versions.append(self.registry.register(number, signer, weights=b"%d" % len(self.versions)))

    def policy(self) -> None:
        """Sign the next policy set."""
        dice, registry = self.dice, self.registry
        document = CheckRule(id="ev", title="Ev", severity="block", check=EvidenceCheck((REPORT,)))
        artifact = CheckRule(id="artifact", title="Hashed", severity="block", check=ArtifactCheck("verified"))
        seen = CheckRule(id="seen", title="Seen", severity="block", check=MonitoringCheck(DAYS))
        self.checks = (artifact, *(check for check in (document, seen) if dice.random() < 0.4))
        scopes: tuple[Any, ...] = ({"tiers": ("high", "critical")}, {"environments": ("staging",)}, {})
        rules = tuple(self.rule(**scope) for scope in scopes[dice.randrange(3) :])
        again = ReApproveFrom(dice.choice(("2026-11-23T10:30:00Z", "2027-01-01T00:00:00Z")))
        policy = PolicySet(
            version=registry.policy_version + 1,
            approval=rules,
            checks=self.checks,
            existing_approvals=dice.choice(("newRequests", "newRequests", "reEvaluate", again)),
            decision_within_hours=dice.choice((1, 24)),
        )
        registry.append(registry.about_origin("policy-set", policy.to_predicate(registry.nonce())), "alice")

    def rule(self, **scope: Any) -> ApprovalRule:
        """Return an approval rule."""
        dice = self.dice
        roles = ("owner", "validator", "risk-approver")
        broken = BreakGlassRule(roles=roles, max_hours=dice.choice((2, 24)))  # type: ignore[arg-type]
        return ApprovalRule(
            roles=dice.choice(QUORUMS),  # type: ignore[arg-type]
            exclude_authors=dice.random() < 0.7,
            rejection_blocks=dice.random() < 0.8,
            max_age_days=dice.choice((None, 1, 365)),
            on_stale=OnStale(allow_days=dice.choice((0, 3)), parts=dice.choice(({}, {"evidence": 2}))),
            enforcement=Enforcement(mode=dice.choice(("block", "block", "warn", "observe"))),
            break_glass=dice.choice((None, broken)),
            **scope,
        )

    def request(self) -> None:
        """Freeze a dossier of what the log holds, seldom without a part of it."""
        dice, registry = self.dice, self.registry
        manifest, environment = dice.choice(self.versions), dice.choice(ENVIRONMENTS)
        state = registry.state()
        rows = [
            EvidenceRow(kind=e.kind, digest=e.digest, level=e.level, valid_until=e.valid_until)  # type: ignore[arg-type]
            for e in state.standing_evidence(manifest.digest)
        ]
        risk = state.find_risk(manifest.digest)
        parts: dict[str, Any] = {"evidence": tuple(rows if dice.random() < 0.9 else rows[:-1])}
        if risk is not None and dice.random() < 0.9:
            parts["risk"] = RiskRow(assessment=risk.digest, tier=risk.tier)  # type: ignore[arg-type]
        ends = [row.valid_until for row in rows if row.kind == REPORT]
        over = bool(ends) and all(end is not None and time_text(registry.now) >= end for end in ends)
        values = {"expired": [REPORT] if over else [], "missing": [] if ends else [REPORT]}
        result: Any = "fail" if over or not ends else "pass"
        row = CheckRow(rule="ev", title="Ev", severity="block", result=result, values=values)
        held = {"ev": row, "seen": self.seen(manifest, parts)}
        checks = (CHECK, *(held[rule.id] for rule in self.checks if rule.id in held))
        signer = dice.choice(("alice", "alice", "olga", "vic", "service"))
        asked = registry.request(manifest, signer, environment=environment, parts=parts, checks=checks)
        self.dossiers.append((manifest, environment, asked))

    def seen(self, manifest: Manifest, parts: dict[str, Any]) -> CheckRow:
        """Return the row of the check of monitoring, and put its reports into `parts`, seldom not all."""
        reports = self.registry.state().standing_documents(manifest.digest, "monitoring")
        listed = reports if self.dice.random() < 0.95 else reports[:-1]
        parts["monitoring"] = tuple({report.digest for report in listed})
        until = days_after(listed[-1].by.time, DAYS) if listed else ""
        values = {"last": listed[-1].by.time, "validUntil": until} if listed else {}
        good: Any = "pass" if time_text(self.registry.now) < until else "fail"
        return CheckRow(rule="seen", title="Seen", severity="block", result=good, values=values)

    def decide(self) -> None:
        """Let somebody decide about one of the last dossiers, mostly in a role of theirs."""
        dice, registry, who = self.dice, self.registry, self.who()
        if not self.dossiers:
            return
        manifest, environment, dossier = dice.choice(self.dossiers[-3:])
        said: dict[str, Any] = {"environment": environment, "role": dice.choice((*HELD[who], "validator"))}
        said["decision"] = dice.choice(("approve",) * 6 + ("reject", "reject", "abstain"))
        if dice.random() < 0.15:
            said["conditions"] = [self.word("monitor it")]
        if dice.random() < 0.1:
            said["expiresAt"] = time_text(registry.now + timedelta(minutes=dice.choice((3, 600))))
        signer = who if dice.random() < 0.97 else "rita"
        seq = registry.append(registry.approval(manifest, dossier, who, **said), signer)
        self.signed.append((manifest, environment, seq, who))

    def withdraw(self) -> None:
        """Take a decision back, or end a break-glass."""
        if self.signed:
            manifest, environment, seq, who = self.dice.choice(self.signed)
            about = Subject("decision", parse_leaf(self.registry.leaves[seq]).body)
            said = {"environment": environment, "reason": self.word("wrong"), "reviewer": person_id(who)}
            said["nonce"] = self.registry.nonce()
            subjects = (Subject(str(manifest.ref), manifest.digest), about)
            self.registry.append(Statement("withdrawn", subjects, said), who)

    def override(self) -> None:
        """Override whatever was decided, a rejection or not."""
        if self.signed:
            manifest, environment, seq, _ = self.dice.choice(self.signed)
            signers = self.dice.choice((("alice",), ("alice", "vic")))
            override(self.registry, manifest, seq, *signers, environment=environment)

    def break_glass(self) -> None:
        """Break the glass, allowed or not."""
        manifest, who, environment = (
            self.dice.choice(self.versions),
            self.who(),
            self.dice.choice(ENVIRONMENTS),
        )
        hours, role = self.dice.choice((1, 4, 30)), self.dice.choice(HELD[who])
        said = glass(self.registry, manifest, who, hours, role=role, environment=environment)
        self.signed.append((manifest, environment, self.registry.append(said, who), who))

    def change(self) -> None:
        """Tell of a change, or that there is none any more."""
        if self.dossiers:
            manifest, environment, dossier = self.dice.choice(self.dossiers)
            parts = [] if self.dice.random() < 0.4 else [{"part": "evidence", "cause": "evidence removed: x"}]
            said: dict[str, Any] = {
                "base": dossier,
                "to": dossier,
                "environment": environment,
                "parts": parts,
            }
            said |= {"nonce": self.registry.nonce(), "through": len(self.registry.leaves) - 1}
            subjects = (Subject(str(manifest.ref), manifest.digest), Subject("dossier", dossier))
            self.registry.append(Statement("dossier-changed", subjects, said), "service")

    def evidence(self) -> None:
        """Add, replace or withdraw a document."""
        dice, registry, manifest = self.dice, self.registry, self.dice.choice(self.versions)
        body, signer = dice.choice((b"one", b"two", b"three")), dice.choice((self.who(), "service"))
        if dice.random() < 0.3:
            registry.withdraw_evidence(manifest, Digest.of(body), signer)
            return
        until = time_text(registry.now + timedelta(minutes=dice.choice((5, 5_000))))
        said = {"validUntil": until} if dice.random() < 0.4 else {}
        said |= {"replaces": Digest.of(b"one")} if dice.random() < 0.2 else {}
        registry.evidence(manifest, body, signer, **said)

    def monitor(self) -> None:
        """Record what monitoring saw, sometimes the same again."""
        body, signer = self.dice.choice((b"drift", b"no drift")), self.dice.choice((self.who(), "service"))
        self.registry.log_document("monitoring-recorded", self.dice.choice(self.versions), body, signer)

    def assess(self) -> None:
        """Assess the risk of a version."""
        exposure, purpose = self.dice.randint(1, 5), self.dice.randint(1, 5)
        form = RiskForm(exposure=exposure, purpose=purpose, summary="Decides.")
        signer = self.dice.choice((self.who(), "service"))
        self.registry.assess(self.dice.choice(self.versions), form, signer)

    def gate(self) -> None:
        """Ask the gate and seal its answer, seldom a lie."""
        lie = {"verdict": "allow"} if self.dice.random() < 0.1 else {}
        self.registry.seal(self.registry.gate(self.dice.choice(self.versions), **lie))

    def revoke(self) -> None:
        """Revoke a key; a compromised one from some leaf on."""
        reason = self.dice.choice(("left", "compromised", "compromised"))
        who, reach = (
            self.dice.choice(("rita", "vic", "olga")),
            self.dice.randint(0, len(self.registry.leaves)),
        )
        signers = self.dice.choice((("alice",), ("alice", "vic"), (who,)))
        self.registry.revoke(who, *signers, reason=reason, from_index=reach)

    def suspend(self) -> None:
        """Suspend a key, by a root person or by nobody who may."""
        suspend(self.registry, self.dice.choice(("rita", "olga")), self.dice.choice(("alice", "vic", "rita")))

    def wait(self) -> None:
        """Let hours or a year pass."""
        self.registry.later(hours=self.dice.choice((1, 5, 30, 24 * 400)))

    def rotate(self) -> None:
        """Sign the next trust root, seldom by too few."""
        ends = self.dice.choice((None, None, "2026-12-01T00:00:00Z"))
        root = altered_root(self.registry.root, version=self.registry.root.version + 1, expires=ends)
        self.registry.root = root
        self.registry.add_root(root, "alice" if self.dice.random() < 0.9 else "rita")


WEIGHTS = (9, 1, 1, 1, 1, 2, 2, 1.5, 1, 5, 1, 0.8, 0.3, 0.3, 0.7, 0.2)
