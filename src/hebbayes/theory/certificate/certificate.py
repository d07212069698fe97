"""Certificate that a network and a Bayesian agent are one system during a run.

Every claim of the dictionary (docs/theory.md section 4) is evaluated by two separate routes: from
the network's cost L, differentiated automatically, and from the Bayesian update.  A discrepancy is
max|a - b| / max(|a|, |b|).  `damage` perturbs one quantity of the network to show that the right
claims, and only those, break.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from hebbayes.core.checks import check_defined
from hebbayes.core.counts import Ratio, log_ratio
from hebbayes.theory.certificate import claims
from hebbayes.theory.certificate.learning_claims import plasticity_discrepancy
from hebbayes.theory.certificate.runs import SHARED_COUNTS, BayesianRun, NeuralRun
from hebbayes.theory.inference import EXCLUDED
from hebbayes.theory.network import Wiring, wiring

if TYPE_CHECKING:
    import pandas as pd

    from hebbayes.theory.generative_model import GenerativeModel

_COLUMNS = ("claim", "discrepancy", "tolerance", "holds")


@dataclass(frozen=True)
class Claim:
    """One claim and how far its two routes differ.

    Attributes:
        name: Name of the claim.
        discrepancy: Largest relative discrepancy of the two routes.
        tolerance: Largest discrepancy at which the claim holds.
    """

    name: str
    discrepancy: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """True if the discrepancy is a number within the tolerance."""
        return self.discrepancy <= self.tolerance


@dataclass(frozen=True, repr=False)
class Certificate:
    """All claims about one run.

    Attributes:
        claims: The claims, in the order of `CLAIM_NAMES`.
    """

    claims: tuple[Claim, ...]

    @property
    def holds(self) -> bool:
        """True if every claim holds."""
        return all(claim.holds for claim in self.claims)

    @property
    def broken(self) -> tuple[str, ...]:
        """Names of the claims that do not hold."""
        return tuple(claim.name for claim in self.claims if not claim.holds)

    @property
    def worst(self) -> float:
        """The largest discrepancy of all claims."""
        return max(claim.discrepancy for claim in self.claims)

    def __repr__(self) -> str:
        """Return a table: one line per claim."""
        lines = [f"Certificate: {'holds' if self.holds else 'BROKEN'}"]
        lines += [f"  {a:<26}  {b:>11}  {c:>9}  {d}" for a, b, c, d in [_COLUMNS, *self._cells()]]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        head = "".join(f"<th>{column}</th>" for column in _COLUMNS)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
            for cells in self._cells()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def to_dataframe(self) -> "pd.DataFrame":
        """Return one row per claim; raise `MissingDependencyError` if pandas is missing."""
        import pandas

        rows = [(c.name, c.discrepancy, c.tolerance, c.holds) for c in self.claims]
        return pandas.DataFrame(rows, columns=list(_COLUMNS))

    def _cells(self) -> list[tuple[str, str, str, str]]:
        return [
            (c.name, f"{c.discrepancy:.1e}", f"{c.tolerance:.0e}", "yes" if c.holds else "NO")
            for c in self.claims
        ]


def certify_run(
    bayesian: BayesianRun,
    neural: NeuralRun,
    ratio: Ratio = log_ratio,
    *,
    tolerance: float | None = None,
    chunk_length: int | None = None,
    policy_floor: float = 1.0,
) -> Certificate:
    """Return the certificate of a run; claims about layers that the model lacks are left out.

    ``ratio`` is the expectation that both runs used.  ``tolerance`` defaults to 1e-10 for float64
    and 1e-4 for float32.

    Example:
        >>> from hebbayes.theory.certificate.runs import Events
        >>> from hebbayes.theory.generative_model import flat_model
        >>> from hebbayes.theory.certificate.runs import bayesian_run, neural_run
        >>> model, events = flat_model(1, 1), Events(jnp.array([[1.0], [0.0], [1.0]]))
        >>> runs = bayesian_run(model, events), neural_run(model, events)
        >>> certify_run(*runs, tolerance=1e-4).holds
        True
    """
    if tolerance is None:
        tolerance = default_tolerance(neural.activity.potentials.dtype)
    check_defined("beliefs of the agent", bayesian.beliefs.log_states, EXCLUDED)
    check_defined("potentials of the network", neural.activity.potentials, EXCLUDED)
    wired = eqx.filter_jit(wiring)(
        neural.before,
        ratio,
        is_state_factor_learnt=bayesian.is_state_prior_learnt,
        is_decision_factor_learnt=bayesian.is_decision_prior_learnt,
    )
    gaps = discrepancies(bayesian, neural, wired, ratio, (chunk_length, policy_floor))
    names = (name for name in CLAIM_NAMES if name in gaps)
    return Certificate(tuple(Claim(name, float(gaps[name]), tolerance) for name in names))


def default_tolerance(dtype: jnp.dtype) -> float:
    """Return the largest discrepancy at which a claim holds in this precision.

    Example:
        >>> default_tolerance(jnp.dtype("float32"))
        0.0001
    """
    return 1e-10 if dtype == jnp.float64 else 1e-4


@eqx.filter_jit
def discrepancies(
    bayesian: BayesianRun,
    neural: NeuralRun,
    wired: Wiring,
    ratio: Ratio,
    chunks: tuple[int | None, float],
) -> dict[str, Array]:
    """Return claim -> discrepancy, compiled once per shape; ``chunks`` is (length, policy floor).

    Example:
        >>> from hebbayes.theory.certificate.runs import example_runs
        >>> bayesian, neural = example_runs()
        >>> wired = wiring(neural.before, log_ratio)
        >>> sorted(discrepancies(bayesian, neural, wired, log_ratio, (None, 1.0)))[:2]
        ['decision_factor_plasticity', 'decision_inference']
    """
    gaps: dict[str, Array] = {
        "free_energy": claims.free_energy_discrepancy(bayesian, neural, wired),
        "state_inference": claims.state_discrepancy(bayesian, neural, wired),
    }
    if neural.before.output is not None:
        gaps["decision_inference"] = claims.decision_discrepancy(bayesian, neural, wired)
    floored = claims.floored_entries(bayesian, *chunks)
    for name, shared in SHARED_COUNTS.items():
        is_present = getattr(neural.before, shared.part) is not None
        if is_present and not (shared.is_output and bayesian.experience.decisions is None):
            excluded = floored if shared.table == "policy" else None
            gaps[name] = plasticity_discrepancy(
                shared, bayesian, neural, wired, ratio=ratio, floored=excluded
            )
    gaps["thresholds"] = claims.threshold_discrepancy(bayesian, wired)
    gaps["round_trip"] = claims.round_trip_discrepancy(bayesian, neural)
    return gaps


def claim_names(model: "GenerativeModel") -> tuple[str, ...]:
    """Return the names of the claims about a model, in order.

    Example:
        >>> from hebbayes.theory.generative_model import flat_model
        >>> claim_names(flat_model(1, 1))
        ('free_energy', 'state_inference', 'sensory_plasticity', 'state_factor_plasticity',
        'thresholds', 'round_trip')
    """
    has = {
        "decision_inference": model.policy is not None,
        "recurrent_plasticity": model.transition is not None,
        "output_plasticity": model.policy is not None,
        "decision_factor_plasticity": model.policy is not None,
    }
    return tuple(name for name in CLAIM_NAMES if has.get(name, True))


CLAIM_NAMES: Sequence[str] = (
    "free_energy",
    "state_inference",
    "decision_inference",
    "sensory_plasticity",
    "recurrent_plasticity",
    "output_plasticity",
    "state_factor_plasticity",
    "decision_factor_plasticity",
    "thresholds",
    "round_trip",
)
