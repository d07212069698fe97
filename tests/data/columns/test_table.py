"""Tables as spreadsheets, MATLAB and R write them; whatever is cut or ragged is refused."""

import numpy as np
import pandas
import pytest

from hebbayes.core.errors import FormatError, MissingDependencyError
from hebbayes.data.columns.table import columns_of_frame, read_columns

TEXTS = {
    "commas": b"cue,gain,ok\na,1,TRUE\nb,2.5,FALSE\n",
    "no line break at the end": b"cue,gain,ok\na,1,TRUE\nb,2.5,FALSE",
    "tabs, Windows": b"cue\tgain\tok\r\na\t1\ttrue\r\nb\t2.5\tfalse\r\n",
    "byte order mark": b"\xef\xbb\xbfcue,gain,ok\na,1,True\nb,2.5,False\n",
    "decimal commas": b"cue;gain;ok\na;1,0;TRUE\nb;2,5;FALSE\n",
    "index without a name": b",cue,gain,ok\n0,a,1,True\n1,b,2.5,False\n",
    "row names of R": b'"cue" "gain" "ok"\n"1" "a" 1 TRUE\n"2" "b" 2.5 FALSE\n',
    "a comma too many": b"cue,gain,ok\na,1,TRUE,\nb,2.5,FALSE,\n",
    "quoted": b'"cue","gain","ok"\n"a",1,TRUE\n"b",2.5,FALSE\n',
}


@pytest.mark.parametrize("text", TEXTS)
def test_every_way_of_writing_a_table_gives_the_same_columns(text: str, tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXTS[text])
    columns = read_columns(path).values
    assert list(columns) == ["cue", "gain", "ok"]
    assert columns["cue"].tolist() == ["a", "b"]
    np.testing.assert_array_equal(columns["gain"], [1, 2.5])
    np.testing.assert_array_equal(columns["ok"], [1, 0])


def test_missing_entries_are_empty_text_or_nan(tmp_path) -> None:
    (tmp_path / "a.tsv").write_text("cue\tgain\tok\nn/a\t1\tTRUE\nb\tn/a\t\n")
    columns = read_columns(tmp_path / "a.tsv").values
    assert columns["cue"].tolist() == ["", "b"]
    np.testing.assert_array_equal(columns["gain"], [1, np.nan])
    np.testing.assert_array_equal(columns["ok"], [1, np.nan])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"a,b\n", "has a header and no row"),
        (b"a,b\n1,2\n3", "has 1 cells in its last row and 2 in its header"),
        (b"a,b\n1,2\n1,2,3\n", "is no table ("),
        (b"a,b\n1,2,3,4\n", "has 2 more cells in its rows than in its header"),
        (b"a,b\n\xff\xfe,2\n", "is no text in UTF-8"),
        (b"a,b\n\0\0,2\n", "is no text, so no table"),
    ],
)
def test_a_faulty_table_is_refused(content: bytes, sentence: str, tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(FormatError) as caught:
        read_columns(path)
    assert sentence in str(caught.value)


def test_a_column_that_is_missing_lists_the_others(tmp_path) -> None:
    columns = columns_of_frame(pandas.DataFrame({"a": [1], "b": [2]}), "this table")
    with pytest.raises(FormatError, match=r"this table has no column c; it has a, b\."):
        columns["c"]


def test_nullable_and_categorical_columns_are_plain() -> None:
    frame = pandas.DataFrame(
        {"n": pandas.array([1, None], "Int64"), "c": pandas.Categorical(["x", None])}
    )
    columns = columns_of_frame(frame, "t").values
    np.testing.assert_array_equal(columns["n"], [1, np.nan])
    assert columns["c"].tolist() == ["x", ""]


def test_parquet_without_its_library_says_what_to_install(tmp_path) -> None:
    pytest.importorskip("pandas")
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        (tmp_path / "a.parquet").write_bytes(b"PAR1")
        with pytest.raises(MissingDependencyError, match="install pyarrow"):
            read_columns(tmp_path / "a.parquet")
    else:
        pandas.DataFrame({"a": [1, 2]}).to_parquet(tmp_path / "a.parquet")
        assert read_columns(tmp_path / "a.parquet")["a"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffcue,gain,,,\na,1,,,\nb,2,,,\n,,,,\n,,,,\n",
        "cue,gain\na,1,,,\nb,2,,,\n",
        "sep=;\ncue;gain\na;1\nb;2\n",
    ],
    ids=["empty columns and rows", "empty cells beyond the header", "sep="],
)
def test_what_excel_adds_is_left_out(tmp_path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    table = read_columns(path)
    assert {name: values.tolist() for name, values in table.values.items()} == {
        "cue": ["a", "b"],
        "gain": [1, 2],
    }
