"""Does the forecast of a subject's success hold in sessions that it has not seen?

    python benchmarks/held_out.py [--subjects 40] [--seed 7000] [--out FILE.json]

Subjects of four kinds (canonical, with leak, Rescorla-Wagner, fixed policy), their parameters,
tasks and lengths drawn anew; each decides in a loop of its own, trial by trial.  The last sessions
of each are held out and forecast from the others, as `hebbayes predict-behaviour` does with a
table.  Counted: sessions whose success lies inside its 95 % interval, with the rule of rewards
inferred from outcomes (as of a file), and with the rule known; and the same of subjects in one
table, read by the command, whose parameters are drawn from one population: with rewards of 0 or 1,
of two values within the range, and of amounts.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy.special import softmax

from hebbayes.commands.configs import PredictBehaviourConfig
from hebbayes.commands.predict_behaviour.tables import predict_table
from hebbayes.commands.running.progress import DEFAULT_PROGRESS
from hebbayes.data.behaviour import Behaviour
from hebbayes.data.files import write_text
from hebbayes.reverse_engineering.behaviour.choices import Choices
from hebbayes.reverse_engineering.behaviour.prediction.held_out import hold_out
from hebbayes.reverse_engineering.behaviour.rivals.comparison import compare_rivals
from hebbayes.simulators.learners import Decided, FixedReadout, HebbianLearner, RescorlaWagner

RULES = ("inferred", "known")
PAY = {"table": ((0.0,), (1.0,)), "two_values": ((0.3,), (0.7,)), "amounts": ((0, 0.25), (0.75, 1))}
KINDS = ("canonical", "with leak", "Rescorla-Wagner", "fixed policy")


def between(rng, low, high):
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def drawn_learner(kind, n_states, n_choices, rng):
    """Return a subject of a kind with drawn parameters."""
    shared = {
        "bias": (*rng.normal(scale=0.4, size=n_choices - 1), 0.0),
        "stickiness": float(rng.uniform(0, 0.8)),
    }
    if kind in ("canonical", "with leak"):
        leak = between(rng, 0.005, 0.05) if kind == "with leak" else 0.0
        return HebbianLearner(ratio=between(rng, 8, 60), leak=leak, **shared)
    if kind == "Rescorla-Wagner":
        rate, temperature = between(rng, 0.05, 0.5), between(rng, 2, 6)
        return RescorlaWagner(rate=rate, inverse_temperature=temperature, **shared)
    weights = rng.normal(scale=1.2, size=(n_choices, n_states))
    return FixedReadout(weights=tuple(map(tuple, weights)), bias=shared["bias"])


def simulated_subject(kind, seed, shape=None, pay=PAY["table"]):
    """Return the table of one subject and the chance of reward of each choice in each trial.

    It chooses between two or three, given two to four stimuli, unless ``shape`` says how many, and
    gets one of the rewards in ``pay``, of those if it loses or of those if it wins.
    """
    rng, amounts = np.random.default_rng((seed, 3)), np.random.default_rng((seed, 4))
    n_states, n_choices = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    n_states, n_choices = shape or (n_states, n_choices)
    n_sessions, n_trials = int(rng.integers(4, 13)), int(rng.integers(20, 81))
    learner = drawn_learner(kind, n_states, n_choices, rng)
    reward = (0.0, 1.0) if rng.random() < 0.5 else (0.2, 0.8)
    best, reversal_rate = rng.integers(n_choices, size=n_states), float(rng.choice([0.0, 0.3]))
    state, previous = learner.init(n_states, n_choices), None
    rows = {name: [] for name in ("stimuli", "choice", "outcome", "session", "chance")}
    for session in range(n_sessions):
        if session and rng.random() < reversal_rate:
            best = rng.integers(n_choices, size=n_states)
        for trial in range(int(rng.integers(n_trials // 2, 3 * n_trials // 2))):
            x = np.eye(n_states)[rng.integers(n_states)]
            odds = np.asarray(learner.bias) + learner.log_odds(state, x)
            if trial:
                odds = odds + learner.stickiness * (np.arange(n_choices) == previous)
            share = softmax(odds)
            choice = int(rng.choice(n_choices, p=share))
            chance = np.where(np.arange(n_choices) == best[x.argmax()], reward[1], reward[0])
            won = float(amounts.choice(pay[int(rng.random() < chance[choice])]))
            state = learner.learn(state, Decided(x, choice, 2 * won - 1, share))
            for name, value in zip(rows, (x, choice, won, session, chance)):
                rows[name].append(value)
            previous = choice
    outcome = np.array(rows["outcome"])
    table = Behaviour(
        rows["choice"],
        np.array(rows["stimuli"]),
        outcome=outcome,
        risk=1 - outcome,
        session=rows["session"],
        choice_ids=np.arange(n_choices),
    )
    return table, np.array(rows["chance"])


def checked(kind, seed, n_draws):
    """Return how the forecast of one subject's last sessions compares with what it did."""
    subject, chance = simulated_subject(kind, seed)
    n_held = max((int(subject.session_index.max()) + 1) // 4, 1)
    choices = Choices(
        subject.choice, subject.stimuli, subject.risk, subject.session_index, subject.n_choices
    )
    fitted = []

    def fit(known):
        if not fitted:
            fitted.append(compare_rivals(known, 0))
        return fitted[0].rivals

    row = {"kind": kind, "seed": seed}
    for rule in RULES:
        rng = np.random.default_rng((seed, 5))
        given = chance if rule == "known" else None
        held = hold_out(
            choices, subject.stimuli, n_held, fit, rng=rng, n_draws=n_draws, chance=given
        )
        expected = held.forecast.success
        row[rule] = {
            "inside": held.is_inside.tolist(),
            "error": (held.success - expected.value).round(4).tolist(),
            "width": (expected.high - expected.low).round(4).tolist(),
        }
    comparison = fitted[0]
    row["verdict"], row["best"] = comparison.verdict, comparison.rivals[0].model.name
    row["trials"] = int((subject.session_index < held.sessions[0]).sum())
    return row


def checked_table(n_subjects, seed, n_draws, pay):
    """Return how sessions compare if all subjects stand in one table, read by the command."""
    each = [simulated_subject(KINDS[k % 4], seed + k, (3, 2), pay)[0] for k in range(n_subjects)]
    table = Behaviour(
        np.concatenate([one.choice for one in each]),
        np.concatenate([one.stimuli for one in each]),
        outcome=np.concatenate([one.outcome for one in each]),
        risk=np.concatenate([one.risk for one in each]),
        session=np.concatenate([one.session for one in each]),
        subject=np.concatenate([np.full(one.n_trials, k) for k, one in enumerate(each)]),
    )
    config = PredictBehaviourConfig(draws=n_draws, task_sessions=1, task_trials=2)
    result = predict_table(config, table, DEFAULT_PROGRESS)
    held = [one.held_out for one in result.subjects]
    expected = [one.forecast.success for one in held]
    return {"rests_on": result.settings.read_as.rests_on} | _summary(
        [
            {
                "inside": one.is_inside,
                "error": one.success - e.value,
                "width": e.high - e.low,
            }
            for one, e in zip(held, expected)
        ]
    )


def summary(rows):
    return {rule: _summary([row[rule] for row in rows]) for rule in RULES} | {"subjects": len(rows)}


def _summary(rows):
    inside, error, width = (
        np.concatenate([row[name] for row in rows]) for name in ("inside", "error", "width")
    )
    return {
        "sessions": len(inside),
        "inside": float(inside.mean()),
        "mean_error": float(error.mean()),
        "root_mean_squared_error": float(np.sqrt((error**2).mean())),
        "mean_width": float(width.mean()),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7000)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/held_out.json"))
    options = parser.parse_args()
    started, rows = time.process_time(), []
    for k in range(options.subjects):
        rows.append(checked(KINDS[k % len(KINDS)], options.seed + k, options.draws))
        print(k, rows[-1], file=sys.stderr, flush=True)
    report = {"first_seed": options.seed, "draws": options.draws, **summary(rows)}
    report["seconds"] = round(time.process_time() - started, 1)
    for name, pay in PAY.items():
        report[name] = checked_table(options.subjects, options.seed + 500, options.draws, pay)
    report["kinds"] = {kind: summary([r for r in rows if r["kind"] == kind]) for kind in KINDS}
    report["each"] = rows
    write_text(options.out, json.dumps(report, indent=1) + "\n")
    print(json.dumps({name: one for name, one in report.items() if name != "each"}, indent=1))


if __name__ == "__main__":
    main()
