"""RGBA PNG: straight, 8 and 16 bits, whole or not at all."""

import cv2
import numpy as np
import pytest
from PIL import Image

from corridorkey.errors import FrameWriteError
from corridorkey.media.image import decode_image
from corridorkey.media.rgba_png import encode_rgba_png, write_rgba_png

RGBA = np.random.default_rng(0).random((20, 24, 4), dtype=np.float32)


@pytest.mark.parametrize("bits", [8, 16])
def test_it_comes_back_to_the_code(tmp_path, bits):
    write_rgba_png(tmp_path / "a.0001.png", RGBA, bits)
    back = decode_image(tmp_path / "a.0001.png", (tmp_path / "a.0001.png").read_bytes())
    assert back.shape == RGBA.shape
    assert np.array_equal(np.rint(back * (2**bits - 1)), np.rint(RGBA * (2**bits - 1)))
    assert [path.name for path in tmp_path.iterdir()] == ["a.0001.png"]


@pytest.mark.parametrize("bits", [8, 16])
def test_other_readers_find_red_where_red_is(tmp_path, bits):
    red = np.zeros((4, 4, 4), np.float32)
    red[..., 0], red[..., 3] = 1, 0.5
    data = encode_rgba_png(tmp_path / "a.png", red, bits)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    top = 2**bits - 1
    assert pixels[0, 0].tolist() == [0, 0, top, round(top * 0.5)]
    write_rgba_png(tmp_path / "a.png", red, 8)
    with Image.open(tmp_path / "a.png") as image:
        assert image.getpixel((0, 0)) == (255, 0, 0, 128)


def test_colour_under_clear_alpha_is_kept(tmp_path):
    clear = RGBA * [1, 1, 1, 0]
    back = decode_image(tmp_path / "a.png", encode_rgba_png(tmp_path / "a.png", clear.astype(np.float32)))
    assert np.abs(back[..., :3] - RGBA[..., :3]).max() < 1e-4


def test_views_and_values_beyond_1_are_written_right(tmp_path):
    view = (RGBA * 3 - 1)[::2, ::-1]
    back = decode_image(tmp_path / "a.png", encode_rgba_png(tmp_path / "a.png", view))
    assert np.abs(back - view.clip(0, 1)).max() < 1e-4


@pytest.mark.parametrize(
    ("rgba", "bits", "why"),
    [
        (RGBA[..., :3], 16, "must be float"),
        (RGBA.astype(np.uint8), 8, "must be float"),
        (RGBA * np.nan, 16, "NaN"),
        (RGBA[:0], 16, "must be float"),
        (RGBA, 12, "use 8 or 16"),
    ],
)
def test_what_is_no_rgba_is_refused(tmp_path, rgba, bits, why):
    with pytest.raises(FrameWriteError, match=rf"a\.png: .*{why}"):
        write_rgba_png(tmp_path / "a.png", rgba, bits)
    assert list(tmp_path.iterdir()) == []
