"""Any damage at all is either survived or a FrameReadError."""

import io
import re

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from corridorkey.errors import FrameReadError
from corridorkey.media import exr, limits, read_hint, read_plate, write_exr

NOISE = np.random.default_rng(0).random((20, 24), dtype=np.float32)
RGB = np.random.default_rng(1).integers(0, 256, (20, 24, 3), dtype=np.uint8)


MESSAGES = re.compile(
    r"frame: (.*damaged|neither EXR, PNG, TIFF nor JPEG|the header says|[0-9,]+ samples over all|.*not UTF-8|deep data"
    r"|subsampled|a TIFF of a kind|its colours are|[0-9]+ pixels (hold NaN|are beyond)|no channels R|luminance and"
    r"|which channel|tagged )"
)


@pytest.fixture(autouse=True)
def small_limit(monkeypatch):
    """Two flipped bytes may claim gigabytes."""
    monkeypatch.setattr(limits, "MAX_PIXELS", 1 << 20)
    monkeypatch.setattr(exr, "MAX_SAMPLES", 1 << 22)


def encoded(kind, folder):
    if kind == "exr":
        write_exr(folder / "whole.exr", {"R": NOISE, "G": NOISE, "B": NOISE, "A": NOISE}, {"owner": "me"})
        return (folder / "whole.exr").read_bytes()
    if kind in ("png16", "tiff16"):
        return cv2.imencode(f".{kind[:-2]}", RGB.astype(np.uint16) * 257)[1].tobytes()
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(RGB).save(buffer, kind, exif=exif)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["exr", "png16", "tiff16", "PNG", "TIFF", "JPEG"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_raise_nothing_else(tmp_path, kind, data):
    whole = bytearray(encoded(kind, tmp_path))
    # The first 2,000 bytes hold the header in all but TIFF, which has it last.
    places = st.one_of(st.integers(0, min(2000, len(whole)) - 1), st.integers(1, 200).map(lambda n: len(whole) - n))
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8)):
        whole[place] = value
    (tmp_path / "frame").write_bytes(whole)
    for read in (read_plate, read_hint):
        try:
            read(tmp_path / "frame")
        except FrameReadError as error:
            assert MESSAGES.search(str(error))  # noqa: PT017  (most damage is an error, some is not)
