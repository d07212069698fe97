"""Fuzz `derive` with hostile strings, in forked workers with limits on time and memory.

    python -m tests.fuzz.derive_strings --strings 1000 --seed 0 [--command]

A string ends in one class: derived, refused, exit 3 (any exception but ours), crash, hang or
memory.  With ``--command`` it goes through the whole command, its numerical checks included.
"""

import argparse
import contextlib
import io
import json
import os
import random
import resource
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

SECONDS = 5
ADDRESS_SPACE = 4 * 2**30
BATCH = 50
FAULTS = ("exit 3", "crash", "hang", "memory")

GOOD = (
    ("dx/dt = -logit(x) + W*o + K*x_delayed + h", "o binary", "dW1/dt = x*o - x*sig(W1)"),
    ("tau*dv/dt = -v + J*tanh(v) + b", "J symmetric", "dJ/dt = x_post*x_pre"),
    ("tau*dE/dt = -E + sig(w*E - a*I + P); tau*dI/dt = -I + sig(b*E)", "a > 0; b < 0", ""),
    ("dx/dt = -x + W'*(o - W*x) + b", "", "dW/dt = x*(o - W@x)"),
    ("dx/dt = -logit(x) + J*x + h; J = [[0, 1], [2, 0]]", "", ""),
    (r"\tau\,\dot{x} = -x + \sigma(W \cdot o + K \times x_{t-1})", "", ""),
    ("unit v = mV, s = mV, tau = ms; tau*dv/dt = -v + h; x = sig(v/s); unit h = mV", "", ""),
    ("f(u) = u/(1 + u^2); dx/dt = -x + f(W*o)", "o Gaussian", "dW/dt = eta*x*o - lam*W"),
    ("dv/dt = -v + W*o + h; x = softmax(2*v)", "sum(x) = 1", "dW/dt = avg(x*o) - avg(x)*W"),
)
FUNCTIONS = [
    "sig",
    "logit",
    "tanh",
    "atanh",
    "exp",
    "log",
    "relu",
    "softplus",
    "softmax",
    "sum",
    "sqrt",
    "abs",
    "sin",
    "cos",
    "tan",
    "atan",
    "sinh",
    "cosh",
    "asinh",
    "erf",
    "phi",
]
NAMES = ("x", "o", "W", "W'", "J", "h", "a", "b", "k", "v", "tau", "x_delayed", "pi", "Gamma", "t")
NUMBERS = (
    "0", "1", "2", "1/2", "0.1", "-1", "1e-30", "1e30", "1e999", "1e9999", "9" * 29, "0.0", "00",
    "3.", ".5", "9" * 5000, "1e", "0x10", "1_000", "7e-300",
)  # fmt: skip
PIECES = (
    *FUNCTIONS, *NAMES, *NUMBERS, "(", ")", "[", "]", "{", "}", "+", "-", "*", "/", "^", "**", "@",
    "'", "=", "==", ";", ",", "\n", "#", "·", "−", "²", "σ", "\\frac{", "\\dot{", "\\left(", "_",
    "^{", "\\", "\x00", "\x1b[2J", "\u202e", "é", "d/dt", "dx/dt", "dt", "inf", "nan", "lambda",
    "__import__('os')", "%s", "{0}", "x" * 300, "\ud800".encode("utf-8", "replace").decode(),
)  # fmt: skip


def expression(chance: random.Random, depth: int) -> str:
    """Return a random expression that can be read, with names, numbers and functions."""
    if depth <= 0 or chance.random() < 0.15:
        return chance.choice(NAMES if chance.random() < 0.6 else NUMBERS[:12])
    kind = chance.random()
    if kind < 0.35:
        return f"{chance.choice(FUNCTIONS)}({expression(chance, depth - 1)})"
    if kind < 0.45:
        power = chance.choice(("2", "3", "-1", "1/2", "0", "9^9", "100", "k", "x", "-1/3"))
        return f"({expression(chance, depth - 1)})^({power})"
    first, second = (expression(chance, depth - 1) for _ in range(2))
    return f"({first}){chance.choice('+-*/')}({second})"


def doubling(chance: random.Random) -> str:
    """Return definitions, or functions, of which each uses the next one twice."""
    n, sign = chance.randrange(5, 60), chance.choice("+*-/^")
    if chance.random() < 0.5:
        chain = "; ".join(f"q{k} = q{k + 1}{sign}q{k + 1}" for k in range(n))
        return f"dx/dt = -x + q0; {chain}; q{n} = {chance.choice(('o', 'x', 'W*o', '2'))}"
    chain = "; ".join(f"f{k}(u) = f{k + 1}(f{k + 1}(u))" for k in range(n))
    return f"dx/dt = -x + f0(W*o); {chain}; f{n}(u) = {chance.choice(('u', 'u^2', 'tanh(u)'))}"


def long_one(chance: random.Random) -> str:
    """Return an equation that is long in one way."""
    n = chance.choice((50, 300, 1000, 3000))
    o = [f"w{k}*o{k}" for k in range(min(n, 400))]
    return "dx/dt = -x + " + chance.choice(
        (
            "+".join(o),
            "(" * n + "x" + ")" * n,
            "^".join(["9"] * min(n, 50)),
            "*".join(["x"] * n),
            "*".join(f"(x+{k})" for k in range(min(n, 60))),
            "/".join(["o"] * n),
            "-" * n + "x",
            "sig(" * min(n, 39) + "x" + ")" * min(n, 39),
            "+".join(f"tanh({k}*x + o)" for k in range(min(n, 90))),
            "(" + "+".join(f"a{k}" for k in range(min(n, 90))) + ")^6",
            "J*x; J = [" + ",".join("[" + ",".join(["1"] * 40) + "]" for _ in range(40)) + "]",
            "x" + "; ".join(f" ; dy{k}/dt = -y{k} + y{k + 1}" for k in range(min(n, 60))),
            r"\frac{" * min(n, 39) + "x" + "}{2}" * min(n, 39),
        )
    )


def damaged(text: str, chance: random.Random) -> str:
    """Return a text with pieces inserted, removed, repeated or exchanged."""
    for _ in range(chance.randrange(1, 6)):
        place, width = chance.randrange(len(text) + 1), chance.randrange(1, 9)
        head, middle, tail = text[:place], text[place : place + width], text[place + width :]
        text = chance.choice(
            (
                head + chance.choice(PIECES) + middle + tail,
                head + tail,
                head + middle * chance.choice((2, 3, 200)) + tail,
                tail + middle + head,
                head + chance.choice(PIECES) + tail,
            )
        )
    return text


def hostile_strings(seed: int, n: int) -> Iterator[tuple[str, str, str]]:
    """Yield equation, assumptions and rule, each hostile at times.

    Example:
        >>> next(hostile_strings(0, 1)) == next(hostile_strings(0, 1))
        True
    """
    for number in range(n):
        chance = random.Random(f"{seed}-{number}")
        equation, assume, rule = chance.choice(GOOD)
        kind = chance.random()
        if kind < 0.3:
            equation = damaged(equation, chance)
        elif kind < 0.65:
            form = chance.choice(("dx/dt = {}", "dx/dt = -x + {}", "dv/dt = -v + W*o; x = {}"))
            body = expression(chance, chance.randrange(1, 7))
            equation = form.format(body if "; x" not in form else body.replace("x", "v"))
        elif kind < 0.75:
            equation = doubling(chance)
        elif kind < 0.9:
            equation = long_one(chance)
        else:
            equation = "".join(chance.choices(PIECES, k=chance.randrange(1, 40)))
        if chance.random() < 0.2:
            assume = damaged(assume or "w > 0", chance)
        if chance.random() < 0.2:
            body = expression(chance, 4)
            rule = chance.choice((damaged(rule or "dW/dt = x*o", chance), f"dW/dt = {body}"))
        yield equation, assume if kind < 0.3 else "", rule if kind < 0.6 else ""


@dataclass(frozen=True)
class Outcome:
    """What became of one string.

    Attributes:
        kind: derived, refused, exit 3, crash, hang or memory.
        seconds: Processor time.
        detail: What went wrong.
    """

    kind: str
    seconds: float
    detail: str = ""


def derived(strings: tuple[str, str, str]) -> tuple[str, str]:
    """Return the outcome of deriving and showing a network."""
    from hebbayes.core.errors import HebbayesError
    from hebbayes.symbolic import derive, record_of, to_html, to_latex, to_text

    equation, assume, rule = strings
    try:
        derivation = derive(equation, assume=assume, plasticity=rule)
        json.dumps(record_of(derivation))
        for shown in (to_text, to_html, to_latex):
            shown(derivation)
    except HebbayesError as error:
        is_sentence = "\n" not in str(error) and str(error).endswith((".", "?"))
        return ("refused", "") if is_sentence else ("exit 3", f"no sentence: {error}")
    return "derived", ""


def commanded(strings: tuple[str, str, str]) -> tuple[str, str]:
    """Return the outcome of the command, which checks what it derives by numbers."""
    from hebbayes.cli.main import run

    equation, assume, rule = strings
    words = ["derive", "--json", f"--assume={assume}", f"--plasticity={rule}", "--", equation]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(words)
    if status not in (0, 1, 2):
        return "exit 3", err.getvalue()[-600:]
    return ("derived" if status < 2 else "refused"), ""


def run_batch(strings: list[tuple[str, str, str]], pipe: int, is_command: bool) -> None:
    """Derive strings in a worker, one line of JSON each."""
    warnings.simplefilter("ignore")
    attempt = commanded if is_command else derived
    attempt(("dx/dt = -logit(x) + W*o", "", ""))  # imports and compiles what all need
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    for each in strings:
        began = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, (4 if is_command else 1) * SECONDS)
        try:
            kind, detail = attempt(each)
        except MemoryError:
            kind, detail = "memory", ""
        except Exception:
            kind, detail = "exit 3", traceback.format_exc().strip()[-600:]
        signal.setitimer(signal.ITIMER_PROF, 0)
        row = [kind, time.process_time() - began, detail]
        os.write(pipe, (json.dumps(row) + "\n").encode())


def fork_batch(strings: list[tuple[str, str, str]], is_command: bool) -> list[Outcome]:
    """Return outcomes of a batch; a worker that dies ends with the outcome of its last string."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        status = 1
        try:
            run_batch(strings, theirs, is_command)
            status = 0
        finally:
            os._exit(status)
    os.close(theirs)
    with os.fdopen(ours, "rb") as stream:
        rows = [Outcome(*json.loads(line)) for line in stream if line.endswith(b"\n")]
    _, status = os.waitpid(child, 0)
    if len(rows) < len(strings):
        killer = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        rows.append(Outcome("hang" if killer == signal.SIGPROF else "crash", SECONDS, str(killer)))
    return rows


def main() -> int:
    """Run the strings, print a report, and return 1 if one shows a fault."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--strings", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--command", action="store_true")
    chosen = parser.parse_args()
    left = list(hostile_strings(chosen.seed, chosen.strings))
    outcomes: Counter[str] = Counter()
    faults, slowest = [], 0.0
    while left:
        rows = fork_batch(left[:BATCH], chosen.command)
        for strings, row in zip(left, rows):
            outcomes[row.kind] += 1
            slowest = max(slowest, row.seconds)
            if row.kind in FAULTS:
                faults.append({"strings": strings, "outcome": row.kind, "detail": row.detail})
        left = left[len(rows) :]
        print(dict(outcomes), f"slowest {slowest:.1f} s", file=sys.stderr, flush=True)
    report = {"strings": chosen.strings, "outcomes": outcomes, "slowest_s": slowest}
    print(json.dumps({**report, "faults": faults}, indent=1))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
