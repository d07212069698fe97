"""A recording whose columns nobody named: read as their names and values suggest, and said so."""

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hebbayes.commands.check.recordings import next_command
from hebbayes.core.errors import FormatError, HebbayesError
from hebbayes.data.readers import ReadingOptions
from hebbayes.data.reading import read_recording

if TYPE_CHECKING:
    from hebbayes.commands.configs import CheckConfig, ReadingConfig
    from hebbayes.data.recording import Cultures, Recording

_SORT = "--sort-spikes"
NO_SPIKES = "no spikes"
"""In a message: why a table is no recording."""

_RATE = "--rate-hz"
_WINDOW = ("window_start_s", "window_end_s")


def options_of(config: "ReadingConfig") -> dict[str, Any]:
    """Return the options for reading that a config states, by name.

    Example:
        >>> from hebbayes.commands.configs import ReadingConfig
        >>> options_of(ReadingConfig(window_end_s=0.05))["window"]
        (0.01, 0.05)
    """
    names = [name for name in vars(ReadingOptions()) if name != "window"]
    return {
        **{name: getattr(config, name) for name in names},
        "window": tuple(getattr(config, name) for name in _WINDOW),
    }


def proposed_recording(
    config: "CheckConfig", error: HebbayesError
) -> "tuple[CheckConfig, Cultures] | None":
    """Return a config with flags that the file suggests, and what it reads; None if there are none.

    ``error`` is why the file cannot be read as it is.  Spikes out of order are sorted only beside
    other flags that nobody stated.  Raises `FormatError`, with the flags that are clear, if one
    that is not clear is missing.

    Example:
        >>> from pathlib import Path
        >>> from hebbayes.commands.configs import CheckConfig
        >>> proposed_recording(CheckConfig(file=Path("no-such.csv")), HebbayesError("")) is None
        True
    """
    from hebbayes.data.columns.proposal import proposed_options  # few files need it

    if config.file is None or _SORT in str(error):
        return None
    options = proposed_options(config.file, ReadingOptions(**options_of(config)))
    for _ in range(2):
        if options is None:
            return None
        try:
            held = read_recording(config.file, **vars(options))
        except HebbayesError as other:
            if _SORT in str(other) and not options.sort_spikes:
                options = replace(options, sort_spikes=True)
                continue
            is_asked = str(other) != str(error) or _RATE in str(error)
            if NO_SPIKES in str(other) or not is_asked:
                return None
            words = shlex.join(next_command(_stated(config, options))[3:])
            raise FormatError(
                f"{str(other).rstrip('.')}; the other flags may be {words}."
            ) from other
        return (_stated(config, options), held) if held.recordings else None
    return None


def with_choices(config: "CheckConfig", held: "Cultures") -> "tuple[CheckConfig, Cultures] | None":
    """Return what a recording holds with the choices and outcomes that its columns suggest.

    What flags state stays.  None if no columns are left over, or they suggest nothing more.

    Example:
        >>> from hebbayes.commands.configs import CheckConfig
        >>> from hebbayes.data.recording import Cultures
        >>> with_choices(CheckConfig(), Cultures("a", {})) is None
        True
    """
    if not any(_has_gaps(one) for one in held.recordings.values()):
        return None
    try:
        proposal = proposed_recording(config, HebbayesError(""))
    except HebbayesError:
        return None
    if proposal is None or not any(
        (now.decisions is not None and before.decisions is None)
        or (now.risk is not None and before.risk is None)
        for before, now in zip(held.recordings.values(), proposal[1].recordings.values())
    ):
        return None
    return proposal


def _has_gaps(recording: "Recording") -> bool:
    """Whether choices or outcomes are missing and columns are left over."""
    is_complete = recording.decisions is not None and recording.risk is not None
    return not is_complete and bool(recording.provenance.get("not_used"))


def _stated(config: "CheckConfig", options: ReadingOptions) -> "CheckConfig":
    held = dict(vars(options))
    held |= dict(zip(_WINDOW, held.pop("window")))
    return replace(config, **held)
