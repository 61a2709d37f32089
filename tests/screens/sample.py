"""The one version the sample registry knows in full."""

from registry.views import (
    ApprovalRow,
    AuditRow,
    BiasCheck,
    ChangeRow,
    CheckRow,
    EvidenceRow,
    FileRow,
    GroupRow,
    Identity,
    LineageEdge,
    LineageGap,
    LineageNode,
    LineagePage,
    QuorumRow,
    Ratio,
    ReportRow,
    RiskPage,
    RiskRow,
    Score,
    Standing,
    VersionPage,
)
from schemas.digest import Digest

SUBJECT = "retail/credit-risk@7"
NOVEMBER = "2026-11-19T10:00:00Z"
MANIFEST = Digest.of(b"manifest 7")
DOSSIER = Digest.of(b"dossier 7")
REPORT = b"# Validation report\n\nThe model was validated on the 2026-09 hold-out.\nAUC 0.871, KS 0.52.\n"
QUORUM = (QuorumRow("developer", 1, 1), QuorumRow("risk-approver", 0, 1))
CHECKS = (
    CheckRow(
        "ART", "Files re-hashed here", "block", "pass", "all 2 files verified", (("level", "verified"),)
    ),
    CheckRow(
        "LIN",
        "Lineage without gaps",
        "block",
        "fail",
        "1 gap, at most 0 allowed: dataset bureau has no known writer",
        (("gaps", "1"),),
        tab="lineage",
    ),
    CheckRow(
        "BIAS",
        "Four-fifths for sex and age",
        "block",
        "fail",
        "age 65+ has the impact ratio 0.774, at least 4/5 is asked",
        (("ratio", "387/500"),),
        tab="fairness",
    ),
    CheckRow("RISK", "Risk assessed", "block", "pass", "tier high", (("tier", "high"),), tab="risk"),
    CheckRow(
        "DPIA",
        "Data protection assessment",
        "warn",
        "fail",
        "no document of the kind dpia",
        (),
        tab="evidence",
    ),
    CheckRow(
        "VAL", "Validation report", "block", "pass", "1 of 1 kinds present", (("kinds", "1"),), tab="evidence"
    ),
    CheckRow("DRIFT", "Drift monitored", "info", "not-applicable", "applies to production only", ()),
)
REGISTER = (
    RiskRow(
        "R-01",
        "Proxy discrimination by postcode",
        "fairness",
        "Postcode stands in for ethnicity, so declines follow where people live.",
        Score(5, 4, "critical"),
        Score(3, 4, "high"),
        "mitigate",
        "a.lindqvist",
        ("postcode removed from the features", "quarterly proxy scan"),
    ),
    RiskRow(
        "R-02",
        "Drift after a rate change",
        "performance",
        "",
        Score(4, 4, "high"),
        Score(3, 3, "medium"),
        "monitor",
        "ci-bot",
        ("population stability index each week",),
    ),
    RiskRow("R-03", "Licence of bureau data unknown", "legal", "", Score(4, 4, "high"), None, "open", "", ()),
    RiskRow(
        "R-04",
        "Free text holds personal data",
        "privacy",
        "",
        Score(3, 3, "medium"),
        Score(2, 2, "low"),
        "mitigate",
        "j.tanaka",
        ("pattern filter",),
    ),
    RiskRow(
        "R-05",
        "No human override",
        "oversight",
        "",
        Score(2, 5, "medium"),
        Score(1, 5, "low"),
        "accept",
        "m.osei",
        (),
    ),
)
RISK = RiskPage(
    "high",
    "verified",
    Digest.of(b"risk 7"),
    (
        ("exposure", "4: more than 100 000 people a year"),
        ("purpose", "5: decides on access to credit"),
        ("cell", "20 on the matrix, high"),
        ("modifier", "human review of every decline lowers nothing below high"),
        ("floor", "consumer credit is never below high"),
    ),
    REGISTER,
    "2026-11-20T09:00:00Z",
)


def group(
    label: str, n: int, selected: int, ratio: tuple[int, int], ci: tuple[str, str], **more: object
) -> GroupRow:
    """Return a group row with the lamps that follow from its numbers."""
    below = ratio[0] * 5 < ratio[1] * 4
    return GroupRow(
        label,
        n,
        selected,
        Ratio(selected, n),
        Ratio(*ratio),
        ci[0],
        ci[1],
        "0.004" if below else "0.31",
        below,
        "clearly above" if float(ci[0]) >= 0.8 else "uncertain",
        below,
        small_sample=n < 300,
    )


BIAS = (
    BiasCheck(
        "sex",
        "general",
        "male",
        "approved is favourable",
        "verified",
        Digest.of(b"bias sex"),
        (
            group("female", 4812, 1934, (943, 1000), ("0.905", "0.982")),
            GroupRow("male", 9120, 3886, Ratio(3886, 9120), reference=True),
        ),
        unknown=12,
        method="log ratio, Katz",
    ),
    BiasCheck(
        "age",
        "general",
        "45-64",
        "approved is favourable",
        "verified",
        Digest.of(b"bias age"),
        (
            group("under 25", 212, 77, (861, 1000), ("0.712", "1.014")),
            group("25-44", 6210, 2578, (988, 1000), ("0.962", "1.015")),
            GroupRow("45-64", 5904, 2480, Ratio(2480, 5904), reference=True),
            group("65+", 1606, 522, (387, 500), ("0.731", "0.819")),
            GroupRow("unknown", 14, 3, excluded="fewer than 30"),
        ),
        method="log ratio, Katz",
    ),
)
NODES = (
    LineageNode("model", "model", SUBJECT, "verified", "", MANIFEST),
    LineageNode("run", "run", "train 4f1c", "signed", "", ""),
    LineageNode(
        "features",
        "dataset",
        "s3://warehouse/features/credit",
        "reported",
        "2026-11-01",
        "sha256:" + "ab" * 32,
    ),
    LineageNode("build", "job", "etl.build_features", "reported"),
    LineageNode("apps", "dataset", "postgres://core/applications", "reported", "v12"),
    LineageNode("bureau", "dataset", "s3://raw/bureau", "inferred"),
    LineageNode("labels", "dataset", "s3://warehouse/labels/defaults", "reported", "2026-10-31"),
    LineageNode("clean", "job", "etl.clean", "reported"),
)
EDGES = tuple(
    LineageEdge(source, target, relation, level)
    for source, target, relation, level in (
        ("run", "model", "produced", "signed"),
        ("features", "run", "read", "reported"),
        ("labels", "run", "read", "reported"),
        ("build", "features", "wrote", "reported"),
        ("apps", "build", "read", "reported"),
        ("bureau", "build", "read", "inferred"),
        ("clean", "labels", "wrote", "reported"),
        ("apps", "clean", "read", "reported"),
    )
)
LINEAGE = LineagePage(
    "model", NODES, EDGES, (LineageGap("bureau", "no known writer"),), "absent", Digest.of(b"snapshot")
)
EVIDENCE = (
    EvidenceRow(
        "validation_report",
        "Validation report 2026-11",
        Digest.of(REPORT),
        "verified",
        "text/markdown",
        len(REPORT),
        "a.lindqvist",
        "2026-11-19T10:00:00Z",
    ),
    EvidenceRow(
        "model_card",
        "Model card",
        Digest.of(b"card"),
        "reported",
        "text/markdown",
        18244,
        "ci",
        "2026-11-18T10:00:00Z",
        "",
        "withdrawn",
    ),
)
APPROVALS = (
    ApprovalRow(
        39,
        "approve",
        "dev.olsen",
        "developer",
        "2026-11-22T15:00:00Z",
        DOSSIER,
        "ab12" * 16,
        counts=True,
        reason="Trained as agreed.",
    ),
    ApprovalRow(
        21,
        "reject",
        "m.osei",
        "risk-approver",
        "2026-10-02T08:00:00Z",
        Digest.of(b"dossier old"),
        "cd34" * 16,
        counts=False,
        note="void: dossier closed",
        reason=None,
    ),
)
CHANGES = (
    ChangeRow("lineage", "lineage node changed", "dataset s3://raw/bureau", "pinned", "version v11", "none"),
    ChangeRow(
        "biasChecks", "bias check replaced", "impact ratio of age 65+", "judged", "811/1000", "387/500"
    ),
    ChangeRow("comments", "comment added", "a question was answered", "noted"),
)
IMPORTED = ("import", "service", "", "120 taken, 3 duplicate, 1 quarantined")
SPECIAL = {
    0: ("trust-root", "m.osei", "", "trust root 1"),
    39: ("approval", "dev.olsen", SUBJECT, "approve as developer"),
    40: ("review-requested", "dev.olsen", SUBJECT, "for production"),
}
LEAVES = tuple(
    AuditRow(
        seq, f"2026-11-20T10:{seq:02d}:00Z", *SPECIAL.get(seq, IMPORTED), Digest.of(b"%d" % seq), seq < 42
    )
    for seq in range(44)
)
IDENTITY = Identity(
    SUBJECT,
    MANIFEST,
    Digest.of(b"artifact 7"),
    (
        FileRow("model/model.safetensors", Digest.of(b"weights"), 1_204_331_008),
        FileRow("model/config.json", Digest.of(b"config"), 812),
    ),
    "verified",
    ("dev.olsen",),
    "dev.olsen",
    "2026-11-18T09:12:00Z",
    ("airflow: train_credit_risk, run 4f1c",),
)
STANDING = Standing(
    "none",
    "in-review",
    "deny",
    ("no approval of dossier counts yet: risk-approver 0 of 1", "2 blocking checks fail"),
    ("muniment approve retail/credit-risk@7 --env production --role risk-approver --reason TEXT",),
)
PAGE = VersionPage(
    "production",
    ("production", "staging"),
    IDENTITY,
    STANDING,
    "high",
    CHECKS,
    QUORUM,
    DOSSIER,
    "policy set 3",
    RISK,
    BIAS,
    LINEAGE,
    EVIDENCE,
    APPROVALS,
    tuple(row for row in LEAVES if row.subject),
    reports=(
        ReportRow("monitoring", "evidently", "drift.json", Digest.of(b"drift"), NOVEMBER, 4, 9, 2, 8),
        ReportRow("monitoring", "nannyml", "september.csv", Digest.of(b"nanny"), NOVEMBER, 64, 9, 0, 8),
        ReportRow("monitoring", "", "", Digest.of(b"gone"), NOVEMBER, 90, state="absent or damaged"),
        ReportRow("evaluation", "mlflow", "metrics.json", Digest.of(b"metrics"), NOVEMBER, 0, 12),
    ),
)
