"""A synthetic recording in one file, and its true parameters in another.

Any number of sources, stimuli, units and sessions; `SimulateCultureConfig` lists the options.
Apart from the sources, the recording holds nothing that a real one would not.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from hebbayes.commands.running.memory import check_culture_memory
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.core.errors import OutputError, ValueRangeError
from hebbayes.data.files import save_arrays
from hebbayes.simulators import (
    AffineReadout,
    CultureDesign,
    Plasticity,
    SimulatedCulture,
    simulate_culture,
)

if TYPE_CHECKING:
    from hebbayes.commands.configs import SimulateCultureConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.data.recording import Recording


@dataclass(frozen=True, eq=False)
class SimulateCultureResult(CommandResult):
    """A simulated culture and its files.

    Attributes:
        config: Options of the command.
        culture: The simulation.
        file: The recording.
        truth: The file with the true parameters.
        seconds: Wall time.
    """

    config: "SimulateCultureConfig"
    culture: SimulatedCulture
    file: Path
    truth: Path
    seconds: float


def run(
    config: "SimulateCultureConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> SimulateCultureResult:
    """Return the culture that was written.  Too short to need a checkpoint.

    Raises `ValueRangeError` if the culture cannot be simulated or does not fit the format, and
    `OutputError` if a file exists already or cannot be written.
    """
    del checkpoint, progress
    started = time.perf_counter()
    file, truth = _places(config)
    expected_log = np.log if config.expectation == "log" else digamma
    design = design_of(config)
    check_culture_memory(design)
    culture = simulate_culture(design, seed=config.seed, expected_log=expected_log)
    _write(config, culture.recording, file)
    save_arrays(truth, truth_arrays(culture))
    return SimulateCultureResult(config, culture, file, truth, time.perf_counter() - started)


def design_of(config: "SimulateCultureConfig") -> CultureDesign:
    """Return the design that the options describe; a single source is never mixed with others.

    Example:
        >>> from hebbayes.commands.configs import SimulateCultureConfig
        >>> design_of(SimulateCultureConfig(Path("a"), sources=3, rest=1.0)).readout.rest
        1.0
    """
    return CultureDesign(
        n_sources=config.sources,
        n_stimuli=config.stimuli,
        n_units=config.units,
        n_silent=config.silent,
        n_dead=config.dead,
        n_sessions=config.sessions,
        n_trials=config.trials,
        ragged=config.ragged,
        mixed=config.mixed if config.sources > 1 else 0.0,
        state_prior=config.d1,
        prior_count=config.prior_count,
        tilt=config.tilt,
        plasticity=Plasticity(config.plasticity),
        learnt_trials=config.learnt_trials,
        readout=AffineReadout(config.rest, config.evoked, config.spread),
        fano=config.fano,
        noise=config.noise,
        gain_drift=config.gain_drift,
        missing=config.missing,
        is_repeated=config.repeated,
        is_shuffled=config.shuffled,
    )


def truth_arrays(culture: SimulatedCulture) -> dict[str, NDArray]:
    """Return the truth as named arrays; docs/file-formats.md lists them.

    Example:
        >>> truth = truth_arrays(simulate_culture(CultureDesign(n_sessions=2, n_trials=4)))
        >>> truth["activity"].shape, truth["weights"].shape
        ((8, 2), (3, 32, 2))
    """
    return {
        "activity": culture.posterior,
        "phi1": culture.threshold_factors[0],
        "phi0": culture.threshold_factors[1],
        "prior_count": culture.prior_count,
        "naive": culture.naive,
        "weights": np.concatenate([culture.session_weights, culture.weights[None]]),
        "preferred_source": culture.preferred_source,
        "gain": culture.gain,
        "rest": culture.rest,
        "evoked": culture.evoked,
        "is_dead": culture.is_dead,
    }


def _places(config: "SimulateCultureConfig") -> tuple[Path, Path]:
    suffix, file = f".{config.format}", Path(config.file)
    if file.suffix and file.suffix != suffix:
        raise ValueRangeError(
            f"{file} ends in {file.suffix} and --format {config.format} wants {suffix}; "
            "change one of them."
        )
    file = file.with_suffix(suffix)
    truth = file.with_suffix(".truth.npz")
    for place in (file, truth):
        if place.exists():
            raise OutputError(f"{place} exists; choose another name or remove it.")
    return file, truth


def _write(config: "SimulateCultureConfig", recording: "Recording", file: Path) -> None:
    if config.format == "nwb":
        from hebbayes.data.formats.nwb.writing import to_nwb

        to_nwb(recording, file)
    elif config.format == "mat":
        from hebbayes.data.formats.matlab.writing import to_mat

        to_mat(recording, file)
    else:
        from hebbayes.data.formats.npz import to_npz

        to_npz(recording, file)


def present(result: SimulateCultureResult) -> Outcome:
    """Return the paths of both files, the size of the recording and its true parameters."""
    culture, recording = result.culture, result.culture.recording
    size = {
        "sessions": recording.n_sessions,
        "trials": recording.n_trials,
        "channels": recording.n_channels,
        "units": recording.n_units,
    }
    rows = [
        (k + 1, units.size, np.exp(culture.threshold_factors[0, k]), culture.prior_count[k])
        for k, units in enumerate(culture.members)
    ]
    return Outcome(
        summary={
            "file": result.file,
            "truth": result.truth,
            **size,
            "phi1": culture.threshold_factors[0],
            "phi0": culture.threshold_factors[1],
            "units_per_ensemble": [units.size for units in culture.members],
            "seconds": result.seconds,
        },
        arrays=truth_arrays(culture),
        tables=[
            Table("Simulated recording", list(size), [list(size.values())]),
            Table("Truth", ["source", "units", "D1", "prior count"], rows),
        ],
        notes=[f"Wrote the recording to {result.file} and its truth to {result.truth}."],
    )
