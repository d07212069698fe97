"""The clinic's results as JSON keys, tables, notes, figures and a page."""

from typing import TYPE_CHECKING

from hebbayes.commands.clinic.cultures import present_cultures
from hebbayes.commands.clinic.designs import present_designs
from hebbayes.commands.clinic.diagnosis.present import present_diagnosis
from hebbayes.commands.clinic.persistence import present_persistence
from hebbayes.commands.clinic.reading import present_reading
from hebbayes.commands.clinic.recovery import present_recovery
from hebbayes.commands.clinic.symptoms import present_symptoms
from hebbayes.commands.clinic.treatment import present_treatment

if TYPE_CHECKING:
    from hebbayes.commands.clinic.run import ClinicResult
    from hebbayes.commands.running.outcome import Outcome


def present(result: "ClinicResult") -> "Outcome":
    """Return odds and verdicts, or what a table can say, or how often verdicts are right.

    Example:
        >>> present.__name__
        'present'
    """
    if result.treatment is not None:
        return present_treatment(result, result.treatment)
    if result.shift is not None:
        return present_cultures(result.shift, result.seconds)
    if result.symptoms is not None:
        return present_symptoms(result.symptoms, result.seconds)
    if result.designs is not None:
        return present_designs(result.designs, result.config.trials, result.seconds)
    if result.persistence is not None:
        return present_persistence(result.persistence, result.seconds)
    if result.recovery is not None:
        return present_recovery(result, result.recovery)
    if result.diagnosis is not None:
        return present_diagnosis(result, result.diagnosis)
    assert result.reading is not None
    return present_reading(result, result.reading)
