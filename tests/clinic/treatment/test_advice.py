"""Advice rests on the diagnosis that `diagnose` gives, and none is given without one."""

import pytest

from hebbayes.clinic.diagnosis.subjects import diagnose_subject
from hebbayes.clinic.estimation.cases import example
from hebbayes.clinic.treatment.advice import advise, find_impairment


@pytest.mark.parametrize("case", [(300, "psi", 3.0), (60,)])
def test_advice_and_diagnosis_give_the_same_verdict_and_odds(case) -> None:
    verdict, finding = find_impairment(*example(*case))
    diagnosed = diagnose_subject(*example(*case))
    assert verdict == diagnosed.verdict
    assert finding.odds == pytest.approx(diagnosed.odds)


def test_without_a_diagnosis_nothing_is_advised() -> None:
    advice = advise(*example(60))
    assert advice.verdict in ("healthy", "cannot tell")
    assert (advice.correction, advice.if_other) == (None, {})
