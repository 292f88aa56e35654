import dataclasses

import numpy as np
import pytest

from corridorkey.color import linear_to_srgb
from corridorkey.config import GreenFormerConfig
from corridorkey.errors import SettingsError
from corridorkey.prepare import MEAN, STD, fitted_size, prepare, restore
from corridorkey.resize import resize_bilinear, resize_lanczos
from corridorkey.types import Guide, Plate, Prediction
from tests.conftest import TINY

SQUARE = GreenFormerConfig(size=64, pos_grid=16)


def guide(size, screen="green", **changes):
    h, w = size
    whole = {
        "hint": np.full((h, w), 0.25, np.float32),
        "key": np.full((h, w), 0.75, np.float32),
        "clean_plate": np.full((h, w, 3), (0.1, 0.7, 0.2), np.float32),
    }
    return Guide(screen=screen, **{**whole, **changes})


@pytest.mark.parametrize(("plate", "fitted"), [((1080, 1920), (72, 128)), ((100, 50), (100, 50)), ((3, 900), (1, 128))])
def test_aspect_sizing_keeps_the_aspect_and_never_enlarges(plate, fitted):
    assert fitted_size(plate, TINY) == fitted


@pytest.mark.parametrize(
    ("plate", "size", "fitted"),
    [
        ((60, 80), 256, (72, 96)),
        ((20, 30), 256, (40, 60)),  # twice, and no more
        ((60, 96), 256, (60, 96)),
        ((200, 100), 256, (200, 100)),
        ((40, 60), 64, (43, 64)),  # never beyond size
        ((200, 100), 64, (64, 32)),
    ],
)
def test_a_small_plate_is_enlarged_where_the_contract_says_so(plate, size, fitted):
    assert fitted_size(plate, dataclasses.replace(TINY, overview=80, size=size)) == fitted


def test_an_enlarged_plate_comes_back_as_sharp_as_it_was():
    contract = dataclasses.replace(TINY, overview=160)
    noise = np.random.default_rng(2).uniform(0.2, 0.8, (64, 64, 5)).astype(np.float32)
    plate, masks = Plate(noise[..., :3], "srgb"), {"hint": noise[..., 3], "key": noise[..., 4]}
    x = prepare(plate, guide((64, 64), **masks), contract)
    assert x.shape == (1, 128, 128, 8)
    colours = x[0, ..., :3] * STD + MEAN
    back = resize_lanczos(np.concatenate([colours, x[0, ..., 3:5]], axis=-1), (64, 64))
    softened = resize_lanczos(resize_bilinear(noise, (128, 128)), (64, 64))
    assert np.abs(back - noise).mean() < 0.4 * np.abs(softened - noise).mean()


def test_a_linear_plate_is_enlarged_as_it_is_seen_and_masks_stay_masks():
    contract = dataclasses.replace(TINY, overview=80)
    rgb, edge = np.full((32, 32, 3), 0.05, np.float32), np.zeros((32, 32), np.float32)
    rgb[:, 16:], edge[:, 16:] = 8.0, 1.0
    x = prepare(Plate(rgb, "linear"), guide((32, 32), hint=edge), contract)
    seen = linear_to_srgb(rgb)
    same = prepare(Plate(seen, "srgb"), guide((32, 32), hint=edge), contract)
    np.testing.assert_array_equal(x, same)
    assert (x[..., 3].min(), x[..., 3].max()) == (0, 1)
    coarse = prepare(Plate(rgb, "linear"), guide((32, 32), hint=edge[::4, ::4]), contract)
    np.testing.assert_array_equal(coarse[0, ..., 3], resize_bilinear(edge[::4, ::4], (64, 64)))


def test_a_network_that_squashes_enlarges_as_its_ancestor():
    rgb = np.random.default_rng(1).random((32, 32, 3), np.float32)
    x = prepare(Plate(rgb, "srgb"), guide((32, 32)), SQUARE)
    np.testing.assert_allclose(x[0, ..., :3] * STD + MEAN, resize_bilinear(rgb, (64, 64)), atol=1e-6)


def test_square_sizing_squashes():
    assert fitted_size((1080, 1920), SQUARE) == (64, 64)


def test_sides_are_padded_to_multiples_of_32_with_the_edge():
    rgb = np.random.default_rng(1).random((40, 70, 3), np.float32)
    x = prepare(Plate(rgb, "srgb"), guide((40, 70)), TINY)
    assert x.shape == (1, 64, 96, 8)
    np.testing.assert_array_equal(x[0, 40:, :70], np.broadcast_to(x[0, 39, :70], (24, 70, 8)))


def test_a_blue_screen_is_seen_as_green_and_put_back():
    rgb = np.random.default_rng(1).random((32, 32, 3), np.float32)
    green = prepare(Plate(rgb, "srgb"), guide((32, 32)), TINY)
    swapped = guide((32, 32), "blue", clean_plate=np.full((32, 32, 3), (0.1, 0.2, 0.7), np.float32))
    blue = prepare(Plate(rgb[..., [0, 2, 1]], "srgb"), swapped, TINY)
    np.testing.assert_array_equal(green, blue)
    back = restore(Prediction(rgb[..., :1], rgb), Plate(rgb, "srgb"), TINY, "blue")
    np.testing.assert_array_equal(back.fg, rgb[..., [0, 2, 1]])


def test_a_network_for_one_screen_is_given_the_plate_as_it_is():
    rgb = np.random.default_rng(1).random((64, 64, 3), np.float32)
    x = prepare(Plate(rgb, "srgb"), guide((64, 64), "blue"), SQUARE)
    np.testing.assert_allclose(x[0, ..., :3] * STD + MEAN, rgb, atol=1e-6)


def test_highlights_above_white_reach_the_network_and_negatives_are_floored():
    rgb = np.zeros((32, 32, 3), np.float32)
    rgb[..., 0], rgb[..., 1] = 4.0, -1.0
    x = prepare(Plate(rgb, "linear"), guide((32, 32)), TINY)
    colours = x[0, 0, 0, :3] * STD + MEAN
    assert colours[0] == pytest.approx(1.055 * 4 ** (1 / 2.4) - 0.055, rel=1e-5)
    assert colours[1] == pytest.approx(0, abs=1e-6)


def test_hint_key_and_screen_are_brought_to_the_same_size():
    rgb = np.zeros((64, 64, 3), np.float32)
    x = prepare(Plate(rgb, "srgb"), guide((20, 30)), TINY)
    np.testing.assert_allclose(x[0, :, :, 3], 0.25)
    np.testing.assert_allclose(x[0, :, :, 4], 0.75)
    np.testing.assert_allclose(x[0, 5, 5, 5:] * STD + MEAN, (0.1, 0.7, 0.2), atol=1e-6)


def test_a_hint_alone_is_not_enough_for_a_network_that_wants_the_key():
    plate = Plate(np.zeros((32, 32, 3), np.float32), "srgb")
    with pytest.raises(SettingsError, match="'key'"):
        prepare(plate, dataclasses.replace(guide((32, 32)), key=None), TINY)


def test_padding_is_cut_off_again():
    plate = Plate(np.zeros((40, 70, 3), np.float32), "srgb")
    padded = Prediction(np.zeros((64, 96, 1), np.float32), np.zeros((64, 96, 3), np.float32))
    cut = restore(padded, plate, TINY, "green")
    assert cut.alpha.shape == (40, 70, 1)
    assert cut.fg.shape == (40, 70, 3)
