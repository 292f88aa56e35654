import logging
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
from PIL import Image

from corridorkey.errors import FrameReadError
from corridorkey.media import read_hint, read_plate
from corridorkey.media.exr import write_exr

RAMP = np.linspace(0, 1, 40, dtype=np.float32).reshape(5, 8)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def exr(path, **channels):
    """Through the binding itself, which writes NaN too."""
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, {name: np.ascontiguousarray(plane) for name, plane in channels.items()}) as file:
        file.write(str(path))
    return path


def test_an_exr_plate_is_linear_and_brings_its_header(tmp_path):
    windows = {"dataWindow": ((5, 6), (12, 10)), "displayWindow": ((0, 0), (19, 19))}
    write_exr(tmp_path / "a.exr", {"R": RAMP * 4, "G": RAMP - 1, "B": RAMP}, {**windows, "owner": "me"}, 32)
    plate = read_plate(tmp_path / "a.exr")
    assert (plate.space, plate.size) == ("linear", (5, 8))
    assert np.array_equal(plate.rgb, np.dstack([RAMP * 4, RAMP - 1, RAMP]))
    assert plate.header["dataWindow"] == windows["dataWindow"]
    assert plate.header["displayWindow"] == windows["displayWindow"]
    assert plate.header["owner"] == "me"


def test_16_bit_rgba_png_plate_drops_alpha_and_says_so(tmp_path, caplog, rng):
    pixels = rng.integers(0, 65536, (5, 8, 4), dtype=np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), pixels)
    with caplog.at_level(logging.INFO):
        plate = read_plate(tmp_path / "a.png")
    assert np.array_equal(plate.rgb, pixels[..., 2::-1] / np.float32(65535))
    assert (plate.space, plate.header) == ("srgb", {})
    assert "alpha channel is not used" in caplog.text


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_grey_plate_becomes_rgb(tmp_path, dtype, rng):
    pixels = rng.integers(0, np.iinfo(dtype).max, (5, 8), dtype=dtype)
    cv2.imwrite(str(tmp_path / "a.png"), pixels)
    plate = read_plate(tmp_path / "a.png")
    assert plate.rgb.shape == (5, 8, 3)
    assert np.array_equal(plate.rgb, np.dstack([pixels / np.float32(np.iinfo(dtype).max)] * 3))


@pytest.mark.parametrize("suffix", ["png", "tif", "jpg", "exr"])
def test_plates_are_contiguous_float32(tmp_path, suffix):
    if suffix == "exr":
        exr(tmp_path / "a.exr", R=RAMP, G=RAMP, B=RAMP)
    else:
        Image.new("RGBA" if suffix == "png" else "RGB", (8, 5)).save(tmp_path / f"a.{suffix}")
    rgb = read_plate(tmp_path / f"a.{suffix}").rgb
    assert (rgb.dtype, rgb.shape, rgb.flags.c_contiguous) == (np.float32, (5, 8, 3), True)


def test_the_flag_decides_the_space(tmp_path):
    assert read_plate(exr(tmp_path / "a.exr", R=RAMP, G=RAMP, B=RAMP), "srgb").space == "srgb"


def test_nan_and_infinity_in_a_plate_are_counted_and_placed(tmp_path):
    red, blue = RAMP.copy(), RAMP.copy()
    red[2, 3], blue[2, 3], blue[4, 0] = np.nan, np.inf, -np.inf
    with pytest.raises(FrameReadError, match=r"a\.exr: 2 pixels hold NaN or infinity, the first at x=3, y=2 .*replace"):
        read_plate(exr(tmp_path / "a.exr", R=red, G=RAMP, B=blue))


@pytest.mark.parametrize("value", [3e38, -3e38, 1e8])
def test_what_is_no_colour_in_a_plate_is_an_error(tmp_path, value):
    far = RAMP.copy()
    far[1, 6] = value
    with pytest.raises(
        FrameReadError, match=r"1 pixels are beyond ±6\.55e\+07, which is not a colour, the first at x=6, y=1"
    ):
        read_plate(exr(tmp_path / "a.exr", R=RAMP, G=far, B=RAMP))


def test_the_brightest_half_is_a_colour(tmp_path):
    assert read_plate(exr(tmp_path / "a.exr", R=RAMP * 65504, G=RAMP, B=RAMP)).rgb.max() == 65504


def test_a_plate_is_read_from_disk_once(tmp_path, monkeypatch):
    opened, real = [], Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, *rest, **options: (opened.append(path), real(path, *rest, **options))[1]
    )
    read_plate(exr(tmp_path / "a.exr", R=RAMP, G=RAMP, B=RAMP))
    assert opened == [tmp_path / "a.exr"]


def test_nan_in_a_float_tiff_is_an_error(tmp_path):
    pixels = np.zeros((4, 4, 3), np.float32)
    pixels[3, 1, 0] = np.nan
    cv2.imwrite(str(tmp_path / "a.tif"), pixels)
    with pytest.raises(FrameReadError, match="1 pixels hold NaN or infinity, the first at x=1, y=3"):
        read_plate(tmp_path / "a.tif")


def test_nan_in_a_hint_is_an_error(tmp_path):
    bad = RAMP.copy()
    bad[0, 0] = np.nan
    with pytest.raises(FrameReadError, match="NaN or infinity"):
        read_hint(exr(tmp_path / "h.exr", Y=bad))


def test_exr_hints_use_a_then_y_then_r(tmp_path):
    other = np.full_like(RAMP, 0.3)
    cases = [{"A": RAMP, "R": other, "G": other, "B": other}, {"A": RAMP}, {"Y": RAMP}, {"Y": RAMP, "A": other}]
    cases += [{"R": RAMP}, {"R": RAMP, "Z": other}, {"matte": RAMP}, {"R": RAMP, "G": RAMP, "B": RAMP}]
    cases += [{"R": RAMP, "G": RAMP, "B": RAMP, "A": np.ones_like(RAMP)}]
    for channels in cases:
        assert np.array_equal(read_hint(exr(tmp_path / "h.exr", **channels)), RAMP), channels.keys()


def test_an_empty_alpha_beside_a_picture_is_an_empty_hint(tmp_path, caplog):
    nobody = {"R": RAMP, "G": RAMP / 2, "B": RAMP / 3, "A": np.zeros_like(RAMP)}
    with caplog.at_level(logging.INFO):
        assert not read_hint(exr(tmp_path / "h.exr", **nobody)).any()
    assert caplog.text.rstrip().endswith("h.exr: its mask is A")
    flat = np.full_like(RAMP, 0.2)
    assert not read_hint(exr(tmp_path / "h.exr", R=flat, G=flat, B=flat, A=np.zeros_like(RAMP))).any()
    picture = np.zeros((5, 8, 4), np.uint8)
    picture[..., 1] = np.arange(8) * 30
    Image.fromarray(picture).save(tmp_path / "h.png")
    assert not read_hint(tmp_path / "h.png").any()


def test_a_mask_beside_an_empty_alpha_is_the_hint(tmp_path):
    empty = np.zeros_like(RAMP)
    for mask in ({"Y": RAMP}, {"R": RAMP, "G": RAMP, "B": RAMP}, {"R": RAMP}, {"matte": RAMP}):
        assert np.array_equal(read_hint(exr(tmp_path / "h.exr", **mask, A=empty)), RAMP), mask.keys()


def test_an_opaque_alpha_is_no_hint(tmp_path, caplog):
    for alpha in (1.0, 0.5):
        channels = {"R": RAMP, "G": RAMP * 0, "B": RAMP / 2, "A": np.full_like(RAMP, alpha)}
        with caplog.at_level(logging.INFO):
            assert np.allclose(read_hint(exr(tmp_path / "h.exr", **channels)), RAMP / 2, atol=1e-7)
        assert caplog.text.rstrip().endswith("h.exr: its mask is the mean of R, G and B")


def test_nan_in_the_alpha_of_a_hint_is_an_error(tmp_path):
    bad = np.ones_like(RAMP)
    bad[2, 2] = np.nan
    with pytest.raises(FrameReadError, match="NaN or infinity"):
        read_hint(exr(tmp_path / "h.exr", R=RAMP, G=RAMP, B=RAMP, A=bad))


def test_coloured_hints_use_the_mean(tmp_path):
    hint = read_hint(exr(tmp_path / "h.exr", R=RAMP, G=RAMP * 0, B=RAMP / 2))
    assert np.allclose(hint, RAMP / 2, atol=1e-7)


def test_a_hint_with_unclear_channels_is_an_error(tmp_path):
    with pytest.raises(FrameReadError, match=r"which channel is the mask\? It has id\.x, id\.y"):
        read_hint(exr(tmp_path / "h.exr", **{"id.x": RAMP, "id.y": RAMP}))


def test_hints_are_clipped(tmp_path):
    hint = read_hint(exr(tmp_path / "h.exr", Y=RAMP * 3 - 1))
    assert np.array_equal(hint, np.clip(RAMP * 3 - 1, 0, 1))
    assert hint.dtype == np.float32


def test_png_hints(tmp_path, rng):
    mask = rng.integers(0, 256, (7, 4), dtype=np.uint8)
    pictures = {"L": mask, "RGB": np.dstack([mask] * 3), "RGBA": np.dstack([mask * 0, mask * 0, mask * 0, mask])}
    pictures |= {"opaque": np.dstack([mask] * 3 + [mask * 0 + 255]), "LA": np.dstack([mask * 0, mask])}
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(tmp_path / "h.png")
        assert np.array_equal(read_hint(tmp_path / "h.png"), mask / np.float32(255)), name


def test_a_text_file_called_png_is_an_error(tmp_path):
    (tmp_path / "a.png").write_text("hello")
    for read in (read_plate, read_hint):
        with pytest.raises(FrameReadError, match=r"a\.png: neither EXR, PNG, TIFF nor JPEG inside"):
            read(tmp_path / "a.png")


def test_names_outside_ascii_are_read(tmp_path):
    folder = tmp_path / "ärger mit leerzeichen"
    folder.mkdir()
    write_exr(folder / "größe.1.exr", {"R": RAMP, "G": RAMP, "B": RAMP}, {})
    cv2.imencode(".png", np.zeros((3, 3, 3), np.uint16))[1].tofile(folder / "größe.1.png")
    assert read_plate(folder / "größe.1.exr").size == (5, 8)
    assert read_plate(folder / "größe.1.png").size == (3, 3)


def test_what_holds_for_a_whole_folder_is_noted_of_its_first_file(tmp_path, caplog):
    caplog.set_level("INFO")
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for number in (1, 2):
            path = tmp_path / folder / f"{number}.png"
            Image.new("RGBA", (4, 4), (0, 200, 0, 9)).save(path)
            read_plate(path)
    said = [record.message for record in caplog.records]
    assert said == [f"{tmp_path / folder / '1.png'}: its alpha channel is not used" for folder in ("a", "b")]
