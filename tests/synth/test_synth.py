from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from corridorkey.color import srgb_to_linear
from corridorkey.errors import FrameReadError, SettingsError
from corridorkey.synth import SUBJECTS, ShotStyle, Textures, render_shot
from corridorkey.synth.layers import Fill, Motion, Strands, Subject, coverage, transform
from corridorkey.synth.palette import off_screen
from corridorkey.synth.shot import build
from corridorkey.synth.textures import noise

SIZE = (96, 128)
EXACT = ShotStyle(spill=0.0, degrade=False)
FIELDS = ("plate", "linear", "alpha", "fg", "clean_plate")


def still(seed, style=EXACT, size=SIZE):
    return next(render_shot(seed, size, style=style))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["veil", "smoke"])
def test_veils_and_smoke_let_the_screen_through(kind, seed):
    alpha = still(seed, replace(EXACT, subjects=(kind,), motion=0.0, defocus=0.0)).alpha
    touched = alpha[alpha > 0.02]
    assert touched.size > 500
    assert np.median(touched) < 0.8
    assert (touched < 0.95).mean() > 0.7


def test_shapes_with_holes_show_the_screen_through_them():
    seen = 0
    for seed in range(12):
        style = replace(EXACT, subjects=("shape",), motion=0.0, defocus=0.0)
        (subject,) = build(seed, SIZE, 1, style, Textures()).subjects
        for outline, hole in (layer.contours for layer, _ in subject.parts if len(layer.contours) == 2):
            outer, inner = (
                cv2.fillPoly(np.zeros(SIZE, np.uint8), [c.round().astype(np.int32)], 1) for c in (outline, hole)
            )
            if (inner & ~outer & 1).any() or not inner.any():
                continue
            (part,) = (p for p in subject.parts if p[0].contours[-1] is hole)
            alpha = replace(subject, parts=(part,)).draw(SIZE, 0.0)[..., 3]
            kernel = np.ones((5, 5), np.uint8)
            assert not alpha[cv2.erode(inner, kernel) > 0].any()
            solid = (
                cv2.erode(outer, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0) & ~cv2.dilate(inner, kernel) & 1
            )
            assert (alpha[solid > 0] > 0.25).all()
            seen += 1
    assert seen >= 3


def square(x, y, rgb):
    outline = np.array([[x, y], [x + 20, y], [x + 20, y + 20], [x, y + 20]], np.float64)
    return Fill((outline,), np.broadcast_to(np.float32(rgb), (20, 20, 3)), 1.0, (x, y))


def test_later_layers_and_subjects_lie_over_earlier_ones():
    red, blue, white = square(10, 10, (0.8, 0, 0)), square(20, 20, (0, 0, 0.8)), square(15, 15, (1, 1, 1))
    scene = build(0, SIZE, 1, replace(EXACT, motion=0.0), Textures())
    both = Subject(((red, Motion()), (blue, Motion())), Motion())
    drawn = replace(scene, subjects=(both,)).at(0.0)
    np.testing.assert_allclose(drawn[[13, 25, 36], [13, 25, 36]], [(0.8, 0, 0, 1), (0, 0, 0.8, 1), (0, 0, 0.8, 1)])
    above = replace(scene, subjects=(both, Subject(((white, Motion()),), Motion()))).at(0.0)
    below = replace(scene, subjects=(Subject(((white, Motion()),), Motion()), both)).at(0.0)
    np.testing.assert_allclose(above[25, 25], 1)
    np.testing.assert_allclose(below[25, 25], (0, 0, 0.8, 1))


@pytest.mark.parametrize("seed", range(4))
def test_the_same_seed_gives_the_same_frames(seed):
    for one, two in zip(render_shot(seed, SIZE, 2), render_shot(seed, SIZE, 2), strict=True):
        for name in FIELDS:
            np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_other_seeds_give_other_shots():
    assert np.abs(still(1).plate - still(2).plate).max() > 0.1


@pytest.mark.parametrize("kind", SUBJECTS)
@pytest.mark.parametrize("seed", range(3))
def test_without_spill_the_plate_is_what_was_drawn_over_clean_plate(kind, seed):
    style = replace(EXACT, subjects=(kind,))
    f, drawn = still(seed, style), build(seed, SIZE, 1, style, Textures()).gather(0)
    np.testing.assert_array_equal(f.alpha, drawn[..., 3])
    # Where a pixel is less than a thousandth covered, its colour is a guess.
    np.testing.assert_allclose(f.fg * f.alpha[..., None], drawn[..., :3], atol=1e-3)
    covered = f.alpha > 1e-3
    np.testing.assert_allclose((f.fg * f.alpha[..., None])[covered], drawn[covered, :3], atol=1e-5)
    np.testing.assert_allclose(f.linear, drawn[..., :3] + (1 - drawn[..., 3:]) * f.clean_plate, atol=1e-3)
    np.testing.assert_allclose(srgb_to_linear(f.plate), np.clip(f.linear, 0, 1), atol=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_every_frame_is_sound(seed):
    f = still(seed, ShotStyle())
    assert f.plate.shape == f.linear.shape == f.fg.shape == f.clean_plate.shape == (*SIZE, 3)
    assert f.alpha.shape == SIZE
    for name in FIELDS:
        values = getattr(f, name)
        assert values.dtype == np.float32
        assert np.isfinite(values).all()
        assert values.min() >= 0
    assert max(f.plate.max(), f.alpha.max(), f.fg.max(), f.clean_plate.max()) <= 1


@pytest.mark.parametrize("screen", ["green", "blue"])
def test_the_screen_has_its_colour(screen):
    for seed in range(8):
        f = still(seed, replace(EXACT, screen=screen, subjects=(), markers=False))
        assert f.screen == screen
        assert not f.alpha.any()
        assert int(f.clean_plate.mean(axis=(0, 1)).argmax()) == (1 if screen == "green" else 2)
        np.testing.assert_array_equal(f.linear, f.clean_plate)


def test_spill_is_on_the_plate_and_not_in_the_truth():
    clean = still(3, ShotStyle(screen="green", subjects=("person",), spill=0.0, degrade=False))
    lit = still(3, ShotStyle(screen="green", subjects=("person",), spill=0.3, degrade=False))
    for name in ("alpha", "fg", "clean_plate"):
        np.testing.assert_array_equal(getattr(clean, name), getattr(lit, name))
    added = (lit.linear - clean.linear).mean(axis=(0, 1))
    assert added[1] > 1e-4
    assert added.argmax() == 1


@pytest.mark.parametrize("change", [{"markers": True}, {"shadows": 0.6}, {"wrinkles": 0.2}, {"uneven": 0.45}])
def test_what_is_on_the_screen_does_not_enter_alpha_or_fg(change):
    plain = ShotStyle(
        subjects=("person",), markers=False, shadows=0.0, wrinkles=0.0, uneven=0.0, spill=0.0, degrade=False
    )
    one, two = still(5, plain), still(5, replace(plain, **change))
    np.testing.assert_array_equal(one.alpha, two.alpha)
    np.testing.assert_array_equal(one.fg, two.fg)
    assert np.abs(one.clean_plate - two.clean_plate).max() > 0.005


def test_a_square_covers_what_it_covers():
    square = np.array([[2.0, 2.0], [42.0, 2.0], [42.0, 42.0], [2.0, 42.0]])
    alpha = coverage([square], (0, 0, 44, 44))
    assert (alpha[3:41, 3:41] == 1).all()
    assert alpha.sum() == pytest.approx(1600, rel=0.03)
    hole = coverage([square, square / 2 + 11], (0, 0, 44, 44))
    assert not hole[14:30, 14:30].any()
    assert hole.sum() == pytest.approx(1200, rel=0.05)


def strand(width):
    ones = np.ones(1)
    points = np.stack((np.linspace(10, 54, 12), np.linspace(20.2, 42.7, 12)), axis=1)[None]
    colours = np.full((2, 3), 0.3, np.float32)
    line = Strands(points, ones * width, ones * 0.5, ones * 0, colours, (0, 0), ones * 0, ones * 0, 0.1, (32, 32, 10))
    canvas = np.zeros((64, 64, 4), np.float32)
    line.draw(canvas, np.eye(3), 0.0)
    return canvas


def test_strands_thinner_than_a_pixel_are_partly_clear():
    length = float(np.hypot(44, 22.5))
    covered = [float(strand(w)[..., 3].sum()) / length for w in (0.2, 0.4, 0.7, 1.0, 2.0)]
    assert strand(0.4)[..., 3].max() < 0.8
    assert covered == sorted(covered)
    assert covered[0] < 0.35
    assert covered[3] == pytest.approx(1.0, abs=0.45)


def test_a_strand_has_its_own_colour_everywhere():
    drawn = strand(0.5)
    seen = drawn[drawn[..., 3] > 0.2]
    np.testing.assert_allclose(seen[:, :3] / seen[:, 3:], 0.3 * 0.85, atol=0.02)


@pytest.mark.parametrize("kind", SUBJECTS)
def test_motion_blur_is_the_mean_of_its_moments(kind):
    scene = build(7, SIZE, 3, ShotStyle(subjects=(kind,), motion=2.0, shutter=0.8), Textures())
    moments = scene.moments(1)
    assert len(moments) > 1
    mean = np.mean([scene.at(t) for t in moments], axis=0, dtype=np.float64)
    np.testing.assert_allclose(scene.gather(1), mean, atol=1e-6)


def test_what_stands_still_is_drawn_once():
    assert build(7, SIZE, 1, ShotStyle(motion=0.0), Textures()).moments(0) == [0.0]


def test_moving_shots_move_smoothly():
    style = ShotStyle(subjects=("person",), motion=1.0, shutter=0.5, defocus=0.0, degrade=False)
    frames = [f.alpha for f in render_shot(11, SIZE, 6, style)]
    steps = [float(np.abs(b - a).mean()) for a, b in pairwise(frames)]
    assert min(steps) > 0
    assert max(steps) < 0.12
    assert np.abs(frames[-1] - frames[0]).mean() > max(steps) * 0.5


def test_a_pose_turns_about_its_pivot():
    pose = Motion(pivot=(5.0, 7.0), turn=0.4, rate=1.0).pose(2.0)
    np.testing.assert_allclose(transform(np.array([5.0, 7.0]), pose), (5.0, 7.0))


def test_fixing_one_choice_leaves_the_others():
    one = build(9, SIZE, 1, ShotStyle(), Textures()).style
    two = build(9, SIZE, 1, ShotStyle(defocus=2.5), Textures()).style
    assert replace(one, defocus=2.5) == two


def test_defocus_softens_alpha():
    style = ShotStyle(subjects=("shape",), motion=0.0, degrade=False)
    sharp, soft = (still(4, replace(style, defocus=d)).alpha for d in (0.0, 6.0))
    assert np.abs(np.diff(soft, axis=1)).max() < np.abs(np.diff(sharp, axis=1)).max()


def test_photographs_of_a_folder_are_used(tmp_path):
    rng = np.random.default_rng(0)
    picture = (rng.random((80, 60, 3)) * 255).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), picture)
    style = ShotStyle(subjects=("shape",), degrade=False)
    drawn = next(render_shot(2, SIZE, style=style, textures=Textures(tmp_path, share=1.0)))
    assert np.abs(drawn.fg - still(2, style).fg).max() > 0.05


def test_a_folder_without_photographs_is_an_error(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(SettingsError, match=f"{folder}: no photographs"):
            Textures(folder, share=0.0)
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "broken.jpg").write_bytes(b"no picture")
    with pytest.raises(FrameReadError, match=r"broken\.jpg"):
        next(render_shot(2, SIZE, style=ShotStyle(subjects=("shape",)), textures=Textures(folder, share=1.0)))


def test_surfaces_stay_below_the_screens_hue():
    rgb = np.random.default_rng(0).random((50, 3)).astype(np.float32)
    held = off_screen(rgb, "green", False)
    assert (held[:, 1] <= 1.15 * held[:, [0, 2]].max(axis=1) + 0.005).all()
    np.testing.assert_array_equal(held[:, [0, 2]], rgb[:, [0, 2]])


def test_noise_has_the_size_asked_for_and_no_offset():
    field = noise(np.random.default_rng(0), 61, 83, 7.3, 4, 2.5)
    assert field.shape == (61, 83)
    assert abs(float(field.mean())) < 0.2


@pytest.mark.parametrize(
    "arguments",
    [
        {"screen": "red"},
        {"subjects": ("cat",)},
        {"spill": -1.0},
        {"motion": float("nan")},
        {"strands": float("inf")},
        {"shadows": 1.01},
        {"spill": 1.5},
        {"uneven": 2.0},
        {"wrinkles": 1.1},
        {"wrinkles": float("nan")},
    ],
)
def test_a_style_that_is_none_is_an_error(arguments):
    with pytest.raises(SettingsError, match=f"synth {next(iter(arguments))}"):
        ShotStyle(**arguments)


def test_the_strongest_style_renders():
    f = still(1, ShotStyle(shadows=1.0, spill=1.0, uneven=1.0, wrinkles=1.0))
    assert all(np.isfinite(getattr(f, name)).all() for name in FIELDS)


def test_a_size_that_is_none_is_an_error():
    with pytest.raises(SettingsError):
        next(render_shot(0, (8, 200)))
