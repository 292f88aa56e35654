"""Training: small runs that stop, go on and come to the same weights."""

import dataclasses

import numpy as np
import pytest
import torch

from corridorkey.checkpoint import read_info
from corridorkey.errors import CheckpointFormatError, SettingsError
from corridorkey.synth import ShotStyle, Textures, render_shot
from corridorkey_torch import load_greenformer
from corridorkey_torch.train.batches import batches, degraded_truth, draw_hint
from corridorkey_torch.train.held_out import held_out_figures
from corridorkey_torch.train.loss import keying_loss
from corridorkey_torch.train.recipe import HintMix, LossWeights, Recipe, RenderSet, read_recipe, recipe_hash
from corridorkey_torch.train.samples import make_sample, render_samples
from corridorkey_torch.train.trainer import learning_rate, new_network, train
from tests.conftest import TINY

RECIPE = Recipe(
    name="tiny",
    network=TINY,
    sets=(RenderSet(3, (96, 96), 10),),
    held_out=RenderSet(1, (64, 96), 900),
    batch=2,
    crop=64,
    steps=6,
    warmup=2,
    save_every=3,
)


def test_the_shipped_recipe_reads(request):
    recipe = read_recipe(request.config.rootpath / "checkpoints" / "recipes" / "small.toml")
    assert recipe.network.base
    assert recipe.network.pos_grid * 4 == recipe.crop
    held_out = range(recipe.held_out.seed, recipe.held_out.seed + recipe.held_out.frames)
    trained = [range(s.seed, s.seed + s.frames) for s in recipe.sets]
    assert not any(seed in seeds for seed in held_out for seeds in trained)


@pytest.mark.parametrize("text", ["", "name = 3 =", '[network]\nwidth = 3\n[[sets]]\n[held_out]\nname="x"'])
def test_what_is_no_recipe_is_named(tmp_path, text):
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"r\.toml"):
        read_recipe(tmp_path / "r.toml")


def test_a_recipes_hash_is_its_content_but_for_the_length():
    assert recipe_hash(RECIPE) == recipe_hash(dataclasses.replace(RECIPE, steps=99))
    assert recipe_hash(RECIPE) != recipe_hash(dataclasses.replace(RECIPE, rate=2e-3))


@pytest.mark.parametrize("screen", ["green", "blue"])
def test_a_sample_shows_the_network_green_and_holds_the_truth(screen):
    frame = next(render_shot(5, (64, 96), style=ShotStyle(screen=screen, subjects=("shape",))))
    sample = make_sample(frame, TINY).astype(np.float32)
    assert sample.shape == (64, 96, TINY.channels + 4)
    np.testing.assert_allclose(sample[..., -4], frame.alpha, atol=5e-4)
    clean = sample[..., 5:8].mean((0, 1))
    assert clean[1] > clean[2]
    assert np.isfinite(sample).all()


def test_samples_are_rendered_once_and_shared_out(tmp_path):
    wanted, textures = RECIPE.sets[0], Textures()
    halves = [render_samples(tmp_path, wanted, TINY, textures, (i, 2)) for i in range(2)]
    assert halves[0] == halves[1]
    before = [p.stat().st_mtime_ns for p in halves[0]]
    render_samples(tmp_path, wanted, TINY, textures)
    assert [p.stat().st_mtime_ns for p in halves[0]] == before
    assert len(before) == 3


def test_batches_depend_on_seed_and_step_alone(tmp_path):
    paths = render_samples(tmp_path, RECIPE.sets[0], TINY, Textures())
    stream = batches(paths, RECIPE, 0)
    next(stream)
    second = next(stream)
    again = next(batches(paths, RECIPE, 1))
    for a, b in zip(second, again, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)
    assert second[0].shape == (2, 64, 64, TINY.channels)


def test_degraded_hints_stay_hints():
    rng = np.random.default_rng(1)
    alpha = np.zeros((96, 96), np.float32)
    alpha[20:80, 20:80] = 1
    hints = [degraded_truth(alpha, rng) for _ in range(30)]
    assert all(h.shape == alpha.shape and h.min() >= 0 and h.max() <= 1 for h in hints)
    assert np.mean([h.mean() for h in hints]) < alpha.mean()  # rather too small than too large
    assert len({h.tobytes() for h in hints}) == 30


def test_hints_come_in_their_shares():
    rng, mix = np.random.default_rng(1), HintMix(0.5, 0.2, 0.2, 0.1)
    alpha, chroma = np.zeros((32, 32), np.float32), np.full((32, 32), 0.5, np.float32)
    means = np.array([draw_hint(chroma, alpha, mix, rng).mean() for _ in range(400)])
    assert (means == 0.5).mean() == pytest.approx(0.5, abs=0.1)
    assert (means == 1).mean() == pytest.approx(0.1, abs=0.06)


def test_the_loss_is_zero_for_the_truth_and_finite_at_its_ends():
    alpha, fg = torch.rand(1, 8, 8, 1), torch.rand(1, 8, 8, 3)
    alpha[0, 0], fg[0, 1] = 0, 0
    truth = torch.cat([alpha, fg], -1).requires_grad_()
    loss, terms = keying_loss(truth, truth, alpha, fg, LossWeights())
    assert loss.item() == pytest.approx(0, abs=1e-6)
    assert set(terms) == {"alpha", "squared", "coarse", "gradient", "fg", "premultiplied"}
    worse = keying_loss(truth * 0.5, truth * 0.5, alpha, fg, LossWeights())[0]
    worse.backward()
    assert torch.isfinite(truth.grad).all()
    assert worse.item() > 0.05


def test_colour_counts_little_where_nothing_is_seen():
    alpha, fg = torch.zeros(1, 8, 8, 1), torch.rand(1, 8, 8, 3)
    alpha[0, :4] = 1
    wrong = {}
    for part, rows in (("seen", slice(0, 4)), ("unseen", slice(4, 8))):
        colour = fg.clone()
        colour[0, rows] = 1 - colour[0, rows]
        prediction = torch.cat([alpha, colour], -1)
        wrong[part] = keying_loss(prediction, prediction, alpha, fg, LossWeights(unseen=0.0, premultiplied=0.0))[
            0
        ].item()
    assert wrong["seen"] > 0.1
    assert wrong["unseen"] == pytest.approx(0, abs=1e-6)


def test_the_rate_rises_stays_and_falls():
    recipe = dataclasses.replace(RECIPE, steps=100, warmup=10, decay=0.4, rate=1.0)
    rates = [learning_rate(recipe, step) for step in (0, 4, 9, 30, 60, 80, 100)]
    assert rates == pytest.approx([0.1, 0.5, 1, 1, 1, 0.5, 0])


def test_a_new_network_starts_as_its_base():
    model = new_network(RECIPE).eval()
    x = torch.randn(1, 64, 64, TINY.channels)
    alpha, fg = model(x)
    torch.testing.assert_close(torch.cat([alpha, fg], -1), torch.sigmoid(model.base(x)))


def test_a_stopped_run_goes_on_to_the_same_weights(tmp_path):
    def run(out, steps):
        return train(dataclasses.replace(RECIPE, steps=steps, decay=0.0), out, Textures(), lambda _: "")

    whole = load_greenformer(run(tmp_path / "whole", 6)).state_dict()
    run(tmp_path / "parts", 3)
    parts = load_greenformer(run(tmp_path / "parts", 6)).state_dict()
    for name, tensor in whole.items():
        torch.testing.assert_close(parts[name], tensor, rtol=0, atol=1e-5, msg=name)


def test_a_new_run_may_start_from_a_checkpoint_of_the_same_network(tmp_path, tiny_checkpoint):
    recipe = dataclasses.replace(RECIPE, steps=1, rate=0.0, ema=0.0)
    made = load_greenformer(train(recipe, tmp_path / "a", Textures(), lambda _: "", tiny_checkpoint)).state_dict()
    for name, tensor in load_greenformer(tiny_checkpoint).state_dict().items():
        if "running" not in name and "tracked" not in name:
            torch.testing.assert_close(made[name], tensor, rtol=2e-3, atol=2e-3)
    other = dataclasses.replace(recipe, network=dataclasses.replace(TINY, decoder_dim=16))
    with pytest.raises(CheckpointFormatError, match="not the recipe's"):
        train(other, tmp_path / "b", Textures(), lambda _: "", tiny_checkpoint)


def test_a_run_makes_a_checkpoint_that_keys_and_refuses_another_recipe(tmp_path):
    checkpoint = train(RECIPE, tmp_path, Textures(), lambda path: held_out_figures(path, RECIPE, tmp_path / "sheets"))
    info = read_info(checkpoint)
    assert info.config == TINY
    assert info.licence == "Apache-2.0"
    assert recipe_hash(RECIPE) in info.note
    assert (tmp_path / "sheets" / "tiny.png").stat().st_size > 1000
    with pytest.raises(CheckpointFormatError, match="recipe"):
        train(dataclasses.replace(RECIPE, rate=1e-4), tmp_path, Textures(), lambda _: "")
