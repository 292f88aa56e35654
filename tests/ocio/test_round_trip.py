"""In and out again: a plate's pixel that nothing touches comes back in its own linear space to 1e-4."""

import numpy as np
import PyOpenColorIO
import pytest

from corridorkey.ocio import BUILT_IN, current_config, plate_space, written_space
from tests.ocio.curves import PUBLISHED

BOUND = 1e-4
RNG = np.random.default_rng(7)
CODES = RNG.uniform(-0.1, 1.15, (64, 96, 3)).astype(np.float32)  # below black and above white
BRIGHT = RNG.uniform(-0.5, 60, (64, 96, 3)).astype(np.float32)
CONFIG = PyOpenColorIO.Config.CreateFromBuiltinConfig(BUILT_IN)
SPACES = [space.getName() for space in CONFIG.getColorSpaces() if not space.isData()]


def there_and_back(name, rgb):
    plate = plate_space(name)
    written = written_space("auto", plate)
    return written.from_rec709(plate.to_rec709(rgb)), written.name


def off(got, wanted, least):
    """The worst difference of a channel, relative to it, or to this share of its pixel's brightest if that is more.

    A channel in the shade of another cannot be held to itself: a matrix of float32 leaves 2e-7 of the brightest in it.
    """
    scale = np.maximum(np.abs(wanted), least * np.abs(wanted).max(axis=-1, keepdims=True))
    return float((np.abs(got - wanted) / np.maximum(scale, 1e-4)).max())


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_camera_log_pixel_comes_back_as_its_makers_curve_has_it(name):
    curve, _, linear = PUBLISHED[name]
    got, space = there_and_back(name, CODES)
    assert space == linear
    assert off(got, curve(CODES.astype(np.float64)), least=1) <= BOUND  # their constants are rounded, too


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_makers_grey_is_grey(name):
    _, code, _ = PUBLISHED[name]
    grey = plate_space(name).to_rec709(np.full((1, 1, 3), code, np.float32))
    assert np.allclose(grey, 0.18, rtol=2e-3)


@pytest.mark.parametrize("name", SPACES)
def test_every_space_of_the_built_in_config_comes_back(name):
    linear = plate_space(name).linear or "lin_rec709"
    is_linear = name == linear
    rgb = BRIGHT if is_linear else np.clip(CODES, 0, 1) if "Display" in name else CODES
    wanted = rgb.copy()
    processor = CONFIG.getProcessor(name, linear).getOptimizedCPUProcessor(PyOpenColorIO.OPTIMIZATION_LOSSLESS)
    processor.applyRGB(wanted)
    got, _ = there_and_back(name, rgb)
    assert off(got, wanted.astype(np.float64), least=0.01) <= BOUND
    assert off(got, wanted.astype(np.float64), least=1) <= 1e-6


def test_the_pixels_that_are_given_stay_as_they_are():
    rgb = CODES[:, ::2]  # not even in one piece
    before = rgb.copy()
    there_and_back("ARRI LogC4", rgb)
    assert np.array_equal(rgb, before)


def test_linear_rec709_is_left_to_the_last_bit():
    got, _ = there_and_back("lin_rec709", BRIGHT)
    assert np.array_equal(got, BRIGHT)
    plate = plate_space("srgb_tx")
    assert written_space("auto", plate).matrix is None


def test_alpha_is_kept_and_premultiplied_colour_is_as_its_straight_one_premultiplied():
    written = written_space("acescg", None)
    alpha = RNG.random((5, 7, 1), dtype=np.float32)
    straight = RNG.random((5, 7, 3), dtype=np.float32)
    got = written.from_rec709(np.concatenate([straight * alpha, alpha], axis=2))
    assert np.array_equal(got[..., 3:], alpha)
    assert np.allclose(got[..., :3], written.from_rec709(straight) * alpha, atol=1e-6)


def test_acescg_is_by_the_published_matrix():
    # From the ACES project's own table, AP1 to sRGB's primaries with Bradford's adaptation.
    published = [[1.70505, -0.62179, -0.08326], [-0.13026, 1.1408, -0.01055], [-0.024, -0.12897, 1.15297]]
    got = plate_space("ACEScg").to_rec709(np.eye(3, dtype=np.float32)[None])[0].T
    assert np.allclose(got, published, atol=1e-5)


@pytest.mark.parametrize(
    ("space", "linear"),
    [
        ("Apple Log", "Linear Rec.2020"),
        ("BMDFilm WideGamut Gen5", "Linear BMD WideGamut Gen5"),
        ("DaVinci Intermediate WideGamut", "Linear DaVinci WideGamut"),
        ("CanonLog3 CinemaGamut D55", "Linear CinemaGamut D55"),
        ("S-Log3 Venice S-Gamut3", "Linear Venice S-Gamut3"),
        ("CanonLog2", "Linear CinemaGamut D55"),
        ("BMDFilm", "Linear BMD WideGamut Gen5"),
        ("DaVinci Intermediate", "Linear DaVinci WideGamut"),
        ("S-Log3 Venice S-Gamut3.Cine", "Linear Venice S-Gamut3.Cine"),
        ("ACES2065-1", "ACES2065-1"),
        ("Camera Rec.709", "Linear Rec.709 (sRGB)"),
        ("P3-DCI - Display", ""),
        ("ACEScc", "ACEScg"),
        ("sRGB Encoded P3-D65", "Linear P3-D65"),
        ("Rec.1886 Rec.709 - Display", "Linear Rec.709 (sRGB)"),
        ("Linear V-Gamut", "Linear V-Gamut"),
        ("ADX10", ""),
        ("Rec.2100-HLG - Display", ""),
    ],
)
def test_a_spaces_linear_one_has_its_primaries(space, linear):
    assert plate_space(space).linear == linear
    if not linear:
        written = written_space("auto", plate_space(space))
        assert (written.name, written.matrix) == ("linear Rec.709", None)
        assert "has no linear space with the primaries of" in written.note


def test_threads_get_the_same_pixels():
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda _: there_and_back("V-Log V-Gamut", CODES)[0], range(12)))
    assert all(np.array_equal(one, got[0]) for one in got)
    assert current_config().name == BUILT_IN
