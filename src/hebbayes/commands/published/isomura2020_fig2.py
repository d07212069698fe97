"""Figure 2 of I20: a network that only watches comes to encode hidden sources.

World and priors are those of docs/theory.md section 6.
"""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.commands import sources
from hebbayes.commands.configs import ReproduceConfig, SourcesConfig
from hebbayes.commands.published.reproduction import Reproduction, number
from hebbayes.reverse_engineering.statistics.summaries import is_consistent, mean_and_error

if TYPE_CHECKING:
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress

REFERENCE_CORRELATION = (0.89, 0.93)
"""Reference implementation, one run (docs/theory.md section 6)."""


def run(
    config: ReproduceConfig, *, progress: "Progress", checkpoint: "Checkpoint | None"
) -> Reproduction:
    """Return I20 Fig. 2: states come to respond each to its own source."""
    study = SourcesConfig(runs=config.runs, seed=config.seed)
    result = sources.run(study, progress=progress, checkpoint=checkpoint)
    contrast = result.response_by_session[..., 0] - result.response_by_session[..., 1]
    first, last = contrast[:, 0].mean(1), contrast[:, -10:].mean((1, 2))
    nats_first = result.free_energy_by_session[:, 0]
    nats_last = result.free_energy_by_session[:, -10:].mean(1)
    cross = np.abs(result.cross_correlation)
    correlation, error = mean_and_error(result.correlation.mean(1))
    # the reference is one run, so it is off by the spread of single runs
    spread = float(error) * config.runs**0.5
    reference = float(np.mean(REFERENCE_CORRELATION))
    return Reproduction(
        checks={
            "every run becomes more selective": bool(np.all(last > first)),
            "every state encodes its own source better than the other": bool(
                np.all(cross[:, [0, 1], [0, 1]] > cross[:, [0, 1], [1, 0]])
            ),
            "free energy falls in every run": bool(np.all(nats_last < nats_first)),
            "correlation agrees with the reference run within 3 standard errors": is_consistent(
                float(correlation), reference, float(error), spread
            ),
        },
        numbers={
            "correlation": {**number(result.correlation.mean(1)), "reference": reference},
            "selectivity in session 1": number(first),
            "selectivity in the last ten sessions": number(last),
            "free energy in session 1 (nats)": number(nats_first),
            "free energy in the last ten sessions (nats)": number(nats_last),
        },
        arrays=sources.present(result).arrays,
        draw=partial(sources.draw, result, np.array(REFERENCE_CORRELATION)),
        caption=(
            f"After I20 Fig. 2. {config.runs} networks with exact variational Bayes learn at every "
            f"step of {study.sessions} sessions of {study.steps} stimuli; mean and standard error "
            "over networks. a, b: mean posterior of each state while its source is on and off. "
            "c: free energy without the parameters' divergence. d: synapses of network 0. "
            "e: correlation of source and own posterior in the second half: networks (squares) "
            "beside the reference implementation's one run (dashed)."
        ),
    )
