"""Every entry of the docs' gallery is what the derivation says, and its numbers agree."""

import re
import shlex
import time
from pathlib import Path

import pytest

from hebbayes.commands.derive.numeric import check_numerically
from hebbayes.symbolic import derive, record_of
from hebbayes.symbolic.algebra.formula_text import text_of

PAGE = (Path(__file__).parents[3] / "docs" / "derive.md").read_text(encoding="utf-8")
ENTRIES = {
    section.partition("\n")[0]: section
    for section in PAGE.partition("## Gallery")[2].partition("\n## ")[0].split("### ")[1:]
}
RULES = [
    [cell.strip() for cell in line.split("|")[1:-1]]
    for line in PAGE.partition("## Rules")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| ") and "`" in line
]
PRIORS = re.findall(
    r"^\| `(d.+)` \| `(.+)` \|$",
    PAGE.partition("| natural parameter")[2].partition("\n\n")[0],
    re.MULTILINE,
)
HOLDING = ("equal", "proportional", "equal with a prior of the synapse", "equal on average")
WANTED = (
    "Rate model",
    "Hopfield network, symmetric",
    "Hopfield network, asymmetric",
    "Wilson-Cowan pair",
    "Leaky integrator",
    "Predictive coding",
    "Poisson neuron with coupling filters",
    "Winner-take-all",
    "Actor with neuromodulator",
)


def typed(section: str) -> dict[str, str]:
    """Return the arguments of the command that an entry shows."""
    command = re.search(r"^    hebbayes derive .*$", section, re.MULTILINE)
    words = shlex.split(command[0])
    options = dict(zip(words[3::2], words[4::2]))
    return {"equation": words[2]} | {
        name: options[f"--{name}"] for name in ("assume", "plasticity") if f"--{name}" in options
    }


def rows(section: str) -> list[tuple[str, str]]:
    lines = [line for line in section.splitlines() if re.match(r"\| [a-z]", line)]
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines]


def expected_rows(record: dict) -> list[tuple[str, str]]:
    expected = [("canonical", "yes" if record["canonical"] else f"no: {record['why_not']}")]
    if record["antisymmetric"]:
        expected.append(("antisymmetric part", f"`{record['antisymmetric']}`"))
    if record["cost"]:
        rules = "; ".join(f"`d{name}/dt = {rule}`" for name, rule in record["plasticity"].items())
        expected += [
            ("cost", f"`{record['full_cost']}`"),
            ("family", record["family"]),
            ("plasticity", rules or "none"),
        ]
    return expected + [("verdict", verdict["verdict"]) for verdict in record["verdicts"]]


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_of_the_gallery_is_what_is_derived(name):
    began = time.process_time()
    derivation = derive(**typed(ENTRIES[name]))
    record = record_of(derivation)
    assert time.process_time() - began < 10
    assert rows(ENTRIES[name]) == expected_rows(record)
    checks = check_numerically(derivation, seed=1, n_points=2)
    assert all(check.holds for check in checks), checks
    assert checks or not record["cost"] or record["family"] == "no named family"


def test_the_gallery_has_what_a_theoretician_looks_for():
    assert set(WANTED) <= set(ENTRIES)


@pytest.mark.parametrize("row", RULES, ids=lambda row: row[0])
def test_a_worked_rule_is_judged_as_the_docs_say(row):
    _, network, assumed, rule, verdict, reason = (cell.strip("`") for cell in row)
    derivation = derive(network, assume=assumed, plasticity=rule)
    (judged,) = derivation.verdicts
    assert (judged.verdict, judged.reason) == (verdict, reason)
    assert derivation.holds is (verdict in HOLDING)


@pytest.mark.parametrize(("equation", "prior"), PRIORS)
def test_a_prior_is_that_of_the_docs(equation, prior):
    (interpretation,) = derive(equation).interpretations
    assert text_of(interpretation.family.natural(interpretation.prior)) == prior


def test_the_docs_list_priors():
    assert len(PRIORS) == 6


def test_there_are_worked_rules():
    names = " ".join(row[0] for row in RULES)
    assert all(n in names for n in ("Oja", "BCM", "Covariance", "STDP", "Reward", "Plain Hebb"))


def test_a_wrong_page_fails():
    section = ENTRIES["Rate model"].replace("Bernoulli", "Poisson")
    assert rows(section) != expected_rows(record_of(derive(**typed(section))))


@pytest.mark.parametrize(
    ("equation", "assume", "rule", "verdict"),
    [
        ("dx/dt = -x + W'*(o - W*x)", "", "dW/dt = x*o", "not a gradient"),
        ("dx/dt = -x + W*o", "", "dW/dt = x*o - 0.1*W", "equal with a prior of the synapse"),
        ("dx/dt = -x + W*o", "", "dW/dt = W*(1 - W)*x*o", "proportional"),
        ("dx/dt = -x + W*o", "", "dW/dt = o", "not a gradient"),
        ("dx/dt = -x + W*o", "", "dW/dt = avg(x)*eta - (x - o)*exp(W)", "not a gradient"),
        ("dx/dt = -x + W*o", "", "dW/dt = x*tanh(o)", "not a gradient"),
        ("dx/dt = -x + W*o", "", "dW/dt = (W@o)*o_delayed*x_delayed", "not a gradient"),
        ("dx/dt = -x + w*o", "", "dw/dt = x*o - x^2*w", "equal only with an extra term"),
        ("dx/dt = -logit(x) + J*x", "J symmetric", "dJ/dt = x_post*x_pre", "equal"),
        ("dx/dt = -logit(x) + J*x", "", "dJ/dt = x_post*x_pre", "not a gradient"),
        ("dx/dt = -x + W*o", "o binary", "dW/dt = x_delayed*o_delayed", "equal on average"),
        (
            "dx/dt = -x + W*o_delayed",
            "",
            "dW/dt = A_plus*x*o_delayed - A_minus*x_delayed*o",
            "not a gradient",
        ),
        (
            "dx/dt = -logit(x) + W*o + h",
            "",
            "dW/dt = x*o - x*sig(W)",
            "equal only with an extra term",
        ),
        ("dx/dt = -logit(x) + W*o + h", "o Poisson", "dW1/dt = x*(o - exp(W1))", "equal"),
    ],
)
def test_other_rules(equation, assume, rule, verdict):
    (judged,) = derive(equation, assume=assume, plasticity=rule).verdicts
    assert judged.verdict == verdict
