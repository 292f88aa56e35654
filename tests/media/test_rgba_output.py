"""The output `rgba`: PNG with alpha, of the same pixels as Processed."""

import numpy as np
import pytest
from PIL import Image

from corridorkey.color import linear_to_srgb
from corridorkey.config import DEFAULT_OUTPUTS, OUTPUTS, KeySettings
from corridorkey.errors import SettingsError
from corridorkey.media import write_frame
from corridorkey.media.image import decode_image
from corridorkey.media.output import FOLDERS
from corridorkey.types import KeyedFrame


def keyed(size=(6, 8)):
    rng = np.random.default_rng(0)
    alpha = rng.random((*size, 1), dtype=np.float32)
    alpha[0, :4], alpha[0, 4:] = 0, 1
    colour = rng.random((*size, 3), dtype=np.float32)
    processed = np.concatenate([colour * alpha, alpha], axis=-1)
    return KeyedFrame(alpha, colour, processed, np.zeros((*size, 3), np.float32)), colour


@pytest.mark.parametrize("bits", [8, 16])
def test_colour_is_straight_and_srgb_alpha_linear(tmp_path, bits):
    frame, colour = keyed()
    settings = KeySettings(outputs=("rgba",), png_bits=bits)
    (path,) = write_frame(frame, tmp_path, tmp_path / "sh.0007.exr", settings)
    assert path == tmp_path / "RGBA/sh.0007.png"
    rgba = decode_image(path, path.read_bytes())
    seen = frame.alpha[..., 0] > 0.1
    assert np.abs(rgba[..., 3] - frame.alpha[..., 0]).max() <= 0.51 / (2**bits - 1)
    assert np.abs(rgba[..., :3] - linear_to_srgb(colour))[seen].max() <= 0.51 / (2**bits - 1) + 1e-5
    assert not rgba[0, :4, :3].any()  # no colour where nothing is


def test_it_carries_the_stamp(tmp_path):
    settings = KeySettings(outputs=("rgba",))
    (path,) = write_frame(keyed()[0], tmp_path, tmp_path / "é.0007.exr", settings, {}, {"ck:screen": "green"})
    with Image.open(path) as picture:
        picture.load()
        assert picture.text["ck:screen"] == "green"
        assert picture.text["ck:plate"] == "é.0007.exr"


def test_overscan_is_in_it(tmp_path):
    header = {"dataWindow": ((0, 0), (7, 5)), "displayWindow": ((2, 1), (5, 4))}
    settings = KeySettings(outputs=("rgba", "comp"))
    rgba, comp = write_frame(keyed()[0], tmp_path, tmp_path / "a.exr", settings, header)
    with Image.open(rgba) as picture, Image.open(comp) as shown:
        assert (picture.size, shown.size) == ((8, 6), (4, 4))


def test_every_output_has_a_folder_and_rgba_is_asked_for():
    assert set(OUTPUTS) == set(FOLDERS)
    assert KeySettings().outputs == DEFAULT_OUTPUTS == ("matte", "fg", "processed", "comp")
    with pytest.raises(SettingsError, match="use 8 or 16"):
        KeySettings(png_bits=12)
