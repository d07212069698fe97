"""Do bounds and predictions hold?  500 random models beside enumeration of all joint states.

For every model the surprise of all observations is summed over all sequences of joint states, in
NumPy, without the code of the package.  F and the terms that it omits must bound it, predictions
must equal the enumerated marginals, and in digamma mode F + KL must bound the surprise that is also
averaged over all parameters (docs/theory.md section 11).

    python benchmarks/bounds.py --out benchmarks/results/bounds.json
"""

import argparse
import itertools
import json
import os
from functools import partial
from math import lgamma
from pathlib import Path

os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np

from hebbayes.core.counts import Counts, digamma_ratio, log_ratio
from hebbayes.data.files import write_text
from hebbayes.theory.bounds import omitted_terms
from hebbayes.theory.free_energy import free_energy, parameter_divergence
from hebbayes.theory.generative_model import GenerativeModel, expected_logs
from hebbayes.theory.inference import infer_trajectory, undecided
from hebbayes.theory.learning import Experience, learn
from hebbayes.theory.prediction import predict_outcomes, predict_states

N_STEPS = 3
SIZES = [(o, s, m) for o in (1, 3) for s in (1, 2, 3) for m in (False, True)]
"""Outcomes, states and whether there is memory."""


def random_model(seed, n_outcomes, n_states, has_memory):
    """Return counts of a random model as NumPy arrays, and random observations."""
    rng = np.random.default_rng(seed)
    spread = rng.choice([0.3, 1.0, 3.0])

    def counts(*shape):
        return np.exp(spread * rng.normal(size=(2, *shape))) * rng.uniform(1, 20)

    tables = {
        "likelihood": counts(2, n_outcomes, n_states),
        "state_prior": counts(n_states),
        "transition": counts(2, n_states, n_states) if has_memory else None,
    }
    return tables, rng.integers(0, 2, (N_STEPS, n_outcomes))


@partial(jax.jit, static_argnames="ratio")
def from_the_package(tables, observations, ratio):
    """Return what the package says about a model: energies, omitted terms and predictions."""
    model = GenerativeModel(
        **{
            name: None if table is None else Counts(table, jnp.zeros_like(table))
            for name, table in tables.items()
        }
    )
    logs, start = expected_logs(model, ratio), undecided(model.n_states)
    beliefs = infer_trajectory(logs, observations)
    states = jnp.exp(beliefs.log_states)
    previous = jnp.concatenate([start[None], states[:-1]])
    omitted = omitted_terms(logs, states, previous)
    learnt = learn(model, Experience(observations, states, previous))
    learnt_logs = expected_logs(learnt, ratio)
    again = free_energy(learnt_logs, beliefs, observations, previous)
    return {
        "states": states,
        "free_energy": free_energy(logs, beliefs, observations, previous).total.sum(),
        "omitted_outcomes": omitted.outcomes.sum(),
        "omitted_memory": omitted.memory.sum(),
        "learnt_bound": again.total.sum() + parameter_divergence(learnt),
        "next_outcomes": predict_outcomes(logs, states),
        "next_states": None if model.transition is None else predict_states(logs, states),
    }


def normalised(counts):
    """Return probabilities over the first axis."""
    return counts / counts.sum(0)


def experts(tables, n):
    """Return products of tables over joint states: weight of each state, of each outcome, moves."""
    a, d = normalised(tables["likelihood"]), normalised(tables["state_prior"])
    joint = list(itertools.product((0, 1), repeat=n))  # 0 is on
    prior = np.array([np.prod([d[s[j], j] for j in range(n)]) for s in joint])
    outcome = np.array(
        [
            [
                [np.prod([a[v, s[j], i, j] for j in range(n)]) for v in (0, 1)]
                for i in range(a.shape[2])
            ]
            for s in joint
        ]
    )
    if tables["transition"] is None:
        return joint, prior, outcome, None
    b = normalised(tables["transition"])
    move = np.array(
        [
            [
                np.prod(
                    [
                        d[s[j], j] * np.prod([b[p[i], s[j], i, j] for i in range(n)])
                        for j in range(n)
                    ]
                )
                for s in joint
            ]
            for p in joint
        ]
    )
    return joint, prior, outcome, move


def by_enumeration(tables, observations, states):
    """Return the surprise of the normalised model and its predictions from the beliefs."""
    n = states.shape[-1]
    joint, prior, outcome, move = experts(tables, n)
    outcome = outcome / outcome.sum(-1, keepdims=True)  # P(o_i | s)
    forward = None if move is None else move / move.sum(1, keepdims=True)  # P(s | s')
    seen = [np.prod([outcome[:, i, 1 - o] for i, o in enumerate(row)], 0) for row in observations]
    belief, surprise = np.full(len(joint), 1 / len(joint)), 0.0
    for probability in seen:
        belief = (prior if forward is None else belief @ forward) * probability
        surprise -= np.log(belief.sum())
        belief = belief / belief.sum()
    weight = np.array([[np.prod([q[s[j], j] for j in range(n)]) for s in joint] for q in states])
    marginal = np.array([[[s[j] == v for j in range(n)] for v in (0, 1)] for s in joint])
    return {
        "surprise": surprise,
        "next_outcomes": np.einsum("ts,siv->tvi", weight, outcome),
        "next_states": (
            None if forward is None else np.einsum("ts,sr,rvj->tvj", weight, forward, marginal)
        ),
    }


def averaged_surprise(tables, observations):
    """Return -ln of the unnormalised evidence, averaged over the prior of the likelihood."""
    a, d = tables["likelihood"], normalised(tables["state_prior"])
    n_states, total = d.shape[1], 0.0

    def log_beta(counts):
        return lgamma(counts[0]) + lgamma(counts[1]) - lgamma(counts.sum())

    for sequence in itertools.product((0, 1), repeat=N_STEPS * n_states):
        s = np.reshape(sequence, (N_STEPS, n_states))
        log_weight = np.log([d[s[t, j], j] for t in range(N_STEPS) for j in range(n_states)]).sum()
        gained = np.zeros_like(a)
        for t, j, i in itertools.product(*map(range, (N_STEPS, n_states, a.shape[2]))):
            gained[1 - observations[t, i], s[t, j], i, j] += 1
        for u, i, j in itertools.product((0, 1), range(a.shape[2]), range(n_states)):
            log_weight += log_beta(a[:, u, i, j] + gained[:, u, i, j]) - log_beta(a[:, u, i, j])
        total += np.exp(log_weight)
    return -np.log(total)


def compare(seed, size):
    """Return slacks of the bounds, nats, and errors of the predictions of one random model."""
    tables, observations = random_model(seed, *size)
    ours = from_the_package(tables, observations.astype(float), log_ratio)
    exact = by_enumeration(tables, observations, np.asarray(ours["states"]))
    omitted = float(ours["omitted_outcomes"]), float(ours["omitted_memory"])
    energy = float(ours["free_energy"])
    row = {
        "size": size,
        "omitted": omitted,
        "slack": energy + sum(omitted) - exact["surprise"],
        "slack_of_f_alone": energy - exact["surprise"],
        "error_of_outcomes": _gap(ours["next_outcomes"], exact["next_outcomes"]),
    }
    if size[2]:
        row["error_of_states"] = _gap(ours["next_states"], exact["next_states"])
    elif size[1] < 3:
        averaged = averaged_surprise(tables, observations)
        for name, ratio in (("digamma", digamma_ratio), ("log", log_ratio)):
            learnt = from_the_package(tables, observations.astype(float), ratio)["learnt_bound"]
            row[f"slack_of_{name}_with_kl"] = float(learnt) - averaged
    return row


def _gap(one, other):
    return float(np.abs(np.asarray(one) - other).max())


def summary(rows):
    """Return the smallest slack, the largest error and counts of violations over all models."""
    names = sorted({name for row in rows for name in row if name not in ("size", "omitted")})
    values = {name: np.array([row[name] for row in rows if name in row]) for name in names}
    worst = {n: float(v.max() if n.startswith("error") else v.min()) for n, v in values.items()}
    single = [abs(r["slack"]) for r in rows if r["size"][1] == 1 and not r["size"][2]]
    return {
        "models": len(rows),
        "worst": worst,
        "median": {n: float(np.median(v)) for n, v in values.items()},
        "largest_omitted_term": float(max(max(row["omitted"]) for row in rows)),
        "largest_gap_of_one_state_without_memory": max(single),
        "share_below_surprise": {
            n: float((v < -1e-12).mean()) for n, v in values.items() if n.startswith("slack")
        },
    }


def main():
    """Compare random models with enumeration and write a summary."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", type=int, default=500)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows = [compare(seed, SIZES[seed % len(SIZES)]) for seed in range(options.models)]
    text = json.dumps(summary(rows), indent=2) + "\n"
    if options.out:
        write_text(options.out, text)
    print(text, end="")


if __name__ == "__main__":
    main()
