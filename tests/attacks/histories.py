"""An honest registry to which things happen by name."""

from hypothesis import strategies as st

from schemas.asset import Manifest
from schemas.digest import Digest
from schemas.statement import Statement, Subject
from tests.attacks.simulator import ENV, Registry, altered_root

ACTS = st.lists(
    st.sampled_from(
        [
            *("request", "request elsewhere", "rita approves", "rita approves with a condition"),
            *("rita rejects", "rita abstains", "rita withdraws", "vic rejects", "vic withdraws"),
            *("lineage changes", "nothing changes any more", "the gate answers", "another version"),
            *("new policy", "new root", "rita's key is superseded", "rita's key is compromised"),
        ]
    ),
    max_size=12,
)
STATUSES = ("none", "valid", "valid-with-conditions", "stale", "expired", "revoked")


class History:
    """An honest registry to which things happen by name."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.version: Manifest = self.registry.register()
        self.dossier: Digest = self.registry.request(self.version)
        self.decisions: dict[str, int] = {}
        self.versions = 7
        self.revoked = False

    def happen(self, act: str) -> None:
        who, _, what = act.partition(" ")
        match act:
            case "request":
                self.dossier = self.registry.request(self.version)
            case "request elsewhere":
                self.registry.request(self.version, environment="staging")
            case "lineage changes" | "nothing changes any more":
                self._change(lineage=act == "lineage changes")
            case "the gate answers":
                self.registry.seal(self.registry.gate(self.version))
            case "another version":
                self.versions += 1
                self.registry.register(self.versions, weights=b"%d" % self.versions)
            case "new policy":
                self.registry.add_policy(self.registry.policy_version + 1, {"risk-approver": 1})
            case "new root":
                self.registry.root = altered_root(self.registry.root, version=self.registry.root.version + 1)
                self.registry.add_root(self.registry.root, "alice")
            case "rita's key is superseded" | "rita's key is compromised":
                reason = act.rpartition(" ")[2]
                half = len(self.registry.leaves) // 2
                if not self.revoked:
                    self.registry.revoke("rita", "alice", reason=reason, from_index=half)
                self.revoked = True
            case _:
                self._decide(who, what)

    def _decide(self, who: str, what: str) -> None:
        if who == "rita" and self.revoked:
            return
        if what == "withdraws":
            if who in self.decisions:
                self.registry.withdraw(self.version, self.decisions.pop(who), who)
            return
        conditions = [self.registry.put(b"sixteen bytes ok" + b"monitor")] if "condition" in what else []
        words = {"approves": "approve", "rejects": "reject", "abstains": "abstain"}
        decision = words[what.split(maxsplit=1)[0]]
        self.decisions[who] = self.registry.decide(
            self.version, self.dossier, who, decision=decision, conditions=conditions
        )

    def _change(self, *, lineage: bool) -> None:
        predicate = {
            "base": self.dossier,
            "environment": ENV,
            "nonce": f"{len(self.registry.leaves):032x}",
            "parts": [{"cause": "an input changed", "part": "lineage"}] if lineage else [],
            "through": len(self.registry.leaves) - 1,
            "to": self.dossier,
        }
        subjects = (
            Subject(str(self.version.ref), self.version.digest),
            Subject("dossier", self.dossier),
        )
        self.registry.append(Statement("dossier-changed", subjects, predicate), "service")
