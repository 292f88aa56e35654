"""Recipes: those that ship, those that are none, and what tells one from another."""

import dataclasses

import numpy as np
import pytest
import torch

from corridorkey.config import GreenFormerConfig
from corridorkey.errors import SettingsError
from corridorkey_torch.train.batches import batches
from corridorkey_torch.train.gather import gather_samples
from corridorkey_torch.train.network import new_network
from corridorkey_torch.train.recipe import Crops, HintMix, RenderSet, read_recipe, recipe_hash
from corridorkey_torch.train.sources import Sources
from corridorkey_torch.train.trainer import Run
from corridorkey_torch.train.workers import Workers
from tests.conftest import TINY
from tests.test_train import RECIPE


def _recipe(request, name):
    path = request.config.rootpath / "checkpoints" / "recipes" / f"{name}.toml"
    return read_recipe(path, TINY if name == "finetune" else None)


@pytest.mark.parametrize("name", ["small", "finetune", "released"])
def test_shipped_recipes_read_and_keep_their_held_out_frames_from_training(request, name):
    recipe = _recipe(request, name)
    held_out = range(recipe.held_out.seed, recipe.held_out.seed + recipe.held_out.frames)
    trained = [range(s.seed, s.seed + s.frames) for s in recipe.sets]
    assert not any(seed in seeds for seed in held_out for seeds in trained)
    assert max(crops.crop for crops in recipe.kinds_of_crops) <= max(min(s.size) for s in recipe.sets)


def test_a_network_that_cannot_be_is_refused_by_its_recipes_name(tmp_path, request):
    text = (request.config.rootpath / "checkpoints/recipes/small.toml").read_text(encoding="utf-8")
    path = tmp_path / "old.toml"
    path.write_text(text.replace('base = "unmixed"', "base = true"), encoding="utf-8")
    with pytest.raises(SettingsError, match=r'old\.toml: .*base True: use "none"'):
        read_recipe(path)


def test_the_small_recipe_ends_with_large_crops(request):
    recipe = _recipe(request, "small")
    assert recipe.network.base == "unmixed"
    assert recipe.network.pos_grid * 4 == recipe.crops.crop == recipe.crops_at(0).crop
    assert [recipe.crops_at(recipe.steps - k).crop for k in (2, 1)] == [512, 224]


@pytest.mark.parametrize(("every", "sides"), [(1, [64, 64, 96, 96, 96, 96]), (2, [64, 64, 64, 96, 64, 96])])
def test_late_crops_come_in_the_last_part_in_every_so_many_steps(every, sides):
    recipe = dataclasses.replace(RECIPE, steps=9, late=Crops(2, 96), crops=Crops(4, 64), late_share=0.45)
    recipe = dataclasses.replace(recipe, late_every=every)
    assert [recipe.crops_at(step).crop for step in range(3, 9)] == sides
    with pytest.raises(SettingsError, match="late_every 0: use 1 for every late step"):
        dataclasses.replace(recipe, late_every=0)


@pytest.mark.slow
def test_the_recipe_for_the_released_size_takes_a_step(request, tmp_path):
    recipe = _recipe(request, "released")
    assert dataclasses.replace(recipe.network, screen="green") == GreenFormerConfig()
    tiny = dataclasses.replace(RECIPE, network=recipe.network, sets=RECIPE.sets[:1], crops=Crops(1, 64), steps=1)
    sets = gather_samples(Sources(), tiny, tmp_path, Workers())
    run = Run(tiny, tmp_path, new_network(tiny), Workers())
    before = run.model.alpha_decoder.classifier.weight.clone()
    terms = run.advance(next(batches(sets, tiny, 0)))
    assert all(np.isfinite(value) for value in terms.values())
    assert not torch.equal(before, run.model.alpha_decoder.classifier.weight)


@pytest.mark.parametrize("text", ["", "name = 3 =", '[network]\nwidth = 3\n[[sets]]\n[held_out]\nname="x"'])
def test_what_is_no_recipe_is_named(tmp_path, text):
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"r\.toml"):
        read_recipe(tmp_path / "r.toml")


def test_a_recipes_hash_is_its_content_but_for_the_length():
    assert recipe_hash(RECIPE) == recipe_hash(dataclasses.replace(RECIPE, steps=99))
    assert recipe_hash(RECIPE) != recipe_hash(dataclasses.replace(RECIPE, rate=2e-3))
    wider = dataclasses.replace(RECIPE.network, decoder_dim=16)
    assert recipe_hash(RECIPE) != recipe_hash(dataclasses.replace(RECIPE, network=wider))
    assert recipe_hash(RECIPE) != recipe_hash(dataclasses.replace(RECIPE, sets=(RenderSet(3, (96, 96), 11),)))


def test_an_optimiser_that_nobody_knows_is_refused():
    with pytest.raises(SettingsError, match="use adamw or muon"):
        dataclasses.replace(RECIPE, optimiser="sgd")


def test_hints_whose_shares_are_not_one_are_refused():
    with pytest.raises(SettingsError, match="add up to 1"):
        HintMix(chroma=0.9)


@pytest.mark.parametrize("scales", [(2.0,), (0.5, 1.0, 2.0), (2.0, 0.5), (0.0, 1.0)])
def test_crops_are_resized_between_two_factors(scales):
    with pytest.raises(SettingsError, match="give two factors over 0"):
        Crops(scales=scales)
