"""Training: small runs that stop, go on and come to the same weights."""

import copy
import dataclasses

import numpy as np
import pytest
import torch

from corridorkey.checkpoint import read_info
from corridorkey.color import linear_to_srgb
from corridorkey.errors import CheckpointFormatError, SettingsError
from corridorkey.prepare import MEAN, STD
from corridorkey.synth import ShotStyle, render_shot
from corridorkey_torch import load_greenformer
from corridorkey_torch.train.batches import batches, check_crops, check_shares
from corridorkey_torch.train.held_out import held_out_figures
from corridorkey_torch.train.loss import constant_part
from corridorkey_torch.train.network import new_network
from corridorkey_torch.train.quick import QuickGroupNorm, products, quickened
from corridorkey_torch.train.recipe import Crops, HintMix, LossWeights, Recipe, RenderSet, recipe_hash
from corridorkey_torch.train.samples import TRUTH, make_sample, render_samples
from corridorkey_torch.train.sources import Sources
from corridorkey_torch.train.state import export_checkpoint, settle_keys
from corridorkey_torch.train.trainer import learning_rate, train
from corridorkey_torch.train.users_hints import degraded_truth, draw_hint
from corridorkey_torch.train.workers import Workers
from tests.conftest import TINY
from tests.test_train_optimiser import MUON

RECIPE = Recipe(
    name="tiny",
    network=TINY,
    sets=(RenderSet(3, (96, 96), 10),),
    held_out=RenderSet(1, (64, 96), 900),
    crops=Crops(2, 64),
    steps=6,
    warmup=2,
    save_every=3,
)


@pytest.mark.parametrize("screen", ["green", "blue"])
def test_a_sample_shows_the_network_green_and_holds_the_truth(screen):
    frame = next(render_shot(5, (64, 96), style=ShotStyle(screen=screen, subjects=("shape",))))
    fg = linear_to_srgb(frame.fg)
    sample = make_sample(frame.plate, frame.alpha, fg, frame.screen, TINY).astype(np.float32)
    assert sample.shape == (64, 96, TRUTH + 4)
    np.testing.assert_allclose(sample[..., -4], frame.alpha, atol=5e-4)
    clean = sample[..., 5:8].mean((0, 1))
    assert clean[1] > clean[2]
    assert np.isfinite(sample).all()


def test_a_sample_is_the_plate_as_it_is_for_a_network_of_any_size_or_sizing():
    frame = next(render_shot(5, (64, 96), style=ShotStyle(screen="green", subjects=("shape",))))
    words = frame.plate, frame.alpha, linear_to_srgb(frame.fg), frame.screen
    sample = make_sample(*words, TINY)
    np.testing.assert_allclose(sample[..., :3], (frame.plate - MEAN) / STD, atol=2e-3)
    for changed in ({"sizing": "square"}, {"size": 64}):
        np.testing.assert_array_equal(make_sample(*words, dataclasses.replace(TINY, **changed)), sample)


def test_a_network_for_one_screen_learns_from_that_alone():
    screens = {Sources().frame(RECIPE.sets[0], seed, "green").screen for seed in range(10, 18)}
    assert screens == {"green"}
    assert {Sources().frame(RECIPE.sets[0], seed).screen for seed in range(10, 18)} == {"green", "blue"}


def test_samples_are_rendered_once_and_shared_out(tmp_path):
    wanted, sources = RECIPE.sets[0], Sources()
    halves = [render_samples(tmp_path, wanted, TINY, sources, (i, 2)) for i in range(2)]
    assert halves[0] == halves[1]
    before = [p.stat().st_mtime_ns for p in halves[0].paths]
    render_samples(tmp_path, wanted, TINY, sources)
    assert [p.stat().st_mtime_ns for p in halves[0].paths] == before
    assert len(before) == 3


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    return [render_samples(tmp_path_factory.mktemp("samples"), RECIPE.sets[0], TINY, Sources())]


def test_batches_depend_on_seed_and_step_alone(rendered):
    stream = batches(rendered, RECIPE, 0)
    next(stream)
    second = next(stream)
    again = next(batches(rendered, RECIPE, 1))
    torch.testing.assert_close(second.x, again.x, rtol=0, atol=0)
    torch.testing.assert_close(second.backdrop, again.backdrop, rtol=0, atol=0)
    assert second.x.shape == (2, 64, 64, TINY.channels)


def test_processes_share_a_batch(rendered):
    whole = next(batches(rendered, RECIPE, 3))
    for rank in range(2):
        part = next(batches(rendered, RECIPE, 3, Workers(rank, 2)))
        torch.testing.assert_close(part.alpha, whole.alpha[rank : rank + 1], rtol=0, atol=0)
    with pytest.raises(SettingsError, match="batch of 2 cannot be shared by 3"):
        next(batches(rendered, RECIPE, 3, Workers(0, 3)))


def test_networks_of_fewer_inputs_take_their_channels_of_the_same_samples(rendered):
    network = dataclasses.replace(TINY, inputs=("rgb", "hint", "screen"), base="none")
    fewer = dataclasses.replace(RECIPE, network=network)
    whole, part = next(batches(rendered, RECIPE, 0)), next(batches(rendered, fewer, 0))
    torch.testing.assert_close(part.x, whole.x[..., [0, 1, 2, 3, 5, 6, 7]], rtol=0, atol=0)


SHRUNK = {"resized": 1.0, "scales": (0.5, 0.5), "crop": 32}
ENLARGED = {"resized": 1.0, "scales": (1.5, 2.0)}


@pytest.mark.parametrize("changed", [SHRUNK, ENLARGED, {"dimmed": 1.0}, {"turned": 1.0}])
def test_crops_stay_whole_when_they_are_changed(rendered, changed):
    """Plate, truth and clean plate still go together: the plate is the comp of the three, but for spill and grain."""
    crops = dataclasses.replace(RECIPE.crops, **{"resized": 0.0, "dimmed": 0.0, "turned": 0.0, "edges": 0.0} | changed)
    recipe = dataclasses.replace(RECIPE, crops=crops)
    for step in range(4):
        batch = next(batches(rendered, recipe, step))
        mean, std = torch.tensor(MEAN), torch.tensor(STD)
        rgb, screen = batch.x[..., :3] * std + mean, batch.x[..., 5:8] * std + mean
        comp = batch.alpha * batch.fg + (1 - batch.alpha) * screen
        assert (comp - rgb).abs().mean() < 0.08
        assert (comp.flip(2) - rgb).abs().mean() > 2 * (comp - rgb).abs().mean()


def test_a_crop_that_no_frame_holds_is_told(rendered):
    with pytest.raises(SettingsError, match="crops of 128"):
        next(batches(rendered, dataclasses.replace(RECIPE, crops=Crops(2, 128)), 0))


def test_late_crops_are_looked_at_before_the_first_step(rendered):
    recipe = dataclasses.replace(RECIPE, late=Crops(2, 128))
    check_crops(rendered, recipe)  # no late share: they are not used
    check_shares(recipe, Workers(0, 2))
    with pytest.raises(SettingsError, match="crops of 128"):
        check_crops(rendered, dataclasses.replace(recipe, late_share=0.5))
    with pytest.raises(SettingsError, match="batch of 3 cannot be shared by 2"):
        check_shares(dataclasses.replace(recipe, late_share=0.5, late=Crops(3, 64)), Workers(0, 2))


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


def test_the_quick_norm_and_attention_give_the_same_numbers_and_slopes():
    model = new_network(RECIPE).train()
    torch.nn.init.normal_(model.refiner.final.weight, std=0.01)
    x = torch.randn(2, 64, 64, TINY.channels)

    def slopes():
        model.zero_grad()
        prediction = torch.cat(model(x), -1)
        prediction.square().mean().backward()
        return prediction, {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}

    plain = slopes()
    quickened(model, torch.device("cpu"))
    assert type(model.refiner.res1.gn1) is QuickGroupNorm
    assert model.encoder.model.blocks[0].attn.attend is products
    quick = slopes()
    torch.testing.assert_close(quick[0], plain[0], rtol=1e-4, atol=1e-5)
    steepest = max(slope.abs().max().item() for slope in plain[1].values())
    for name, slope in plain[1].items():
        scale = slope.abs().max().item() + 1e-4 * steepest  # a bias before a norm has no slope but rounding
        torch.testing.assert_close(quick[1][name] / scale, slope / scale, rtol=0, atol=2e-3, msg=name)


def test_the_rate_rises_stays_and_falls():
    recipe = dataclasses.replace(RECIPE, steps=100, warmup=10, decay=0.4, rate=1.0)
    rates = [learning_rate(recipe, step) for step in (0, 4, 9, 30, 60, 80, 100)]
    assert rates == pytest.approx([0.1, 0.5, 1, 1, 1, 0.5, 0])
    assert learning_rate(dataclasses.replace(recipe, warmup=0), 0) == 1


def test_a_new_network_starts_as_its_base():
    model = new_network(RECIPE).eval()
    x = torch.randn(1, 64, 64, TINY.channels)
    alpha, fg = model(x)
    torch.testing.assert_close(torch.cat([alpha, fg], -1), torch.sigmoid(model.base(x).plus(torch.zeros(1, 64, 64, 4))))


def test_what_all_keys_have_in_common_is_not_shipped(tmp_path):
    """It changes no prediction, and costs digits in bfloat16."""
    model, x = new_network(RECIPE).eval(), torch.randn(1, 64, 64, TINY.channels)
    for output in (model.alpha_decoder.classifier, model.refiner.final):
        torch.nn.init.normal_(output.weight, std=0.3)
    for block in model.encoder.model.blocks:
        torch.nn.init.normal_(block.norm1.bias)
        torch.nn.init.normal_(block.attn.qkv.bias, std=3.0)
    settled = copy.deepcopy(model)
    settle_keys(settled)
    torch.testing.assert_close(settled(x)[0], model(x)[0], rtol=0, atol=2e-5)
    export_checkpoint(tmp_path / "a.safetensors", model, model.state_dict(), "drifted")
    shipped = load_greenformer(tmp_path / "a.safetensors")
    for block in shipped.encoder.model.blocks:
        q, k, _ = block.attn.qkv(block.norm1.bias).chunk(3)
        assert k.abs().max() < 0.01 < 1 < q.abs().max()


def test_positions_are_learned_on_grids_of_other_sizes_too():
    model = new_network(RECIPE)
    encoder = model.encoder.model
    grid = (24, 40)
    trained = encoder._position(grid)
    with torch.no_grad():
        torch.testing.assert_close(trained, encoder._position(grid), rtol=1e-4, atol=1e-6)
    trained.square().sum().backward()
    assert encoder.pos_embed.grad.abs().amin(-1).count_nonzero() > 0.9 * encoder.pos_embed.shape[1]
    encoder.pos_embed.grad = None
    encoder._position((4, 8)).sum().backward()
    slopes = encoder.pos_embed.grad
    torch.testing.assert_close(slopes, slopes.mean().expand_as(slopes))  # no checkerboard


@pytest.mark.parametrize("optimiser", ["adamw", MUON])
def test_a_stopped_run_goes_on_to_the_same_weights(tmp_path, optimiser):
    recipe = dataclasses.replace(RECIPE, optimiser=optimiser, decay=0.0)

    def run(out, steps):
        return train(dataclasses.replace(recipe, steps=steps), out, Sources(), lambda _: "")

    whole = load_greenformer(run(tmp_path / "whole", 6)).state_dict()
    run(tmp_path / "parts", 3)
    parts = load_greenformer(run(tmp_path / "parts", 6)).state_dict()
    for name, tensor in whole.items():
        torch.testing.assert_close(parts[name], tensor, rtol=0, atol=1e-5, msg=name)


def test_a_new_run_may_start_from_a_checkpoint_of_the_same_network(tmp_path, tiny_checkpoint):
    recipe = dataclasses.replace(RECIPE, steps=1, rate=0.0, ema=0.0)
    made = load_greenformer(train(recipe, tmp_path / "a", Sources(), lambda _: "", tiny_checkpoint)).state_dict()
    start = load_greenformer(tiny_checkpoint)
    settle_keys(start)
    for name, tensor in start.state_dict().items():
        if "running" not in name and "tracked" not in name:
            torch.testing.assert_close(made[name], tensor, rtol=2e-3, atol=2e-3)
    other = dataclasses.replace(recipe, network=dataclasses.replace(TINY, decoder_dim=16))
    with pytest.raises(CheckpointFormatError, match="not the recipe's"):
        train(other, tmp_path / "b", Sources(), lambda _: "", tiny_checkpoint)


def test_a_run_can_take_out_what_its_features_have_in_common(tmp_path, rendered):
    begun = new_network(RECIPE)
    for block in begun.encoder.model.blocks:
        torch.nn.init.constant_(block.mlp.fc2.bias, 3.0)
    export_checkpoint(start := tmp_path / "begun.safetensors", begun, begun.state_dict(), "stands far off")
    x = next(batches(rendered, RECIPE, 0)).x

    def left(weight):
        loss = LossWeights(constant=weight)
        recipe = dataclasses.replace(RECIPE, steps=40, decay=0.0, rate=2e-2, ema=0.0, save_every=40, loss=loss)
        made = load_greenformer(train(recipe, tmp_path / str(weight), Sources(), lambda _: "", start))
        return constant_part(made.encode(x)).item()

    assert left(10.0) < 0.5 * left(0.0)


def test_a_run_makes_a_checkpoint_that_keys_and_refuses_another_recipe(tmp_path):
    checkpoint = train(RECIPE, tmp_path, Sources(), lambda path: held_out_figures(path, RECIPE, tmp_path / "sheets"))
    info = read_info(checkpoint)
    assert info.config == TINY
    assert info.licence == "Apache-2.0"
    assert recipe_hash(RECIPE) in info.note
    assert (tmp_path / "sheets" / "tiny.png").stat().st_size > 1000
    with pytest.raises(CheckpointFormatError, match="recipe"):
        train(dataclasses.replace(RECIPE, rate=1e-4), tmp_path, Sources(), lambda _: "")
