"""Config of `derive`.  Plain values only."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal


@dataclass(frozen=True)
class DeriveConfig:
    """Derive the Bayesian agent that a network is, from its equation.

    Attributes:
        equation: Equation, typed or pasted (LaTeX works), or a file that holds one.
        plasticity: Plasticity rule to judge, such as "dW/dt = x*o - x*W".
        assume: Assumptions about names, such as "J symmetric; o binary".
        format: Output format of the derivation.
        export: File to write the network to, ready for simulation.
        sizes: Sizes of an exported network's layers and inputs, such as "x=5, o=8".
        from_network: File of weights (npz or safetensors) to read instead of an equation.
        activation: Activation of the network in that file, if the file does not name it.
        seed: Seed of the test points and of exported weights.
    """

    OUTPUTS: ClassVar = ("export",)

    equation: str | None = None
    plasticity: str | None = None
    assume: str | None = None
    format: Literal["text", "latex", "html", "json"] = "text"
    export: Path | None = None
    sizes: str | None = None
    from_network: Path | None = None
    activation: Literal["sig", "tanh", "softmax", "exp", "relu", "identity"] | None = None
    seed: int = 0
