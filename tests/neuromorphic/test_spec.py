"""Specs travel through files; what cannot be built is refused with the reason."""

from dataclasses import replace

import pytest

from hebbayes.core.errors import FormatError, ValueRangeError
from hebbayes.neuromorphic.spec import DeviceSpec, cautions, read_spec, spec_from, spec_text

WHOLE = DeviceSpec(
    inputs=9, neurons=3, outputs=4, is_recurrent=True, lanes=2, learns_recurrent=True,
    learns_outputs=True, fifo_depth=7, forgetting="window", window=77, clock_mhz=48.5,
)  # fmt: skip


@pytest.mark.parametrize("kind", ["toml", "json"])
def test_a_spec_comes_back_from_its_file(tmp_path, kind):
    path = tmp_path / f"spec.{kind}"
    path.write_text(spec_text(WHOLE, kind))
    assert read_spec(path) == WHOLE


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"inputs": 0}, "inputs must be from 1 to 4096; got 0"),
        ({"counter_bits": 17}, "counter_bits must be from 2 to 16"),
        ({"neurons": 2.0}, "neurons must be a whole number; got 2.0"),
        ({"neurons": True}, "neurons must be a whole number"),
        ({"is_recurrent": 1}, "is_recurrent must be true or false"),
        ({"mode": "soft"}, "mode must be spike, hard, rate; got 'soft'"),
        ({"mode": "rate"}, "graded activity needs fractional counters"),
        ({"neurons": 0}, "a core needs neurons or outputs"),
        ({"neurons": 0, "outputs": 4, "is_recurrent": True}, "no last activity"),
        ({"learns_recurrent": True}, "set is_recurrent = true"),
        ({"learns_outputs": True}, "set outputs"),
        ({"outputs": 4, "learns_outputs": True, "fifo_depth": 0}, "fifo_depth of at least 1"),
        ({"outputs": 1}, "nothing to choose"),
        ({"outputs": 4, "prior": 128}, "prior must exceed 128"),
        ({"lanes": 3}, "power of two"),
        ({"inputs": 5, "lanes": 16}, "at most 8"),
        ({"forgetting": "window"}, "belong together"),
        ({"window": 100}, "belong together"),
        ({"forgetting": "window", "window": 1024}, "from 4 to 1023"),
        ({"clock_mhz": float("nan")}, "clock_mhz must be above 0"),
        ({"clock_mhz": "fast"}, "clock_mhz must be a number"),
    ],
)  # fmt: skip
def test_a_spec_that_cannot_be_built_is_refused_with_the_reason(changes, words):
    with pytest.raises(ValueRangeError, match=words):
        replace(DeviceSpec(), **changes)


def test_a_spec_that_is_likely_to_disappoint_is_cautioned():
    assert cautions(DeviceSpec()) == []
    assert "forgets after 128 to 255" in cautions(DeviceSpec(counter_bits=8))[0]
    assert cautions(DeviceSpec(counter_bits=8, forgetting="saturate")) == []
    core = DeviceSpec(neurons=0, outputs=256, log_bits=8, draw_bits=8)
    assert [text.split(" ")[0] for text in cautions(core)] == ["log_bits", "draw_bits"]
    assert "choose 11" in cautions(core)[0]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", "neurons = [", "is not TOML"),
        ("a.json", "[1]", "one object"),
        ("a.json", "{", "is not JSON"),
        ("a.toml", "lane = 2", "did you mean 'lanes'"),
    ],
)
def test_a_file_that_is_no_spec_is_refused(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=words):
        read_spec(tmp_path / name)


def test_widths_follow_from_the_spec():
    assert (WHOLE.lines, WHOLE.full_home, WHOLE.decision_inputs) == (12, 77, 3)
    assert spec_from({"neurons": 0, "outputs": 4, "inputs": 121}).decision_inputs == 121
