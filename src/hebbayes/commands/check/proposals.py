"""A recording whose columns nobody named: read as their names and values suggest, and said so."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hebbayes.core.errors import HebbayesError
from hebbayes.data.readers import ReadingOptions
from hebbayes.data.reading import read_recording

if TYPE_CHECKING:
    from hebbayes.commands.configs import CheckConfig, ReadingConfig
    from hebbayes.data.recording import Cultures

_SORT = "--sort-spikes"
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
    other flags that nobody stated.

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
            is_unsorted = _SORT in str(other) and not options.sort_spikes
            options = replace(options, sort_spikes=True) if is_unsorted else None
        else:
            return (_stated(config, options), held) if held.recordings else None
    return None


def _stated(config: "CheckConfig", options: ReadingOptions) -> "CheckConfig":
    held = dict(vars(options))
    held |= dict(zip(_WINDOW, held.pop("window")))
    return replace(config, **held)
