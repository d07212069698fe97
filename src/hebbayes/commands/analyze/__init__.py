"""Reverse engineering of a recording: from responses to priors, synapses, free energy, forecasts.

Two protocols: ``causal``, the default, in which nothing fitted looks past the training sessions
and labels are not needed; and the published pipeline of I23, for reproduction (docs/theory.md
sections 8 and 9).
"""

from hebbayes.commands.analyze.present import present
from hebbayes.commands.analyze.published import PublishedAnalysis, recovered_prior_error
from hebbayes.commands.analyze.result import AnalyzeResult
from hebbayes.commands.analyze.run import CausalAnalysis, run

__all__ = [
    "AnalyzeResult",
    "CausalAnalysis",
    "PublishedAnalysis",
    "present",
    "recovered_prior_error",
    "run",
]
