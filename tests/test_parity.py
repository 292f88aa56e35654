"""The parity run: what it says, and that it can fail. Its figures themselves come from `python -m parity`."""

import dataclasses
import sys

import numpy as np
import pytest

import parity.__main__ as run
from corridorkey.errors import MediaError
from parity import mirror, stages
from parity.backends import backends, on_cpu, torch_backend
from parity.compare import Pair, compare
from parity.figures import Figure, help_figure
from parity.memory import memory_figure


def test_prepare_and_finish_are_within_their_bounds():
    verdicts = list(compare([*stages.prepare_pairs(), *stages.finish_pairs()]))
    assert [v.name for v in verdicts if not v.holds] == []
    assert len(verdicts) == 6 + 24


@pytest.mark.slow
@pytest.mark.parametrize("backend", backends(), ids=lambda backend: backend.name)
def test_every_stage_of_a_network_is_within_its_bound(backend):
    with on_cpu(backend.name):
        verdicts = list(compare(stages.network_pairs(backend)))
    assert [v.name for v in verdicts if not v.holds] == []
    assert len(verdicts) == 11


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
    for pairs in (stages.prepare_pairs(), stages.network_pairs(torch_backend()), stages.finish_pairs()):
        with pytest.raises(FileNotFoundError):
            list(pairs)


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


def test_two_networks_that_differ_are_found(monkeypatch):
    """One backend's alpha, shifted by a thousandth, is out of bounds in every finished file."""
    real = torch_backend()

    class Shifted:
        def __init__(self, keyer):
            self.contract, self.keyer = keyer.contract, keyer

        def predict(self, x, refiner_scale=1.0):
            prediction = self.keyer.predict(x, refiner_scale)
            return dataclasses.replace(prediction, alpha=prediction.alpha * np.float32(0.999))

    other = dataclasses.replace(real, name="other", load_keyer=lambda path, **kw: Shifted(real.load_keyer(path, **kw)))
    monkeypatch.setattr(mirror, "backends", lambda: [real, other])
    monkeypatch.setattr(mirror, "half_pairs", lambda plate, backend, what: iter(()))
    verdicts = {v.name: v for v in compare(mirror.mirror_pairs())}
    assert {name for name, v in verdicts.items() if not v.holds} >= {
        f"mirror matte {p}.png" for p in ("green", "blue", "large")
    }
    assert verdicts["mirror fg green.png"].value == 0
    assert len(verdicts) == 9


def test_half_precision_that_is_too_far_off_is_found():
    reference = np.full((8, 8, 1), 0.5, np.float32)
    (verdict,) = compare([Pair("half bfloat16 alpha", "", reference + np.float32(1e-3), reference)])
    assert not verdict.holds
    assert "largest 1.00e-03" in str(verdict)


def test_of_a_folder_only_its_pictures_are_compared(tmp_path):
    for name in ("b.JPG", "a.png", "a.exr", ".DS_Store", "._a.png", "movie.mov", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in mirror.pictures_in(tmp_path)] == ["a.exr", "a.png", "b.JPG"]


def test_a_folder_without_pictures_is_no_parity(tmp_path, monkeypatch, capsys):
    (tmp_path / "movie.mov").touch()
    for folder, said in ((tmp_path, "no pictures"), (tmp_path / "nowhere", "cannot be read")):
        with pytest.raises(MediaError, match=said):
            mirror.pictures_in(folder)
        monkeypatch.setattr("sys.argv", ["parity", "--frames", str(folder)])
        assert run.main() == 1
        assert said in capsys.readouterr().err
