"""Cells as every spreadsheet writes them become numbers and labels."""

import numpy as np
import pandas
import pytest

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour.columns.cells import as_labels, as_numbers


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1", "2.5", " 3 ", "1e2", "+4"], [1, 2.5, 3, 100, 4]),
        (["", "n/a", "NA", "NaN", "None", "null", "<NA>", "#N/A", "7"], [np.nan] * 8 + [7]),
        (["TRUE", "false", "1"], [1, 0, 1]),
        (["0,5", "1,25", "-3,0"], [0.5, 1.25, -3]),
        (["0,512", "1,034"], [0.512, 1.034]),
        (["1,000", "2,500"], None),  # thousands?
        (["1_000"], None),
        (["left"], None),
        (["1", "x"], None),
    ],
)
@pytest.mark.parametrize("dtype", [object, "category"])
def test_numbers_are_known_in_every_dress(cells: list, numbers: list | None, dtype) -> None:
    found = as_numbers(pandas.Series(cells, dtype=dtype))
    if numbers is None:
        assert found is None
    else:
        np.testing.assert_array_equal(found, numbers)


@pytest.mark.parametrize(
    ("cells", "labels", "kind"),
    [
        (["1", "2", "1.0"], [1, 2], "i"),
        (["10", "9", ""], [9, 10], "i"),
        (["007", "7"], ["007", "7"], "U"),
        (["0.5", "0.25"], [0.25, 0.5], "f"),
        (["b", "a", " a ", "n/a"], ["a", "b"], "U"),
        (["TRUE", "FALSE"], ["FALSE", "TRUE"], "U"),
        ([True, False, True], [0, 1], "i"),
        ([1.0, np.nan, 3.0], [1, 3], "i"),
        (pandas.array([2, None, 1], dtype="Int64"), [1, 2], "i"),
        ([b"left", b"right"], ["left", "right"], "U"),
        (["1" * 30, "2"], ["1" * 30, "2"], "U"),
        (["-0", "0"], [0], "i"),
    ],
)
def test_labels_keep_what_was_written(cells, labels: list, kind: str) -> None:
    series = pandas.Series(cells)
    codes, found = as_labels(series)
    assert (found.tolist(), found.dtype.kind) == (labels, kind)
    assert codes.min() >= -1
    assert (codes == -1).sum() == sum(str(one) in ("", "n/a", "nan", "<NA>") for one in series)


def test_labels_come_in_order_of_appearance_if_asked() -> None:
    codes, labels = as_labels(pandas.Series(["9", "x", "10", "9"]), is_sorted=False)
    assert (labels.tolist(), codes.tolist()) == (["9", "x", "10"], [0, 1, 2, 0])
    codes, labels = as_labels(pandas.Series([9, 2, 10, 9]), is_sorted=False)
    assert (labels.tolist(), codes.tolist()) == ([9, 2, 10], [0, 1, 2, 0])


def test_one_enormous_label_among_many_is_refused() -> None:
    texts = [str(k) + "a" for k in range(300)] + ["b" * 10**6]
    with pytest.raises(FormatError, match="a label has 1000000 characters"):
        as_labels(pandas.Series(texts))
