"""Cut-outs of any size and file before screens as real ones are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from corridorkey.errors import FrameReadError, SettingsError
from corridorkey.evaluation.cutouts import compose, framed
from corridorkey.evaluation.screens import REAL_SCREENS
from corridorkey.evaluation.suites import suite
from corridorkey.media import write_exr
from corridorkey.media.cutout import read_cutout
from corridorkey.screen import detect_screen


def disc(height=80, width=120):
    """(H, W, 4) float32 straight: an orange disc with a soft edge."""
    y, x = np.mgrid[0:height, 0:width]
    alpha = np.clip((min(height, width) / 3 - np.hypot(x - width / 2, y - height / 2)) / 4, 0, 1)
    return np.dstack((np.full((height, width, 3), (0.8, 0.4, 0.2)), alpha)).astype(np.float32)


def save_png(path, rgba=None):
    rgba = disc() if rgba is None else rgba
    Image.fromarray(np.round(rgba * 255).astype(np.uint8), "RGBA" if rgba.shape[2] == 4 else "RGB").save(path)
    return path


def test_png_is_straight_srgb_and_exr_premultiplied_linear(tmp_path):
    png = read_cutout(save_png(tmp_path / "a.png"))
    np.testing.assert_allclose(png[40, 60], [0.6038, 0.1329, 0.0331, 1], atol=1e-3)  # IEC 61966-2-1
    write_exr(tmp_path / "a.exr", {name: np.ascontiguousarray(png[..., k]) for k, name in enumerate("RGBA")}, {})
    np.testing.assert_allclose(read_cutout(tmp_path / "a.exr"), png, atol=1e-3)


def test_pictures_without_a_varying_alpha_are_no_cutouts(tmp_path):
    opaque = disc()
    opaque[..., 3] = 1
    assert read_cutout(save_png(tmp_path / "opaque.png", opaque)) is None
    assert read_cutout(save_png(tmp_path / "rgb.png", opaque[..., :3])) is None
    with pytest.raises(FrameReadError, match="alpha"):
        next(suite("cutouts", tmp_path).frames())


def test_light_adds_up_before_the_camera():
    rgba = framed(disc() * [1, 1, 1, 1])
    rgba[..., :3] *= rgba[..., 3:]
    for behind in REAL_SCREENS:
        frame = compose(rgba, behind, 1)
        a = frame.alpha[..., None]
        bare = a * frame.fg + (1 - a) * frame.clean_plate
        added = frame.linear - bare
        assert added.min() > -1e-5
        assert (added[..., 1 if behind.screen == "green" else 2] > 1e-4).any()  # spill, and only on the subject
        assert np.abs(added[frame.alpha == 0]).max() < 1e-6
        assert detect_screen([frame.plate]).screen == behind.screen


@pytest.mark.parametrize("behind", REAL_SCREENS, ids=lambda s: s.name)
def test_a_screen_is_as_uneven_as_measured(behind):
    light = behind.clean_plate(np.random.default_rng(3), (90, 160))[..., 1 if behind.screen == "green" else 2]
    low, high = np.percentile(light, (2, 98)) / np.median(light)
    assert low == pytest.approx(behind.darkest, abs=0.01)
    assert high == pytest.approx(behind.brightest, abs=0.01)


def test_cutouts_of_any_size_get_room_on_open_sides_only():
    assert max(framed(disc(3000, 2000)).shape) <= 1920
    assert min(framed(disc(20, 30)).shape[:2]) >= 64
    body = disc()
    body[60:, 40:80, 3] = 1  # runs out below
    alpha = framed(body)[..., 3]
    assert alpha[-1].max() == 1
    assert max(alpha[0].max(), alpha[:, 0].max(), alpha[:, -1].max()) == 0
    full = np.ones((80, 80, 4), np.float32)
    assert (framed(full)[..., 3] == 0).any()


def test_a_folder_of_cutouts_is_the_same_suite_every_time(tmp_path):
    (tmp_path / "more").mkdir()
    save_png(tmp_path / "one.png")
    save_png(tmp_path / "more" / "two.png", disc(70, 70))
    whole, again = (list(suite(str(tmp_path)).frames()) for _ in range(2))
    assert len(whole) == 6
    assert len({f.name for f in whole}) == 6
    for one, two in zip(whole, again, strict=True):
        assert one.name == two.name
        np.testing.assert_array_equal(one.plate.rgb, two.plate.rgb)
    quick = list(suite(str(tmp_path), quick=True).frames())
    assert {f.name for f in quick} < {f.name for f in whole}
    assert len(quick) == 2


def test_a_suite_that_is_none_is_named(tmp_path):
    for name in ("nonsense", "cutouts", "real"):
        with pytest.raises(SettingsError, match=name):
            suite(name)
    with pytest.raises(FrameReadError, match="no pictures"):
        next(suite(str(tmp_path)).frames())


def test_a_damaged_cutout_is_named(tmp_path):
    data = save_png(tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(FrameReadError, match=r"a\.png"):
        next(suite("cutouts", tmp_path).frames())


def test_a_resized_cutout_stays_premultiplied():
    big = cv2.resize(disc(), None, fx=20, fy=20)
    big[..., :3] *= big[..., 3:]
    small = framed(big)
    assert (small[..., :3] <= small[..., 3:] + 1e-6).all()
