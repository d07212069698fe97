"""The command `derive`: formats, exit status, export, simulation."""

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest

import hebbayes
from hebbayes.cli.main import BAD_INPUT, CHECK_FAILED, DONE, run
from hebbayes.commands.derive.export import load_exported
from hebbayes.commands.derive.numeric import check_numerically
from hebbayes.commands.derive.simulate import simulate
from hebbayes.core.errors import HebbayesError
from hebbayes.symbolic import derive

EQUATION = "dx/dt = -logit(x) + W*o + h"
KEYS = ("integrable", "cost", "family", "prior", "plasticity", "canonical", "why_not")


def test_json_has_the_keys_of_the_contract_by_either_flag(capsys):
    records = []
    for words in (["--json"], ["--format", "json"]):
        assert run(["derive", EQUATION, *words]) == DONE
        records.append(json.loads(capsys.readouterr().out))
    assert records[0] == records[1]
    assert set(KEYS) <= set(records[0])
    assert records[0]["family"] == "Bernoulli"
    assert all(check["holds"] for check in records[0]["checks"])


def test_a_rule_that_is_no_gradient_is_exit_status_one(capsys):
    words = ["derive", EQUATION, "--plasticity", "dW/dt = x*o - x*W", "--json"]
    assert run(words) == CHECK_FAILED
    record = json.loads(capsys.readouterr().out)
    assert record["verdicts"][0]["verdict"] == "equal only with an extra term"
    assert not record["canonical"]


def test_a_mistake_is_a_sentence_a_line_and_a_caret(capsys):
    assert run(["derive", "dx/dt = -x + W o"]) == BAD_INPUT
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "an operator is missing between 'W' and 'o'; write W*o for a product.\n"
        "  dx/dt = -x + W o\n                 ^\n"
    )


def test_text_shows_every_step_and_the_check(capsys):
    assert run(["derive", EQUATION]) == DONE
    out = capsys.readouterr().out
    assert out.startswith("Canonical: activity descends one cost")
    assert "sum(x*log(x) + (1 - x)*log(1 - x) - h*x - x*(W*o))" in out
    assert "Likelihood not determined" in out
    assert "Verified numerically: 2 claims" in out


def test_latex_and_html_are_whole_documents(capsys):
    assert run(["derive", EQUATION, "--assume", "o binary", "--format", "latex"]) == DONE
    latex = capsys.readouterr().out
    assert latex.startswith(r"\documentclass")
    assert latex.endswith("\\end{document}\n")
    assert latex.count("{") == latex.count("}")
    assert r"\operatorname{sig}" in latex
    assert run(["derive", EQUATION, "--assume", "o binary", "--format", "html"]) == DONE
    page = capsys.readouterr().out
    assert "http" not in page
    for part in page.split("<math>")[1:]:
        ElementTree.fromstring(f"<math>{part.partition('</math>')[0]}</math>")
    assert page.rindex("Dictionary") > page.rindex("Plasticity")


def test_an_equation_may_be_a_file(tmp_path, capsys):
    file = tmp_path / "network.txt"
    file.write_text("# two layers\ndx/dt = -logit(x)\n  + W*o\ndy/dt = -y + V*x_delayed\n")
    assert run(["derive", str(file), "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["family"] == "x: Bernoulli; y: Gaussian"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], "needs an equation"),
        (["absent.txt"], "cannot read absent.txt"),
        (["dx/dt = -x", "--from-network", "a.npz"], "replaces EQUATION"),
        (["--from-network", "absent.npz"], "cannot read absent.npz"),
        (["dx/dt = -x + W*o", "--export", "a.npz", "--sizes", "x: 3"], "--sizes"),
        (["dx/dt = -x + J*x", "--export", "a.npz"], "nothing to export"),
        (["dx/dt = -x", "--assume", "x is small"], "is not understood"),
        (["dx/dt = -x", "--format", "pdf"], "pdf"),
    ],
)
def test_bad_input_is_one_sentence(words, named, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["derive", *words]) == BAD_INPUT
    assert named in capsys.readouterr().err.splitlines()[0]
    assert list(tmp_path.iterdir()) == []


def test_beliefs_of_a_file_are_reported(tmp_path, capsys):
    path = tmp_path / "a.npz"
    np.savez(path, W1=np.ones((2, 3)), W0=-np.ones((2, 3)), h=np.array([0.0, 9.0]))
    assert run(["derive", "--from-network", str(path), "--json"]) == DONE
    record = json.loads(capsys.readouterr().out)
    assert record["layers"][0]["extreme_units"] == [0, 1]
    assert set(KEYS) <= set(record)
    for format in ("text", "latex", "html"):
        assert run(["derive", "--from-network", str(path), "--format", format]) == DONE
        assert "is assumed" in " ".join(capsys.readouterr().out.split())


@pytest.mark.thorough
def test_a_canonical_network_is_exported_certified_and_loaded(tmp_path):
    path = tmp_path / "network.npz"
    config = hebbayes.DeriveConfig(EQUATION, assume="o binary", export=path, sizes="x=2, o=3")
    result = hebbayes.derive(config)
    checks = {check.name: check for check in result.checks}
    assert checks["exported network, certified"].discrepancy < 1e-10
    assert checks["exported network, simulated"].discrepancy < 1e-10
    exported = load_exported(path)
    assert (exported.network.n_units, exported.network.n_inputs) == (2, 3)
    assert exported.parameters["W1"].shape == (2, 3)
    (beliefs,) = hebbayes.derive(hebbayes.DeriveConfig(from_network=path)).network.beliefs
    expected = exported.parameters["phi1"] - exported.parameters["phi0"]
    np.testing.assert_allclose(beliefs.log_odds, expected)


FIXED_POINTS = {
    "dx/dt = -logit(x) + W*o + h": lambda u: 1 / (1 + np.exp(-u)),
    "dv/dt = -v + W*o + h; x = tanh(v)": np.tanh,
    "dx/dt = -log(x) + W*o + h": np.exp,
    "dx/dt = -x + W*o + h": lambda u: u,
    "dx/dt = -x + relu(W*o + h)": lambda u: np.maximum(u, 0),
    "dv/dt = -v + W*o + h; x = softmax(v)": lambda u: np.exp(u) / np.exp(u).sum(-1, keepdims=True),
}


@pytest.mark.parametrize("equation", FIXED_POINTS)
def test_every_family_settles_by_its_own_activation(equation):
    rng = np.random.default_rng(1)
    W, h, o = rng.normal(size=(3, 4)), rng.normal(size=3), rng.random((5, 4))
    activity = simulate(derive(equation), {"W": W, "h": h}, {"o": o}, n_steps=120)["x"]
    np.testing.assert_allclose(activity, FIXED_POINTS[equation](o @ W.T + h), atol=1e-9)


def test_a_simulation_needs_its_parameters():
    with pytest.raises(HebbayesError, match="needs h"):
        simulate(derive(EQUATION), {"W": np.ones((2, 3))}, {"o": np.ones((4, 3))})


def test_numbers_find_a_wrong_derivation():
    right, wrong = derive("dx/dt = -x + W*o"), derive("dx/dt = -2*x + W*o")
    broken = replace(right, pieces=wrong.pieces)
    checks = {c.name: c for c in check_numerically(broken, seed=0, n_points=1)}
    assert not checks["activity of x"].holds
    assert checks["plasticity of W"].holds


def test_the_result_has_the_answers_as_attributes():
    result = hebbayes.derive(hebbayes.DeriveConfig("dx/dt = -x + W*o"))
    assert (result.cost, result.family) == ("sum(x^2/2 - x*(W*o))", "Gaussian")
    assert result.plasticity == {"W": "o*x"}
    assert result.prior.startswith("phi = 0")
    assert result.is_canonical
    assert repr(result) == "DeriveResult(Gaussian, L = sum(x^2/2 - x*(W*o)))"
    assert "<math>" in result._repr_html_()


@pytest.mark.parametrize(
    ("words", "following"),
    [
        ([EQUATION], f"hebbayes derive '{EQUATION}' --assume 'o binary'"),
        (
            [EQUATION, "--assume", "o binary"],
            f"hebbayes derive '{EQUATION}' --assume 'o binary' --export network.npz",
        ),
        (["dx/dt = -x + J*x"], "hebbayes derive 'dx/dt = -x + J*x' --assume 'J symmetric'"),
        (["dx/dt = logit(x) + W*o"], None),
    ],
)
def test_one_next_command_follows(words, following, capsys):
    assert run(["derive", *words]) == DONE
    last = capsys.readouterr().out.rstrip().splitlines()[-1]
    assert last == f"next: {following}" if following else not last.startswith("next:")


def test_symbols_inside_softmax_and_average_have_sizes_in_the_numerical_checks():
    for term in ("2*softmax(v/Gamma)^2", "avg(k*o)*x"):
        checks = check_numerically(derive(f"dx/dt = -x + {term}"), seed=0)
        assert checks
        assert all(check.holds for check in checks)
