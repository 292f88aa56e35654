"""The quick ways of finishing give the pixels of the plain ones."""

import cv2
import numpy as np
import pytest

from corridorkey import bands
from corridorkey.bands import in_bands
from corridorkey.color import BLOCK, linear_to_srgb, srgb_to_linear
from corridorkey.composite import checker
from corridorkey.config import KeySettings
from corridorkey.despeckle import despeckle
from corridorkey.dilate import dilate_ellipse
from corridorkey.finish import finish
from corridorkey.types import Plate, Prediction
from parity import plain_finish as plain

CURVES = ((linear_to_srgb, plain.linear_to_srgb), (srgb_to_linear, plain.srgb_to_linear))


def every_half():
    values = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
    return values[np.isfinite(values)]


def blobs(seed, size, softness=4.0):
    """(H, W, 1) float32 0..1: soft islands of all sizes, their outlines at 0.5."""
    noise = np.random.default_rng(seed).random(size, dtype=np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), softness)
    return np.clip((soft - soft.mean()) / soft.std() + 0.3, 0, 1)[..., None]


@pytest.mark.parametrize(("curve", "exact"), CURVES)
def test_the_curves_are_the_exact_ones_for_every_half_and_between(curve, exact):
    half, dense = every_half(), np.linspace(0, 1, 2_000_001, dtype=np.float32)
    dark = np.linspace(0, 0.05, 2_000_001, dtype=np.float32)
    for x in (half[(half >= 0) & (half <= 1)], dense, dark):
        np.testing.assert_allclose(curve(x), exact(x), rtol=0, atol=2.5e-7)
    np.testing.assert_allclose(curve(half), exact(half), rtol=1e-5, atol=2.5e-7)
    assert (np.diff(curve(dense)) >= 0).all()


@pytest.mark.parametrize(("curve", "exact"), CURVES)
def test_the_curves_take_any_shape_and_what_is_not_finite(curve, exact):
    rng = np.random.default_rng(1)
    for shape in ((), (0,), (1,), (7,), (3, 0, 2), (BLOCK + 5,), (40, 50, 3)):
        x = rng.random(shape, dtype=np.float32)
        got = curve(x)
        assert got.shape == shape
        np.testing.assert_allclose(got, exact(x), rtol=0, atol=2.5e-7)
    part = rng.random((40, 50, 3), dtype=np.float32)[::2, :, 1]
    np.testing.assert_allclose(curve(part), exact(part), rtol=0, atol=2.5e-7)
    np.testing.assert_array_equal(curve(np.array([np.nan, np.inf, -np.inf], np.float32)), [np.nan, np.inf, 0])


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (200, 1), (10, 64), (20, 20), (61, 65), (180, 333)])
@pytest.mark.parametrize("diameter", [1, 3, 11, 51])
def test_dilation_is_opencvs_to_the_bit(size, diameter):
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter))
    rng = np.random.default_rng(size[1])
    for share in (0, 0.0005, 0.01, 0.3, 1):
        mask = (rng.random(size) < share).astype(np.uint8)
        np.testing.assert_array_equal(dilate_ellipse(mask, diameter), cv2.dilate(mask, element).reshape(size))


@pytest.mark.parametrize("area", [1, 40, 400, 10**6])
def test_despeckle_keeps_the_plain_ways_mask_to_the_bit(area):
    for seed, softness in enumerate((0.5, 2, 6)):
        alpha = blobs(seed, (300, 470), softness)
        keep = plain.keep_mask(alpha, area)[..., None]
        np.testing.assert_array_equal(despeckle(alpha, area), alpha * (keep.astype(np.float32) / np.float32(255)))


@pytest.mark.parametrize(("screen", "strength", "area"), [("green", 1.0, 400), ("blue", 0.5, 30), ("green", 0.0, 0)])
@pytest.mark.parametrize("size", [(96, 128), (301, 477), (700, 90)])
def test_finish_is_the_plain_one(size, screen, strength, area, monkeypatch):
    monkeypatch.setattr(bands, "BAND", 5000)  # several, the last one cut
    rng = np.random.default_rng(3)
    alpha, fg = blobs(3, (96, 128)), rng.random((96, 128, 3), dtype=np.float32) * np.float32(1.2) - np.float32(0.1)
    before = alpha.copy(), fg.copy()
    plate = Plate(np.zeros((*size, 3), np.float32), "srgb")
    keyed = finish(Prediction(alpha, fg), plate, KeySettings(screen, despill=strength, despeckle=area))
    wanted = plain.finish(alpha, fg, size, screen, strength, area)
    for got, want in zip((keyed.alpha, keyed.fg, keyed.processed, keyed.comp), wanted, strict=True):
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, want, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(alpha, before[0])
    np.testing.assert_array_equal(fg, before[1])


def test_a_networks_nan_is_still_there_to_be_found():
    alpha, fg = np.full((40, 40, 1), 0.7, np.float32), np.full((40, 40, 3), 0.5, np.float32)
    alpha[3, 4], fg[5, 6, 1] = np.nan, np.nan
    plate = Plate(np.zeros((40, 40, 3), np.float32), "srgb")
    keyed = finish(Prediction(alpha, fg), plate, KeySettings("green"))
    assert np.isnan(keyed.alpha[3, 4, 0])
    assert np.isnan(keyed.fg[5, 6, 1])


def test_a_band_of_the_checker_is_a_part_of_it():
    board = checker((400, 300))
    np.testing.assert_array_equal(checker((150, 300), top=77), board[77:227])
    board[:] = 0  # what a caller does to one leaves the next alone
    assert checker((400, 300)).min() > 0


@pytest.mark.parametrize("size", [(0, 5), (1, 1), (7, 10_000_000), (5000, 3), (100, 4096)])
def test_bands_are_all_rows_once(size):
    seen = []
    in_bands(seen.append, size)
    rows = [row for band in sorted(seen, key=lambda band: band.start) for row in range(band.start, band.stop)]
    assert rows == list(range(size[0]))


def test_a_band_that_fails_fails_the_frame():
    def work(rows):
        if rows.start:
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_bands(work, (5000, 4096))
