"""What a certificate compares: one run as the generative model has it, and as the network has it.

Leaves out how runs are made (`certificate`) and compared (`certificate_rows`).
"""

from typing import NamedTuple

import equinox as eqx

from hebbayes.theory.cost import Activity
from hebbayes.theory.generative_model import ExpectedLogs, GenerativeModel
from hebbayes.theory.inference import Beliefs
from hebbayes.theory.learning import Experience
from hebbayes.theory.network import Network
from hebbayes.theory.plasticity import Firing


class BayesianRun(eqx.Module):
    """A run as the generative model has it."""

    logs: ExpectedLogs
    before: GenerativeModel
    after: GenerativeModel
    beliefs: Beliefs
    experience: Experience


class NeuralRun(eqx.Module):
    """A run as the network has it."""

    before: Network
    after: Network
    activity: Activity
    firing: Firing


class Projection(NamedTuple):
    """One row of plasticity: the same synapses under their two names."""

    synapses: str
    table: str


PROJECTIONS = {
    "sensory_plasticity": Projection("sensory", "likelihood"),
    "recurrent_plasticity": Projection("recurrent", "transition"),
    "output_plasticity": Projection("output", "policy"),
}
