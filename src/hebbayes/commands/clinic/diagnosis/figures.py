"""Figures of diagnoses: odds sorted by verdict, estimates over the band of healthy subjects."""

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import norm

from hebbayes.commands.clinic.page import MOST_ROWS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.clinic.diagnosis.diagnose import CohortDiagnosis
    from hebbayes.clinic.diagnosis.subjects import Diagnosis

_MOST_ESTIMATED = 24
_HEALTHY_SHARE = 0.95


def most_notable(subjects: "list[Diagnosis]", most: int = MOST_ROWS) -> "list[Diagnosis]":
    """Return the subjects least like healthy ones, sorted by verdict and its odds.

    Example:
        >>> from types import SimpleNamespace as Made
        >>> made = [Made(verdict=v, classes={"healthy": h, "phi": 1 - h})
        ...         for v, h in (("healthy", 0.9), ("phi", 0.1), ("cannot tell", 0.3))]
        >>> [one.verdict for one in most_notable(made, most=2)]
        ['phi', 'cannot tell']
    """
    some = sorted(subjects, key=lambda one: one.classes["healthy"])[:most]
    order = list(some[0].classes) if some else []

    def place(one: "Diagnosis") -> tuple[int, str, float]:
        kind = {"healthy": 2, "cannot tell": 1}.get(one.verdict, 0)
        named = str(order.index(one.verdict)) if one.verdict in order else ""
        return kind, named, one.classes["healthy"] - one.classes.get(one.verdict, 0.0)

    return sorted(some, key=place)


def draw_odds(subjects: "list[Diagnosis]") -> "Figure":
    """Return the odds of each class, a bar for each subject.

    Example:
        >>> from types import SimpleNamespace as Made
        >>> one = Made(subject="S1", verdict="phi", classes={"healthy": 0.1, "phi": 0.9})
        >>> draw_odds([one]).axes[0].get_xlabel()
        'probability'
    """
    from hebbayes.plotting.clinic.subjects import odds_figure

    some = most_notable(subjects)
    return odds_figure(
        {one.subject: one.classes for one in some},
        [one.verdict for one in some],
        caption=f"{_of(len(some), len(subjects))} Odds of being healthy (grey) and of each class, "
        "given the choices; the verdict is at the right.",
    )


def draw_estimates(found: "CohortDiagnosis", subjects: "list[Diagnosis]") -> "Figure":
    """Return the elements of each subject with their intervals, over the healthy band.

    Example:
        >>> draw_estimates.__name__
        'draw_estimates'
    """
    from hebbayes.clinic.elements import BY_NAME
    from hebbayes.plotting.clinic.subjects import estimates_figure

    some = most_notable(subjects, _MOST_ESTIMATED)
    names = list(some[0].estimates)
    return estimates_figure(
        {name: _ends(some, name) for name in names},
        _bands(found),
        [one.subject for one in some],
        {name: [one.verdict == BY_NAME[name].kind for one in some] for name in names},
        caption=f"{_of(len(some), len(subjects))} Elements with their 95 % intervals; the grey "
        "band holds 95 % of healthy subjects. Diamonds belong to the class of the verdict. psi is "
        "that of the first choice.",
    )


def _ends(subjects: "list[Diagnosis]", name: str) -> Any:
    ends = np.array(
        [[np.atleast_1d(end)[0] for end in one.estimates[name].as_tuple()] for one in subjects]
    )
    return ends[:, 0], ends[:, 1], ends[:, 2]


def _bands(found: "CohortDiagnosis") -> dict[str, tuple[float, float]]:
    from hebbayes.clinic.elements import BY_NAME

    layout, prior = found.reading.subjects[0].layout, found.population
    reach = float(norm.ppf(0.5 + _HEALTHY_SHARE / 2))
    bands = {}
    for one in layout.elements:
        place = layout.places(one.name)[0]
        ends = prior.mean[place] + reach * prior.spread[place] * np.array([-1.0, 1.0])
        low, high = BY_NAME[one.name].scale.natural(ends).tolist()
        bands[one.name] = (low, high)
    return bands


def _of(n: int, whole: int) -> str:
    if n == whole:
        return "Every subject." if n > 1 else "One subject."
    return f"The {n} of {whole} subjects who are least like healthy ones."
