"""Reverse engineering of a recording: from responses to priors, synapses, free energy, forecasts.

Two protocols: ``causal``, the default, in which nothing fitted looks past the training sessions
and labels are not needed; and the published pipeline of I23, for reproduction (docs/theory.md
sections 8 and 9).
"""

from hebbayes.commands.analyze import published
from hebbayes.commands.analyze import run as causal
from hebbayes.commands.analyze.cultures import ask
from hebbayes.commands.analyze.present import tell as tell_causal
from hebbayes.commands.analyze.published import Analysis, recovered_prior_error
from hebbayes.commands.analyze.run import CausalAnalysis
from hebbayes.commands.configs import AnalyzeConfig
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.outcome import Outcome
from hebbayes.commands.running.progress import SILENT, Progress

__all__ = ["Analysis", "CausalAnalysis", "present", "recovered_prior_error", "run"]


def run(
    config: AnalyzeConfig, *, progress: Progress = SILENT, checkpoint: Checkpoint | None = None
) -> Analysis | CausalAnalysis:
    """Return the analysis of every culture asked for.  Too short to need a checkpoint.

    Raises `HebbayesError` for a file that cannot be read, a culture that is not there, and where
    no culture can be analysed.
    """
    del checkpoint
    asked = ask(config)
    if config.protocol == "isomura2023":
        return published.analyze(config, asked, progress)
    return causal.analyze(config, asked, progress)


def present(result: Analysis | CausalAnalysis) -> Outcome:
    """Return tables, sentences, arrays, and figures."""
    if isinstance(result, Analysis):
        return published.tell(result)
    return tell_causal(result)
