"""Text tables as spreadsheets, R and pandas write them hold the same trials."""

import pandas
import pytest

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour import Mapping, read_behaviour
from hebbayes.data.behaviour.readers.text import read_text

PLAIN = "subject,choice,reward\ns 1,L,1\ns 1,R,0.5\ns 2,L,0\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.rstrip().encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", "|").encode(),
        PLAIN.replace(",", ";").replace("0.5", "0,5").encode(),
        PLAIN.replace(",", ", ").encode(),
        ("\n\n" + PLAIN.replace("s 1,L", '"s 1","L"') + "\n\n").encode(),
        PLAIN.replace("s 1", '"s 1"').replace("s 2", '"s 2"').replace(",", " ").encode(),
        ("\ufeff" + PLAIN.replace("\n", ",,,\r\n") + ",,,,,\r\n,,,,,\r\n").encode(),
        PLAIN.replace("\n", ",,\n").replace(",,", "", 1).encode(),
        PLAIN.replace("reward", "reward,,").encode(),
        ("sep=;\n" + PLAIN.replace(",", ";")).encode(),
        PLAIN.replace("subject,", "subject,,").replace("s 1,", "s 1,,").replace("s 2,", "s 2,,")
        .encode(),
        b',subject,choice,reward\n0,s 1,L,1\n1,s 1,R,0.5\n2,s 2,L,0\n',
        b'"subject","choice","reward"\n"1","s 1","L",1\n"2","s 1","R",0.5\n"3","s 2","L",0\n',
    ],
    ids=["commas", "no last break", "Windows", "old Mac", "BOM", "UTF-16", "tabs", "bars",
         "semicolons", "blanks after commas", "quotes and empty lines", "blanks",
         "Excel with empty columns and rows", "empty cells beyond the header",
         "a header with more separators", "Excel's line sep=", "an empty column inside",
         "pandas", "R"],
)  # fmt: skip
def test_every_dress_of_a_table_holds_the_same_trials(tmp_path, content: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    behaviour = read_behaviour(path)
    assert behaviour.subject_ids.tolist() == ["s 1", "s 2"]
    assert behaviour.choice_ids[behaviour.choice].tolist() == ["L", "R", "L"]
    assert behaviour.outcome.tolist() == [1, 0.5, 0]


def test_a_quoted_cell_may_hold_the_separator_and_a_line_break(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('choice,reward,note\n"a, b",1,"one\ntwo"\n"c, d",0,x\n')
    behaviour = read_behaviour(path, stimulus="none")
    assert behaviour.choice_ids.tolist() == ["a, b", "c, d"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " "])
def test_quoted_names_do_not_say_what_separates_cells(tmp_path, separator: str) -> None:
    names = ["a;b;c; d", "choice, made", "x|y|z|w", "out come"]
    rows = [[f'"{name}"' for name in names], ["1", "L", "2", "0"]]
    path = tmp_path / "quoted.csv"
    path.write_text("\n".join(map(separator.join, rows)) + "\n")
    held = read_text(path, Mapping()).frame
    assert list(held.columns) == names
    assert held.iloc[0].tolist() == rows[1]


def test_a_column_with_a_comma_in_its_name_can_be_named(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('"reward, ml",key,"tone, Hz"\n1,L,0\n0,R,1\n')
    behaviour = read_behaviour(path, reward="reward, ml", stimulus='"tone, Hz"')
    assert behaviour.provenance["mapping"]["stimulus"] == '"tone, Hz"'
    again = read_behaviour(path, Mapping(**behaviour.provenance["mapping"]))
    assert again.channel_ids.tolist() == ["tone, Hz"]


def test_labels_stay_text_until_they_have_a_meaning(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,x\n007,1e3\n0010,n/a\n")
    table = read_text(path, Mapping())
    assert table.frame["id"].tolist() == ["007", "0010"]
    assert table.frame["x"].tolist() == ["1e3", "n/a"]


def test_a_parquet_table_reads_like_text(tmp_path, monkeypatch) -> None:
    frame = pandas.DataFrame({"choice": ["L", "R"], "reward": [1, 0]}, index=[7, 3])
    monkeypatch.setattr(pandas, "read_parquet", lambda path: frame)
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    behaviour = read_behaviour(tmp_path / "a.parquet")
    assert behaviour.choice_ids[behaviour.choice].tolist() == ["L", "R"]
    assert behaviour.provenance["format"] == "parquet"


def test_a_row_is_kept_if_it_is_empty_inside_and_dropped_at_the_end(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("choice,reward\nL,1\n,\nR,0\n,\n,\n")
    behaviour = read_behaviour(path)
    assert behaviour.choice.tolist() == [0, -1, 1]
    assert "2 empty rows at the end of the file were left out." in behaviour.provenance["warnings"]


def test_a_row_without_a_named_cell_is_still_refused(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("choice,reward,,\nR,0,,\nL\n")
    with pytest.raises(FormatError, match="1 cells in row 2"):
        read_text(path, Mapping())
    path.write_text("choice,reward,,\nR,0,,\nL,1,,,7\n")
    with pytest.raises(FormatError, match="5 cells in row 2"):
        read_text(path, Mapping())
