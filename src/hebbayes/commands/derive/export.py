"""A derived network as a file: parameters by name and, for a canonical network, their counts.

The counts define a `theory.network.Network` that can run, learn and be certified.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.derive.numeric import Check
from hebbayes.commands.derive.shapes import random_values, shapes_of
from hebbayes.commands.derive.simulate import simulate
from hebbayes.core.counts import Counts, log_ratio, without_evidence
from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.data.files import load_arrays, save_arrays
from hebbayes.symbolic.choices import is_determined
from hebbayes.theory.certificate.certificate import certify_run
from hebbayes.theory.certificate.runs import Events, bayesian_run, neural_run
from hebbayes.theory.equivalence import model_of, network_of
from hebbayes.theory.generative_model import GenerativeModel
from hebbayes.theory.network import Network, firing_rate, run_network, wiring

if TYPE_CHECKING:
    from hebbayes.symbolic.derivation import Derivation
    from hebbayes.symbolic.interpretation import Interpretation

TABLES = ("likelihood", "state_prior", "transition", "policy", "decision_prior")
CONCENTRATION = 100.0
N_STEPS = 12


@dataclass(frozen=True)
class Exported:
    """The contents of an exported file.

    Attributes:
        equation: The network as written.
        assume: The assumptions.
        parameters: Values by name.
        network: The same as counts; None unless states and inputs are binary.
    """

    equation: str
    assume: str
    parameters: dict[str, NDArray[Any]]
    network: Network | None


@dataclass(frozen=True)
class Roles:
    """The roles of layers and matrices in a network of binary states.

    Attributes:
        states: The layer of states.
        decisions: The layer of decisions, if there is one.
        pairs: Stem of the matrix for each of likelihood, transition and policy.
    """

    states: "Interpretation"
    decisions: "Interpretation | None"
    pairs: Mapping[str, str]


def roles_of(derivation: "Derivation") -> Roles | None:
    """Return which layer holds states and which decisions, or None for another network.

    Example:
        >>> from hebbayes.symbolic import derive
        >>> roles = roles_of(derive("dx/dt = -logit(x) + W*o + h", assume="o binary"))
        >>> dict(roles.pairs)
        {'likelihood': 'W'}
    """
    interpretations = derivation.interpretations
    is_plain = all(
        r.family.is_binary
        and (r.family.gain, r.family.offset) == (1, 0)
        and is_determined(r)
        and r.rest == 0
        and all(n.family is not None and n.family.name == "binary" for n in r.normalisers)
        for r in interpretations
    )
    if not is_plain or not 1 <= len(interpretations) <= 2 or not derivation.pieces:
        return None
    states = next(
        (r for r in interpretations if any(p.kind == "input" for p in r.projections)), None
    )
    if states is None:
        return None
    decisions = next((r for r in interpretations if r is not states), None)
    pairs: dict[str, str] = {}
    for interpretation in interpretations:
        for projection in interpretation.projections:
            base, lag = derivation.system.delayed.get(projection.source, (projection.source, "0"))
            own = (states.layer.activity, states.layer.state)
            if base in own and lag == "1":
                role = "transition" if interpretation is states else "policy"
            elif projection.kind == "input" and interpretation is states:
                role = "likelihood"
            else:
                return None
            stem = str(projection.matrix)[:-1]
            if abs(projection.factor) != 1 or pairs.setdefault(role, stem) != stem:
                return None
    return Roles(states, decisions, pairs) if decisions is None or "policy" in pairs else None


def read_sizes(text: str | None) -> dict[str, int]:
    """Return name -> size of a text such as ``x=5, o=8``.  Raises `ValueRangeError`.

    Example:
        >>> read_sizes("x=5, o=8")
        {'x': 5, 'o': 8}
    """
    sizes = {}
    for item in (text or "").replace(";", ",").split(","):
        name, _, size = (part.strip() for part in item.partition("="))
        if not item.strip():
            continue
        if not name or not size.isdigit() or int(size) < 1:
            raise ValueRangeError(f"--sizes must be like 'x=5, o=8'; got {item.strip()!r}.")
        sizes[name] = int(size)
    return sizes


def export_network(
    derivation: "Derivation",
    path: Path,
    *,
    equation: str,
    assume: str,
    sizes: str | None,
    seed: int,
) -> tuple[Check, ...]:
    """Write a network with random parameters, run it, and return the checks of that run.

    Raises `HebbayesError` if there is no cost to descend, `OutputError`, `ValueRangeError`.

    Example:
        >>> import tempfile
        >>> from hebbayes.symbolic import derive
        >>> text = "dx/dt = -x + W*o"
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "a.npz")
        ...     _ = export_network(derive(text), file, equation=text, assume="", sizes="x=2, o=3",
        ...                        seed=0)
        ...     load_exported(file).parameters["W"].shape
        (2, 3)
    """
    if not derivation.pieces:
        raise HebbayesError(f"nothing to export: {derivation.why_not}")
    wanted = read_sizes(sizes)
    roles, rng = roles_of(derivation), np.random.default_rng(seed)
    tables: dict[str, NDArray[Any]] = {}
    if roles is None:
        parameters = _parameters(derivation, wanted, rng)
    else:
        model = _model(roles, derivation, wanted, rng)
        parameters = _strengths(model, roles)
        tables = {name: np.asarray(c.prior) for name, c in _tables(model).items()}
    save_arrays(
        path,
        {
            "equation": np.array(equation),
            "assume": np.array(assume),
            **{f"parameter_{name}": value for name, value in parameters.items()},
            **{f"counts_{name}": value for name, value in tables.items()},
        },
    )
    if roles is None:
        return ()
    return _checks(derivation, roles, network_of(model), parameters, rng)


def _parameters(
    derivation: "Derivation", sizes: Mapping[str, int], rng: np.random.Generator
) -> dict[str, NDArray[Any]]:
    shapes = shapes_of(derivation)
    by_space = {
        axes[0]: sizes[symbol.name]
        for symbol, axes in shapes.axes.items()
        if symbol.name in sizes and len(axes) == 1
    }
    values = random_values(derivation, shapes, rng=rng, sizes=by_space)
    moving = {r.layer.activity for r in derivation.interpretations}
    moving |= set(derivation.system.inputs) | set(derivation.system.delayed)
    return {s.name: v for s, v in values.items() if s not in moving}


def _model(
    roles: Roles, derivation: "Derivation", sizes: Mapping[str, int], rng: np.random.Generator
) -> GenerativeModel:
    source = next(p.source for p in roles.states.projections if p.kind == "input")
    n_states = sizes.get(roles.states.layer.activity.name, 4)
    n_outcomes = sizes.get(source.name, 6)

    def table(*shape: int) -> Counts:
        on = rng.uniform(0.1, 0.9, shape)
        return without_evidence(jnp.asarray(CONCENTRATION * np.stack([on, 1 - on])))

    decides = roles.decisions is not None
    n_decisions = sizes.get(roles.decisions.layer.activity.name, 5) if roles.decisions else 0
    return GenerativeModel(
        likelihood=table(2, n_outcomes, n_states),
        state_prior=table(n_states),
        transition=table(2, n_states, n_states) if "transition" in roles.pairs else None,
        policy=table(2, n_states, n_decisions) if decides else None,
        decision_prior=table(n_decisions) if decides else None,
    )


def _tables(model: GenerativeModel) -> dict[str, Counts]:
    return {n: getattr(model, n) for n in TABLES if getattr(model, n) is not None}


def _strengths(model: GenerativeModel, roles: Roles) -> dict[str, NDArray[Any]]:
    """Return W1, W0 and the rest under the names of the equation."""
    wired = wiring(network_of(model), log_ratio)
    fields = {"likelihood": wired.sensory, "transition": wired.recurrent, "policy": wired.output}
    result: dict[str, NDArray[Any]] = {}
    for role, stem in roles.pairs.items():
        synapses = fields[role]
        assert synapses is not None
        result |= {f"{stem}{n}": np.asarray(synapses.weights[1 - n]) for n in (1, 0)}
    factors = [(roles.states, wired.state_threshold_factor)]
    if roles.decisions is not None and wired.decision_threshold_factor is not None:
        factors.append((roles.decisions, wired.decision_threshold_factor))
    for interpretation, factor in factors:
        names = sorted((s.name for s in interpretation.prior.free_symbols), reverse=True)
        result |= {name: np.asarray(factor[n]) for n, name in enumerate(names)}
    return result


def _checks(
    derivation: "Derivation",
    roles: Roles,
    network: Network,
    parameters: Mapping[str, NDArray[Any]],
    rng: np.random.Generator,
) -> tuple[Check, ...]:
    """Return: derived code against `theory`, and the certificate of a run of the same network."""
    source = next(p.source for p in roles.states.projections if p.kind == "input")
    seen = jnp.asarray(rng.integers(0, 2, (N_STEPS, network.n_inputs)), float)
    ours = simulate(derivation, parameters, {source.name: seen}, n_steps=140)
    potentials, _ = run_network(wiring(network, log_ratio), seen)
    theirs = firing_rate(potentials)
    result = float(jnp.max(jnp.abs(ours[roles.states.layer.activity.name] - theirs)))
    tolerance = 1e-10 if jnp.zeros(()).dtype == jnp.float64 else 1e-4
    checks = [Check("exported network, simulated", result, tolerance)]
    events = Events(seen)
    if network.n_outputs:
        chosen = jax.nn.one_hot(
            jnp.asarray(rng.integers(0, network.n_outputs, N_STEPS)), network.n_outputs
        )
        events = Events(seen, chosen, jnp.asarray(rng.choice([0.0, 0.45, 0.55], N_STEPS)))
    model = model_of(network)
    bayesian = bayesian_run(model, events, log_ratio)
    neural = neural_run(model, events, log_ratio)
    certificate = certify_run(bayesian, neural, log_ratio, tolerance=tolerance)
    return (*checks, Check("exported network, certified", certificate.worst, tolerance))


def load_exported(path: Path) -> Exported:
    """Return what `export_network` wrote.  Raises `FormatError`.

    Example:
        >>> load_exported(Path("absent.npz"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read absent.npz: No such file or directory.
    """
    arrays = load_arrays(path, ("equation", "assume"))
    tables = {n.removeprefix("counts_"): v for n, v in arrays.items() if n.startswith("counts_")}
    network = None
    if tables:
        counts = {name: without_evidence(jnp.asarray(value)) for name, value in tables.items()}
        network = network_of(GenerativeModel(**counts))
    parameters = {
        name.removeprefix("parameter_"): value
        for name, value in arrays.items()
        if name.startswith("parameter_")
    }
    return Exported(str(arrays["equation"]), str(arrays["assume"]), parameters, network)
