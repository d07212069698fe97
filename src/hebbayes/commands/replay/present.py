"""A replay as a table of differences, JSON keys and arrays."""

from dataclasses import fields

import numpy as np

from hebbayes.commands.replay.run import ReplayResult, TrialDifference
from hebbayes.commands.running.outcome import Outcome, Table


def present(result: ReplayResult) -> Outcome:
    """Return the largest differences, and a table of them per trial."""
    names = [field.name for field in fields(TrialDifference)]
    columns = {name: np.array([getattr(t, name) for t in result.trials]) for name in names}
    rows = [
        (
            k,
            t.n_steps,
            t.move_mismatches,
            t.risk_mismatches,
            *(f"{e:.1e}" for e in (t.activity_error, t.output_error, t.free_energy_error)),
        )
        for k, t in enumerate(result.trials)
    ]
    counts = ", ".join(f"{name} {error:.1e}" for name, error in result.count_error.items())
    return Outcome(
        summary={
            "trials": len(result.trials),
            "move_mismatches": columns["move_mismatches"].sum(),
            "risk_mismatches": columns["risk_mismatches"].sum(),
            "activity_error": columns["activity_error"].max(),
            "output_error": columns["output_error"].max(),
            "free_energy_error": columns["free_energy_error"].max(),
            "count_error": result.count_error,
            "steps_total": columns["n_steps"].sum(),
            "seconds": result.seconds,
        },
        arrays=columns,
        tables=[
            Table(
                f"Replay of {result.config.trace.name}: largest differences",
                ("trial", "steps", "moves", "risks", "activity", "output", "free energy"),
                rows,
            )
        ],
        notes=[f"Counts after the last trial differ by (share of the largest evidence) {counts}."],
        next_command="hebbayes certify",
    )
