from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from corridorkey.gamut import GamutCount
from corridorkey.types import Plate

GREY = np.full((40, 50, 3), 0.5, np.float32)


def counted(*planes):
    count = GamutCount()
    for rgb in planes:
        count.add(Plate(rgb, "linear"))
    return count


def marked(**pixels):
    rgb = GREY.copy()
    for (y, x, channel), value in zip([(0, 0, 0), (39, 49, 2), (7, 9, 1), (7, 9, 2)], pixels.values(), strict=False):
        rgb[y, x, channel] = value
    return rgb


def test_pixels_are_counted_not_channels():
    count = counted(marked(a=-0.1, b=7, c=-0.2, d=-0.3), GREY)
    assert (count.pixels, count.outside, count.above) == (4000, 2, 1)


def test_a_pixel_may_be_both():
    rgb = GREY.copy()
    rgb[3, 4] = (-1, 0.5, 2)
    count = counted(rgb)
    assert (count.outside, count.above) == (1, 1)


@pytest.mark.parametrize("value", [0.0, 1.0, -1e-5, 1.00001])
def test_rounding_is_not_counted(value):
    assert counted(GREY * 0 + np.float32(value)).note(False) == ""


def test_the_note_says_how_many_and_what_helps():
    rgb = GREY.copy()
    rgb[0, :50] = -1
    rgb[1, :1] = 2
    assert counted(rgb).note(False) == (
        "of the pixels 2.50 % lie outside Rec.709, 0.05 % are above 1: the network cannot give them back; "
        "--source-detail keeps the plate's own"
    )
    assert "deep inside are the plate's own" in counted(rgb).note(True)
    assert "less than 0.01 % are above 1" in counted(*[GREY] * 9, marked(a=2)).note(False)
    assert GamutCount().note(False) == ""


def test_threads_lose_no_pixel():
    count = GamutCount()
    plate = Plate(marked(a=-1, b=2), "linear")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: count.add(plate), range(200)))
    assert (count.pixels, count.outside, count.above) == (200 * 2000, 200, 200)
