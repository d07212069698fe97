"""No column becomes a stimulus, or is dropped, without a word."""

import pytest

from hebbayes.core.errors import FormatError, HebbayesError, ValueRangeError
from hebbayes.data.formats.column_roles import assign_roles, parse_roles
from hebbayes.data.formats.csv import read_csv, to_csv
from hebbayes.data.reading import read_recording
from hebbayes.data.recording import Recording

COUNTS = "session,trial,unit,count\n0,0,a,1\n0,1,a,0\n"


def written(folder, header: str, *rows: str, counts: str = COUNTS):
    (folder / "a.csv").write_text(counts)
    (folder / "a-stimuli.csv").write_text("\n".join((header, *rows, "")))
    return folder / "a.csv"


@pytest.mark.parametrize("name", ["block", "Contrast", "onset", "temperature_0", "channels", ""])
def test_an_unknown_column_is_listed_and_not_used(tmp_path, name: str) -> None:
    path = written(tmp_path, f"session,trial,channel_0,{name}", "0,0,1,7", "0,1,0,8")
    read = read_csv(path)
    assert read.channel_ids.tolist() == [0]
    (warning,) = read.provenance["warnings"]
    assert f"columns that are not used: {name or 'one without a name'};" in warning


@pytest.mark.parametrize(
    "name",
    ["choice", "Response", "rewards", "outcome", "correct", "FEEDBACK", "rt", "reaction_time"],
)
def test_behaviour_needs_a_stated_role(tmp_path, name: str) -> None:
    path = written(tmp_path, f"session,trial,channel_0,{name}", "0,0,1,1", "0,1,0,0")
    with pytest.raises(FormatError, match=f"--columns {name}=decision, {name}=reward"):
        read_csv(path)
    read = read_csv(path, columns={name: "none"})
    assert (read.n_channels, read.decisions, read.provenance["warnings"]) == (1, None, [])


@pytest.mark.parametrize("name", ["decision", "Decision", "DECISION"])
def test_a_known_name_counts_in_capitals_too(tmp_path, name: str) -> None:
    path = written(tmp_path, f"Session,Trial,channel_0,{name}", "0,0,1,1", "0,1,0,")
    assert read_csv(path).decisions.tolist() == [1, -1]


def test_stated_roles_are_followed(tmp_path) -> None:
    header = "session,trial,tone,choice,reward,when"
    path = written(tmp_path, header, "0,0,1,1,0.25,0.5", "0,1,0,0,,1.5")
    roles = "tone=channel, choice=decision, reward=reward, when=onset_s"
    read = read_recording(path, columns=roles).recordings[0]
    assert read.channel_ids.tolist() == ["tone"]
    assert read.decisions.tolist() == [1, 0]
    assert read.risk[0] == 0.75
    assert read.onset_s.tolist() == [0.5, 1.5]


def test_without_a_channel_the_flag_is_named(tmp_path) -> None:
    path = written(tmp_path, "session,trial,tone", "0,0,1", "0,1,0")
    with pytest.raises(FormatError, match=r"has no stimulus; .* --columns, such as tone=channel"):
        read_csv(path)


@pytest.mark.parametrize("prefix", ["channel_", "stimulus_", "Channel_", "stim_"])
def test_prefixes_of_channels(tmp_path, prefix: str) -> None:
    path = written(tmp_path, f"session,trial,{prefix}4,{prefix}7", "0,0,1,0", "0,1,0,1")
    assert read_csv(path).channel_ids.tolist() == [4, 7]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("choice", "columns must be COLUMN=ROLE"), ("a=unit", "got a=unit"), ("=none", "got =none")],
)
def test_a_malformed_role_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueRangeError, match=sentence):
        parse_roles(text)


@pytest.mark.parametrize(
    ("header", "stated", "sentence"),
    [
        (["session", "trial", "channel_0"], {"tone": "channel"}, "has no column tone"),
        (["session", "trial", "risk", "win"], {"win": "reward"}, "two columns for risk"),
        (["session", "trial", "Trial"], {}, "two columns for trial"),
    ],
)
def test_contradictory_roles_are_refused(header, stated, sentence: str) -> None:
    with pytest.raises(FormatError, match=sentence):
        assign_roles(header, stated, "a.csv")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {
                "header": "session,trial,channel_0,window_start_s,window_end_s",
                "rows": ("0,0,1,0,0.02", "0,1,0,0.1,0.02"),
            },
            "column window_start_s must hold one number in all rows; got 0.0 and, at line 3, 0.1",
        ),
        (
            {
                "header": "session,trial,channel_0,window_start_s,window_end_s",
                "rows": ("0,0,1,0,0.02", "0,1,0,0,"),
            },
            "column window_end_s must hold one number",
        ),
        ({"header": "session,trial,channel_0,channel_0", "rows": ("0,0,1,1",)}, "channel_0 twice"),
        ({"counts": "session,trial,unit,count,count\n0,0,a,1,1\n"}, "count twice"),
        ({"counts": COUNTS.replace(",1\n", ",9007199254740993\n")}, "numbers up to 2^53"),
        ({"counts": COUNTS.replace(",1\n", ",1_0\n")}, "must hold numbers; got '1_0'"),
        ({"counts": COUNTS.replace(",a,", f",{10**30},")}, "is not below 2^63"),
        ({"counts": COUNTS.replace(",a,", f",{'9' * 6000},")}, "is not below 2^63"),
        ({"rows": (f"{2**63},0,1", "0,1,0")}, "is not below 2^63"),
        (
            {"header": "session,trial,channel_0,decision", "rows": ("0,0,1,0.5", "0,1,0,1")},
            "decisions must hold whole numbers; got 0.5 at index 0",
        ),
    ],
)
def test_a_doubtful_table_is_refused(tmp_path, changes, sentence: str) -> None:
    header = changes.get("header", "session,trial,channel_0")
    rows = changes.get("rows", ("0,0,1", "0,1,0"))
    path = written(tmp_path, header, *rows, counts=changes.get("counts", COUNTS))
    with pytest.raises(HebbayesError) as caught:
        read_csv(path)
    assert sentence in str(caught.value)
    assert len(str(caught.value)) < 400


def test_whole_floats_name_sessions_and_trials(tmp_path) -> None:
    counts = COUNTS.replace("\n0,", "\n2.0,").replace(",1,a", ",1.00,a")
    path = written(tmp_path, "session,trial,channel_0", "2,0.0,1", "2,1,0", counts=counts)
    read = read_csv(path)
    assert read.session.tolist() == [2, 2]
    assert read.responses.tolist() == [[1], [0]]
    assert read.provenance["warnings"] == []


def test_unused_columns_of_counts_are_listed(tmp_path) -> None:
    counts = "session,trial,unit,count,rate\n0,0,a,1,0.5\n0,1,a,0,0.1\n"
    read = read_csv(written(tmp_path, "session,trial,channel_0", "0,0,1", "0,1,0", counts=counts))
    assert "not used: rate." in read.provenance["warnings"][0]


def test_named_channels_come_back(tmp_path) -> None:
    made = Recording([[1.0, 0.0]] * 2, [[1]] * 2, [0, 0], channel_ids=["choice", "channel_2"])
    to_csv(made, tmp_path / "a.csv")
    assert read_csv(tmp_path / "a.csv").channel_ids.tolist() == ["choice", "channel_2"]
