"""The result of reproducing a published figure: claims tested, numbers, a drawing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.reverse_engineering.statistics.summaries import mean_and_error

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.running.outcome import Table
    from hebbayes.reverse_engineering.statistics.estimate import Estimate


@dataclass(frozen=True)
class Reproduction:
    """One published figure, computed anew.

    Attributes:
        checks: Claim to whether our numbers bear it out.
        numbers: Name to ``ours`` with ``standard_error``, beside the ``published`` number or that
            of a ``reference`` implementation, if known.
        arrays: What is drawn.
        draw: Makes the figure.
        caption: Content and size of the figure.
        notes: Sentences about what is not shown, and why.
        tables: Further results.
    """

    checks: Mapping[str, bool]
    numbers: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]
    draw: Callable[[], "Figure"]
    caption: str
    notes: Sequence[str] = field(default_factory=tuple)
    tables: Sequence["Table"] = field(default_factory=tuple)


def number(values: NDArray[Any], **known: float) -> dict[str, float]:
    """Return one entry of `Reproduction.numbers`: ours, its standard error, and known numbers.

    Example:
        >>> number(np.array([1.0, 3.0]), published=2.5)
        {'ours': 2.0, 'standard_error': 1.0, 'published': 2.5}
    """
    mean, error = mean_and_error(np.asarray(values, float))
    return {"ours": float(mean), "standard_error": float(error), **known}


def interval_number(interval: "Estimate[float]", **known: float) -> dict[str, float]:
    """Return an entry of `Reproduction.numbers` with the ends of its 95 % interval.

    Example:
        >>> from hebbayes.reverse_engineering.statistics.estimate import Estimate
        >>> interval_number(Estimate(2.0, 1.0, 3.0), reference=2.5)
        {'ours': 2.0, 'low': 1.0, 'high': 3.0, 'reference': 2.5}
    """
    return {"ours": interval.value, "low": interval.low, "high": interval.high, **known}


class Part(Checkpoint):
    """One of several studies that share a checkpoint, each under a name of its own.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> whole = Checkpoint(Path(tempfile.mkdtemp(), "checkpoint.npz"))
        >>> one, two = parts_of(whole, ["one", "two"])
        >>> one.save({"seen": np.arange(2)})
        >>> two.save({"seen": np.arange(3)})
        >>> again, _ = parts_of(whole, ["one", "two"])
        >>> again.load()["seen"].tolist()
        [0, 1]
    """

    def __init__(self, whole: Checkpoint, name: str, saved: dict[str, NDArray[Any]]) -> None:
        """Refer to those arrays of ``saved``, which all parts share, that begin with ``name``."""
        super().__init__(whole.path)
        self._whole, self._prefix, self._saved = whole, f"{name}.", saved

    def load(self) -> dict[str, NDArray[Any]] | None:
        """Return the arrays of this part, or None without any."""
        names = [name for name in self._saved if name.startswith(self._prefix)]
        return {name.removeprefix(self._prefix): self._saved[name] for name in names} or None

    def save(self, arrays: Mapping[str, Any]) -> None:
        """Replace the arrays of this part; those of the others stay.  Raises `OutputError`."""
        for name in [name for name in self._saved if name.startswith(self._prefix)]:
            del self._saved[name]
        self._saved.update({self._prefix + name: values for name, values in arrays.items()})
        self._whole.save(self._saved)


def parts_of(whole: Checkpoint | None, names: Sequence[str]) -> list[Checkpoint | None]:
    """Return a checkpoint for each of several studies, all kept in ``whole``.

    Raises `FormatError` if ``whole`` is damaged.

    Example:
        >>> parts_of(None, ["one", "two"])
        [None, None]
    """
    if whole is None:
        return [None] * len(names)
    saved = whole.load() or {}
    return [Part(whole, name, saved) for name in names]
