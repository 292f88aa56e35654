"""Garbage and core: always background, always foreground, in every output; soft mattes act softly, and once."""

import numpy as np
import pytest

from corridorkey.color import srgb_to_linear
from corridorkey.config import GreenFormerConfig, KeySettings
from corridorkey.finish import finish
from corridorkey.mattes import hold, told
from corridorkey.pipeline import guide_frame, key_frame
from corridorkey.prepare import MEAN, STD, prepare
from corridorkey.source_detail import own_light
from corridorkey.types import Mattes, Plate, Prediction
from tests.test_pipeline import KEYED, Echo

SIZE = (90, 160)
BARE = GreenFormerConfig(size=160, sizing="aspect")
GREEN, RED = (0.1, 0.7, 0.2), (0.8, 0.3, 0.2)
LEFT, RIGHT = (slice(20, 70), slice(15, 45)), (slice(20, 70), slice(100, 130))


def plate(space="srgb"):
    """Two red blocks before a green screen."""
    rgb = np.full((*SIZE, 3), GREEN, np.float32)
    rgb[LEFT] = rgb[RIGHT] = RED
    return Plate(rgb if space == "srgb" else srgb_to_linear(rgb), space)


def white(box, size=SIZE, value=1.0):
    out = np.zeros(size, np.float32)
    out[box] = value
    return out


def keyed(mattes, contract=KEYED, hint=None, **knobs):
    keyer, settings = Echo(contract), KeySettings("green", **{"despeckle": 0, **knobs})
    guide = guide_frame(plate(), "green", contract, hint, mattes=mattes)
    return key_frame(plate(), guide, keyer, settings, mattes)


def shown(guide, contract=KEYED):
    """The colours that a network is given, sRGB."""
    return prepare(plate(), guide, contract)[0, ..., :3] * STD + MEAN


def test_alpha_is_nothing_under_garbage_and_all_under_core_in_every_output():
    mattes = Mattes(garbage=white(LEFT), core=white((slice(0, 15), slice(60, 90))))
    frame = keyed(mattes, despeckle=400)
    for alpha in (frame.alpha[..., 0], frame.processed[..., 3]):
        assert alpha[LEFT].max() == 0
        assert alpha[:15, 60:90].min() == 1
        assert alpha[30:60, 105:125].min() > 0.9
    assert np.abs(frame.processed[LEFT]).max() == 0


def test_garbage_wins_over_core():
    both = keyed(Mattes(white(LEFT), white(LEFT)))
    assert both.alpha[LEFT].max() == 0
    assert both.processed[LEFT].max() == 0


def test_soft_mattes_act_softly_and_once():
    alone = keyed(Mattes())
    half = keyed(Mattes(garbage=white(RIGHT, value=0.5)))
    np.testing.assert_array_equal(half.alpha[RIGHT], alone.alpha[RIGHT] * np.float32(0.5))
    raised = keyed(Mattes(core=np.full(SIZE, 0.25, np.float32)))
    np.testing.assert_array_equal(raised.alpha, np.maximum(alone.alpha, np.float32(0.25)))


def test_a_matte_of_another_size_is_brought_to_the_plate_s():
    small = np.zeros((9, 16), np.float32)
    small[:, :8] = 1
    frame = keyed(Mattes(garbage=small))
    assert frame.alpha[:, :75].max() == 0
    assert frame.alpha[30:60, 105:125].min() > 0.9
    large = np.ones((450, 800), np.float32)
    assert keyed(Mattes(core=large)).alpha.min() == 1
    assert keyed(Mattes(garbage=large)).alpha.max() == 0


@pytest.mark.parametrize("contract", [KEYED, BARE])
@pytest.mark.parametrize("hint", [None, np.ones((45, 80), np.float32)])
def test_the_network_is_shown_bare_screen_and_no_hint_under_garbage(contract, hint):
    guide = guide_frame(plate(), "green", contract, hint, mattes=Mattes(garbage=white(LEFT)))
    seen = shown(guide, contract)
    np.testing.assert_allclose(seen[25:65, 20:40], np.broadcast_to(np.float32(GREEN), (40, 20, 3)), atol=0.03)
    np.testing.assert_allclose(seen[25:65, 105:125], np.broadcast_to(np.float32(RED), (40, 20, 3)), atol=1e-3)
    x = prepare(plate(), guide, contract)[0]
    assert np.abs(x[25:65, 20:40, 3]).max() < 1e-6
    assert x[35:55, 110:120, 3].min() > 0.9


@pytest.mark.parametrize("hint", [None, np.zeros(SIZE, np.float32)])
def test_hint_and_key_are_raised_under_core(hint):
    box = (slice(10, 80), slice(60, 90))
    guide = guide_frame(plate(), "green", KEYED, hint, mattes=Mattes(core=white(box)))
    x = prepare(plate(), guide, KEYED)[0]
    assert x[30:60, 65:85, 3].min() > 0.99
    assert x[30:60, 65:85, 4].min() > 0.99
    bare = guide_frame(plate(), "green", BARE, hint, mattes=Mattes(core=white(box)))
    assert prepare(plate(), bare, BARE)[0, 30:60, 65:85, 3].min() > 0.99


def test_what_core_reaches_counts_as_touched_by_the_hint_and_what_garbage_cuts_off_does_not():
    hint = white((slice(30, 60), slice(20, 40)))
    assert guide_frame(plate(), "green", KEYED, hint).key[RIGHT].max() < 0.01
    core = Mattes(core=white((slice(40, 50), slice(110, 120))))
    assert guide_frame(plate(), "green", KEYED, hint, mattes=core).key[30:60, 105:125].min() > 0.9
    bridged = plate()
    bridged.rgb[44:46, 45:100] = RED
    assert guide_frame(bridged, "green", KEYED, hint).key[30:60, 105:125].min() > 0.9
    cut = Mattes(garbage=white((slice(None), slice(60, 75))))
    assert guide_frame(bridged, "green", KEYED, hint, mattes=cut).key[30:60, 110:125].max() < 0.05


@pytest.mark.parametrize("space", ["srgb", "linear"])
def test_what_core_adds_has_the_plate_s_own_colour_by_how_much_it_adds(space):
    alpha, fg = np.zeros((*SIZE, 1), np.float32), np.full((*SIZE, 3), 0.25, np.float32)
    alpha[:, 50:100], alpha[:, 100:] = 0.5, 1
    core = np.ones(SIZE, np.float32)
    frame = finish(Prediction(alpha, fg), plate(space), KeySettings("green"), Mattes(core=core))
    own, network = own_light(plate(space).rgb, space, "green", 1.0), srgb_to_linear(fg)
    np.testing.assert_array_equal(frame.light[:, :50], own[:, :50])
    np.testing.assert_allclose(frame.light[:, 50:100], (own / 2 + network / 2)[:, 50:100], rtol=1e-6)
    np.testing.assert_array_equal(frame.light[:, 100:], network[:, 100:])
    np.testing.assert_array_equal(frame.processed[..., :3][:, :50], own[:, :50])


def test_core_and_source_detail_together_take_the_larger_share():
    alpha = np.zeros((*SIZE, 1), np.float32)
    alpha[:, 80:] = 1
    fg, core = np.full((*SIZE, 3), 0.25, np.float32), white((slice(None), slice(0, 40)))
    settings = KeySettings("green", source_detail=True)
    frame = finish(Prediction(alpha, fg), plate(), settings, Mattes(core=core))
    own = own_light(plate().rgb, "srgb", "green", 1.0)
    np.testing.assert_array_equal(frame.light[:, :40], own[:, :40])
    np.testing.assert_array_equal(frame.light[:, 120:], own[:, 120:])
    np.testing.assert_array_equal(frame.light[:, 40:80], srgb_to_linear(fg)[:, 40:80])


def test_despeckle_judges_islands_as_if_there_were_no_mattes():
    alpha = np.zeros((*SIZE, 1), np.float32)
    alpha[20:70, 20:70] = 1
    mattes = Mattes(white((slice(0, 64), slice(None))), white((slice(80, 83), slice(140, 143))))
    fg, settings = np.zeros((*SIZE, 3), np.float32), KeySettings("green", despeckle=400)
    clean = finish(Prediction(alpha, fg), plate(), settings, mattes).processed[..., 3]
    assert clean[65:69, 25:65].min() == 1  # 300 px are left of 2500
    assert clean[80:83, 140:143].min() == 1  # 9 px that someone wants


def test_without_mattes_nothing_is_touched():
    hint, alpha = np.ones((4, 5), np.float32), np.ones((4, 5, 1), np.float32)
    assert hold(hint, Mattes()) is hint
    assert hold(alpha, Mattes()) is alpha
    assert told(Mattes()) == Mattes()
    assert guide_frame(plate(), "green", KEYED).hidden is None
    assert keyed(Mattes()).light is None
    assert keyed(Mattes(garbage=white(LEFT))).light is None
