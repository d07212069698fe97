"""Figure 3A of I20: how well hidden sources are encoded under a right and a wrong prior.

World and priors are those of docs/theory.md section 6.  Figure 3B, thresholds that depend on
synapses, is left out.
"""

from typing import TYPE_CHECKING

import numpy as np

from hebbayes.commands import sources
from hebbayes.commands.configs import ReproduceConfig, SourcesConfig
from hebbayes.commands.published.reproduction import Reproduction, number
from hebbayes.commands.sources import SWEEP, own_correlation
from hebbayes.reverse_engineering.statistics.summaries import mean_and_error

if TYPE_CHECKING:
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress


def run(
    config: ReproduceConfig, *, progress: "Progress", checkpoint: "Checkpoint | None"
) -> Reproduction:
    """Return I20 Fig. 3A: how well sources are encoded under a right and a wrong prior."""
    study = SourcesConfig(runs=config.runs, sweep=True, seed=config.seed)
    result = sources.run(study, progress=progress, checkpoint=checkpoint)
    assert result.sweep is not None
    own = own_correlation(result.sweep)
    other = own_correlation(result.sweep[..., ::-1])
    mean, _ = mean_and_error(own)
    right = int(np.argmin(np.abs(SWEEP - 0.5)))
    best = float(SWEEP[np.argmax(mean)])
    # the networks of one run share their random numbers at every D1: compare within runs
    gain, gain_error = mean_and_error(own[right] - own[[0, -1]])
    gap = mean_and_error(own[[0, -1]] - other[[0, -1]])[0]
    return Reproduction(
        checks={
            "encoding is best within 0.1 of the true prior": abs(best - 0.5) <= 0.1 + 1e-9,
            "the true prior beats 0.05 and 0.95 by more than 3 standard errors": bool(
                np.all(gain > 3 * gain_error)
            ),
            "at 0.05 and 0.95 a state cannot tell its source from the other": bool(
                np.all(np.abs(gap) < 0.1)
            ),
        },
        numbers={
            "best D1": {"ours": best, "published": 0.5},
            **{
                f"|correlation| at D1 = {SWEEP[i]:.2f}": number(own[i])
                for i in (0, 3, right, -4, -1)
            },
        },
        arrays={"sweep_d1": SWEEP, "sweep": result.sweep},
        draw=sources.present(result).figures["sweep"],
        caption=(
            f"After I20 Fig. 3A. |correlation| of each state with each source against the prior "
            f"D1 (exp(alpha) in I20) that the network holds; the true prior is 1/2 (dotted). "
            f"{config.runs} networks per value, {study.sessions} sessions of {study.steps} "
            "stimuli, second half; mean and standard error over networks."
        ),
        notes=("Left out: Fig. 3B, thresholds that depend on the synapses.",),
    )
