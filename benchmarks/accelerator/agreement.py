"""The theory on the accelerator against the CPU, and its identities there: states, F = L, learning.

A discrepancy is max|a - b| / max(|a|, |b|).  A sum of n terms in another order may differ by n
roundings of its largest term, and a logarithm or an exponential by a few more: the tolerance is
8 n eps, n the inputs of a unit.  Both sides see the same numbers, drawn by NumPy.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from accelerator.measuring import Report, attempt, devices, on
from hebbayes.commands import certify
from hebbayes.commands.configs import CertifyConfig
from hebbayes.core.counts import Counts, digamma_ratio, log_ratio
from hebbayes.theory.equivalence import model_of, network_of
from hebbayes.theory.generative_model import GenerativeModel
from hebbayes.theory.verbs import activity, adapt, believe, cost, free_energy, learn

RATIOS = {"log": log_ratio, "digamma": digamma_ratio}
IDENTITIES = {
    "F = L": ("free energy", "cost"),
    "posterior = activity": ("states", "rates"),
    "decisions = output": ("decisions", "output rates"),
    "learning = plasticity": ("learnt likelihood", "adapted likelihood"),
    "learning of b = of K": ("learnt transition", "adapted transition"),
    "learning of c = of V": ("learnt policy", "adapted policy"),
}


def random_model(rng: np.random.Generator, n: int, n_decisions: int, dtype: str) -> Any:
    """Return a two-layer model of ``n`` outcomes and states whose activity does not explode.

    The inputs of a unit have a spread of about 1 in log odds, whatever their number: with stronger
    random synapses the network is chaotic, and rounding errors grow from step to step.
    """

    def counts(*shape: int) -> Counts:
        prior = 30 * np.exp(rng.normal(0, 1 / np.sqrt(n), (2, *shape)))
        evidence = rng.uniform(0, 9 / np.sqrt(n), (2, *shape))
        return Counts(prior.astype(dtype), evidence.astype(dtype))

    return GenerativeModel(
        likelihood=counts(2, n, n),
        state_prior=counts(n),
        transition=counts(2, n, n),
        policy=counts(2, n, n_decisions),
        decision_prior=counts(n_decisions),
    )


def random_events(
    rng: np.random.Generator, steps: int, n: int, n_decisions: int, dtype: str
) -> Any:
    """Return observations, decisions taken and risk."""
    observations = rng.integers(0, 2, (steps, n)).astype(dtype)
    decisions = np.eye(n_decisions, dtype=dtype)[rng.integers(0, n_decisions, steps)]
    return observations, decisions, rng.uniform(0, 1, steps).astype(dtype)


def quantities(ratio: Any) -> Any:
    """Return the function from a model and events to all that the theory says of them."""

    def of(model: Any, observations: Any, decisions: Any, risk: Any) -> dict[str, Any]:
        network = network_of(model)
        beliefs = believe(model, observations, ratio=ratio)
        active = activity(network, observations, ratio=ratio)
        taken = {"decisions": decisions, "risk": risk, "ratio": ratio}
        learnt = learn(model, observations, **taken)
        adapted = model_of(adapt(network, observations, **taken))
        values = {
            "states": beliefs.states,
            "rates": active.rates,
            "decisions": beliefs.decisions,
            "output rates": active.output_rates,
            "free energy": free_energy(model, observations, risk=risk, ratio=ratio).total,
            "cost": cost(network, observations, risk=risk, ratio=ratio),
        }
        for name, after in (("learnt", learnt), ("adapted", adapted)):
            for table in ("likelihood", "transition", "policy"):
                values[f"{name} {table}"] = getattr(after, table).evidence
        return values

    return of


def gap(one: Any, other: Any) -> float:
    """Return max|a - b| / max(|a|, |b|); NaN if there is a NaN."""
    a, b = np.asarray(one, float), np.asarray(other, float)
    return float(np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max(), 1e-300))


def measure(report: Report, *, is_small: bool) -> None:
    """Add rows: each quantity on both devices, and the identities on each."""
    sizes = (16, 20) if is_small else (256, 200)
    kinds = [(dtype, ratio) for dtype in ("float32", "float64") for ratio in RATIOS]
    if is_small:
        kinds = [("float32", "log"), ("float64", "digamma")]
    cases = {kind: _case(kind[0], sizes) for kind in kinds}
    with ThreadPoolExecutor(2 * len(cases) + 1) as pool:  # compiling takes longest
        waiting = {
            (kind, device): pool.submit(on, device, quantities(RATIOS[kind[1]]), *case)
            for kind, case in cases.items()
            for device in set(devices())
        }
        by_default = pool.submit(
            on, devices()[0], quantities(log_ratio), *cases["float32", "log"], precision="default"
        )
        for kind in kinds:
            there, here = (waiting[kind, device].result() for device in devices())
            _compare(report, kind, sizes, (there, here))
        here = waiting[("float32", "log"), devices()[1]].result()
        _compare(report, ("float32, default products", "log"), sizes, (by_default.result(), here))


def measure_certificates(report: Report, *, is_small: bool) -> None:
    """Add the certificates of the tasks on both devices."""
    for dtype in ("float32", "float64"):
        for task in ("dog",) if is_small else ("dog", "sources", "maze"):
            attempt(report, "certificate", _certify, report, task, dtype)


def _case(dtype: str, sizes: tuple[int, int]) -> tuple[Any, ...]:
    n, steps = sizes
    rng = np.random.default_rng([n, steps, len(dtype)])
    return random_model(rng, n, 32, dtype), *random_events(rng, steps, n, 32, dtype)


def _compare(
    report: Report, kind: tuple[str, str], sizes: tuple[int, int], both: tuple[Any, Any]
) -> None:
    """Add three rows: the device beside the CPU, and the identities on each."""
    there, here = both
    dtype = kind[0].partition(",")[0]
    tolerance = 8 * 2 * sizes[0] * float(jnp.finfo(dtype).eps)
    gaps = {"device = CPU": {name: gap(here[name], there[name]) for name in here}}
    for place, values in (("device", there), ("CPU", here)):
        gaps[f"identities on {place}"] = {
            name: gap(values[one], values[other]) for name, (one, other) in IDENTITIES.items()
        }
    for what, of in gaps.items():
        row = {"what": what, "dtype": kind[0], "ratio": kind[1], "units": sizes[0]}
        row |= {"steps": sizes[1], "tolerance": tolerance, "largest": max(of.values())}
        holds = all(value <= tolerance for value in of.values())
        report.add("agreement", {**row, "holds": holds, "gaps": of})


def _certify(report: Report, task: str, dtype: str) -> None:
    certificates = []
    for device in devices():
        with jax.default_device(device), jax.default_matmul_precision("highest"):
            config = CertifyConfig(task=task, steps=100, dtype=dtype)
            certificates.append(certify.run(config).certificate)
    there, here = certificates
    report.add(
        "certificate",
        {
            "task": task,
            "dtype": dtype,
            "rows": len(there.claims),
            "holds_on_device": there.holds,
            "holds_on_cpu": here.holds,
            "worst_on_device": there.worst,
            "worst_on_cpu": here.worst,
            "tolerance": there.claims[0].tolerance,
        },
    )
