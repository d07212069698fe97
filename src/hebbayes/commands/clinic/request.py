"""What the clinic's options ask for, checked, and the table that they name."""

from typing import TYPE_CHECKING

from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from pathlib import Path

    from hebbayes.clinic.estimation.layout import Extensions
    from hebbayes.clinic.tables import Reading
    from hebbayes.commands.configs import ClinicConfig
    from hebbayes.data.behaviour import Behaviour

EXTENSIONS = ("leak", "stickiness", "active-only", "absolute-reward")
"""Names that ``--extensions`` takes."""

_MOST_SUBJECTS, _MOST_TRIALS = 100_000, 100_000


def check_request(config: "ClinicConfig") -> None:
    """Raise `ValueRangeError` if an option is out of range, or a table is missing.

    Example:
        >>> from hebbayes.commands.configs import ClinicConfig
        >>> check_request(ClinicConfig(trials=0))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: --trials must be from 1 to 100000; got 0.
    """
    if config.what in ("check", "diagnose") and config.file is None:
        raise ValueRangeError(
            f"clinic {config.what} needs a table of trials; pass it: hebbayes clinic "
            f"{config.what} FILE. `hebbayes clinic demo` runs on simulated patients."
        )
    for name, low, high in (
        ("trials", 1, _MOST_TRIALS),
        ("subjects", 8, _MOST_SUBJECTS),
        ("calibrate", 0, _MOST_SUBJECTS),
    ):
        value = getattr(config, name)
        if not low <= value <= high:
            raise ValueRangeError(f"--{name} must be from {low} to {high}; got {value}.")
    if 0 < config.calibrate < 8:
        raise ValueRangeError(
            f"--calibrate must be 0, or at least 8 simulated subjects; got {config.calibrate}."
        )
    extensions_of(config.extensions)


def extensions_of(words: str) -> "Extensions":
    """Return the extensions that a comma-separated list names.

    Raises `ValueRangeError` for an unknown one.

    Example:
        >>> extensions_of("leak").leak
        True
    """
    from hebbayes.clinic.estimation.layout import Extensions

    named = [word.strip() for word in words.split(",") if word.strip()]
    for word in named:
        if word not in EXTENSIONS:
            raise ValueRangeError(
                f"--extensions has no {word!r}; wanted a list of {', '.join(EXTENSIONS)}."
            )
    return Extensions(*(name in named for name in EXTENSIONS))


def read_table(config: "ClinicConfig", path: "Path") -> "tuple[Behaviour, Reading]":
    """Return a table of trials, and how the clinic reads it.

    Raises `HebbayesError` if it cannot be read.

    Example:
        >>> from pathlib import Path
        >>> from hebbayes.commands.configs import ClinicConfig
        >>> read_table(ClinicConfig(), Path("no-such.csv"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    from hebbayes.clinic.tables import ReadAs, read_subjects
    from hebbayes.data.behaviour import mapping_of, read_behaviour

    extensions = extensions_of(config.extensions)
    behaviour = read_behaviour(path, mapping_of(config))
    read_as = ReadAs(config.reliability, config.new_stimuli, extensions)
    return behaviour, read_subjects(behaviour, read_as)
