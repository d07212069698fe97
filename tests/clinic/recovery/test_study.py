"""Tables of a recovery study, on subjects whose numbers are made up."""

import numpy as np
import pytest
from scipy.stats import norm

from hebbayes.clinic.diagnosis.odds import MODEL_NAMES
from hebbayes.clinic.recovery.cohort import DIRECTIONS, DOSES, dosed_cells
from hebbayes.clinic.recovery.recover import judged
from hebbayes.clinic.recovery.separation import separations
from hebbayes.clinic.recovery.study import group_accuracy


def records(size: float, n: int = 200) -> list:
    """Healthy subjects, and patients whose threshold of states is moved by ``size``."""
    rng, made = np.random.default_rng(0), []
    for k in range(n):
        element, dose = ("phi", size) if k % 2 else ("", 0.0)
        value = dose + rng.normal()
        evidence = np.zeros(len(MODEL_NAMES))
        evidence[MODEL_NAMES.index("phi")] = norm.logpdf(value, size) - norm.logpdf(value)
        made.append(
            {
                "truth": element or "healthy",
                "element": element,
                "dose": dose,
                "evidence": evidence.tolist(),
                "estimates": {"phi": value},
                "inside": {"phi": abs(value - dose) < norm.ppf(0.975)},
                "intervals": {"phi": [value - 2, value, value + 2, dose]},
            }
        )
    return made


def test_separation_is_the_dose_in_standard_deviations():
    assert separations(records(2.5, 2000))["phi", 2.5] == pytest.approx(2.5, abs=0.1)


def test_right_shares_follow_the_separation():
    found = judged(records(3.0, 2000)).accuracy
    ideal = norm.cdf(3.0 - norm.ppf(1 - found["healthy_flagged"]))
    assert found["flagged"] == pytest.approx(ideal, abs=0.04)
    assert found["right_of_flagged"] == 1.0
    assert found["calibration_error"] < 0.05


def test_coverage_of_exact_intervals_is_the_nominal_one():
    assert judged(records(3.0, 2000)).coverage["phi"] == pytest.approx(0.95, abs=0.03)


def test_groups_need_ten_patients():
    assert np.isnan(group_accuracy(records(3.0, 18)))
    assert group_accuracy(records(3.0)) == 1.0


def test_every_direction_has_every_dose():
    cells = dosed_cells()
    assert len(set(cells)) == len(cells) == len(DIRECTIONS) * len(DOSES)
