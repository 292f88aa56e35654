"""`ck train`."""

from __future__ import annotations

import numpy as np

from tests.cli.conftest import write_shot

RECIPE = (
    'name = "r"\nsteps = 2\n[crops]\nbatch = 1\ncrop = 64\n[[sets]]\nframes = 1\nsize = [64, 64]\nseed = 5\n'
    "[held_out]\nframes = 1\nsize = [64, 64]\nseed = 90\n"
)


def test_train_from_the_command_line(ck, tmp_path):
    recipe = tmp_path / "r.toml"
    recipe.write_text(
        'name = "r"\nsteps = 2\nwarmup = 1\nsave_every = 2\n[crops]\nbatch = 1\ncrop = 64\n'
        "[network]\nembed_dim = 8\ndepths = [1, 1, 1, 1]\nheads = [1, 1, 1, 1]\ndecoder_dim = 8\nrefiner_width = 8\n"
        'inputs = ["rgb", "hint", "key", "screen"]\nbase = "unmixed"\nscreen = "any"\nsizing = "aspect"\n'
        "pos_grid = 16\n"
        "[[sets]]\nframes = 2\nsize = [64, 64]\nseed = 5\n[held_out]\nframes = 1\nsize = [64, 64]\nseed = 90\n"
    )
    assert ck("train", recipe, "--out", tmp_path / "run", "--render", "0/2").code == 0
    result = ck("train", recipe, "--out", tmp_path / "run")
    assert result.code == 0, result.err
    assert "held out at step 2" in (tmp_path / "run" / "log.txt").read_text()
    keyed = ck("key", write_shot(tmp_path / "s", range(1, 2)), "--checkpoint", tmp_path / "run" / "r.safetensors")
    assert keyed.code == 0
    scored = ck("train", recipe, "--out", tmp_path / "score", "--score", tmp_path / "run" / "r.safetensors")
    assert "interior fg error" in scored.out
    assert [p.name for p in (tmp_path / "score").rglob("*.*")] == ["r.png"]
    assert ck("train", tmp_path / "none.toml", "--out", tmp_path / "x").code == 2
    assert ck("train", recipe, "--out", tmp_path / "run", "--render", "2").code == 2


def test_a_named_checkpoint_gives_a_recipe_its_network(ck, tmp_path):
    recipe = tmp_path / "r.toml"
    recipe.write_text(RECIPE)
    words = "train", recipe, "--out", tmp_path / "run", "--render", "0/1"
    result = ck(*words, "--from", "small")
    assert result.code == 0, result.err
    assert len(list((tmp_path / "run").rglob("*.npy"))) == 1
    assert ck(*words).code == 2
    assert "ck weights fetch green" in ck(*words, "--from", "green").err


def test_a_shots_own_settings_say_how_its_plate_is_read(ck, tmp_path):
    """As `ck key` reads it; what a ck.toml says of keying does not disturb."""
    shot = tmp_path / "job" / "sh010"
    (tmp_path / "r.toml").write_text(RECIPE)
    write_shot(shot / "Input", range(1, 2))
    assert ck("key", shot, "--outputs", "matte,fg").code == 0

    def train(name):
        words = "--from", "small", "--render", "0/1"
        return ck("train", tmp_path / "r.toml", "--shots", tmp_path / "job", "--out", tmp_path / name, *words)

    def plate(name):
        result = train(name)
        assert result.code == 0, result.err
        (made,) = (tmp_path / name / "samples").glob("own-any-*/*.npy")
        return np.load(made)[..., :3].astype(np.float32)

    seen = plate("seen")
    (tmp_path / "job" / "ck.toml").write_text('input-colorspace = "linear"\ndespill = 0.5\n')
    assert plate("linear").mean() > seen.mean() + 0.1
    (shot / "ck.toml").write_text('input-colorspace = "srgb"\n')
    np.testing.assert_array_equal(plate("srgb"), seen)
    (shot / "ck.toml").write_text("no-such-thing = 1\n")
    wrong = train("wrong")
    assert wrong.code == 2
    assert "ck.toml: no-such-thing: unknown" in wrong.err
