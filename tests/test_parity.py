"""The parity run: what it says, and that it can fail. Its figures themselves come from `python -m parity`."""

import dataclasses
import sys

import numpy as np
import pytest

import parity.__main__ as run
from parity import stages
from parity.compare import Pair, compare
from parity.figures import Figure, help_figure
from parity.memory import memory_figure


def test_every_golden_pair_is_within_its_bound():
    verdicts = list(compare(stages.all_pairs()))
    assert [v.name for v in verdicts if not v.holds] == []
    assert len(verdicts) == 6 + 11 + 24


def test_the_first_figure_out_of_bounds_is_named(monkeypatch, capsys):
    def shifted():
        for pair in stages.finish_pairs():
            wrong = pair.row == "finish processed"
            yield dataclasses.replace(pair, got=pair.got + np.float32(1e-3)) if wrong else pair

    monkeypatch.setattr(run, "all_pairs", shifted)
    monkeypatch.setattr(run, "figures", lambda: iter(()))
    monkeypatch.setattr("sys.argv", ["parity"])
    assert run.main() == 1
    printed = capsys.readouterr().out
    assert "FAIL  finish processed wide.default" in printed
    assert "first out of bounds: finish processed wide.default (6 in all)" in printed


def test_nan_is_out_of_bounds():
    reference = np.ones(3, np.float32)
    (verdict,) = compare([Pair("finish fg", "", np.full(3, np.nan, np.float32), reference)])
    assert not verdict.holds


def test_a_missing_golden_file_fails(monkeypatch, tmp_path):
    monkeypatch.setattr(stages, "GOLDEN", tmp_path)
    for pairs in (stages.prepare_pairs, stages.network_pairs, stages.finish_pairs):
        with pytest.raises(FileNotFoundError):
            list(pairs())


def test_a_row_without_a_tolerance_and_another_shape_fail():
    ones = np.ones(3, np.float32)
    with pytest.raises(KeyError):
        list(compare([Pair("finish depth", "", ones, ones)]))
    with pytest.raises(ValueError, match="finish fg"):
        list(compare([Pair("finish fg", "", ones, np.ones(4, np.float32))]))


def test_a_time_is_printed_and_never_decides(monkeypatch, capsys):
    monkeypatch.setattr(run, "all_pairs", lambda: iter(()))
    monkeypatch.setattr(run, "figures", lambda: [Figure("slow thing", 9.0, 1.0, "s", "", timing=True)])
    monkeypatch.setattr("sys.argv", ["parity"])
    assert run.main() == 0
    assert "slow  slow thing" in capsys.readouterr().out
    monkeypatch.setattr(run, "figures", lambda: [Figure("large thing", 9.0, 1.0, "", "")])
    assert run.main() == 1


def test_help_is_timed():
    figure = help_figure()
    assert figure.timing
    assert 0 < figure.value < 60


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell a process its peak memory")
def test_memory_of_a_clip_is_measured_on_whole_frames():
    figure = memory_figure(short=2, long=4, size=64)
    assert 0.5 < figure.value < 2
    assert "MiB at 4" in figure.note
