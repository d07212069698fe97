"""From an equation, or a file of weights, to a derivation that is checked numerically.

`hebbayes.symbolic` derives alone.  This command checks its formulas numerically with JAX, exports a
network to be simulated, and reads weights (docs/derive.md).
"""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hebbayes.commands.configs.derive import DeriveConfig
from hebbayes.commands.derive.export import export_network
from hebbayes.commands.derive.from_network import WeightsReport, check_alone, read_network
from hebbayes.commands.derive.numeric import Check, check_numerically
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.core.errors import FormatError, HebbayesError
from hebbayes.symbolic import Derivation, derive

if TYPE_CHECKING:
    from hebbayes.commands.running.checkpoint import Checkpoint


@dataclass(frozen=True, repr=False)
class DeriveResult(CommandResult):
    """A derivation and its numerical checks.

    Attributes:
        config: The settings of the run.
        derivation: Of the equation, or of the equation of the network in a file.
        checks: Its numerical checks.
        network: The beliefs of a file of weights, if one was read.
    """

    config: DeriveConfig
    derivation: Derivation
    checks: tuple[Check, ...]
    network: WeightsReport | None = None

    @property
    def cost(self) -> str | None:
        """The cost of activity and synapses as text; None if there is none."""
        return self.derivation.cost

    @property
    def plasticity(self) -> dict[str, str]:
        """The rule that the cost demands for each synapse, as text."""
        return self.derivation.plasticity

    @property
    def prior(self) -> str | None:
        """The prior in the symbols of the network, or in numbers if weights were read."""
        return self.derivation.prior if self.network is None else self.network.prior

    @property
    def family(self) -> str:
        """The posterior family of all layers, or each with its layer."""
        return self.derivation.family

    @property
    def is_canonical(self) -> bool:
        """Whether activity, and the plasticity given, descend one cost."""
        return self.derivation.is_canonical

    @property
    def would_be_canonical_if(self) -> tuple[str, ...]:
        """Assumptions of which each would make a refused network canonical."""
        return self.derivation.would_be_canonical_if

    def __repr__(self) -> str:
        """Return the derivation in one line."""
        return repr(self.derivation).replace("Derivation", "DeriveResult", 1)

    def _repr_html_(self) -> str:
        return self.derivation._repr_html_()


def run(
    config: DeriveConfig | str,
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> DeriveResult:
    """Return what an equation implies; ``config`` may be the equation alone.

    Raises `EquationError` for text that cannot be read, `FormatError` for a file.
    """
    if isinstance(config, str):
        config = DeriveConfig(equation=config)
    if config.from_network is not None:
        check_alone(config.equation, config.plasticity, config.export)
        network = read_network(config.from_network, config.activation)
        return DeriveResult(config, network.derivation, (), network)
    progress.start("derivation", 2)
    equation, assume = equation_of(config.equation), config.assume or ""
    derivation = derive(equation, plasticity=config.plasticity or "", assume=assume)
    progress.advance(status="derived")
    checks = check_numerically(derivation, seed=config.seed)
    if config.export is not None:
        checks += export_network(
            derivation,
            config.export,
            equation=equation,
            assume=assume,
            sizes=config.sizes,
            seed=config.seed,
        )
    progress.advance(status="checked")
    undefined = [check.name for check in checks if not math.isfinite(check.discrepancy)]
    if undefined:
        raise HebbayesError(
            f"the formulas have no finite values at random points ({', '.join(undefined)}); state "
            "the signs of parameters, as in --assume 'k > 0'."
        )
    broken = [check.name for check in checks if not check.holds]
    if broken:
        raise RuntimeError(f"a derivation contradicts its numbers: {', '.join(broken)}")
    return DeriveResult(config, derivation, checks)


def equation_of(given: str | None) -> str:
    """Return the text of an equation that is given as text or as the name of a file.

    Raises `HebbayesError` if there is none, `FormatError` for a file that cannot be read.

    Example:
        >>> equation_of("dx/dt = -x")
        'dx/dt = -x'
    """
    if not given or not given.strip():
        raise HebbayesError(
            "derive needs an equation or --from-network; e.g. hebbayes derive "
            "'dx/dt = -logit(x) + W*o + h'."
        )
    if "=" in given or "\n" in given:
        return given
    path = Path(given)
    looks_like_file = path.suffix != "" or os.sep in given or path.exists()
    if not looks_like_file:
        return given
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise FormatError(f"cannot read {path}: {reason}.") from error
