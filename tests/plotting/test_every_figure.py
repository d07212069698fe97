"""Every figure of the house: legends off the data, labels, captions, words, nothing cut off.

``python -m tests.plotting.test_every_figure FOLDER`` renders all of them, to be looked at.
"""

import sys
from pathlib import Path

import numpy as np
import pytest

from hebbayes.plotting import (
    audit,
    beliefs,
    certificate,
    description,
    design,
    groups,
    priors,
    recording,
    responses,
    sources,
)
from hebbayes.plotting.behaviour import curves
from hebbayes.plotting.clinic import cultures, recovery, subjects, treatment
from hebbayes.plotting.style import NARROW_MM, add_caption, add_legend, new_figure, style_axes
from hebbayes.reverse_engineering.forecasting.labels import model_label
from hebbayes.theory.certificate.certificate import Claim

from .looks import faults

RNG = np.random.default_rng(0)
WALK = np.cumsum(RNG.normal(size=(20, 2)), axis=0)
SHARES = RNG.uniform(0.2, 0.8, (20, 3))
LOSSES = {
    model_label(name): (1 + 0.1 * k, 0.9 + 0.1 * k, 1.15 + 0.1 * k)
    for k, name in enumerate(
        ("saturated", "constant", "kalman_gain", "shape_drift_0.8", "hebb_decay_0.02",
         "best null", "best null and theory", "split_half")
    )
}  # fmt: skip
TRACE = (1e6 + 50.0 * np.arange(20)[::-1], 1e6 + 40.0 * np.arange(20)[::-1],
         1e6 + 60.0 * np.arange(20)[::-1])  # fmt: skip
CULTURE = {
    "activity": RNG.uniform(size=(3, 20, 2, 2)), "weights": RNG.normal(size=(3, 20, 2, 2)),
    "cost": 1e5 + RNG.normal(size=(3, 20)), "surrogate_cost": RNG.normal(size=(3, 20)),
    "prior": RNG.uniform(0.3, 0.7, (3, 2)), "weight_errors": RNG.uniform(size=(3, 2)),
    "errors": RNG.uniform(size=(3, 3)),
}  # fmt: skip
MODELS = ("protocol", "constant", "linear")
CLASSES = ("healthy", "phi", "psi", "speed", "modulator_bias", "misassigned_credit", "recurrence",
           "false_belief", "noise")  # fmt: skip
ODDS = {f"S{k}": dict.fromkeys(CLASSES, 1 / len(CLASSES)) for k in range(1, 4)}
SYMPTOMS = ("false_percepts", "misses", "miscalibration", "learning", "persistence",
            "perseveration", "success")  # fmt: skip
COURSES = ("mended, ordinary stimuli", "mended, very reliable stimuli", "over-correction kept",
           "plan found", "healthy all along")  # fmt: skip


def band(values, width=0.2):
    return values, values - width, values + width


def labels(n):
    return [str(k) for k in range(n)]


FIGURES = {
    "recording": lambda: responses.recording_figure(
        RNG.poisson(2.0, (20, 40)), [band(WALK), band(WALK)], x="session", unit="response/trial",
        states="states are the stimuli", name="A culture"),
    "recording without states": lambda: responses.recording_figure(
        RNG.poisson(2.0, (10, 4)), [], x="block of about 27 trials", unit="response/trial",
        states="", name="A mouse"),
    "choices": lambda: responses.choices_figure(
        band(SHARES), ["choice 0", "choice 1", "choice 2"], band(SHARES[:, 0]), x="session",
        name="A mouse"),
    "choices without outcomes": lambda: responses.choices_figure(
        band(SHARES), ["left", "right", "neither"], None, x="session", name="A mouse"),
    "priors": lambda: beliefs.priors_figure(
        band(np.array([0.4, np.nan, 0.7]), 0.1), np.array([0.3, 0.5, 0.6]),
        np.array([0.45, 0.5, 0.55]), labels(3), name="A culture"),
    "priors of many": lambda: beliefs.priors_figure(
        band(RNG.uniform(0.2, 0.8, 12), 0.1), RNG.uniform(size=12), RNG.uniform(size=12),
        [f"{k}.{j}" for k in range(6) for j in range(2)], name="Six cultures"),
    "learning": lambda: beliefs.learning_figure(
        (np.array([500.0, 450.0]), np.array([400.0, 380.0]), np.array([620.0, np.inf])),
        labels(2), name="A culture"),
    "learning over decades": lambda: beliefs.learning_figure(
        (np.array([5.0, 45000.0]), np.array([4.0, 38000.0]), np.array([6.0, 50000.0])),
        labels(2), name="A culture"),
    "learning unknown": lambda: beliefs.learning_figure(
        (np.full(2, np.nan),) * 3, labels(2), name="A culture"),
    "free energy": lambda: description.free_energy_figure(
        TRACE, TRACE, TRACE, train_sessions=10, name="A culture"),
    "losses": lambda: audit.losses_figure(
        LOSSES, "mean per stimulus pattern", ["best null and theory"], name="A culture",
        over="sessions"),
    "losses over decades": lambda: audit.losses_figure(
        {**LOSSES, "a bad one": (300.0, 200.0, 500.0)}, "mean per stimulus pattern", [],
        name="A culture", over="sessions"),
    "culture": lambda: description.description_figure(
        free_energy=(TRACE, TRACE, TRACE), log_odds=band(np.array([0.4, -0.2])),
        published_log_odds=np.array([0.2, 0.1]), weights=RNG.normal(size=(20, 16, 2)),
        errors={model_label(name): RNG.uniform(size=9) for name in MODELS},
        losses=(LOSSES, "mean per stimulus pattern", ["best null and theory"]),
        train_sessions=10, name="A culture"),
    "culture without forecasts": lambda: description.description_figure(
        free_energy=(TRACE, TRACE, TRACE), log_odds=band(np.array([0.4])),
        published_log_odds=np.array([0.2]), weights=RNG.normal(size=(20, 16, 1)), errors={},
        losses=({}, "", ()), train_sessions=10, name="A culture"),
    "conditions": lambda: description.conditions_figure(
        {"control": RNG.normal(size=6), "drug": RNG.normal(size=6)},
        {"control": RNG.normal(size=6), "drug": RNG.normal(size=6)}, LOSSES,
        "mean per stimulus pattern", theory=["best null and theory"], name="Two conditions"),
    "published culture": lambda: recording.culture_figure(
        responses=RNG.uniform(size=(20, 2, 2)), activity=RNG.uniform(size=(20, 2, 2)),
        predicted_activity=RNG.uniform(size=(20, 2, 2)), weights=RNG.normal(size=(20, 16, 2)),
        cost=1e5 + WALK[:, 0], errors={name: RNG.uniform(size=9) for name in MODELS},
        name="A culture"),
    "published cultures": lambda: recording.cultures_figure(
        {k: 1e5 + 10.0 * k * WALK[:, 0] for k in range(3)},
        {k: np.array([0.4, 0.6]) for k in range(3)},
        {name: RNG.uniform(size=3) for name in MODELS}, name="Three cultures"),
    "groups": lambda: groups.groups_figure({"control": CULTURE, "drug": CULTURE}, MODELS),
    "audit": lambda: audit.audit_figure(
        LOSSES, "mean per stimulus pattern",
        {"the verdict": (0.01, 0.0, 0.02), "ideal observer, fitted": (0.02, 0.01, 0.03)},
        {"drug": {**CULTURE, "falls": RNG.uniform(size=(3, 2))}}, MODELS),
    "design": lambda: design.design_figure(
        errors={"phi": RNG.normal(size=20), "ln lambda": RNG.normal(size=20)},
        coverage={"phi": (0.95, 0.02), "ln lambda": (0.9, 0.05)},
        claims={"canonical": (0.8, 0.1), "hebbian": (0.1, 0.05), "gain drift": (0.0, 0.0)},
        name="6 cultures"),
    "learning curves": lambda: curves.learning_curves_figure(
        {"as it is": band(SHARES[:, 0]), "changed": band(SHARES[:, 1])}, (10,)),
    "separation": lambda: sources.draw_separation(
        RNG.uniform(size=(5, 20, 2, 2)), RNG.uniform(1e6, 2e6, (5, 20)),
        RNG.uniform(size=(2, 32, 2)), RNG.uniform(0.7, 1, (5, 2)), np.array([0.89, 0.93])),
    "sweep": lambda: sources.draw_sweep_panels(
        np.linspace(0.1, 0.9, 9), RNG.uniform(size=(9, 5, 2, 2))),
    "weights from priors": lambda: priors.prior_figure(
        np.linspace(0.1, 0.9, 9), RNG.normal(size=(9, 5, 2)),
        {name: RNG.uniform(0.1, 1, (9, 5, 12)) for name in priors.FORECAST_STYLES},
        np.ones((9, 5, 12)), (RNG.normal(size=(21, 32)), RNG.normal(size=(21, 32))),
        training=8, shown=2),
    "odds": lambda: subjects.odds_figure(ODDS, ["phi", "cannot tell", "healthy"], caption="Odds."),
    "odds of many": lambda: subjects.odds_figure(
        {f"subject number {k} of a study": ODDS["S1"] for k in range(40)},
        ["misassigned_credit"] * 40, caption="Odds. " * 30),
    "estimates": lambda: subjects.estimates_figure(
        {name: band(RNG.normal(size=3)) for name in (*CLASSES, "lapse")},
        dict.fromkeys(CLASSES, (-0.6, 0.6)), list(ODDS),
        {name: [False, True, False] for name in (*CLASSES, "lapse")}, caption="Estimates."),
    "a table of choices": lambda: subjects.table_figure(
        {"HC": np.array([100.0, 90.0]), "": np.array([3.0])},
        {"HC": np.array([0.5, 0.6]), "": np.array([np.nan])}, caption="Choices."),
    "confusion": lambda: recovery.confusion_figure(
        RNG.uniform(size=(9, 10)), CLASSES, [*CLASSES, "cannot tell"], caption="Confusion."),
    "coverage": lambda: recovery.coverage_figure(
        dict.fromkeys(CLASSES, 0.95), {"phi": 0.4}, caption="Coverage."),
    "tasks": lambda: recovery.design_figure(
        RNG.uniform(0, 20, (10, 9)), [f"a reversal every {k} trials" for k in range(10)], CLASSES,
        told=1.4, caption="Evidence."),
    "symptoms": lambda: treatment.symptoms_figure(
        {name: {e: band(RNG.normal(size=5)) for e in CLASSES[1:]} for name in SYMPTOMS},
        {e: np.linspace(-2, 2, 5) for e in CLASSES[1:]}, caption="Doses and responses."),
    "treatment": lambda: treatment.treatment_figure(
        {name: band(RNG.uniform(0.5, 0.9, 9)) for name in ("healthy", "impaired", "corrected")},
        [f"patient {k}: misassigned credit -1.50" for k in range(9)],
        {f"patient {k}": (np.linspace(0.1, 1, 8), np.linspace(0.2, 1.1, 8), 0.5)
         for k in range(9)}, caption="Success."),
    "persistence": lambda: treatment.persistence_figure(
        np.arange(0, 900, 100),
        {kind: {name: band(RNG.uniform(size=9)) for name in COURSES}
         for kind in ("false_percepts", "misses")}, caption="Reports."),
    "cultures of two conditions": lambda: cultures.cultures_figure(
        {f"late F per trial beyond gain {k}": (RNG.normal(size=4), np.full(6, np.nan))
         for k in range(14)}, ("0 % mixing", "bicuculline"), {}, caption="Cultures."),
    "certificate": lambda: certificate.draw_certificate(
        [Claim("free_energy", 2e-15, 1e-10), Claim("state_inference", 1e-3, 1e-10)]),
}  # fmt: skip

CAPTIONED_BY_REPRODUCE = {"groups", "audit", "weights from priors"}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_can_be_read(name) -> None:
    figure = FIGURES[name]()
    if name in CAPTIONED_BY_REPRODUCE:
        add_caption(figure, "What is shown, in two lines of text. " * 5)
    assert faults(figure) == []


def spoilt(what):
    """A good figure with one fault."""
    figure = new_figure(NARROW_MM, 60.0)
    ax = figure.add_subplot()
    ax.plot([0, 1], [0, 1], label="one")
    style_axes(ax, x="session", y="" if what == "label" else "rate (Hz)")
    if what == "legend":
        ax.legend(loc="center")
    else:
        add_legend(ax)
    if what == "name":
        ax.set_xlabel("shape_drift_0.8")
    if what == "offset":
        ax.ticklabel_format(style="sci", scilimits=(0, 0))
        ax.plot([0, 1], [1e6, 2e6])
    if what == "cut":
        figure.text(0.95, 0.5, "beyond the edge")
    if what == "ticks":
        ax.set_xticks(np.linspace(0, 1, 30), ["a long label"] * 30)
    if what != "caption":
        add_caption(figure, "What is shown.")
    return figure


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("legend", "legend over data"),
        ("label", "y axis without a label"),
        ("name", "code name 'shape_drift_0.8'"),
        ("offset", "offset"),
        ("cut", "leaves the figure"),
        ("ticks", "x tick labels overlap"),
        ("caption", "no caption"),
    ],
)
def test_each_fault_is_seen(what, said) -> None:
    assert any(said in fault for fault in faults(spoilt(what)))
    assert faults(spoilt("nothing")) == []


def test_no_name_of_a_default_forecaster_is_code() -> None:
    from hebbayes.reverse_engineering.forecasting.catalogue import default_models

    for is_repeated in (True, False):
        names = list(default_models(is_repeated, has_latent=True).all)
        words = [model_label(name) for name in names]
        assert not any("_" in word for word in words)
        assert len(set(words)) == len(names)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in FIGURES.items():
        figure = draw()
        print(name, faults(figure))
        figure.savefig(folder / f"{name.replace(' ', '_')}.png", dpi=150)
