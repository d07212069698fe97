"""Beliefs and learning of a network that only perceives, with intervals.

Threshold factors, prior counts, synapses over time and free energy from the responses of any number
of ensembles (docs/theory.md sections 8 and 9).  Plain NumPy.
"""

from hebbayes.reverse_engineering.perception.calibration import (
    range_calibration as range_calibration,
)
from hebbayes.reverse_engineering.perception.evidence import (
    every_session as every_session,
)
from hebbayes.reverse_engineering.perception.evidence import every_trial as every_trial
from hebbayes.reverse_engineering.perception.evidence import no_learning as no_learning
from hebbayes.reverse_engineering.perception.fit import fit_perception as fit_perception
from hebbayes.reverse_engineering.perception.learning_rates import (
    pooled_prior_count as pooled_prior_count,
)
from hebbayes.reverse_engineering.perception.options import Options as Options
from hebbayes.reverse_engineering.perception.options import Perception as Perception
