"""A mapping goes out as flags and comes back the same, whatever the names of columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hebbayes.core.errors import FormatError, ValueRangeError
from hebbayes.data.behaviour.mapping import Mapping, as_text, mapping_of, read_mapping

NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
RISKS = st.one_of(st.none(), st.floats(0, 1))


@given(
    st.lists(NAMES, min_size=1, max_size=4, unique=True),
    st.dictionaries(NAMES, RISKS, min_size=1, max_size=4),
    st.tuples(st.floats(-1e6, 0), st.floats(1, 1e6)),
)
def test_flags_come_back_as_the_same_mapping(columns, values, limits) -> None:
    mapping = Mapping(
        choice=columns[0],
        stimulus=columns,
        values=values,
        coding=dict.fromkeys(columns, "onehot"),
        outcome_range=limits,
    )
    texts = {name: as_text(name, value) for name, value in mapping.stated().items()}
    assert Mapping(**texts) == mapping
    words = mapping.flags()
    assert len([word for word in words if word.startswith("--")]) >= len(texts)


def test_a_flag_outranks_the_file_that_it_names(tmp_path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(
        'choice = "a"\nstimulus = ["x", "y,z"]\nresponse-time = "rt"\n[values]\nhit = 0\n'
    )
    assert read_mapping(path).stimulus == ("x", "y,z")
    flags = type("Flags", (), {"choice": "b", "mapping": path})
    found = mapping_of(flags)
    assert (found.choice, found.response_time, found.values) == ("b", "rt", {"hit": 0.0})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('stimuls = "a"', "unknown key 'stimuls'; did you mean 'stimulus'"),
        ("choice = 3", "choice in .* must be text; got 3"),
        ("choice = ", "is not TOML"),
        ("[choice]\na = 1", "choice in .* must be text"),
        ("x = " + "[" * 100_000, "is not TOML"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text: str, complaint: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(FormatError, match=complaint):
        read_mapping(path)


@pytest.mark.parametrize(
    ("stated", "complaint"),
    [
        ({"values": "hit"}, "--values must be VALUE=RISK, comma-separated; got 'hit'"),
        ({"values": {"hit": 2}}, "a risk from 0 to 1, or none; got hit=2"),
        ({"coding": "a=thermometer"}, "each coding one of binary, onehot, graded, signed"),
        ({"outcome": "a,b,c"}, "one column, or two"),
        ({"outcome_range": "1,0"}, "LOW,HIGH, the low one first; got 1,0"),
        ({"where": "a"}, "--where must be COLUMN=VALUE"),
    ],
)
def test_a_flag_that_cannot_be_read_is_refused(stated: dict, complaint: str) -> None:
    with pytest.raises(ValueRangeError, match=complaint):
        Mapping(**stated)
