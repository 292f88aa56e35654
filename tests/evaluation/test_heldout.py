"""The rendered suite: the same every time, true, held out, and hard."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from corridorkey.errors import SettingsError
from corridorkey.evaluation.heldout import CAMERAS, KINDS, SCREENS, SEEDS, held_out_shots
from corridorkey.evaluation.suites import suite
from corridorkey.hints.chroma import chroma_guide
from corridorkey.metrics import mad, transition
from corridorkey.synth import ShotStyle, Textures, render_shot
from corridorkey.synth.style import draw_style
from corridorkey.synth.textures import is_held_out


def small(shot, frames=1):
    return replace(shot, size=(90, 160), frames=frames)


def test_no_recipe_and_no_demo_renders_a_seed_of_the_suite(request):
    from corridorkey.demo import SEED
    from corridorkey_torch.train.recipe import read_recipe
    from tests.conftest import TINY

    shots = held_out_shots()
    assert all(s.seed in SEEDS for s in shots)
    assert len({s.seed for s in shots}) == len(shots)
    recipes = [read_recipe(p, TINY) for p in (request.config.rootpath / "checkpoints" / "recipes").glob("*.toml")]
    assert recipes
    for rendered in (s for r in recipes for s in (*r.sets, r.held_out)):
        assert rendered.seed + rendered.frames <= SEEDS.start or rendered.seed >= SEEDS.stop
    assert SEED not in SEEDS


def test_every_kind_screen_and_camera_is_there_and_names_are_unique():
    shots = held_out_shots()
    assert len({s.name for s in shots}) == len(shots)
    tags = {tag for s in shots for tag in s.tags}
    assert {*KINDS, *SCREENS, *CAMERAS, "green", "blue", "still", "moving"} == tags
    assert sum(s.frames == 1 for s in shots) == 60
    assert [s.frames for s in shots if s.frames > 1] == [12] * 6
    assert {s.style.screen for s in shots if "denim" in s.tags} == {"blue"}


def test_quick_is_a_part_of_the_suite():
    whole, quick = held_out_shots(), held_out_shots(quick=True)
    assert all(shot in whole for shot in quick)
    assert {s.tags[0] for s in quick} == set(KINDS)
    assert {s.style.screen for s in quick} == {"green", "blue"}
    assert any(s.frames > 1 for s in quick)


def test_the_same_frames_come_every_time():
    chosen = suite("synthetic-heldout", quick=True)
    assert chosen.has_truth
    for one, two in zip(islice(chosen.frames(), 2), islice(chosen.frames(), 2), strict=True):
        assert (one.name, one.shot, one.tags) == (two.name, two.shot, two.tags)
        np.testing.assert_array_equal(one.plate.rgb, two.plate.rgb)
        np.testing.assert_array_equal(one.alpha, two.alpha)
        np.testing.assert_array_equal(one.fg, two.fg)


@pytest.mark.parametrize("kind", KINDS)
def test_truth_and_light_agree_before_the_camera(kind):
    shot = small(next(s for s in held_out_shots() if kind in s.tags))
    style = replace(shot.style, spill=0.0)
    frame = next(render_shot(shot.seed, shot.size, style=style, camera=shot.camera))
    a = frame.alpha[..., None]
    np.testing.assert_allclose(a * frame.fg + (1 - a) * frame.clean_plate, frame.linear, atol=1e-5)
    assert frame.alpha.max() > 0.2
    tested = next(shot.render(Textures()))
    np.testing.assert_array_equal(tested.alpha, frame.alpha)
    np.testing.assert_array_equal(tested.fg, frame.fg)
    assert tested.plate.rgb.shape == (90, 160, 3)


def test_frames_of_a_moving_shot_share_their_name_and_move():
    shot = small(next(s for s in held_out_shots() if s.frames > 1), frames=3)
    frames = list(shot.render(Textures()))
    assert [f.name for f in frames] == [f"{shot.name}/{n:04d}" for n in (1, 2, 3)]
    assert {f.shot for f in frames} == {shot.name}
    assert np.abs(frames[0].alpha - frames[2].alpha).max() > 0.1


def test_what_is_kept_for_tests_is_never_drawn():
    for seed in range(300):
        drawn = draw_style(np.random.default_rng(seed), ShotStyle(), 1 + seed % 2)
        assert (drawn.unseen, drawn.wardrobe, drawn.exposure) == (False, "any", 1.0)
        assert "lattice" not in drawn.subjects
    assert all(s.style.unseen for s in held_out_shots())


def photographs(folder, count=40):
    folder.mkdir()
    for k in range(count):
        Image.fromarray(np.full((8, 8, 3), 5 * k, np.uint8)).save(folder / f"{k}.png")
    return folder


def test_a_photograph_is_for_training_or_for_tests_wherever_it_lies(tmp_path):
    photos = photographs(tmp_path / "photos")
    kept = [p for p in photos.iterdir() if is_held_out(p)]
    assert 2 <= len(kept) <= 16
    assert all(is_held_out(tmp_path / "elsewhere" / p.name) for p in kept)
    for p in kept:
        p.unlink()
    Textures(photos, part="training")
    with pytest.raises(SettingsError, match="tests"):
        Textures(photos, part="tests")


def test_the_trainer_leaves_out_the_photographs_of_the_suite(tmp_path, monkeypatch):
    from corridorkey.synth import textures
    from corridorkey_torch.train.recipe import RenderSet
    from corridorkey_torch.train.samples import render_samples
    from corridorkey_torch.train.sources import Sources
    from tests.conftest import TINY

    photos, opened, read = photographs(tmp_path / "photos"), [], textures._photo
    monkeypatch.setattr(textures, "_photo", lambda path: opened.append(path) or read(path))
    render_samples(tmp_path / "samples", RenderSet(16, (64, 64), 10), TINY, Sources(Textures(photos, share=1.0)))
    assert len(opened) > 5
    assert not any(map(is_held_out, opened))
    opened.clear()
    shot = next(s for s in held_out_shots() if s.tags[0] == "motion")
    list(small(shot).render(Textures(photos, 1.0, "tests")))
    assert opened
    assert all(map(is_held_out, opened))


@pytest.mark.slow
def test_the_suite_is_not_too_easy_for_the_colour_difference_key():
    errors = []
    for frame in islice(suite("synthetic-heldout", quick=True).frames(), len(KINDS)):
        key = chroma_guide(frame.plate.rgb, frame.screen).key
        errors.append(mad(key, frame.alpha, transition(frame.alpha)))
    assert np.mean(errors) >= 0.05
