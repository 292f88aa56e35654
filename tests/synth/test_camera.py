import numpy as np
import pytest

from corridorkey.color import srgb_to_linear
from corridorkey.synth import ShotStyle, render_shot
from corridorkey.synth.camera import Camera, develop

GREY = np.full((64, 64, 3), 0.25, np.float32)


def exposed(light, **camera):
    return Camera(**camera).expose(np.random.default_rng(0), light)


def test_a_perfect_camera_only_clips_and_encodes():
    light = np.float32([[[-1.0, 0.0, 0.25], [0.5, 1.0, 7.0]]])
    # IEC 61966-2-1
    expected = [0, 0, 1.055 * 0.25 ** (1 / 2.4) - 0.055, 1.055 * 0.5 ** (1 / 2.4) - 0.055, 1, 1]
    np.testing.assert_allclose(develop(light).ravel(), expected, atol=1e-6)


@pytest.mark.parametrize("steps", [255, 1023])
def test_a_file_has_so_many_steps(steps):
    light = np.linspace(0, 1, 64 * 64 * 3, dtype=np.float32).reshape(64, 64, 3)
    codes = exposed(light, steps=steps) * steps
    np.testing.assert_allclose(codes, np.round(codes), atol=1e-3)
    assert np.abs(codes / steps - develop(light)).max() <= 0.5 / steps + 1e-6


def test_noise_is_as_strong_as_said():
    def deviation(level, **camera):
        return float((srgb_to_linear(exposed(GREY * level, steps=1 << 20, **camera)) - GREY * level).std())

    assert deviation(1, read=0.01) == pytest.approx(0.01, rel=0.05)
    assert deviation(1, read=0.01, grain=0.8) == pytest.approx(0.01, rel=0.05)
    # Shot noise goes with the root of the light.
    assert deviation(1, shot=0.02) == pytest.approx(0.01, rel=0.05)
    assert deviation(0.25, shot=0.02) == pytest.approx(0.005, rel=0.05)


def test_grain_is_coarser_than_single_pixels():
    fine, coarse = (exposed(GREY, read=0.01, grain=g, steps=1 << 20)[..., 0] for g in (0.0, 0.9))
    alike = [np.corrcoef(x[:, :-1].ravel(), x[:, 1:].ravel())[0, 1] for x in (fine, coarse)]
    assert abs(alike[0]) < 0.1
    assert alike[1] > 0.5


def test_softness_blurs_and_its_negative_sharpens():
    edge = np.zeros((32, 32, 3), np.float32) + 0.1
    edge[:, 16:] = 0.5
    soft, plain, sharp = (exposed(edge, blur=b)[16, :, 1] for b in (0.7, 0.0, -0.5))
    steps = [float(np.abs(np.diff(x)).max()) for x in (soft, plain, sharp)]
    assert steps == sorted(steps)
    assert sharp.max() > plain.max() + 0.02
    assert soft.max() <= plain.max() + 1e-6


def test_a_jpeg_of_4_2_0_loses_fine_colour_but_not_fine_brightness():
    stripes = np.empty((64, 64, 3), np.float32)
    stripes[:, 0::2], stripes[:, 1::2] = (0.7, 0.4, 0.4), (0.4, 0.55, 0.4)  # of nearly one brightness

    def contrast(picture):
        return float((picture[..., 0] - picture[..., 1]).std())

    full, half = (exposed(srgb_to_linear(stripes), quality=98, subsampled=s) for s in (False, True))
    assert contrast(full) > 0.9 * contrast(stripes)
    assert contrast(half) < 0.3 * contrast(stripes)
    np.testing.assert_allclose(half * 255, np.round(half * 255), atol=1e-3)
    bright = np.repeat(stripes[..., :1], 3, axis=2)
    kept = exposed(srgb_to_linear(bright), quality=98)
    assert kept.std() > 0.95 * bright.std()


def test_a_lower_jpeg_quality_is_further_from_the_light():
    light = next(render_shot(1, (96, 128), style=ShotStyle(spill=0.0, degrade=False))).linear
    errors = [float(np.abs(exposed(light, quality=q) - develop(light)).mean()) for q in (98, 70, 40)]
    assert errors == sorted(errors)
    assert errors[0] < 0.02
