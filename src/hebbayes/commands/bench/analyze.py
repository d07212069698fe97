"""Reverse engineering of a recording, timed: the published pipeline on the embedded culture.

A step is one trial of one culture: ensembles, thresholds, effective synapses, cost and prediction
(docs/theory.md section 8).  The bound is one pass over stimuli and responses; the pipeline takes
many.  No peer is measured.
"""

from typing import TYPE_CHECKING

from hebbayes.commands.bench.memory import bound_row, read_candidates, reading_time
from hebbayes.commands.bench.present import Measurement
from hebbayes.commands.bench.timing import Candidate, alternate
from hebbayes.reverse_engineering.isomura2023.pipeline import describe, find_ensembles
from hebbayes.simulators import simulate_culture

if TYPE_CHECKING:
    from hebbayes.commands.bench.workload import Workload

_READS_PER_ROUND = 3


def measure(workload: "Workload", *, has_peers: bool, seed: int) -> Measurement:
    """Return the row of the pipeline, and of only reading its input.

    Example:
        >>> from hebbayes.commands.bench.workload import Workload
        >>> [row.what for row in measure(Workload(rounds=1), has_peers=False, seed=0).rows]
        ['bound: only reading 0.8 kB', 'analyze: one trial of one culture, published pipeline']
    """
    culture = simulate_culture(seed=seed)
    recording, baseline = culture.recording, culture.design.baseline
    n_bytes = recording.stimuli.nbytes + recording.responses.nbytes
    what = "analyze: one trial of one culture, published pipeline"
    pipeline = Candidate(
        what,
        lambda: describe(recording, find_ensembles(recording), baseline),
        recording.n_trials,
    )
    samples = alternate([*read_candidates(n_bytes, _READS_PER_ROUND), pipeline], workload.rounds)
    per_trial = reading_time(samples) / recording.n_trials
    row = samples.row(
        what,
        bytes_per_step=n_bytes // recording.n_trials,
        fraction_of_bandwidth=samples.ratio(per_trial, what),
    )
    bound = bound_row(samples, n_bytes, shared_by=recording.n_trials)
    notes = ("No peer was measured for analyze.",) if has_peers else ()
    return Measurement((bound, row), notes, samples.warm_up_seconds)
