"""The drawing of a certificate distinguishes claims that hold from claims that fail."""

import numpy as np

from hebbayes.plotting.certificate import SMALLEST_DRAWN, draw_certificate
from hebbayes.theory.certificate.certificate import Claim


def test_claims_that_fail_are_crosses_and_exact_ones_stay_visible() -> None:
    rows = [Claim("exact", 0.0, 1e-10), Claim("broken_row", 0.1, 1e-10)]
    ax = draw_certificate(rows).axes[0]
    dots = {
        line.get_marker(): line.get_xydata()[0] for line in ax.lines if len(line.get_xdata()) == 1
    }
    np.testing.assert_allclose(dots["X"], [0.1, 0])
    np.testing.assert_allclose(dots["o"], [SMALLEST_DRAWN, 1])
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["broken row", "exact"]
