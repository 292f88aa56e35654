"""Every baseline, and a network as a method."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from corridorkey import metrics
from corridorkey.backend import load_keyer
from corridorkey.color import srgb_to_linear
from corridorkey.config import KeySettings
from corridorkey.despill import despill
from corridorkey.errors import BackendUnavailableError, SettingsError
from corridorkey.evaluation.baselines import gstreamer
from corridorkey.evaluation.baselines.despilled import Despilled
from corridorkey.evaluation.baselines.shown import PURE, Shown
from corridorkey.evaluation.methods import METHODS, KeyerMethod, method
from corridorkey.evaluation.truth_hint import truth_hint
from corridorkey.hints.chroma import chroma_guide
from corridorkey.pipeline import guide_frame, key_frame
from corridorkey.types import Plate
from tests.evaluation.easy import NAMES, as_blue, easy, needs_gstreamer, needs_pymatting


def premultiplied_error(frame, alpha, fg):
    return metrics.premultiplied_mae(fg, alpha, frame.fg, frame.alpha)


def test_every_baseline_is_tested_here():
    assert [getattr(name, "values", [name])[0] for name in NAMES] == list(METHODS)


@pytest.mark.parametrize("name", NAMES)
def test_a_baseline_gives_alpha_and_fg_that_beat_trivial_ones(name):
    frame = easy()
    result = method(name).key(frame)
    assert result.alpha.shape == frame.alpha.shape
    assert result.fg.shape == frame.fg.shape
    assert result.alpha.dtype == result.fg.dtype == np.float32
    assert result.alpha.min() >= 0
    assert result.alpha.max() <= 1
    assert np.isfinite(result.fg).all()
    assert result.fg.min() >= 0
    assert metrics.mse(result.alpha, frame.alpha) < 0.05 * frame.alpha.var()  # the best constant's error
    grey = np.full_like(frame.fg, frame.fg[frame.alpha > 0.98].mean())
    assert premultiplied_error(frame, result.alpha, result.fg) < premultiplied_error(frame, result.alpha, grey)


@pytest.mark.parametrize("name", NAMES)
def test_blue_is_keyed_as_green_is(name):
    green, blue = easy(), as_blue(easy())
    errors = [metrics.mse(method(name).key(frame).alpha, frame.alpha) for frame in (green, blue)]
    assert errors[1] < 1.5 * errors[0] + 0.005
    result = method(name).key(blue)
    trivial = np.full_like(blue.fg, blue.fg[blue.alpha > 0.98].mean())
    assert premultiplied_error(blue, result.alpha, result.fg) < premultiplied_error(blue, result.alpha, trivial)


@pytest.mark.parametrize("name", NAMES)
def test_the_settings_worth_trying_make_a_difference(name):
    baseline, shown = method(name), Shown(easy())
    assert baseline.alpha_grid()[0] == baseline.fg_grid()[0] == baseline
    assert baseline.settings in {choice.settings for choice in baseline.alpha_grid()}
    alphas = {choice.alpha_maker.alpha(shown).tobytes() for choice in baseline.alpha_grid()}
    assert len(alphas) > 5
    alpha = baseline.alpha_maker.alpha(shown)
    colours = {choice.fg_maker.fg(shown, alpha).tobytes() for choice in baseline.fg_grid()}
    assert len(colours) > (5 if name != "plate" else 0)


@pytest.mark.parametrize("name", NAMES)
def test_a_linear_plate_is_keyed_as_its_srgb_twin(name):
    frame = easy()
    linear = replace(frame, plate=Plate(srgb_to_linear(frame.plate.rgb), "linear"))
    a, b = method(name).key(frame), method(name).key(linear)
    np.testing.assert_allclose(a.alpha, b.alpha, atol=0.02)  # a code may round the other way
    np.testing.assert_allclose(a.fg, b.fg, atol=0.02)


def test_what_is_keyed_does_not_depend_on_the_truth():
    frame = easy()
    blind = replace(frame, alpha=None, fg=None, clean_plate=None)
    for name in ("soft-key", "chromakey", "plate"):
        a, b = method(name).key(frame), method(name).key(blind)
        np.testing.assert_array_equal(a.alpha, b.alpha)
        np.testing.assert_array_equal(a.fg, b.fg)


def test_the_soft_key_is_the_guides_key():
    frame = easy()
    np.testing.assert_array_equal(method("soft-key").key(frame).alpha, chroma_guide(frame.plate.rgb, "green").key)


def test_ten_bits_have_more_steps_than_eight():
    eight, ten = (np.unique(method(name).key(easy()).alpha).size for name in ("chromakey", "chromakey-10bit"))
    assert ten > 1.5 * eight


@pytest.mark.parametrize("screen", ["green", "blue"])
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_despilled_at_the_mean_is_the_projects_own_despill(screen, strength):
    rgb = np.random.default_rng(1).random((40, 30, 3), np.float32)
    got = Despilled(strength=strength).of(srgb_to_linear(rgb), screen)
    np.testing.assert_allclose(got, srgb_to_linear(despill(rgb, screen, strength)), atol=2e-6)


def test_ffmpeg_takes_spill_from_the_screens_channel_alone():
    green, blue = (method("chromakey").key(frame) for frame in (easy(), as_blue(easy())))
    np.testing.assert_allclose(blue.fg[..., [0, 2, 1]], green.fg, atol=1e-6)
    np.testing.assert_allclose(green.fg[..., [0, 2]], srgb_to_linear(easy().plate.rgb)[..., [0, 2]], atol=0.005)


def test_a_higher_limit_leaves_more_of_the_screen_channel():
    light = easy().plate.rgb
    mean, larger = (Despilled(limit=limit).of(light, "green")[..., 1].mean() for limit in (0.5, 1.0))
    assert larger > mean


def test_the_untouched_plate_is_the_plate():
    frame = easy()
    np.testing.assert_array_equal(method("plate").key(frame).fg, srgb_to_linear(frame.plate.rgb))


def test_the_screens_colour_is_measured_and_pure_where_there_is_none():
    red, green, blue = Shown(easy()).color
    assert green > red + 50
    assert green > blue + 50
    grey = replace(easy(), plate=Plate(np.full((32, 32, 3), 0.5, np.float32), "srgb"))
    assert Shown(grey).color == PURE["green"]


def test_an_unknown_method_is_named_with_those_there_are():
    with pytest.raises(SettingsError, match=r"method 'magic': use a checkpoint or one of soft-key, .*plate"):
        method("magic")


def test_without_gstreamer_its_packages_are_named(monkeypatch):
    monkeypatch.setattr(gstreamer.shutil, "which", lambda name: None)
    with pytest.raises(BackendUnavailableError, match=r"gst-launch-1\.0.*gstreamer1\.0-tools.*plugins-good"):
        method("gstreamer").key(easy())


@needs_gstreamer
def test_without_gstreamers_good_plugins_they_are_named(monkeypatch):
    monkeypatch.setattr(gstreamer, "ELEMENTS", ("alfa",))
    monkeypatch.setattr(gstreamer, "KEYED_BY", "alfa")
    with pytest.raises(BackendUnavailableError, match=r"GStreamer lacks alfa; .*gstreamer1\.0-plugins-good"):
        method("gstreamer").key(easy())


@pytest.mark.parametrize("name", ["soft-key-ml", "closed-form"])
def test_without_pymatting_the_extra_is_named(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymatting", None)
    with pytest.raises(BackendUnavailableError, match=r"PyMatting.*ck-mlx\[evaluate\]"):
        method(name).key(easy())


@pytest.mark.parametrize("name", ["chromakey", "chromakey-10bit"])
def test_without_pyav_the_extra_is_named(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(BackendUnavailableError, match=r"PyAV.*ck-mlx\[video\]"):
        method(name).key(easy())


@pytest.mark.slow
@needs_pymatting
def test_closed_form_of_an_empty_screen_is_empty():
    bare = np.broadcast_to(np.float32([0.15, 0.7, 0.2]), (60, 80, 3))
    frame = replace(easy(), plate=Plate(np.ascontiguousarray(bare), "srgb"))
    result = method("closed-form").key(frame)
    assert result.alpha.max() < 0.01
    assert np.isfinite(result.fg).all()


@pytest.mark.slow
@needs_pymatting
def test_closed_form_keeps_quiet_and_its_alpha_fits_a_plate_larger_than_it_solves(monkeypatch, capfd):
    from corridorkey.evaluation.baselines import closed_form

    monkeypatch.setattr(closed_form, "SOLVED_AT", 80)
    frame = easy()
    result = method("closed-form").key(frame)
    assert result.alpha.shape == frame.alpha.shape
    assert metrics.mse(result.alpha, frame.alpha) < 0.05 * frame.alpha.var()
    assert capfd.readouterr() == ("", "")


@pytest.fixture(scope="module")
def keyer(tiny_checkpoint):
    return load_keyer("torch", tiny_checkpoint, device="cpu")


def test_a_network_goes_the_road_of_ck_key(keyer):
    frame = easy()
    guide = guide_frame(frame.plate, frame.screen, keyer.contract)
    keyed = key_frame(frame.plate, guide, keyer, KeySettings())
    result = KeyerMethod("tiny", keyer).key(frame)
    np.testing.assert_array_equal(result.alpha, keyed.alpha[..., 0])
    np.testing.assert_array_equal(result.fg, srgb_to_linear(keyed.fg))


def test_a_hint_from_the_truth_changes_what_the_network_says(keyer):
    chroma, truth = (KeyerMethod("tiny", keyer, hint).key(easy()).alpha for hint in ("chroma", "truth"))
    assert not np.array_equal(chroma, truth)


def test_a_hint_from_the_truth_is_too_small_and_the_same_every_time():
    frame = easy()
    hint = truth_hint(frame)
    assert hint.sum() < frame.alpha.sum()
    assert hint[frame.alpha == 0].max() < 0.5
    np.testing.assert_array_equal(hint, truth_hint(frame))
    sizes = {float(truth_hint(replace(frame, name=f"easy/{n}")).sum()) for n in range(8)}
    assert len(sizes) > 1


def test_without_truth_there_is_no_hint_from_it(keyer):
    with pytest.raises(SettingsError, match=r"real/0001: no true alpha.*chroma hint"):
        KeyerMethod("tiny", keyer, "truth").key(replace(easy(), name="real/0001", alpha=None))


def test_worse_hints_are_the_truth_eroded_and_shifted_by_their_share_of_the_frame():
    alpha = np.zeros((200, 400), np.float32)
    alpha[60:140, 100:300] = 1
    frame = replace(easy(), alpha=alpha)
    good, eroded, shifted = (truth_hint(frame, kind) for kind in ("truth", "eroded", "shifted"))
    height, width = ((eroded > 0.5).any(axis=k).sum() for k in (1, 0))
    assert abs(height - (80 - 2 * 12)) <= 2
    assert abs(width - (200 - 2 * 12)) <= 2
    centres = [np.argwhere(h > 0.5).mean(axis=0) for h in (good, shifted)]
    assert np.hypot(*(centres[1] - centres[0])) == pytest.approx(8, abs=0.7)
    assert shifted.sum() == pytest.approx(good.sum(), rel=0.02)
