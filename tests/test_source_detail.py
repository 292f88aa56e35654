"""The plate's own pixels in the solid inside: exactly theirs there, nothing of them beside it, no step between."""

import numpy as np
import pytest

from corridorkey.color import srgb_to_linear
from corridorkey.config import KeySettings
from corridorkey.despill import despill
from corridorkey.finish import finish
from corridorkey.source_detail import SOLID, own_light, solid_share, take_own
from corridorkey.types import Plate, Prediction

SIZE = (400, 500)
BODY = (slice(100, 300), slice(100, 400))
SWAPPED = [0, 2, 1]


def body(alpha=1.0):
    """A solid rectangle with a soft edge."""
    out = np.zeros((*SIZE, 1), np.float32)
    out[96:304, 96:404] = 0.5
    out[BODY] = alpha
    return out


def linear_plate():
    """A linear plate of greys and reds from -0.05 to 8, none with spill."""
    rng = np.random.default_rng(1)
    rgb = np.repeat(rng.uniform(-0.05, 8, (*SIZE, 1)).astype(np.float32), 3, axis=2)
    rgb[..., 0] += rng.random(SIZE, np.float32)
    return rgb


def finished(rgb, space="linear", alpha=None, screen="green", fg=None, **knobs):
    alpha = body() if alpha is None else alpha
    fg = np.full((*SIZE, 3), 0.5, np.float32) if fg is None else fg
    settings = KeySettings(screen, **{"source_detail": True, **knobs})
    return finish(Prediction(alpha, fg), Plate(rgb, space), settings)


@pytest.mark.parametrize("space", ["linear", "srgb"])
@pytest.mark.parametrize("strength", [1.0, 0.4, 0.0])
def test_an_untouched_pixel_deep_inside_is_the_plate_s_to_the_last_bit(space, strength):
    rgb = linear_plate() if space == "linear" else np.clip(linear_plate() / 8, 0, 1)
    keyed = finished(rgb, space, despill=strength)
    expected = rgb if space == "linear" else srgb_to_linear(rgb)
    deep = (slice(110, 290), slice(110, 390))
    np.testing.assert_array_equal(keyed.light[deep], expected[deep])
    np.testing.assert_array_equal(keyed.processed[(*deep, slice(0, 3))], expected[deep])


def test_highlights_negative_values_and_grain_of_the_plate_are_in_fg_and_processed():
    rgb = np.full((*SIZE, 3), 0.2, np.float32)
    rgb[200, 200] = 8
    rgb[200, 202] = (0.3, 0.05, -0.02)
    keyed = finished(rgb)
    assert (keyed.light[200, 200] == 8).all()
    assert keyed.processed[200, 200, 0] == 8
    assert keyed.light[200, 202, 2] == np.float32(-0.02)
    assert keyed.comp[200, 200].min() > 1
    np.testing.assert_array_equal(keyed.fg, 0.5)  # the network's


def test_spill_is_taken_out_of_the_plate_s_own_pixels_by_despill_s_rule():
    srgb = np.random.default_rng(2).random((*SIZE, 3), np.float32)
    linear = srgb_to_linear(srgb)
    for strength in (1.0, 0.5):
        expected = srgb_to_linear(despill(srgb, "green", strength))
        np.testing.assert_array_equal(own_light(srgb, "srgb", "green", strength), expected)
        np.testing.assert_allclose(own_light(linear, "linear", "green", strength), expected, atol=1e-6)
    np.testing.assert_array_equal(own_light(linear, "linear", "green", 0.0), linear)


def test_the_despill_of_own_pixels_is_continuous_where_spill_begins():
    red_blue, steps = np.float32(3.0), np.linspace(-1e-5, 1e-5, 21, dtype=np.float32)
    rgb = np.stack([np.full(21, red_blue), red_blue + steps, np.full(21, red_blue)], axis=-1)[None]
    out = own_light(rgb, "linear", "green", 1.0)
    assert np.abs(np.diff(out, axis=1)).max() < 1e-5


def test_blue_is_green_with_channels_swapped():
    rgb = np.random.default_rng(3).uniform(-0.1, 2, (*SIZE, 3)).astype(np.float32)
    green = finished(rgb)
    blue = finished(rgb[..., SWAPPED], screen="blue")
    np.testing.assert_array_equal(blue.light, green.light[..., SWAPPED])
    np.testing.assert_array_equal(blue.processed, green.processed[..., [*SWAPPED, 3]])


def test_the_blend_falls_steadily_to_nothing_before_the_edge():
    share = solid_share(body())[..., 0]
    row = share[200, :250]
    assert (np.diff(row) >= 0).all()
    assert np.diff(row).max() < 0.5
    assert row[130] == 1
    assert (share[body()[..., 0] <= SOLID] == 0).all()
    assert (row[100:102] == 0).all()  # subsampled colour has the screen's here
    assert 0 < row[103] < 1


def test_the_blend_scales_with_the_frame():
    big = np.zeros((1200, 2000, 1), np.float32)
    big[:, 500:] = 1
    row = solid_share(big)[600, :, 0]
    assert (row[:504] == 0).all()
    assert row[510] < 1
    assert (row[520:] == 1).all()


def test_a_body_that_leaves_the_frame_is_solid_up_to_the_frame_s_border():
    alpha = np.zeros((*SIZE, 1), np.float32)
    alpha[100:, :300] = 1
    share = solid_share(alpha)
    assert (share[-1, :250] == 1).all()
    assert (solid_share(np.ones((*SIZE, 1), np.float32)) == 1).all()


def test_where_alpha_is_not_solid_nothing_of_the_plate_shows():
    rgb, nothing = linear_plate(), body(0.9)
    keyed = finished(rgb, alpha=nothing)
    np.testing.assert_array_equal(keyed.light, srgb_to_linear(keyed.fg))
    np.testing.assert_array_equal(keyed.processed, finished(rgb, alpha=nothing, source_detail=False).processed)


def test_what_despeckle_drops_is_not_the_plate_s():
    alpha = np.zeros((*SIZE, 1), np.float32)
    alpha[200:219, 200:219] = 1
    keyed = finished(linear_plate(), alpha=alpha)
    np.testing.assert_array_equal(keyed.light, srgb_to_linear(keyed.fg))


def test_without_the_option_there_is_no_light_and_the_plate_does_not_count():
    keyed = finished(linear_plate(), source_detail=False)
    other = finished(np.zeros((*SIZE, 3), np.float32), source_detail=False)
    assert keyed.light is None
    np.testing.assert_array_equal(keyed.processed, other.processed)


def test_each_side_of_the_mix_is_exact_at_its_end():
    own, other = (np.random.default_rng(i).uniform(-1, 9, (5, 7, 3)).astype(np.float32) for i in range(2))
    share = np.zeros((5, 7, 1), np.float32)
    share[2:] = 1
    light = other.copy()
    take_own(own.copy(), share, light)
    np.testing.assert_array_equal(light, np.where(share == 1, own, other))
