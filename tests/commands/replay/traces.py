"""A small trace as the published implementation would write it, in plain NumPy.

Another route to every number that `replay` compares: loops over single counts' logarithms, the
un-normalised start, one-hot decisions, risk by chunks of 200, the free energy without its last
step.
"""

import numpy as np

DIRECTIONS = np.array([(-1, 0), (1, 0), (0, -1), (0, 1)])
N_DECISIONS = 16
VIEW = 3
MAZE = np.array(
    [
        [1, 1, 1, 1, 1, 1, 1, 1, 1],
        [1, 0, 0, 0, 0, 0, 0, 0, 1],
        [1, 0, 1, 1, 1, 0, 1, 0, 1],
        [1, 0, 0, 0, 1, 0, 1, 0, 0],
        [1, 1, 1, 0, 1, 0, 1, 0, 1],
        [1, 0, 0, 0, 0, 0, 1, 0, 1],
        [1, 1, 1, 1, 1, 1, 1, 1, 1],
    ]
)


def pair(values):
    return np.concatenate([values, 1 - values], axis=-1)


def log_expectation(q):
    """ln of counts normalised over their first index; q is (2n, 2m) in blocks."""
    n = len(q) // 2
    total = q[:n] + q[n:]
    return np.log(q / np.concatenate([total, total]))


def softmax_pairs(logs):
    on, off = np.split(logs, 2)
    on = 1 / (1 + np.exp(off - on))
    return np.concatenate([on, 1 - on])


def walk(chance, n_steps, e_right):
    """Random decisions from the middle of the left side: decisions and positions."""
    position = np.array([3, 1])
    habit = np.repeat(np.array([0.25, 0.25, 0.5 - e_right, e_right]) / 4, 4)
    decisions, positions = [], [position]
    while len(decisions) < n_steps and position[1] < MAZE.shape[1] - 1:
        decisions.append(chance.choice(N_DECISIONS, p=habit))
        step = DIRECTIONS[decisions[-1] // 4]
        if MAZE[tuple(position + step)] == 0:
            position = position + 2 * step
            position[1] = min(position[1], MAZE.shape[1] - 1)
        positions.append(position)
    return np.array(decisions), np.array(positions)


def risks(positions):
    gain = np.sign(np.diff(positions[:, 1]))
    levels = []
    for start in range(0, len(gain), 200):
        progress = 200 * gain[start : start + 200].mean()
        levels.append(0.55 if progress <= 1e-9 else 0.45 if progress < 10 - 1e-9 else 0.0)
    return np.array(levels)


def learn(evidence, qa, qb, qc):
    """Return the counts after a trial, chunk by chunk."""
    for start in range(0, len(evidence), 200):
        chunk = evidence[start : start + 200]
        qa = qa + sum(np.outer(o, s) for o, s, *_ in chunk)
        qb = qb + sum(np.outer(x, s) for _, s, x, *_ in chunk)
        qc = np.maximum(qc + sum(w * np.outer(x, y) for *_, x, y, w in chunk), 1)
    return qa, qb, qc


def small_trace(n_trials=2, e_right=0.3, seed=0):
    """Return the arrays of a trace file."""
    chance = np.random.default_rng(seed)
    n = VIEW**2
    qa = np.full((2 * n, 2 * n), 1e7) + 9.9e8 * np.eye(2 * n)
    qb, qc = np.full((2 * n, 2 * n), 1e7), np.full((2 * n, 2 * N_DECISIONS), 3000.0)
    habit = np.repeat(np.array([0.25, 0.25, 0.5 - e_right, e_right]) / 4, 4)
    ln_e, ln_d = np.log(pair(habit)), np.full(2 * n, np.log(0.5 / N_DECISIONS))
    trace = {"maze": MAZE.astype(np.uint8), "e_right": np.array(e_right)}
    padded = np.pad(MAZE, VIEW // 2, constant_values=1)
    for k in range(n_trials):
        decisions, positions = walk(chance, 450, e_right)
        gammas = risks(positions)
        ln_a, ln_b, ln_c = log_expectation(qa), log_expectation(qb), log_expectation(qc)
        x = np.full(2 * n, 0.5 / N_DECISIONS)
        qs, qd, energies, evidence = [], [], [], []
        for t, decision in enumerate(decisions):
            row, column = positions[t]
            o = pair(padded[row : row + VIEW, column : column + VIEW].T.ravel().astype(float))
            gamma = gammas[t // 200]
            d = o @ ln_a + x @ ln_b + ln_d
            s, y = softmax_pairs(d), softmax_pairs(x @ ln_c + ln_e)
            energies.append(
                s @ (np.log(s) - d) + y @ (np.log(y) - (1 - 2 * gamma) * (x @ ln_c) - ln_e)
            )
            taken = pair(np.eye(N_DECISIONS)[decision])
            evidence.append((o, s, x, taken, 1 - 2 * gamma))
            qs.append(s[:n])
            qd.append(y[:N_DECISIONS])
            x = s
        qa, qb, qc = learn(evidence, qa, qb, qc)
        trace |= {
            f"decision_{k}": decisions.astype(np.uint8),
            f"position_{k}": positions.T.astype(np.int16),
            f"sample_steps_{k}": np.arange(1, len(decisions) + 1),
            f"qs_{k}": np.array(qs),
            f"qd_{k}": np.array(qd),
            f"gamma_{k}": gammas.astype(np.float32),
            f"free_energy_{k}": np.array(sum(energies[:-1])),
            f"steps_{k}": np.array(len(decisions)),
        }
    return trace | {"qa": qa, "qb": qb, "qc": qc}
