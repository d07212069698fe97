"""The clinic's command: what it prints, and what it refuses."""

import numpy as np
import pandas as pd
import pytest

from hebbayes import ClinicConfig, run_clinic
from hebbayes.core.errors import ValueRangeError


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rng = np.random.default_rng(0)
    rows = [
        (f"s{k}", "HC" if k < 3 else "SZ", int(rng.integers(0, 2)), "LR"[int(rng.integers(0, 2))],
         int(rng.integers(0, 2)))
        for k in range(4)
        for _ in range(25)
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("tables") / "choices.csv"
    names = ["subject", "group", "stimulus", "choice", "reward"]
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)
    return path


def test_a_table_is_diagnosed(table):
    outcome = run_clinic(
        ClinicConfig(what="diagnose", file=table, controls="HC", workers=1)
    ).outcome()
    subjects = outcome.summary["subjects"]
    assert [one["subject"] for one in subjects] == ["s0", "s1", "s2", "s3"]
    for one in subjects:
        assert sum(one["odds"].values()) == pytest.approx(1)
        assert sum(one["classes"].values()) == pytest.approx(1)
        assert one["estimates"]["phi"]["low"] <= one["estimates"]["phi"]["high"]
    assert outcome.notes[-1] == "Research software, no medical device."
    assert outcome.summary["controls"] == 3


def test_recovery_has_the_keys_of_the_contract():
    found = run_clinic(ClinicConfig(what="recover", trials=30, subjects=8, workers=1))
    summary = found.outcome().summary
    assert {"confusion", "calibration_error", "healthy_flagged", "coverage"} <= set(summary)
    assert sum(summary["confusion"]["healthy"].values()) == pytest.approx(1)


def test_recovery_follows_the_users_own_table(table):
    found = run_clinic(ClinicConfig(what="recover", like=table, subjects=8, workers=1))
    assert found.name == "choices.csv"
    assert found.recovery.n_subjects == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"what": "diagnose"}, "needs a table of trials"),
        ({"trials": 0}, "--trials must be from 1"),
        ({"what": "recover", "subjects": 2}, "--subjects must be from 8"),
        ({"extensions": "memory"}, "--extensions has no 'memory'"),
        ({"calibrate": 3}, "--calibrate must be 0, or at least 8"),
    ],
)
def test_values_out_of_range_are_one_sentence(options, message):
    with pytest.raises(ValueRangeError, match=message):
        run_clinic(ClinicConfig(workers=1, **options))
