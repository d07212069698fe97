"""Scores of one culture as plain arrays and back, so that an audit can be interrupted."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.published.culture_protocol import ProtocolMeasures
from hebbayes.reverse_engineering.forecasting.culture import CultureForecasts
from hebbayes.reverse_engineering.forecasting.judging.other_targets import TARGETS
from hebbayes.reverse_engineering.forecasting.scoring import Scores

Arrays = dict[str, NDArray[Any]]


def to_arrays(
    forecasts: CultureForecasts | None, measured: ProtocolMeasures | None, why: list[str]
) -> Arrays:
    """Return what `from_arrays` reads.

    Example:
        >>> from_arrays(to_arrays(None, None, ["it is too short."]))
        (None, None, ['it is too short.'])
    """
    arrays: Arrays = {"why": np.array(why, str)}
    if forecasts is not None:
        ceilings = (forecasts.floor, forecasts.split_half, float(forecasts.is_repeated))
        arrays["ceilings"] = np.array(ceilings)
        arrays["left_out"] = np.array(list(forecasts.left_out.items()), str).reshape(-1, 2)
        for name, scores in forecasts.targets.items():
            arrays |= {f"target {name}.{k}": np.array(v) for k, v in vars(scores).items()}
        for place in ("scores", "inner"):
            if (scores := getattr(forecasts, place)) is not None:
                arrays |= {f"{place}.{k}": np.array(v) for k, v in vars(scores).items()}
    if measured is not None:
        arrays |= {f"protocol.{name}": values for name, values in vars(measured).items()}
    return arrays


def from_arrays(
    arrays: Mapping[str, NDArray[Any]],
) -> tuple[CultureForecasts | None, ProtocolMeasures | None, list[str]]:
    """Return scores, measures, and why any is missing.

    Example:
        >>> from_arrays({"why": np.array([], str)})
        (None, None, [])
    """
    forecasts, measured = None, None
    if "ceilings" in arrays:
        floor, split_half, is_repeated = arrays["ceilings"].tolist()
        scores = _scores(arrays, "scores")
        assert scores is not None
        inner = _scores(arrays, "inner")
        by_target = {name: _scores(arrays, f"target {name}") for name in TARGETS}
        targets = {name: one for name, one in by_target.items() if one is not None}
        left_out = {str(name): str(why) for name, why in arrays["left_out"]}
        forecasts = CultureForecasts(
            scores, inner, bool(is_repeated), floor, split_half, targets, left_out
        )
    if fields := _under(arrays, "protocol"):
        measured = ProtocolMeasures(**fields)
    return forecasts, measured, [str(sentence) for sentence in arrays["why"]]


def _scores(arrays: Mapping[str, NDArray[Any]], place: str) -> Scores | None:
    fields = _under(arrays, place)
    if not fields:
        return None
    return Scores(
        names=tuple(str(name) for name in fields["names"]),
        is_change=tuple(bool(change) for change in fields["is_change"]),
        products=fields["products"],
        weights=fields["weights"],
    )


def _under(arrays: Mapping[str, NDArray[Any]], place: str) -> Arrays:
    start = f"{place}."
    return {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}
