"""From every kind of file to the same canonical checkpoint."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch

import corridorkey_convert.conversion as conversion
from corridorkey.checkpoint import CheckpointInfo, read_checkpoint, write_checkpoint
from corridorkey.errors import CheckpointFormatError, FrameWriteError, SettingsError, WeightMismatchError
from corridorkey.weights import small_checkpoint
from corridorkey.weights.known import LICENCE
from corridorkey_convert import convert, convert_file
from tests.conftest import TINY, write_synthetic
from tests.convert.crafted import NETWORK, mlx, mlx_short, weights


def torches(tensors):
    return {name: torch.from_numpy(array) for name, array in tensors.items()}


def save_pth(path, tensors, **more):
    torch.save({"state_dict": {f"_orig_mod.{n}": t for n, t in torches(tensors).items()}, **more}, path)


WRITERS = {
    "Torch .pth, under 'state_dict', Torch layout": lambda path, w: save_pth(path, w, epoch=2),
    "Torch .pth, Torch layout": lambda path, w: torch.save(torches(w), path),
    "safetensors, Torch layout": lambda path, w: save_file(w, path),
    "safetensors, MLX layout of corridorkey-mlx": lambda path, w: save_file(mlx(w), path),
    "safetensors, MLX layout of EZ-CorridorKey": lambda path, w: save_file(mlx_short(w), path),
}


@pytest.fixture
def pth(tmp_path):
    save_pth(tmp_path / "Some_v1.pth", weights())
    return tmp_path / "Some_v1.pth"


@pytest.mark.parametrize("layout", WRITERS)
def test_every_layout_gives_the_same_checkpoint(tmp_path, layout):
    source, out = tmp_path / "source.bin", tmp_path / "out.safetensors"
    WRITERS[layout](source, weights())
    made = convert_file(source, out, screen="blue", network=NETWORK)
    tensors, info = read_checkpoint(out)
    assert made.layout == layout
    assert info == made.info
    assert info.config == replace(NETWORK, screen="blue")
    assert info.source_sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert info.licence == LICENCE
    wanted = weights()
    assert list(tensors) == sorted(wanted)
    for name, array in wanted.items():
        assert (tensors[name].dtype, tensors[name].shape) == (array.dtype, array.shape)
        assert tensors[name].tobytes() == made.tensors[name].tobytes() == array.tobytes()


def test_the_same_source_gives_the_same_bytes(tmp_path, pth):
    for name in ("a", "b"):
        convert_file(pth, tmp_path / name, screen="green", network=NETWORK)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_position_grid_is_the_files(tmp_path):
    tensors = weights() | {"encoder.model.pos_embed": np.zeros((1, 16 * 16, 8), np.float32)}
    save_pth(tmp_path / "a.pth", tensors)
    config = convert(tmp_path / "a.pth", screen="green", network=NETWORK).info.config
    assert (config.pos_grid, config.size) == (16, 64)
    for shape in ((1, 60, 8), (64, 8), (1, 0, 8)):
        save_pth(tmp_path / "a.pth", tensors | {"encoder.model.pos_embed": np.zeros(shape, np.float32)})
        with pytest.raises(WeightMismatchError, match=r"pos_embed is .*, not \(1, 64, 8\)"):
            convert(tmp_path / "a.pth", screen="green", network=NETWORK)
    save_pth(tmp_path / "a.pth", tensors | {"encoder.model.pos_embed": np.zeros((1, 25, 8), np.float32)})
    with pytest.raises(CheckpointFormatError, match=r"a\.pth: encoder\.model\.pos_embed has 5 × 5 tokens: size 20"):
        convert(tmp_path / "a.pth", screen="green", network=NETWORK)


def test_the_screen_is_never_guessed(pth, monkeypatch):
    green = pth.with_name("CorridorKeyBlue_green.pth")
    green.write_bytes(pth.read_bytes())
    with pytest.raises(SettingsError, match="Give --screen green or --screen blue"):
        convert(green, network=NETWORK)
    with pytest.raises(SettingsError, match="use green or blue"):
        convert(pth, screen="any", network=NETWORK)
    monkeypatch.setitem(conversion.KNOWN_SCREENS, hashlib.sha256(pth.read_bytes()).hexdigest(), "blue")
    assert convert(pth, network=NETWORK).info.config.screen == "blue"
    with pytest.raises(SettingsError, match="its screen is blue, not green"):
        convert(pth, screen="green", network=NETWORK)


def test_every_fault_of_the_weights_is_named(tmp_path):
    tensors = weights()
    del tensors["refiner.final.bias"]
    tensors["refiner.more"] = np.zeros(1, np.float32)
    tensors["refiner.stem.1.bias"] = np.full(8, np.nan, np.float32)
    tensors["refiner.stem.1.weight"] = np.zeros(9, np.float32)
    save_pth(tmp_path / "a.pth", tensors)
    with pytest.raises(WeightMismatchError) as caught:
        convert(tmp_path / "a.pth", screen="green", network=NETWORK)
    error = caught.value
    assert (error.missing, error.unexpected) == (("refiner.final.bias",), ("refiner.more",))
    assert error.shapes == {"refiner.stem.1.weight": ((9,), (8,))}
    assert error.not_finite == ("refiner.stem.1.bias",)


def test_the_released_network_is_what_is_expected_unless_told(pth):
    with pytest.raises(WeightMismatchError, match=r"blocks\.10"):
        convert(pth, screen="green")


def test_dtypes(tmp_path):
    path, wanted = tmp_path / "a.safetensors", weights()
    floating = {n: t for n, t in torches(wanted).items() if t.is_floating_point()}
    for dtype, kept in (
        ("float64", "float32"),
        ("bfloat16", "float32"),
        ("float16", "float16"),
        ("float32", "float32"),
    ):
        save_torch({n: t.to(getattr(torch, dtype)) for n, t in floating.items()}, path)
        tensors = convert(path, screen="green", network=NETWORK).tensors
        kinds = {str(a.dtype) for n, a in tensors.items() if not n.endswith("num_batches_tracked")}
        assert kinds == {kept}
        for name, tensor in floating.items():
            same = tensor.to(getattr(torch, dtype)).to(getattr(torch, kept)).numpy()
            assert tensors[name].tobytes() == same.tobytes()


def test_halves_are_those_of_the_shipped_checkpoint(tmp_path):
    shipped, info = read_checkpoint(small_checkpoint())
    write_checkpoint(
        tmp_path / "a", {n: a.astype("f4") if a.dtype.kind == "f" else a for n, a in shipped.items()}, info
    )
    halved = convert(tmp_path / "a", dtype="float16")
    assert halved.info == info
    assert {n: a.dtype for n, a in halved.tensors.items()} == {n: a.dtype for n, a in shipped.items()}
    assert all(halved.tensors[name].tobytes() == array.tobytes() for name, array in shipped.items())


def test_values_too_large_for_halves_are_named(tmp_path):
    tensors = weights()
    tensors["refiner.stem.1.weight"][3] = 70_000  # a norm: stays float32
    save_pth(tmp_path / "a.pth", tensors)
    assert convert(tmp_path / "a.pth", screen="green", network=NETWORK, dtype="float16").tensors
    tensors["refiner.final.weight"][0, 0] = -70_000
    save_pth(tmp_path / "a.pth", tensors)
    with pytest.raises(CheckpointFormatError, match=r"refiner\.final\.weight has values too large for float16"):
        convert(tmp_path / "a.pth", screen="green", network=NETWORK, dtype="float16")
    tensors["refiner.final.weight"] = tensors["refiner.final.weight"].astype(np.float64) * 1e300
    save_pth(tmp_path / "a.pth", tensors)
    with pytest.raises(CheckpointFormatError, match="too large for float32"):
        convert(tmp_path / "a.pth", screen="green", network=NETWORK)


def test_weights_of_whole_numbers_are_refused(tmp_path):
    for name, dtype in (("refiner.final.bias", np.int32), ("fg_decoder.bn.num_batches_tracked", np.float32)):
        tensors = weights()
        tensors[name] = tensors[name].astype(dtype)
        save_pth(tmp_path / "a.pth", tensors)
        with pytest.raises(CheckpointFormatError, match=f"{name} has dtype"):
            convert(tmp_path / "a.pth", screen="green", network=NETWORK)


def test_a_checkpoint_keeps_its_header(tmp_path):
    info = CheckpointInfo(TINY, "some licence", "ab" * 32, "a note")
    path = write_synthetic(tmp_path / "tiny", TINY)
    wanted, _ = read_checkpoint(path)
    write_checkpoint(path, wanted, info)
    made = convert_file(path, tmp_path / "half", dtype="float16", licence="another")
    assert made.info == info
    assert made.layout == "canonical checkpoint"
    assert read_checkpoint(tmp_path / "half")[0]["encoder.model.pos_embed"].dtype == np.float16
    with pytest.raises(SettingsError, match="its screen is any, not green"):
        convert(path, screen="green")


def test_no_file_is_overwritten_unasked(tmp_path, pth):
    before, out = pth.read_bytes(), tmp_path / "out"
    for overwrite in (False, True):
        with pytest.raises(FrameWriteError, match="is the file to convert"):
            convert_file(pth, pth.parent / "." / pth.name, screen="green", network=NETWORK, overwrite=overwrite)
    assert pth.read_bytes() == before
    out.write_bytes(b"mine")
    with pytest.raises(FrameWriteError, match="is there already"):
        convert_file(pth, out, screen="green", network=NETWORK)
    assert out.read_bytes() == b"mine"
    with pytest.raises(WeightMismatchError):
        convert_file(pth, out, screen="green", overwrite=True)
    assert out.read_bytes() == b"mine"
    convert_file(pth, out, screen="green", network=NETWORK, overwrite=True)
    assert read_checkpoint(out)[1].config == NETWORK
    assert {path.name for path in tmp_path.iterdir()} == {"out", pth.name}


def test_the_networks_load_it(tmp_path, pth):
    from corridorkey_torch.load import load_greenformer

    convert_file(pth, tmp_path / "out", screen="green", network=NETWORK)
    loaded = load_greenformer(tmp_path / "out").state_dict()
    for name, array in weights().items():
        np.testing.assert_array_equal(loaded[name].numpy(), array)
