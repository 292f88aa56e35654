"""Every layout in circulation comes out under the same names and in the same order of axes."""

import numpy as np
import pytest

from corridorkey.config import GreenFormerConfig
from corridorkey.errors import CheckpointFormatError
from corridorkey.shapes import tensor_shapes
from corridorkey_convert.names import MLX, MLX_SHORT, TORCH, canonical, find_state_dict
from tests.convert.crafted import mlx, mlx_short, weights


def as_is(tensors):
    return tensors


@pytest.mark.parametrize(("make", "layout"), [(as_is, TORCH), (mlx, MLX), (mlx_short, MLX_SHORT)])
def test_every_layout_is_recognised_and_renamed(make, layout):
    wanted = weights()
    got, recognised = canonical("w", make(wanted))
    assert recognised is layout
    assert set(got) == set(wanted)
    for name, array in wanted.items():
        np.testing.assert_array_equal(got[name], array)
        assert got[name].dtype == array.dtype


def test_ez_names_are_those_in_circulation():
    names = set(mlx_short({n: np.zeros(s, bool) for n, s in tensor_shapes(GreenFormerConfig(pos_grid=8)).items()}))
    assert {"encoder.pos_embed", "encoder.blocks.0.attn.qkv.weight", "encoder.blocks.0.attn.proj.weight"} <= names
    assert {"encoder.patch_embed.proj.weight", "encoder.blocks.2.proj.bias", "alpha_decoder.linear_c1.weight"} <= names
    assert {"refiner.stem_conv.weight", "refiner.stem_gn.bias", "fg_decoder.linear_fuse.weight"} <= names
    assert len(names) == 365  # the released network's 367 without the two counters


@pytest.mark.parametrize("prefix", ["_orig_mod.", "module.", "_orig_mod.module.", "module._orig_mod."])
def test_wrappers_prefixes_are_stripped(prefix):
    wanted = weights()
    assert set(canonical("w", {prefix + name: array for name, array in wanted.items()})[0]) == set(wanted)
    inside = {name.replace("encoder.", f"encoder.{prefix}"): array for name, array in wanted.items()}
    assert set(canonical("w", inside)[0]) == set(wanted)


def test_two_tensors_of_one_name_are_an_error():
    one = np.zeros(1)
    with pytest.raises(CheckpointFormatError, match=r"w: refiner\.a and module\.refiner\.a are both refiner\.a"):
        canonical("w", {"refiner.a": one, "module.refiner.a": one})
    with pytest.raises(CheckpointFormatError, match=r"both refiner\.stem\.0\.weight"):
        canonical("w", {"refiner.stem.0.weight": one, "refiner.stem_conv.weight": one})


def test_what_is_unknown_keeps_its_name_for_the_check_to_tell():
    assert "refiner.extra" in canonical("w", {"refiner.extra": np.zeros(1)})[0]


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict", "model"])
def test_the_state_dict_is_found(key):
    tensors = weights()
    assert find_state_dict("w", tensors) == (tensors, "")
    assert find_state_dict("w", {"epoch": 1, key: tensors, "optimizer": {"state": {}}}) == (tensors, key)


def test_what_holds_no_network_says_what_it_holds():
    for content in ({"epoch": 1, "ema": {"x": np.zeros(1)}}, {"state_dict": {"backbone.x": np.zeros(1)}, "ema": 1}):
        with pytest.raises(CheckpointFormatError, match=r"no CorridorKey network in it; it holds .*'ema'"):
            find_state_dict("w", content)
    with pytest.raises(CheckpointFormatError, match="holds a list"):
        find_state_dict("w", [np.zeros(1)])
    for name in ("encoder.\x1b[2J", "encoder.\ud800", 3):
        with pytest.raises(CheckpointFormatError, match="a tensor is called "):
            find_state_dict("w", {**weights(), name: np.zeros(1)})
    with pytest.raises(CheckpointFormatError, match="epoch beside the weights"):
        find_state_dict("w", {**weights(), "epoch": 3})
