"""How a causal analysis is done, ready for a paper, and what its results do not show."""

from importlib.metadata import version
from platform import python_version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hebbayes.commands.analyze.run import CausalAnalysis


def methods(result: "CausalAnalysis") -> str:
    """Return how the analysis was done, as a paragraph.

    Example:
        >>> from types import SimpleNamespace
        >>> from hebbayes.commands.configs import AnalyzeConfig
        >>> result = SimpleNamespace(config=AnalyzeConfig(), read=())
        >>> methods(result)[:15]
        'We analysed the'
    """
    config = result.config
    trained = sorted({c.train_sessions for c in result.read})
    last = " or ".join(map(str, trained or [config.train_sessions]))
    how = {
        "auto": "estimated by minimising the joint free energy of all ensembles over projections "
        "of the population, without labels",
        "labels": "the units that prefer each known source",
    }[config.ensembles]
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "jax"))
    return (
        f"We analysed the recordings with hebbayes {version('hebbayes')} (protocol causal, seed "
        f"{config.seed}; Python {python_version()}, {packages}). "
        f"Ensembles were {how}, in sessions 1 to {last}; their activity was taken as the posterior "
        f"of a canonical network with {config.plasticity} plasticity (Isomura, Shimazaki & Friston "
        "2022, Commun. Biol. 5:55, doi 10.1038/s42003-021-02994-2), whose threshold factors, prior "
        "counts and synapses were estimated by quasi-likelihood with 95 % intervals from blocks of "
        "neighbouring trials. Free energy was compared with replayed and gain-only surrogates, and "
        "forecasts of raw responses with static, drifting and Hebbian nulls. The published "
        "estimate of phi is that of Isomura, Kotani, Jimbo & Friston (2023, Nat. Commun. 14:4547). "
        "Settings are in config.toml, hashes of the input in provenance.json."
    )


LIMITS = (
    "A falling free energy alone is no evidence of stimulus-specific plasticity: compare it with "
    "the surrogates.",
    "phi and lambda are estimated over read-outs rest + evoked x^p, with p from 0.46 to 2.2 in "
    "95 % of cases beforehand; their intervals include this uncertainty. Beside them stand phi if "
    "the read-out is affine (p = 1) and the slope of phi by ln p. If responses saturate with x, "
    "no p is right, and the intervals do not contain phi.",
    "phi needs a calibrated scale of activity and synapses that learn; if it cannot be "
    "identified, no number is given. phi by convention assumes a scale set by the range of "
    "responses, flat naive synapses and steady gains; its interval takes these as given.",
)

GLOSSARY = {
    "State": "A hidden cause of the stimuli, on or off in every trial, that a group of units "
    "(an ensemble) follows.",
    "Prior probability D": "How likely a network takes a state to be on before any stimulus. Its "
    "log odds are the threshold factor phi: 0 is no preference.",
    "Prior count lambda": "How many trials the first beliefs are worth: after that many trials, "
    "what was seen weighs as much. A large count is slow learning.",
    "Free energy": "How badly beliefs explain the stimuli, in nats: lower is better. Learning "
    "lowers it, but so can repeated stimuli or drifting gains; surrogates show by how much.",
    "Nat": "Unit of information: 1 nat = 1.44 bits.",
    "95 % interval": "A range that contains the true value in 95 of 100 such recordings, if the "
    "assumptions hold.",
    "Null": "A forecast without the theory. The theory adds something if forecasts with it beat "
    "the best null on sessions that neither has seen.",
    "Area under the ROC curve": "How often a decoder ranks a trial with the state on above one "
    "with the state off: 0.5 is chance, 1 is perfect.",
}
