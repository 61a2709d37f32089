"""The fairness tab: recorded bias checks, read from their signed documents."""

from registry.registry import Registry
from registry.rules.fairness import MIN_VERDICT, verify_bias_document
from registry.rules.lamps import Lamps, lamps
from registry.trust.state import Document, State
from registry.views import BiasCheck, GroupRow, Ratio
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.evaluation import GroupResult
from schemas.exact import Ratio as ExactRatio
from schemas.exact import decimal_text


def latest_checks(state: State, manifest: Digest) -> tuple[Document, ...]:
    """Return the newest standing bias check per attribute and rule."""
    newest: dict[tuple[str, str], Document] = {}
    for document in state.documents.get(manifest, ()):
        if document.what == "bias" and not state.is_void(document.by):
            newest[document.attribute, document.rule] = document
    return tuple(newest[key] for key in sorted(newest))


def fairness_page(registry: Registry, state: State, manifest: Digest) -> tuple[BiasCheck, ...]:
    """Return the checks that stand for `manifest`; a document that is absent or damaged shows no groups."""
    return tuple(_check(registry, document) for document in latest_checks(state, manifest))


def _check(registry: Registry, document: Document) -> BiasCheck:
    body = registry.ledger.find_body(document.digest)
    try:
        check = None if body is None else verify_bias_document(body)
    except VerificationError:
        check = None
    if check is None:
        erased = registry.ledger.erasures.find(document.digest)
        return BiasCheck(
            attribute=document.attribute,
            rule=document.rule,
            reference="",
            polarity=f"the document is {'absent or damaged' if erased is None else erased}",
            level="absent",
            document=document.digest,
            groups=(),
        )
    given = check.given
    outcome = "favourable" if given.polarity.favourable else "unfavourable"
    return BiasCheck(
        attribute=given.attribute,
        rule=given.rule,
        reference=f"{check.reference or 'none'} ({given.policy})",
        polarity=f"{given.polarity.label}: {outcome}",
        level="verified",
        document=document.digest,
        groups=tuple(_group(g, check.reference) for g in check.groups),
        unknown=int(given.unknown),
        method="Katz log interval 95 %, pooled z or Fisher, not corrected for several groups",
    )


def _group(result: GroupResult, reference: str | None) -> GroupRow:
    shown: Lamps = lamps(result)
    bounds = result.bounds
    p = result.fisher_p if result.test == "fisher" else result.p
    return GroupRow(
        label=result.counts.label,
        n=int(result.counts.n),
        selected=int(result.counts.selected),
        rate=_ratio(result.rate),
        impact_ratio=_ratio(result.impact_ratio),
        ci_low=None if bounds is None else decimal_text(bounds.low),
        ci_high=None if bounds is None else decimal_text(bounds.high),
        p=None if p is None else decimal_text(p),
        below_four_fifths=result.below_four_fifths,
        interval=None if shown.interval == "not available" else shown.interval,
        significant={"significant": True, "could be chance": False}.get(shown.significance),
        small_sample=result.small_sample or result.counts.n < MIN_VERDICT,
        reference=result.counts.label == reference,
        excluded=result.counts.excluded or "",
    )


def _ratio(value: ExactRatio) -> Ratio | None:
    return Ratio(value.num, value.den) if value.exists else None
