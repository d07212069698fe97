"""Clinic: which element of the circuit carries a wrong belief (docs/theory.md, impaired priors).

A subject is the canonical network with a value for each element.  `simulate` lets it do a task,
and `diagnose` compares models in each of which one element may be far from healthy:

    from hebbayes.clinic import diagnose
    diagnose(frame, controls="HC", choice="choice", outcome="reward").subjects[0].verdict
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hebbayes.clinic.designs import Design, draw_task
    from hebbayes.clinic.diagnosis.diagnose import diagnose
    from hebbayes.clinic.diagnosis.odds import Recalibration
    from hebbayes.clinic.estimation.layout import Extensions
    from hebbayes.clinic.recovery.recover import recover
    from hebbayes.clinic.subject import Subject, impaired, simulate
    from hebbayes.clinic.tables import ReadAs

_HOMES = {
    "Design": "designs",
    "Extensions": "estimation.layout",
    "ReadAs": "tables",
    "Recalibration": "diagnosis.odds",
    "Subject": "subject",
    "diagnose": "diagnosis.diagnose",
    "draw_task": "designs",
    "impaired": "subject",
    "recover": "recovery.recover",
    "simulate": "subject",
}

__all__ = [
    "Design",
    "Extensions",
    "ReadAs",
    "Recalibration",
    "Subject",
    "diagnose",
    "draw_task",
    "impaired",
    "recover",
    "simulate",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use: kernels take a second to load."""
    if name not in _HOMES:
        raise AttributeError(f"module 'hebbayes.clinic' has no attribute {name!r}")
    return getattr(import_module(f"hebbayes.clinic.{_HOMES[name]}"), name)
