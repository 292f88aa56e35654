"""The one lossy compression: what it keeps, what it changes, and where it is refused."""

import numpy as np
import OpenEXR
import pytest

from corridorkey.errors import FrameWriteError
from corridorkey.media.exr import read_exr, write_exr

DWAA = {"compression": OpenEXR.DWAA_COMPRESSION, "type": OpenEXR.scanlineimage}


def soft_edge(seed):
    """What a matte is made of: a ramp with grain, between flat 0 and flat 1."""
    ramp = np.linspace(-0.2, 1.2, 480) + 0.03 * np.random.default_rng(seed).standard_normal((270, 480))
    return np.clip(ramp, 0, 1).astype(np.float16)


def test_dwaa_would_damage_a_matte_in_y(tmp_path):
    with OpenEXR.File(dict(DWAA), {"Y": soft_edge(0)}) as file:
        file.write(str(tmp_path / "y.exr"))
    channels, _ = read_exr(tmp_path / "y.exr")
    assert np.abs(channels["Y"] - soft_edge(0)).max() > 0.015
    with pytest.raises(FrameWriteError, match=r"dwaa would change Y, which is data; use zip"):
        write_exr(tmp_path / "a.exr", {"Y": soft_edge(0).astype(np.float32)}, {}, 16, "dwaa")
    with pytest.raises(FrameWriteError, match=r"dwaa would change A, Z"):
        write_exr(tmp_path / "a.exr", {"Z": np.eye(4), "A": np.eye(4)}, {}, 16, "dwaa")
    assert not (tmp_path / "a.exr").exists()


@pytest.mark.parametrize("bits", [16, 32])
def test_dwaa_keeps_alpha_and_changes_colours_by_no_more_than_it_says(tmp_path, bits):
    planes = {name: soft_edge(i).astype(np.float32) for i, name in enumerate("RGBA")}
    write_exr(tmp_path / "a.exr", planes, {}, bits, "dwaa")
    channels, _ = read_exr(tmp_path / "a.exr")
    assert np.array_equal(channels["A"], planes["A"])
    errors = [np.abs(channels[name] - planes[name]) for name in "RGB"]
    assert all(0.01 < error.max() < 0.05 and error.mean() < 0.003 for error in errors)
    write_exr(tmp_path / "zip.exr", planes, {}, bits)
    assert (tmp_path / "a.exr").stat().st_size < 0.8 * (tmp_path / "zip.exr").stat().st_size
    with OpenEXR.File(str(tmp_path / "a.exr"), header_only=True) as file:
        assert file.header()["compression"] == OpenEXR.DWAA_COMPRESSION
        assert file.header()["dwaCompressionLevel"] == 45


def test_dwaas_alpha_is_exact_in_float_too(tmp_path):
    alpha = np.random.default_rng(0).random((64, 64), dtype=np.float32)
    write_exr(tmp_path / "a.exr", {"R": alpha, "G": alpha, "B": alpha, "A": alpha}, {}, 32, "dwaa")
    assert np.array_equal(read_exr(tmp_path / "a.exr")[0]["A"], alpha)


def test_dwaa_clamps_to_half_at_32_bits_too(tmp_path):
    bright = np.full((32, 32), 1e9, np.float32)
    write_exr(tmp_path / "a.exr", {"R": bright, "G": -bright, "B": bright}, {}, 32, "dwaa")
    channels, _ = read_exr(tmp_path / "a.exr")
    assert np.allclose(channels["R"], 65504, rtol=0.02)
    assert np.allclose(channels["G"], -65504, rtol=0.02)


@pytest.mark.parametrize(("compression", "level"), [("zip", None), ("dwaa", 45)])
def test_a_level_of_the_plates_own_is_not_taken_over(tmp_path, compression, level):
    with OpenEXR.File({**DWAA, "dwaCompressionLevel": 200.0}, {c: soft_edge(0) for c in "RGB"}) as file:
        file.write(str(tmp_path / "a.exr"))
    channels, header = read_exr(tmp_path / "a.exr")
    write_exr(tmp_path / "b.exr", channels, header, 16, compression)
    with OpenEXR.File(str(tmp_path / "b.exr"), header_only=True) as file:
        assert file.header().get("dwaCompressionLevel") == level
