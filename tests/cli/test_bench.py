"""`ck bench` on small frames. No test goes by how long anything takes."""

from __future__ import annotations

import json
from importlib.util import find_spec

import numpy as np
import pytest

from corridorkey.bench import STAGES, TimedKeyer, bench_plate, peak_memory, time_frames
from corridorkey.cli import bench
from corridorkey.types import Prediction
from tests.conftest import TINY

INSTALLED = [name for name in ("mlx", "torch") if find_spec(name)]


class Echo:
    """A keyer that gives half of everything, and counts its calls."""

    contract = TINY

    def __init__(self):
        self.calls = []

    def predict(self, x, refiner_scale=1.0):
        self.calls.append((x.shape, refiner_scale))
        return Prediction(np.full((*x.shape[1:3], 1), 0.5, np.float32), np.full((*x.shape[1:3], 3), 0.5, np.float32))


def test_every_backend_has_figures_that_add_up(ck, tiny_checkpoint):
    result = ck("bench", tiny_checkpoint, "--size", "96x64", "--frames", 1, "--json")
    assert result.code == 0, result.err
    report = json.loads(result.out)
    assert [facts["backend"] for facts in report["backends"]] == INSTALLED
    assert (report["size"], report["frames"], report["failed"]) == ([96, 64], 1, {})
    assert report["machine"]["cores"] >= 1
    for facts in report["backends"]:
        ms = facts["ms"]
        assert list(ms) == [*STAGES, "frame"]
        assert all(value > 0 for value in ms.values())
        assert sum(ms[stage] for stage in STAGES) == pytest.approx(ms["frame"])
        assert facts["fps"]["network"] == pytest.approx(1000 / ms["network"])
        assert facts["fps"]["frame"] == pytest.approx(1000 / ms["frame"])
        assert facts["network_size"] == [96, 64]
        assert (facts["dtype"], bool(facts["device"])) == ("float32", True)
        assert facts["peak_bytes"] > 1 << 20


def test_the_table_has_the_machine_and_a_row_for_the_backend(ck, tiny_checkpoint):
    backend = INSTALLED[-1]
    result = ck("bench", tiny_checkpoint, "--size", "96x64", "--frames", 2, "--backend", backend, "--dtype", "bfloat16")
    assert result.code == 0, result.err
    first, machine, _, heads, row = result.out.splitlines()
    assert first == f"{tiny_checkpoint}, plate 96x64, keyed 2 times"
    assert "cores" in machine
    for word in ("NETWORK FPS", "FRAME FPS", "HINT MS", "FINISH MS", "PEAK MEMORY"):
        assert word in heads
    assert row.startswith(backend)
    assert "bfloat16" in row
    assert "GiB" in row


def test_a_frame_is_keyed_once_more_than_it_is_timed():
    echo = Echo()
    spent = time_frames(bench_plate((64, 96)), "green", echo, 3)
    assert echo.calls == [((1, 64, 96, TINY.channels), 1.0)] * 4
    assert set(spent) == {*STAGES, "frame"}


def test_a_timed_keyer_predicts_what_its_keyer_does():
    timed = TimedKeyer(Echo())
    assert timed.contract is TINY
    assert timed.predict(np.zeros((1, 32, 32, 8), np.float32), 0.5).alpha.shape == (32, 32, 1)
    assert timed.keyer.calls == [((1, 32, 32, 8), 0.5)]
    assert 0 < timed.started <= timed.ended


def test_the_plate_shows_its_screen():
    for screen, channel in (("green", 1), ("blue", 2)):
        plate = bench_plate((64, 96), screen)
        assert plate.rgb.shape == (64, 96, 3)
        assert np.median(plate.rgb, axis=(0, 1)).argmax() == channel
    assert np.array_equal(bench_plate((64, 96)).rgb, bench_plate((64, 96)).rgb)


def test_memory_that_was_held_counts_after_it_is_given_back():
    before = peak_memory()
    held = np.ones(64 << 20, np.uint8)
    del held
    assert peak_memory() >= max(before, 64 << 20)


@pytest.mark.parametrize(("words", "code", "says"), [
    (("nowhere.safetensors",), 4, "nowhere.safetensors"),
    (("small", "--size", "1920"), 2, "1920x1080"),
    (("small", "--size", "1920x8"), 2, "64 to 8192"),
    (("small", "--size", "99999x1080"), 2, "64 to 8192"),
    (("small", "--frames", "0"), 2, "--frames"),
    (("small", "--backend", "jax"), 2, "jax"),
    (("small", "--dtype", "int8"), 2, "int8"),
])  # fmt: skip
def test_what_cannot_be_timed_is_named(ck, words, code, says):
    result = ck("bench", *words)
    assert result.code == code
    assert says in result.err


def test_a_file_that_is_no_checkpoint_is_named(ck, tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"nothing")
    result = ck("bench", tmp_path / "a.safetensors")
    assert result.code == 5
    assert "a.safetensors" in result.err


@pytest.fixture
def without_mlx(monkeypatch):
    """MLX is not installed, and a child answers at once."""
    monkeypatch.setattr("corridorkey.backend.find_spec", lambda name: name != "mlx")
    facts = {
        "backend": "torch", "device": "cpu", "device_name": "", "threads": 1, "dtype": "float32",
        "network_size": [96, 64], "ms": dict.fromkeys((*STAGES, "frame"), 2.0), "fps": {"network": 500, "frame": 500},
        "peak_bytes": 1 << 30, "device_peak_bytes": None,
    }  # fmt: skip
    monkeypatch.setattr(bench, "_in_child", lambda *_: facts)


@pytest.mark.usefixtures("without_mlx")
def test_a_missing_backend_is_named(ck, tiny_checkpoint):
    alone = ck("bench", tiny_checkpoint, "--size", "96x64", "--backend", "mlx")
    assert alone.code == 4
    assert "mlx is not installed" in alone.err
    both = ck("bench", tiny_checkpoint, "--size", "96x64")
    assert both.code == 0, both.err
    assert "torch    CPU, 1 thread" in both.out
    assert "mlx was left out: mlx is not installed" in both.out
    assert list(json.loads(ck("bench", tiny_checkpoint, "--size", "96x64", "--json").out)["missing"]) == ["mlx"]


def test_a_device_that_is_not_here_is_named(ck, tiny_checkpoint):
    result = ck("bench", tiny_checkpoint, "--size", "96x64", "--backend", INSTALLED[-1], "--device", "tpu")
    assert result.code == 1
    assert f"{INSTALLED[-1]}: " in result.err
    assert "tpu" in result.err


@pytest.mark.usefixtures("without_mlx")
def test_a_backend_that_fails_leaves_the_other_its_row(ck, tiny_checkpoint, monkeypatch):
    one, other = bench._in_child, {"failure": "died of SIGABRT"}
    monkeypatch.setattr("corridorkey.backend.find_spec", lambda _: True)
    monkeypatch.setattr(bench, "_in_child", lambda name, *words: other if name == "mlx" else one(name, *words))
    result = ck("bench", tiny_checkpoint, "--size", "96x64")
    assert result.code == 0, result.err
    assert "mlx failed: died of SIGABRT" in result.out
    assert "torch    CPU" in result.out
