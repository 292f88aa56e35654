"""Settings found on a suite, and on each frame."""

import weakref
from dataclasses import dataclass, replace

import numpy as np
import pytest

from corridorkey import metrics
from corridorkey.errors import FrameWriteError, SettingsError
from corridorkey.evaluation.baselines.baseline import Baseline
from corridorkey.evaluation.baselines.despilled import Despilled
from corridorkey.evaluation.baselines.grid import grid
from corridorkey.evaluation.baselines.shown import Shown
from corridorkey.evaluation.baselines.soft_key import SoftKey
from corridorkey.evaluation.kept import Example, KeptExamples
from corridorkey.evaluation.methods import METHODS, method
from corridorkey.evaluation.tune import EVERY, drawn, oracle, tune
from tests.evaluation.easy import NAMES, as_blue, easy
from tests.evaluation.frames import disc_frame


def frames():
    return iter([easy(seed) for seed in range(1, 6)])


def tuned_by(baseline, *suite, seed=0):
    return tune([baseline], suite or frames(), seed)[0]


def one_by_one(baseline, suite, seed):
    """What `tune` has to find: each baseline by itself, from frames made anew for each pass."""

    def best(choices, loss):
        rows = [[loss(choice, Shown(frame), frame) for choice in choices] for frame in drawn(suite(), seed)]
        return choices[int(np.mean(rows, axis=0).argmin())]

    def alpha_loss(choice, shown, frame):
        return metrics.mse(choice.alpha_maker.alpha(shown), frame.alpha)

    def fg_loss(choice, shown, frame):
        alpha = choice.alpha_maker.alpha(shown)
        return metrics.premultiplied_mae(choice.fg_maker.fg(shown, alpha), alpha, frame.fg, frame.alpha)

    return best(best(baseline.alpha_grid(), alpha_loss).fg_grid(), fg_loss)


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
    tuned = tuned_by(baseline)
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
    tuned = tuned_by(Baseline("level", Level(), Despilled()), solid)
    assert tuned.alpha_maker == Level(0.9)


def test_tuning_is_the_same_every_time():
    assert tuned_by(method("soft-key"), seed=3) == tuned_by(method("soft-key"), seed=3)


def test_bad_settings_are_put_right():
    spoilt = Baseline("spoilt", SoftKey(0.45, 0.5), Despilled())
    assert alpha_error(tuned_by(spoilt, easy()), easy()) < alpha_error(spoilt, easy())


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
    assert tuned_by(nothing, empty) == nothing


def test_a_suite_without_frames_or_truth_cannot_be_tuned_on():
    with pytest.raises(SettingsError, match="no frame to tune soft-key by"):
        tune([method("soft-key")], [])
    with pytest.raises(SettingsError, match=r"real/0001: its truth is unknown"):
        tuned_by(method("soft-key"), replace(easy(), name="real/0001", alpha=None))


@pytest.mark.parametrize("seed", [0, 1])
def test_baselines_tuned_together_get_what_each_gets_by_itself(seed):
    def suite():
        plain = [easy(n) for n in range(1, 8)]
        return [*plain, as_blue(easy(2)), disc_frame("linear")]

    baselines = [
        Baseline("spoilt", SoftKey(0.45, 0.5), Despilled(0.3, 0.3)),  # settings of its own
        *map(method, ("soft-key", "chromakey", "plate")),
        Baseline("level", Level(), Despilled()),
    ]
    assert tune(baselines, suite(), seed) == [one_by_one(baseline, suite, seed) for baseline in baselines]


def test_a_suite_is_rendered_once_for_all_baselines():
    rendered, looked_at = [], []

    def suite():
        for seed in range(1, 7):
            rendered.append(seed)
            yield easy(seed)

    tune([method("soft-key"), method("chromakey")], suite(), on_frame=looked_at.append)
    assert rendered == [1, 2, 3, 4, 5, 6]
    assert looked_at[:2] == looked_at[2:] == [frame.name for frame in drawn(suite())]


def test_few_frames_are_in_memory_at_a_time():
    seen, most = [], 0

    def suite():
        nonlocal most
        for number in range(24):
            frame = disc_frame(f"disc/{number}", at=30.0 + number)
            seen.append(weakref.ref(frame.plate.rgb))
            most = max(most, sum(ref() is not None for ref in seen))
            yield frame

    tune([method("soft-key"), method("plate")], suite())
    assert len(seen) == 24
    assert most <= EVERY + 1  # a row of four, and the one looked at before
    assert not any(ref() is not None for ref in seen)


def test_what_is_kept_comes_back_without_a_loss(tmp_path):
    kept, frames = KeptExamples(tmp_path), [easy(), as_blue(easy(3)), disc_frame("linear")]
    assert len(list(kept.keeping(map(Example.of, frames)))) == 3
    for frame, again in zip(frames, kept, strict=True):
        assert (again.shown.name, again.shown.screen, again.shown.plate.space) == (
            frame.name,
            frame.screen,
            frame.plate.space,
        )
        np.testing.assert_array_equal(again.shown.plate.rgb, frame.plate.rgb)
        np.testing.assert_array_equal(again.alpha, frame.alpha)
        seen = frame.alpha > 0
        np.testing.assert_array_equal(again.fg[seen], frame.fg[seen])
        assert {a.dtype for a in (again.shown.plate.rgb, again.alpha, again.fg)} == {np.dtype("float32")}


def test_tuning_leaves_nothing_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tuned_by(method("soft-key"))
    with pytest.raises(SettingsError):
        tuned_by(method("soft-key"), easy(), *[replace(easy(), alpha=None)] * 4)
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_a_frame_is_said(tmp_path):
    kept = KeptExamples(tmp_path / "gone")
    with pytest.raises(FrameWriteError, match="TMPDIR"):
        list(kept.keeping([Example.of(easy())]))
