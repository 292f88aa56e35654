"""What logits start from, in both networks: the key, and the plate less the screen."""

import dataclasses

import numpy as np
import pytest

from corridorkey.color import linear_to_srgb, srgb_to_linear
from corridorkey.config import NEAR
from corridorkey.prepare import MEAN, STD
from tests.backends import on_picture, part
from tests.conftest import TINY, write_synthetic

SCREEN = np.array([0.1, 0.6, 0.15], np.float32)
RED = np.array([0.5, 0.2, 0.1], np.float32)
MOSS = np.array([0.1, 0.5, 0.2], np.float32)
SIZE = (64, 96)


def mixed(alpha, fg, screen=SCREEN):
    """Plate and clean plate, linear, of a matte (H, W) and colours."""
    cover = alpha[..., None]
    return cover * fg + (1 - cover) * screen, np.broadcast_to(screen, (*alpha.shape, 3))


def unmixed(network, plate, clean_plate, alpha, own=1):
    pictures = (plate, clean_plate, alpha[..., None])
    rest = [network.array(np.ascontiguousarray(p, np.float32)[None]) for p in pictures[1:]]
    rest = [p.permute(0, 3, 1, 2) for p in rest] if network.name == "torch" else rest
    return on_picture(network, part(network, "unmix").unmixed, np.float32(plate)[None], *rest, own)[0]


def halves(left, right=0.0):
    alpha = np.full(SIZE, left, np.float32)
    alpha[:, 48:] = right
    return alpha


@pytest.mark.parametrize("fg", [RED, MOSS])
def test_a_solid_thing_keeps_its_colour_be_it_the_screens(network, fg):
    got = unmixed(network, *mixed(halves(1.0), fg), halves(1.0))[:, :48]
    np.testing.assert_allclose(got, np.broadcast_to(fg, got.shape), rtol=1e-5)


def test_what_shows_through_is_taken_away(network):
    alpha = np.tile(np.linspace(1, 0, SIZE[1], dtype=np.float32), (SIZE[0], 1))
    plate, clean_plate = mixed(alpha, RED)
    got = unmixed(network, plate, clean_plate, alpha)
    seen = alpha > 0.1
    assert np.abs(plate - RED)[seen].max() > 0.3
    assert np.abs(got - RED)[seen].max() < 0.02


def test_a_faint_pixels_noise_gives_way_to_its_surroundings(network):
    alpha = halves(1.0, 0.03)
    noise = 0.05 * np.random.default_rng(1).standard_normal((*SIZE, 3)).astype(np.float32)
    plate, clean_plate = mixed(alpha, RED)
    got = unmixed(network, plate + noise, clean_plate, alpha)[:, 48:]
    alone = ((plate + noise - 0.97 * SCREEN) / 0.03)[:, 48:]
    assert np.abs(alone - RED).mean() > 1
    assert np.abs(got - RED).mean() < 0.05


def test_screen_colour_does_not_spread(network):
    """Beside a moss-green thing, faint pixels take its colour with green limited."""
    plate, clean_plate = mixed(halves(1.0), MOSS)
    got = unmixed(network, plate, clean_plate, halves(1.0, 0.001))[:, 60:]
    assert (got[..., 1] <= got[..., [0, 2]].max(-1) + 1e-5).all()
    other = unmixed(network, plate[..., [0, 2, 1]], clean_plate[..., [0, 2, 1]], halves(1.0, 0.001), own=2)[:, 60:]
    np.testing.assert_allclose(other[..., [0, 2, 1]], got, atol=1e-6)


def test_an_empty_matte_is_black_and_nothing_is_not_a_number(network):
    nothing = np.zeros(SIZE, np.float32)
    np.testing.assert_array_equal(unmixed(network, *mixed(nothing, RED), nothing), 0)


def test_colour_beyond_white_is_held(network):
    got = unmixed(network, *mixed(halves(1.0), np.float32([3, 2, 1])), halves(1.0))
    assert got.max() == 1


def test_a_highlight_stays_where_it_is(network):
    plate, clean_plate = mixed(np.ones(SIZE, np.float32), RED)
    plate[32, 48] = 60
    got = unmixed(network, plate, clean_plate, np.ones(SIZE, np.float32))
    got[32, 48] = RED
    assert np.abs(got - RED).max() < 0.03


@pytest.mark.parametrize(("curve", "least"), [("decoded", -0.1), ("encoded", 0.0)])
def test_curves_are_srgbs(network, curve, least):
    x = np.float32([least, 0, 1e-4, 0.0031308, 0.04045, *np.linspace(0, 1, 1000)])
    wanted = (srgb_to_linear if curve == "decoded" else linear_to_srgb)(x)
    got = on_picture(network, getattr(part(network, "unmix"), curve), x.reshape(1, 1, -1, 1)).ravel()
    np.testing.assert_allclose(got, wanted, atol=2e-7)


def prepared(plate, clean_plate, key):
    x = np.zeros((1, *key.shape, TINY.channels), np.float32)
    x[0, ..., :3] = (linear_to_srgb(plate.astype(np.float32)) - MEAN) / STD
    x[0, ..., 4] = key
    x[0, ..., 5:8] = (linear_to_srgb(clean_plate.astype(np.float32)) - MEAN) / STD
    return x


def plus(network, x, logits):
    base = part(network, "base").Unmixed(network.array(x), TINY)
    return 1 / (1 + np.exp(-network.numpy(base.plus(network.array(logits)))[0].astype(np.float64)))


def test_without_logits_it_is_the_key_and_the_plate_unmixed_by_it(network):
    key = halves(0.8, 0.3)
    plate, clean_plate = mixed(key, RED)
    got = plus(network, prepared(plate, clean_plate, key), np.zeros((1, *SIZE, 4), np.float32))
    np.testing.assert_allclose(got[..., 0], key, atol=1e-6)
    np.testing.assert_allclose(got[..., 1:], linear_to_srgb(unmixed(network, plate, clean_plate, key)), atol=1e-5)


def test_the_colour_follows_the_alpha_that_the_logits_make(network):
    """The key takes a moss-green thing for half transparent; logits that make it solid give it its colour back."""
    plate, clean_plate = mixed(np.ones(SIZE, np.float32), MOSS)
    x, logits = prepared(plate, clean_plate, np.full(SIZE, 0.5, np.float32)), np.zeros((1, *SIZE, 4), np.float32)
    before = plus(network, x, logits)[..., 1:]
    logits[..., 0] = 5
    after = plus(network, x, logits)[..., 1:]
    wanted = linear_to_srgb(MOSS)
    assert np.abs(after - wanted).max() < 0.1 < np.abs(before - wanted).max()


def test_sure_is_within_reach_of_a_correction(network):
    key = halves(1.0)
    plate, clean_plate = mixed(key, np.float32([1, 0, 0]))
    got = plus(network, prepared(plate, clean_plate, key), np.zeros((1, *SIZE, 4), np.float32))
    assert got.min() == pytest.approx(0.01, abs=1e-5)
    assert got.max() == pytest.approx(0.99, abs=1e-5)


def test_without_a_base_logits_stay(network, tmp_path):
    logits = np.random.default_rng(2).standard_normal((1, *SIZE, 4)).astype(np.float32)
    path = write_synthetic(tmp_path / "w.safetensors", dataclasses.replace(TINY, base="none"))
    base = network.load_greenformer(path).base(network.array(np.zeros((1, *SIZE, 8), np.float32)))
    np.testing.assert_array_equal(network.numpy(base.plus(network.array(logits))), logits)


def test_what_fills_a_large_empty_frame_keeps_its_digits(network):
    """MLX sums a frame in one go on a CPU, which was 2e-4 off in a real one, everywhere that no subject is near."""
    alpha = np.zeros((1024, 1536), np.float32)
    alpha[:, :640] = 1
    red = np.array([0.7, 0.3, 0.2]) * np.random.default_rng(0).uniform(0.5, 1, (*alpha.shape, 1))
    plate, clean_plate = mixed(alpha, np.float32(red))
    mean = (plate * alpha[..., None]).mean((0, 1), dtype=np.float64)
    got = unmixed(network, plate, clean_plate, alpha)[:, -32:]
    wanted = mean / (alpha.mean(dtype=np.float64) + NEAR**2)
    np.testing.assert_allclose(got, np.broadcast_to(wanted, got.shape), rtol=2e-6)
