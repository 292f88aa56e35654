"""Settings found on a suite, and on each frame."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from corridorkey import metrics
from corridorkey.errors import SettingsError
from corridorkey.evaluation.baselines.baseline import Baseline
from corridorkey.evaluation.baselines.despilled import Despilled
from corridorkey.evaluation.baselines.grid import grid
from corridorkey.evaluation.baselines.soft_key import SoftKey
from corridorkey.evaluation.methods import METHODS, method
from corridorkey.evaluation.tune import drawn, oracle, tune
from tests.evaluation.easy import NAMES, easy


def frames():
    return iter([easy(seed) for seed in range(1, 6)])


def alpha_error(baseline, frame):
    return metrics.mse(baseline.key(frame).alpha, frame.alpha)


def fg_error(baseline, frame):
    keyed = baseline.key(frame)
    return metrics.premultiplied_mae(keyed.fg, keyed.alpha, frame.fg, frame.alpha)


@dataclass(frozen=True)
class Level:
    """An alpha that is one number."""

    value: float = 0.1

    def alpha(self, shown):
        return np.full(shown.rgb.shape[:2], self.value, np.float32)

    def grid(self):
        return grid(self, value=(0.3, 0.9, 0.3))


@pytest.mark.parametrize("name", NAMES)
def test_tuned_is_no_worse_than_default_and_the_oracle_no_worse_than_tuned(name):
    baseline = method(name)
    tuned = tune(baseline, frames)
    assert tuned.name == name
    looked_at = list(drawn(frames()))
    default, best = (np.mean([alpha_error(b, frame) for frame in looked_at]) for b in (baseline, tuned))
    assert best <= default
    plain = replace(tuned, fg_maker=baseline.fg_maker)
    assert np.mean([fg_error(tuned, f) for f in looked_at]) <= np.mean([fg_error(plain, f) for f in looked_at])
    for frame in looked_at:
        assert alpha_error(oracle(tuned, frame), frame) <= alpha_error(tuned, frame)


def test_every_baseline_is_tuned_here():
    assert [getattr(name, "values", [name])[0] for name in NAMES] == list(METHODS)


def test_the_level_nearest_to_the_mean_alpha_wins():
    solid = replace(easy(), alpha=np.full_like(easy().alpha, 0.8))
    tuned = tune(Baseline("level", Level(), Despilled()), lambda: [solid])
    assert tuned.alpha_maker == Level(0.9)


def test_tuning_is_the_same_every_time():
    assert tune(method("soft-key"), frames, seed=3) == tune(method("soft-key"), frames, seed=3)


def test_bad_settings_are_put_right():
    spoilt = Baseline("spoilt", SoftKey(0.45, 0.5), Despilled())
    assert alpha_error(tune(spoilt, lambda: [easy()]), easy()) < alpha_error(spoilt, easy())


def test_one_frame_of_four_is_drawn_and_a_seed_decides_which():
    shot = [replace(easy(), name=f"{n:04}") for n in range(22)]
    draws = {tuple(int(f.name) for f in drawn(shot, seed)) for seed in range(8)}
    assert len(draws) > 1
    for draw in draws:
        assert [n // 4 for n in draw] == [0, 1, 2, 3, 4, 5]
    assert [f.name for f in drawn(shot, 1)] == [f.name for f in drawn(shot, 1)]


def test_a_grid_begins_with_its_own_and_has_nothing_twice():
    assert Level().grid() == (Level(0.1), Level(0.3), Level(0.9))
    assert len(grid(SoftKey(), black=(0.0, 0.1), white=(1.0, 0.5))) == 4


def test_a_draw_is_the_settings_own():
    empty = replace(easy(), alpha=np.zeros_like(easy().alpha))
    nothing = Baseline("nothing", Level(0.0), Despilled(strength=0.6))
    assert tune(nothing, lambda: [empty]) == nothing


def test_a_suite_without_frames_or_truth_cannot_be_tuned_on():
    with pytest.raises(SettingsError, match="no frame to tune soft-key by"):
        tune(method("soft-key"), lambda: [])
    with pytest.raises(SettingsError, match=r"real/0001: its truth is unknown"):
        tune(method("soft-key"), lambda: [replace(easy(), name="real/0001", alpha=None)])
