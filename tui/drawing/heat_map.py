"""A 5 x 5 map of likelihood and impact with the ids of the risks in the cells."""

from collections import defaultdict

from registry.views import RiskRow, Score
from tui.drawing.glyphs import Glyphs
from tui.drawing.lines import Line, Part, fit, line
from tui.drawing.words import tier_role

LIKELIHOODS = ("rare", "unlikely", "possible", "likely", "certain")
IMPACTS = ("negligible", "minor", "moderate", "major", "severe")
LABEL = 9


def score_of(risk: RiskRow, *, residual: bool) -> Score | None:
    """Return the score the map places a risk by."""
    return risk.residual if residual else risk.inherent


def cell_rating(likelihood: int, impact: int) -> str:
    """Return the rating of an empty cell: the product on the usual four bands."""
    product = likelihood * impact
    return next(word for limit, word in _BANDS if product >= limit)


_BANDS = ((20, "critical"), (12, "high"), (6, "medium"), (0, "low"))


def heat_map(register: tuple[RiskRow, ...], width: int, glyphs: Glyphs, *, residual: bool) -> list[Line]:
    """Return the map. A cell that holds risks has their own rating; its letter says it without colour."""
    placed: dict[tuple[int, int], list[RiskRow]] = defaultdict(list)
    for risk in register:
        if score := score_of(risk, residual=residual):
            placed[score.likelihood, score.impact].append(risk)
    cells = max(9, min(16, (width - LABEL - 1) // 5 - 1))
    deep = max((_depth(risks, cells) for risks in placed.values()), default=1)
    which = "residual" if residual else "inherent"
    rows = [line((f"{which} risk, likelihood {glyphs.up} by impact {glyphs.right}", "muted"))]
    for likelihood in range(5, 0, -1):
        for level in range(min(2, deep)):
            parts: list[Part] = [(f"{LIKELIHOODS[likelihood - 1] if not level else '':>{LABEL}} ", "muted")]
            for impact in range(1, 6):
                risks = placed.get((likelihood, impact), [])
                rating = _rating(risks, likelihood, impact, residual=residual)
                parts += [(_cell(risks, rating, level, cells, glyphs), tier_role(rating)), " "]
            rows.append(line(*parts))
    names = "".join(f"{fit(name, cells, more=glyphs.more)} " for name in IMPACTS)
    rows.append(line((" " * (LABEL + 1) + names, "muted")))
    return rows


def _depth(risks: list[RiskRow], cells: int) -> int:
    return 1 if sum(len(risk.id) + 1 for risk in risks) <= cells - 3 else 2


def _rating(risks: list[RiskRow], likelihood: int, impact: int, *, residual: bool) -> str:
    ratings = [score.rating for risk in risks if (score := score_of(risk, residual=residual))]
    return ratings[0] if ratings else cell_rating(likelihood, impact)


def _cell(risks: list[RiskRow], rating: str, level: int, cells: int, glyphs: Glyphs) -> str:
    room = cells - 3
    fitting: list[list[str]] = [[], []]
    used = [0, 0]
    for risk in risks:
        at = 0 if used[0] + len(risk.id) <= room else 1
        fitting[at].append(risk.id)
        used[at] += len(risk.id) + 1
    text = " ".join(fitting[level])
    letter = rating[:1].upper() if not level else " "
    return f" {fit(text, room, more=glyphs.more)} {letter}"
