"""Is the verdict on behaviour right?  Fresh simulated animals of thirteen kinds, three lengths.

    python benchmarks/rivals.py [--animals 25] [--out benchmarks/results/rivals.json]

The theory's own kinds are canonical (the whole network), canonical with stickiness, forgetting, and
reading the active cue only; all others are false.  Worlds and parameters are drawn anew for every
animal, with its own seed.  Each is read twice, from its activity and from its units.  A run that
was stopped goes on from the lines it has written beside ``--out``.
"""

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import numpy as np

from hebbayes.data.files import write_text
from hebbayes.reverse_engineering.behaviour.calibration import activity_of_units
from hebbayes.reverse_engineering.behaviour.choices import choices_of
from hebbayes.reverse_engineering.behaviour.rivals.comparison import compare_rivals
from hebbayes.simulators import (
    ActorCritic,
    AnimalDesign,
    FixedReadout,
    HebbianLearner,
    RescorlaWagner,
    WinStayLoseShift,
    simulate_animal,
    simulate_learner,
)

LENGTHS = (300, 600, 1200)
TRUE = ("canonical", "canonical, sticky", "forgetting", "active cue")
FALSE = (
    "unmodulated",
    "Rescorla-Wagner",
    "Rescorla-Wagner, sticky",
    "Rescorla-Wagner, two rates",
    "Rescorla-Wagner, two rates, sticky",
    "actor-critic",
    "win-stay-lose-shift",
    "expert",
    "random",
)
WORDS = ("as the theory says", "learns otherwise", "does not learn", "cannot tell")


def world(rng, n_trials):
    """Go / no-go on the first of two states; right and wrong change places now and then."""
    n_sessions = n_trials // 100
    reversals = tuple(k for k in range(1, n_sessions) if rng.random() < 0.6)
    return AnimalDesign(
        n_sessions=n_sessions,
        n_trials=100,
        reversals=reversals,
        n_units=24,
        n_output_units=0,
        reliability=float(rng.uniform(0.75, 0.9)),
        stay=float(rng.uniform(0.5, 0.75)),
        reward_noise=float(rng.uniform(0.0, 0.15)),
        reward_delay=int(rng.integers(0, 3)),
    )


def between(rng, low, high):
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def fresh_animal(kind, n_trials, seed):
    """An animal of a kind, its world and parameters drawn with ``seed``."""
    rng = np.random.default_rng((seed, 7))
    design = world(rng, n_trials)
    bias = float(rng.normal(scale=0.4))
    ratio, prior = between(rng, 15, 60), 1 / (1 + np.exp(-bias / 2))
    if kind in ("canonical", "unmodulated"):
        design = replace(
            design,
            decision_prior=(prior, 1 - prior),
            policy_prior_count=ratio,
            risk_sensitivity=float(kind == "canonical"),
        )
        return simulate_animal(design, seed=seed)
    if kind == "expert":
        design = replace(design, reliability=0.93, reversals=(), reward_noise=0.0)
    shared = {
        "bias": (bias, 0.0),
        "stickiness": float(rng.uniform(0.3, 1.0)) if "sticky" in kind else 0.0,
    }
    rates = {"rate": between(rng, 0.05, 0.5), "inverse_temperature": between(rng, 2, 6)}
    leak = {"ratio": ratio, "leak": between(rng, 0.005, 0.03)}
    rates_two = {"rate_of_losses": between(rng, 0.05, 0.5)} if "two rates" in kind else {}
    learners = {
        "canonical, sticky": lambda: HebbianLearner(ratio=ratio, **shared),
        "forgetting": lambda: HebbianLearner(**leak, **shared),
        "active cue": lambda: HebbianLearner(**leak, reads_active_only=True, **shared),
        "actor-critic": lambda: ActorCritic(
            actor_rate=between(rng, 0.1, 0.6), critic_rate=between(rng, 0.05, 0.3), **shared
        ),
        "win-stay-lose-shift": lambda: WinStayLoseShift(
            win=float(rng.uniform(1, 3)), lose=float(rng.uniform(1, 3)), **shared
        ),
        "expert": lambda: FixedReadout(weights=((3.0, 0.0), (0.0, 0.0)), **shared),
        "random": lambda: FixedReadout(**shared),
    }
    default = lambda: RescorlaWagner(**rates, **rates_two, **shared)  # noqa: E731
    return simulate_learner(learners.get(kind, default)(), design, seed=seed)


def judged(animal):
    """The verdict, from activity and from units, with the lead over the next class in nats."""
    recording, delay = animal.recording, animal.design.reward_delay
    calibrated = activity_of_units(recording)
    row = {}
    for source, x in (
        ("activity", (animal.activity, None)),
        ("units", (calibrated.activity, calibrated.unshrunk)),
    ):
        comparison = compare_rivals(choices_of(recording, x[0], 2, x[1]), delay)
        best = {}
        for rival in comparison.rivals:  # the best first
            best.setdefault(rival.model.kind, rival.log_evidence)
        row[source] = {
            "verdict": comparison.verdict,
            "best": comparison.rivals[0].model.name,
            "theory_lead": best[WORDS[0]] - max(best[WORDS[1]], best[WORDS[2]]),
        }
    return row


def study(n_animals, first_seed, partial):
    known = (
        [json.loads(line) for line in partial.read_text().splitlines()] if partial.exists() else []
    )
    done = {(row["kind"], row["trials"], row["seed"]) for row in known}
    with partial.open("a") as file:
        for n_trials in LENGTHS:
            for place, kind in enumerate((*TRUE, *FALSE)):
                for k in range(n_animals):
                    seed = first_seed + 100_000 * place + 10 * n_trials + k
                    if (kind, n_trials, seed) in done:
                        continue
                    row = judged(fresh_animal(kind, n_trials, seed))
                    row |= {"kind": kind, "trials": n_trials, "seed": seed}
                    known.append(row)
                    file.write(json.dumps(row) + "\n")
                    file.flush()
            print(n_trials, "trials", file=sys.stderr)
    return known


def summary(rows):
    report = {}
    for source in ("activity", "units"):
        report[source] = {}
        for n_trials in sorted({row["trials"] for row in rows}):
            kinds = {}
            for kind in (*TRUE, *FALSE):
                told = [r for r in rows if (r["trials"], r["kind"]) == (n_trials, kind)]
                said = [row[source]["verdict"] for row in told]
                kinds[kind] = {word: said.count(word) for word in WORDS}
            true, false = (
                sum(kinds[k][WORDS[0]] for k in group)
                / max(1, sum(sum(kinds[k].values()) for k in group))
                for group in (TRUE, FALSE)
            )
            shares = {"as_theory_of_true": true, "as_theory_of_false": false}
            report[source][str(n_trials)] = shares | {"kinds": kinds}
    return report


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--animals", type=int, default=25)
    parser.add_argument("--seed", type=int, default=9_000_000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/rivals.json"))
    options = parser.parse_args()
    partial = options.out.with_suffix(".jsonl")
    rows = study(options.animals, options.seed, partial)
    result = {"animals_of_each_kind": options.animals, "first_seed": options.seed, **summary(rows)}
    write_text(options.out, json.dumps(result, indent=1))
    partial.unlink()
    for source in ("activity", "units"):
        for n_trials, one in result[source].items():
            print(source, n_trials, one["as_theory_of_true"], one["as_theory_of_false"])
            for kind, said in one["kinds"].items():
                print("   ", kind, said)


if __name__ == "__main__":
    main()
