"""Debian's own command-line tools, of releases other than any wheel's, read what we write."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from corridorkey.color import srgb_to_linear
from corridorkey.config import KeySettings
from corridorkey.media import output_paths, write_frame
from corridorkey.types import KeyedFrame
from tests.media.test_exr_elsewhere import DATA, PLATE, corners, soft

pytestmark = pytest.mark.skipif(
    not (shutil.which("exrheader") and shutil.which("oiiotool")), reason="needs Debian's openexr and openimageio-tools"
)


def said_by(*words):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout


def box(name: str, header: str):
    found = re.search(rf"^{name} \(type box2i\): \((-?\d+) (-?\d+)\) - \((-?\d+) (-?\d+)\)$", header, re.MULTILINE)
    x0, y0, x1, y1 = map(int, found.groups())
    return (x0, y0), (x1, y1)


def pixels_of(path: Path, size, channels: int):
    rows = re.findall(r"^\s*Pixel \(-?\d+, -?\d+\): (.+)$", said_by("oiiotool", "--dumpdata", path), re.MULTILINE)
    return np.array([[float(x) for x in row.split()] for row in rows]).reshape(*size, channels)


@pytest.mark.parametrize("windows", ["alike", "overscan", "cropped", "negative origin"])
@pytest.mark.parametrize(("bits", "compression"), [(16, "zip"), (16, "piz"), (32, "zips"), (32, "none"), (16, "dwaa")])
def test_debians_tools_see_the_same_windows_channels_and_values(tmp_path, windows, bits, compression):
    frame = KeyedFrame(soft(1), soft(3, 2), soft(4, 3), soft(3, 4))
    data, display = (corners(window) for window in DATA[windows])
    settings = KeySettings(exr_bits=bits, exr_compression=compression, outputs=("matte", "fg", "processed"))
    write_frame(
        frame, tmp_path, PLATE, settings, {"dataWindow": data, "displayWindow": display}, {"ck:screen": "green"}
    )
    paths = output_paths(tmp_path, PLATE, settings.outputs)
    expected = {"matte": ("Y", frame.alpha), "fg": ("RGB", srgb_to_linear(frame.fg))}
    for name, (channels, pixels) in {**expected, "processed": ("RGBA", frame.processed)}.items():
        header = said_by("exrheader", paths[name])
        assert box("dataWindow", header) == data
        assert box("displayWindow", header) == display
        kind = {16: "16-bit floating-point", 32: "32-bit floating-point"}[bits]
        assert re.findall(r"^    (\w), (\S+ \S+),", header, re.MULTILINE) == [(c, kind) for c in sorted(channels)]
        assert 'ck:screen (type string): "green"' in header
        rounded = pixels if bits == 32 else pixels.astype(np.float16).astype(np.float32)
        far = 0.05 if compression == "dwaa" and name != "matte" else 1e-6
        assert np.abs(pixels_of(paths[name], pixels.shape[:2], len(channels)) - rounded).max() <= far
