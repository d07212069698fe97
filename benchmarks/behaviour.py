"""Do intervals of subjects and populations cover, and are verdicts right, from choices alone?

    python benchmarks/behaviour.py [--populations 60] [--only coverage]

``--only`` renews a part of benchmarks/results/behaviour.json, which is written as it grows.

Populations of 16 canonical learners that forget, in two groups, 400 trials each, parameters of
population and subjects drawn anew; each interval beside its truth.  ``slope`` is that of estimated
differences between groups on true ones: below 1 if they shrink.  Verdicts on fresh single subjects
that learn as the theory says and that learn by Rescorla-Wagner, in the same task; delays of fresh
canonical subjects that learn after 0 to 3 trials; precision and modulator bias of fresh subjects
for whom they are drawn (`altered`), as the theory's own values are where their priors are centred.
"""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.special import expit, logit, softmax

from hebbayes.data.behaviour import Behaviour
from hebbayes.data.files import write_text
from hebbayes.reverse_engineering.behaviour.subjects import description, tasks
from hebbayes.reverse_engineering.behaviour.subjects.extras import fit_extra
from hebbayes.reverse_engineering.behaviour.subjects.fits import fit_form, fit_subject
from hebbayes.reverse_engineering.behaviour.subjects.groups import describe_groups
from hebbayes.reverse_engineering.behaviour.subjects.settings import DELAYS
from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
from hebbayes.simulators import (
    FixedReadout,
    GroupDesign,
    HebbianLearner,
    RescorlaWagner,
    active_cues,
    simulate_choices,
    simulate_group,
)
from hebbayes.simulators.learners import Decided

N_SUBJECTS = 16


def drawn_design(rng):
    return GroupDesign(
        n_subjects=N_SUBJECTS,
        ratio=float(np.exp(rng.uniform(np.log(10), np.log(50)))),
        ratio_spread=float(rng.uniform(0.2, 0.5)),
        leak=float(expit(rng.uniform(logit(0.01), logit(0.04)))),
        leak_spread=float(rng.uniform(0.2, 0.5)),
        stickiness=float(rng.uniform(0.0, 0.8)),
        stickiness_spread=float(rng.uniform(0.1, 0.3)),
        bias=(0.0, float(rng.uniform(-1, 1))),
        bias_spread=float(rng.uniform(0.2, 0.5)),
    )


def inside(estimate, truth):
    return bool(estimate.low <= truth <= estimate.high)


def truths_of(group, field):
    return [getattr(learner, field) for learner in group.learners]


def population(seed):
    """Whether each interval of one population holds its truth, by name."""
    design = drawn_design(np.random.default_rng((seed, 1)))
    group = simulate_group(design, seed=seed)
    behaviour = group.behaviour
    subjects = subjects_of(behaviour, behaviour.stimuli, ReadAs())
    fits = [fit_subject(one, ["leaky", "constant"], is_held_out=False) for one in subjects]
    base, made = description.population_tasks(subjects, fits)
    fitted = [(task, tasks.run_population(task)) for task in made]
    found = description.describe_population(base, fitted, 2, fits)
    told = description.describe_subjects(behaviour, subjects, fits, found)
    groups = describe_groups(told, found, subjects[0], ["left", "right"])
    truths = {"learning": design.ratio, "leak": design.leak, "stickiness": design.stickiness}
    row = {f"population {name}": inside(found.elements[name], t) for name, t in truths.items()}
    row["population psi"] = inside(found.psi[0], sum(design.bias) / 4)
    between = (design.bias[1] - design.bias[0]) / 2
    row["groups psi"] = inside(groups["psi: left"].difference, between)
    shift = (between, groups["psi: left"].difference.value)
    for name in truths:
        row[f"groups {name}"] = inside(groups[name].difference, 0.0)
    names = {"learning": "ratio", "leak": "leak", "stickiness": "stickiness"}
    for name, field in names.items():
        pairs = [
            (one.elements[name].estimate, getattr(g, field)) for one, g in zip(told, group.learners)
        ]
        row[f"subject {name}"] = [inside(*pair) for pair in pairs]
    row["subject psi"] = [inside(one.psi[0], g.bias[0] / 2) for one, g in zip(told, group.learners)]
    for name, truth in (("precision", 1.0), ("modulator_bias", 0.0)):
        row[f"subject {name}"] = [inside(one.elements[name].estimate, truth) for one in told]
        row[f"subject {name} cannot be told"] = [
            bool(one.elements[name].cannot_tell) for one in told
        ]
    row["subject V"], row["subject choices at the end"] = [], []
    for one, learner, subject in zip(told, group.learners, subjects):
        truth = true_weights(learner, subject.trials)[one.synapses.state]
        chosen = softmax(truth + np.array(learner.bias), axis=1)
        row["subject V"].append(inside_all(one.synapses.weights[:, 0], truth[:, 0]))
        row["subject choices at the end"].append(inside_all(one.synapses.end[:, 0], chosen[:, 0]))
    return row, shift


def inside_all(estimate, truth):
    return ((estimate.low <= truth) & (truth <= estimate.high)).tolist()


def true_weights(learner, trials):
    """What the learner itself holds after the trials, (states, choices)."""
    n_states = trials.x.shape[1]
    state = learner.init(n_states, trials.n_decisions)
    for x, decision, worth in zip(trials.x, trials.decision, trials.worth):
        known = np.isfinite(worth)
        made = Decided(x, int(decision), worth if known else 0.0, np.zeros(trials.n_decisions))
        state = learner.learn(state, made)
    return np.array([learner.log_odds(state, x) for x in np.eye(n_states)])


def task(rng):
    """States, sessions and what each choice is worth, with a reversal."""
    session, stimulus = np.repeat(np.arange(4), 100), rng.integers(2, size=400)
    right = (stimulus + (session >= 2)) % 2
    right = np.where(rng.random(400) < 0.15, 1 - right, right)
    return np.eye(2)[stimulus], session, np.where(right[:, None] == np.arange(2), 1.0, -1.0)


def drawn_learner(rng, seed):
    return simulate_group(replace(drawn_design(rng), n_subjects=1), seed=seed).learners[0]


def recorded(learner, rng, reward_delay=0):
    """A subject that learns so, as models read it."""
    x, session, worth = task(rng)
    choice, won = simulate_choices(learner, x, session, worth, rng=rng, reward_delay=reward_delay)
    behaviour = Behaviour(choice, x, risk=(1 - won) / 2, session=session)
    return subjects_of(behaviour, x, ReadAs())[0]


def delay(seed):
    """Whether the delays that hold 95 % hold the true one, and how many they are."""
    rng, truth = np.random.default_rng((seed, 3)), seed % len(DELAYS)
    trials = recorded(drawn_learner(rng, seed), rng, truth).trials
    start = np.array([3.0, -4.0, 0.0, 0.0])
    credible = tasks.run_delay(tasks.DelayTask("leaky", "", trials, start, DELAYS)).credible
    return truth in credible, len(credible)


@dataclass(frozen=True)
class Altered(HebbianLearner):
    """A learner with another precision and a biased modulator."""

    precision: float = 1.0
    modulator_bias: float = 0.0

    def log_odds(self, state, x):
        return self.precision * super().log_odds(state, x)

    def learn(self, state, trial):
        return super().learn(state, replace(trial, worth=trial.worth + self.modulator_bias))


def extra(name, seed):
    """Whether the interval of an element that the theory fixes holds what was drawn for it."""
    rng = np.random.default_rng((seed, 4))
    one = drawn_learner(rng, seed)
    spread = {"precision": 0.5, "modulator_bias": 0.4}[name]
    truth = spread * float(rng.normal())
    natural = float(np.exp(truth)) if name == "precision" else truth
    learner = Altered(one.bias, one.stickiness, ratio=one.ratio, leak=one.leak, **{name: natural})
    subject = recorded(learner, rng)
    leaky = tasks.model_of("leaky")
    start = fit_form(leaky, leaky.forms(subject.trials)[0], subject.trials).parameters
    model = tasks.model_of("leaky", name.replace("_", " "))
    fit = fit_extra(model, [subject], start[None], 3)
    return bool(fit.low[0] <= truth <= fit.high[0])


def verdict(kind, seed):
    rng = np.random.default_rng((seed, 2))
    if kind == "canonical":
        behaviour = simulate_group(replace(drawn_design(rng), n_subjects=1), seed=seed).behaviour
    else:
        x, session, worth = task(rng)
        shared = {"bias": (float(rng.normal(scale=0.4)), 0.0)}
        learner = {
            "Rescorla-Wagner": RescorlaWagner(
                rate=float(rng.uniform(0.05, 0.5)),
                inverse_temperature=float(rng.uniform(1.5, 5)),
                cues=active_cues,
                **shared,
            ),
            "fixed policy": FixedReadout(weights=((1.0, -1.0), (0.0, 0.0)), **shared),
        }[kind]
        choice, won = simulate_choices(learner, x, session, worth, rng=rng)
        behaviour = Behaviour(choice, x, risk=(1 - won) / 2, session=session)
    subjects = subjects_of(behaviour, behaviour.stimuli, ReadAs())
    fits = [fit_subject(subjects[0], description.models_for(behaviour), is_held_out=False)]
    return description.verdict_on(fits[0])


def entries_of(rows, name):
    """All entries of that name, of all rows."""
    return np.concatenate([np.ravel(row[name]) for row in rows])


def coverage_of(populations, seed):
    """Shares of intervals that hold their truth, after every population."""
    rows, shifts = [], []
    for k in range(populations):
        row, shift = population(seed + k)
        rows.append(row)
        shifts.append(shift)
        true, found = np.array(shifts).T
        yield {
            "populations": k + 1,
            "subjects_each": N_SUBJECTS,
            "first_seed": seed,
            "coverage": {name: float(np.mean(entries_of(rows, name))) for name in row},
            "slope_of_psi_between_groups": float(true @ found / (true @ true)),
        }


def delays_of(subjects, seed):
    """Share of sets of delays that hold the true one, and their mean size."""
    found = np.array([delay(seed + k) for k in range(subjects)], float)
    yield {"delays": dict(zip(("subjects", "coverage", "size"), (subjects, *found.mean(0))))}


def extras_of(subjects, seed):
    """Share of intervals of precision and modulator bias that hold what was drawn."""
    names = ("precision", "modulator_bias")
    shares = {
        name: float(np.mean([extra(name, seed + k) for k in range(subjects)])) for name in names
    }
    yield {"altered": {"subjects_each": subjects, **shares}}


def verdicts_of(subjects, seed):
    """Verdicts by the kind of learner."""
    verdicts = {}
    for kind in ("canonical", "Rescorla-Wagner", "fixed policy"):
        said = [verdict(kind, seed + k) for k in range(subjects)]
        verdicts[kind] = {word: said.count(word) for word in sorted(set(said))}
    yield {"subjects_of_each_kind": subjects, "verdicts": verdicts}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--populations", type=int, default=60)
    parser.add_argument("--subjects", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7_000_000)
    parser.add_argument("--only", choices=("coverage", "delays", "extras", "verdicts"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/behaviour.json"))
    options = parser.parse_args()
    parts = {
        "coverage": coverage_of(options.populations, options.seed),
        "delays": delays_of(options.subjects, options.seed),
        "extras": extras_of(options.subjects, options.seed),
        "verdicts": verdicts_of(options.subjects, options.seed),
    }
    result = json.loads(options.out.read_text()) if options.only and options.out.exists() else {}
    for name, part in parts.items():
        if options.only in (None, name):
            for found in part:
                result |= found
                write_text(options.out, json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
