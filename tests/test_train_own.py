"""Training on one's own finished shots."""

import dataclasses

import cv2
import numpy as np
import pytest

from corridorkey.checkpoint import read_info
from corridorkey.color import linear_to_srgb
from corridorkey.config import KeySettings
from corridorkey.errors import FramePairingError, FrameReadError, MediaError, SettingsError
from corridorkey.media.exr import write_exr
from corridorkey.prepare import MEAN, STD
from corridorkey.synth import ShotStyle, render_shot
from corridorkey_torch.train import own_shots
from corridorkey_torch.train.batches import batches
from corridorkey_torch.train.gather import gather_samples
from corridorkey_torch.train.network import started_network
from corridorkey_torch.train.own_shots import make_own_samples, own_samples
from corridorkey_torch.train.recipe import Crops, RenderSet, read_recipe
from corridorkey_torch.train.samples import EDITION, render_samples
from corridorkey_torch.train.sources import FinishedShots, Sources
from corridorkey_torch.train.trainer import train
from corridorkey_torch.train.workers import Workers
from tests.conftest import TINY
from tests.test_train import RECIPE

STYLE = ShotStyle(screen="blue", subjects=("person",), degrade=False, exposure=1.0)


@pytest.fixture
def shot(tmp_path):
    """A finished shot of two frames, as the wizard lays it out and `ck key` fills it."""
    folder = tmp_path / "shots" / "interview"
    for number, frame in enumerate(render_shot(21, (96, 128), frames=2, style=STYLE), start=1):
        name = f"plate.{number:04d}"
        for part in ("Input", "Output/Matte", "Output/FG"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        plate = np.round(frame.plate[..., ::-1] * 255).astype(np.uint8)
        assert cv2.imwrite(str(folder / "Input" / f"{name}.png"), plate)
        write_exr(folder / "Output" / "Matte" / f"{name}.exr", {"Y": frame.alpha}, {}, bits=32)
        fg = {c: np.ascontiguousarray(frame.fg[..., i]) for i, c in enumerate("RGB")}
        write_exr(folder / "Output" / "FG" / f"{name}.exr", fg, {}, bits=32)
    return folder


def test_a_finished_shot_becomes_samples_in_the_form_that_training_takes(shot, tmp_path):
    make_own_samples(FinishedShots(shot.parent), tmp_path / "samples", TINY)
    (made,) = own_samples(tmp_path / "samples")
    assert made.own
    assert made.size == (96, 128)
    assert len(made.paths) == 2
    frame = next(render_shot(21, (96, 128), frames=2, style=STYLE))
    sample = np.load(made.paths[0]).astype(np.float32)
    np.testing.assert_allclose(sample[..., -4], frame.alpha, atol=1e-3)
    np.testing.assert_allclose(sample[..., -3:], linear_to_srgb(frame.fg)[..., [0, 2, 1]], atol=2e-3)  # blue as green
    clean = sample[..., 5:8].mean((0, 1))
    assert clean[1] > clean[2]


def test_a_plate_is_read_and_its_screen_taken_as_told(shot, tmp_path):
    told = FinishedShots(shot, lambda clip: KeySettings(input_colorspace="linear", screen_color="green"))
    make_own_samples(told, tmp_path / "told", TINY)
    make_own_samples(FinishedShots(shot), tmp_path / "seen", TINY)
    as_told, as_seen = (np.load(own_samples(tmp_path / n)[0].paths[0]).astype(np.float32) for n in ("told", "seen"))
    plates = [s[..., :3] * STD + MEAN for s in (as_told, as_seen)]
    np.testing.assert_allclose(plates[0], linear_to_srgb(plates[1])[..., [0, 2, 1]], atol=0.01)
    np.testing.assert_allclose(as_told[..., -3:], as_seen[..., [-3, -1, -2]], atol=1e-3)  # FG's own tag counts for FG


def test_large_frames_are_cut_into_tiles_that_hold_all_of_them(shot, tmp_path, monkeypatch):
    make_own_samples(FinishedShots(shot), tmp_path / "whole", TINY)
    monkeypatch.setattr(own_shots, "TILE", 64)
    make_own_samples(FinishedShots(shot), tmp_path / "cut", TINY)
    (tiles,) = own_samples(tmp_path / "cut")
    assert tiles.size == (32, 64)
    assert len(tiles.paths) == 2 * 2 * 2
    (whole,) = own_samples(tmp_path / "whole")
    first = np.load(whole.paths[0])
    np.testing.assert_array_equal(np.load(tiles.paths[0]), first[:32, :64])
    np.testing.assert_array_equal(np.load(next(p for p in tiles.paths if "last" in p.name)), first[32:64, 64:])


def test_samples_are_made_once_and_shared_out(shot, tmp_path):
    for rank in range(2):
        make_own_samples(FinishedShots(shot), tmp_path / "samples", TINY, (rank, 2))
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "samples").iterdir()}
    make_own_samples(FinishedShots(shot), tmp_path / "samples", TINY)
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "samples").iterdir()} == before
    assert len(before) == 2


def test_what_is_not_finished_is_named(shot, tmp_path):
    matte = shot / "Output" / "Matte" / "plate.0002.exr"
    kept = matte.read_bytes()
    matte.unlink()
    with pytest.raises(FramePairingError, match=r"interview: .*Matte.* lacks frames 2 of its plate"):
        make_own_samples(FinishedShots(shot), tmp_path / "samples", TINY)
    matte.write_bytes(kept)
    write_exr(
        shot / "Output" / "FG" / "plate.0002.exr", dict.fromkeys("RGB", np.zeros((48, 64), np.float32)), {}, bits=16
    )
    with pytest.raises(FrameReadError, match=r"FG.*frame 2 is 64x48, its plate 128x96"):
        make_own_samples(FinishedShots(shot), tmp_path / "samples", TINY)
    for path in (shot / "Output" / "FG").iterdir():
        path.unlink()
    with pytest.raises(MediaError, match="FG"):
        make_own_samples(FinishedShots(shot), tmp_path / "samples", TINY)


def test_own_shots_are_drawn_in_their_share(shot, tmp_path):
    rendered = render_samples(tmp_path / "rendered", RECIPE.sets[0], TINY, Sources())
    make_own_samples(FinishedShots(shot), tmp_path / "own", TINY)
    blank = dataclasses.replace(own_samples(tmp_path / "own")[0])
    for path in blank.paths:  # told by an alpha that no rendered frame has
        sample = np.load(path)
        sample[..., -4] = 0.5
        np.save(path, sample)

    def share(own):
        recipe = dataclasses.replace(RECIPE, own=own)
        stream = batches([rendered, blank], recipe, 0, Workers())
        drawn = [next(stream).alpha for _ in range(30)]
        return np.mean([float((sample == 0.5).all()) for batch in drawn for sample in batch])

    assert share(0.0) == 0
    assert share(1.0) == 1
    assert share(0.5) == pytest.approx(0.5, abs=0.2)


def test_fine_tuning_takes_the_checkpoints_network_and_learns_from_own_shots(shot, tmp_path, tiny_checkpoint):
    path = tmp_path / "tune.toml"
    path.write_text(
        'name = "tuned"\nsteps = 2\nwarmup = 1\nsave_every = 2\nown = 1.0\n'
        "[crops]\nbatch = 2\ncrop = 64\n[[sets]]\nframes = 1\nsize = [64, 64]\nseed = 1\n"
        "[held_out]\nframes = 1\nsize = [64, 64]\nseed = 900\n"
    )
    with pytest.raises(SettingsError, match=r"tune\.toml: no \[network\].*--from"):
        read_recipe(path)
    recipe = read_recipe(path, TINY)
    assert recipe.network == TINY
    made = train(recipe, tmp_path / "run", Sources(shots=FinishedShots(shot)), lambda _: "", tiny_checkpoint)
    assert made == tmp_path / "run" / "tuned.safetensors"
    assert read_info(made).licence == read_info(tiny_checkpoint).licence
    assert len(list((tmp_path / "run" / "samples").glob("own-any-*/*.npy"))) == 2
    wide = dataclasses.replace(recipe, crops=dataclasses.replace(recipe.crops, crop=128))
    with pytest.raises(SettingsError, match="crops of 128 pixels: no"):
        train(wide, tmp_path / "wide", Sources(shots=FinishedShots(shot)), lambda _: "", tiny_checkpoint)


def test_sets_of_layers_are_made_of_the_cut_outs_given(tmp_path):
    y, x = np.mgrid[0:64, 0:64].astype(np.float32)
    alpha = np.clip((24 - np.hypot(x - 32, y - 32)) / 4, 0, 1)
    rgba = np.dstack([np.full_like(alpha, 0.5)] * 3 + [alpha])
    (tmp_path / "mine").mkdir()
    assert cv2.imwrite(str(tmp_path / "mine" / "ball.png"), np.round(rgba * 255).astype(np.uint8))
    recipe = dataclasses.replace(RECIPE, sets=(RenderSet(2, (64, 64), 5, of="layers"),))
    with pytest.raises(SettingsError, match="give their folder with --layers"):
        gather_samples(Sources(), recipe, tmp_path / "run", Workers())
    (made,) = gather_samples(Sources(layers=tmp_path / "mine"), recipe, tmp_path / "run", Workers())
    assert len(made.paths) == 2
    assert made.paths[0].parent.name == f"layers-64x64-any-{EDITION}"
    assert 0.02 < np.load(made.paths[0])[..., -4].mean() < 0.98
    with pytest.raises(SettingsError, match="a set of 'photos': use drawn or layers"):
        RenderSet(2, (64, 64), 5, of="photos")


def test_own_frames_are_brought_to_the_size_that_they_are_keyed_at(shot, tmp_path):
    square = dataclasses.replace(TINY, sizing="square", size=64)
    make_own_samples(FinishedShots(shot), tmp_path / "square", square)
    (made,) = own_samples(tmp_path / "square")
    assert made.size == (64, 64)
    frame = next(render_shot(21, (96, 128), frames=2, style=STYLE))
    squashed = cv2.resize(frame.alpha, (64, 64), interpolation=cv2.INTER_AREA)
    assert np.abs(np.load(made.paths[0])[..., -4].astype(np.float32) - squashed).mean() < 0.01


def test_own_frames_that_are_enlarged_keep_matte_and_plate_together(shot, tmp_path):
    home = dataclasses.replace(TINY, overview=160, size=256)  # 96×128 to 144×192
    make_own_samples(FinishedShots(shot), tmp_path / "home", home)
    (made,) = own_samples(tmp_path / "home")
    assert made.size == (128, 192)
    frame = next(render_shot(21, (96, 128), frames=2, style=STYLE))
    enlarged = cv2.resize(frame.alpha, (192, 144), interpolation=cv2.INTER_LANCZOS4).clip(0, 1)
    assert np.abs(np.load(made.paths[0])[..., -4].astype(np.float32) - enlarged[:128]).max() < 0.01


def test_fine_tuning_on_crops_below_the_grid_of_positions_leaves_them_alone(tiny_checkpoint):
    fits = dataclasses.replace(RECIPE, crops=Crops(2, 64))
    assert started_network(fits, tiny_checkpoint).encoder.model.pos_embed.requires_grad
    smaller = dataclasses.replace(RECIPE, crops=Crops(2, 32))
    assert not started_network(smaller, tiny_checkpoint).encoder.model.pos_embed.requires_grad
