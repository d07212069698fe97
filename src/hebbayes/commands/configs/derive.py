"""Config of `derive`.  Plain values only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class DeriveConfig:
    """Symbolic reverse engineering: an equation in, the Bayesian agent that it is out.

    Attributes:
        equation: Equation, or a file that holds one; see docs, page derive.
        plasticity: Rule of synapses to judge, such as "dW/dt = x*o - x*W".
        assume: What is known of names, such as "J symmetric; o binary".
        format: How the derivation is told.
        export: File to write the network to, ready to be simulated.
        sizes: Sizes of an exported network's layers and inputs, such as "x=5, o=8".
        from_network: File of weights (npz or safetensors) to read instead of an equation.
        activation: Activation of the network in that file, where the file does not say.
        seed: Seed of the points where formulas are checked, and of exported weights.
    """

    equation: str | None = None
    plasticity: str | None = None
    assume: str | None = None
    format: Literal["text", "latex", "html", "json"] = "text"
    export: Path | None = None
    sizes: str | None = None
    from_network: Path | None = None
    activation: Literal["sig", "tanh", "softmax", "exp", "relu", "identity"] | None = None
    seed: int = 0
