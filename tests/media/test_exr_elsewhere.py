"""OpenImageIO, which shares no binding with us, reads what we write and writes what we read."""

import itertools
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenEXR
import OpenImageIO as oiio
import pytest

from corridorkey.color import srgb_to_linear
from corridorkey.config import KeySettings
from corridorkey.media import output_paths, read_exr, read_plate, write_frame
from corridorkey.types import KeyedFrame

PLATE = Path("sh010.1001.exr")
SIZE = (33, 40)
DATA = {  # data window and display window, as x, y, width and height
    "alike": ((0, 0, 40, 33), (0, 0, 40, 33)),
    "overscan": ((-4, -3, 40, 33), (0, 0, 32, 27)),
    "cropped": ((7, 5, 40, 33), (0, 0, 64, 48)),
    "offset": ((3, -2, 40, 33), (10, 20, 40, 33)),
    "negative origin": ((-100, -90, 40, 33), (-100, -90, 40, 33)),
    "disjoint": ((500, 300, 40, 33), (0, 0, 16, 9)),
}
FACTS = {
    "pixelAspectRatio": 1.5,
    "timeCode": OpenEXR.TimeCode(1, 2, 3, 4, *[0] * 14),
    "keyCode": OpenEXR.KeyCode(1, 2, 3, 4, 5, 4, 64),
    "framesPerSecond": Fraction(24000, 1001),
    "reel": "A001",
    "a name of more than thirty-one letters": 7,
}
SEEN = {
    "PixelAspectRatio": 1.5,
    "smpte:TimeCode": (0x01020304, 0),
    "smpte:KeyCode": (1, 2, 3, 4, 5, 4, 64),
    "framesPerSecond": (24000, 1001),
    "reel": "A001",
    "a name of more than thirty-one letters": 7,
    "ck:plate": "sh010.1001.exr",
    "ck:screen": "green",
}
TAGS = {"matte": "data", "fg": "lin_rec709_scene", "processed": "lin_rec709_scene"}


def corners(window):
    x, y, width, height = window
    return (x, y), (x + width - 1, y + height - 1)


def soft(channels, seed=1):
    """Edges and grain, as a matte has them."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(-0.2, 1.2, SIZE[1])[None, :, None] + 0.03 * rng.standard_normal((*SIZE, channels))
    return np.clip(ramp, 0, 1).astype(np.float32)


def read(path):
    file = oiio.ImageInput.open(str(path))
    assert file, oiio.geterror()
    spec = file.spec()
    pixels = file.read_image("float")
    assert not file.seek_subimage(1, 0)
    file.close()
    return spec, np.asarray(pixels).reshape(spec.height, spec.width, spec.nchannels)


@pytest.fixture
def frame():
    return KeyedFrame(soft(1), soft(3, 2), soft(4, 3), soft(3, 4))


@pytest.mark.parametrize("windows", DATA)
@pytest.mark.parametrize("compression", ["zip", "zips", "piz", "none", "dwaa"])
@pytest.mark.parametrize("bits", [16, 32])
def test_another_reader_sees_what_was_written(tmp_path, frame, bits, compression, windows):
    data, display = DATA[windows]
    header = {**FACTS, "dataWindow": corners(data), "displayWindow": corners(display)}
    settings = KeySettings(exr_bits=bits, exr_compression=compression)
    write_frame(frame, tmp_path, PLATE, settings, header, {"ck:screen": "green"})
    expected = {"matte": ("Y", frame.alpha), "fg": ("RGB", srgb_to_linear(frame.fg))}
    expected["processed"] = ("RGBA", frame.processed)
    paths = output_paths(tmp_path, PLATE, settings.outputs)
    for name, (channels, pixels) in expected.items():
        spec, found = read(paths[name])
        packed = "zip" if name == "matte" and compression == "dwaa" else compression
        assert (spec.x, spec.y, spec.width, spec.height) == data
        assert (spec.full_x, spec.full_y, spec.full_width, spec.full_height) == display
        assert spec.channelnames == tuple(channels)
        assert str(spec.format) == {16: "half", 32: "float"}[bits]
        assert spec.getattribute("compression") == packed
        assert {key: spec.getattribute(key) for key in SEEN} == SEEN
        assert spec.getattribute("colorInteropID") == TAGS[name]
        rounded = pixels if bits == 32 else pixels.astype(np.float16).astype(np.float32)
        if packed == "dwaa":
            assert 0 < np.abs(found - rounded)[..., :3].max() < 0.05
            assert np.array_equal(found[..., 3:], rounded[..., 3:])
        else:
            assert np.array_equal(found, rounded)
    shown, found = read(paths["comp"])
    assert (shown.width, shown.height) == display[2:]
    assert shown.getattribute("ck:screen") == "green"


@pytest.mark.parametrize("windows", DATA)
def test_a_plate_of_another_writer_is_read_and_carried_on(tmp_path, frame, windows):
    data, display = DATA[windows]
    spec = oiio.ImageSpec(data[2], data[3], 3, "half")
    spec.x, spec.y = data[:2]
    spec.full_x, spec.full_y, spec.full_width, spec.full_height = display
    spec.attribute("PixelAspectRatio", 1.5)
    spec.attribute("smpte:TimeCode", oiio.TypeTimeCode, (0x01020304, 0))
    spec.attribute("smpte:KeyCode", oiio.TypeKeyCode, (1, 2, 3, 4, 5, 4, 64))
    spec.attribute("framesPerSecond", oiio.TypeRational, (24000, 1001))
    spec.attribute("worldtocamera", oiio.TypeMatrix, tuple(range(16)))
    spec.attribute("reel", "A001")
    file = oiio.ImageOutput.create("plate.exr")
    assert file.open(str(tmp_path / "plate.exr"), spec), file.geterror()
    file.write_image(soft(3, 5))
    file.close()
    plate = read_plate(tmp_path / "plate.exr")
    assert np.array_equal(plate.rgb, soft(3, 5).astype(np.float16))
    write_frame(frame, tmp_path, tmp_path / "plate.exr", KeySettings(), plate.header)
    for folder in ("Matte", "FG", "Processed"):
        spec, _ = read(tmp_path / folder / "plate.exr")
        assert (spec.x, spec.y, spec.width, spec.height) == data
        assert (spec.full_x, spec.full_y, spec.full_width, spec.full_height) == display
        carried = ("PixelAspectRatio", "smpte:TimeCode", "smpte:KeyCode", "framesPerSecond", "reel")
        assert all(spec.getattribute(key) == SEEN[key] for key in carried)
        assert spec.getattribute("worldtocamera") == tuple(range(16))


@pytest.mark.parametrize("levels", ["one", "mip"])
def test_tiles_with_and_without_smaller_levels_are_read(tmp_path, levels):
    path, picture = tmp_path / "tiled.exr", soft(3, 6)
    if levels == "mip":
        source = oiio.ImageBuf(np.ascontiguousarray(picture))
        config = oiio.ImageSpec()
        config.attribute("maketx:resize", 0)
        assert oiio.ImageBufAlgo.make_texture(oiio.MakeTxTexture, source, str(path), config), oiio.geterror()
        mips = oiio.ImageInput.open(str(path))
        assert mips.seek_subimage(0, 1)
        mips.close()
    else:
        tiles = OpenEXR.TileDescription()
        tiles.xSize = tiles.ySize = 16
        header = {"type": OpenEXR.tiledimage, "tiles": tiles, "dataWindow": ((-5, 4), (34, 36))}
        planes = {name: np.ascontiguousarray(picture[..., i]) for i, name in enumerate("RGB")}
        with OpenEXR.File(header, planes) as file:
            file.write(str(path))
    plate = read_plate(path)
    assert np.array_equal(plate.rgb, picture)
    assert not plate.header.keys() & {"tiles", "type", "textureformat"}


def test_the_first_view_is_the_picture(tmp_path, frame):
    header = {"multiView": ["left", "right"], "reel": "A001"}
    planes = {
        f"{view}{c}": soft(1, seed)[..., 0] for seed, (view, c) in enumerate(itertools.product(("", "right."), "RGB"))
    }
    with OpenEXR.File(header, dict(planes)) as file:
        file.write(str(tmp_path / "stereo.exr"))
    plate = read_plate(tmp_path / "stereo.exr")
    assert np.array_equal(plate.rgb, np.dstack([planes[c] for c in "RGB"]))
    write_frame(frame, tmp_path, tmp_path / "stereo.exr", KeySettings(outputs=("fg",)), plate.header)
    spec, _ = read(tmp_path / "FG" / "stereo.exr")
    assert spec.channelnames == ("R", "G", "B")
    assert spec.getattribute("reel") == "A001"
    assert spec.getattribute("multiView") is None


def test_of_several_parts_the_pictures_attributes_are_carried(tmp_path, frame, caplog):
    caplog.set_level("INFO")
    picture = {c: soft(1, seed)[..., 0] for seed, c in enumerate("RGB")}
    window = {"displayWindow": ((0, 0), (99, 99)), "type": OpenEXR.scanlineimage}
    parts = [
        OpenEXR.Part({**window, "reel": "depth's"}, {"Z": soft(1)[..., 0]}, "depth"),
        OpenEXR.Part(
            {**window, "reel": "left's", "view": "left", "dataWindow": ((9, 9), (48, 41))}, picture, "rgba.left"
        ),
        OpenEXR.Part({**window, "reel": "right's", "view": "right"}, {c: soft(1)[..., 0] for c in "RGB"}, "rgba.right"),
    ]
    with OpenEXR.File(parts) as file:
        file.write(str(tmp_path / "parts.exr"))
    plate = read_plate(tmp_path / "parts.exr")
    assert np.array_equal(plate.rgb, np.dstack([soft(1, seed)[..., 0] for seed in range(3)]))
    assert "of its 3 parts, part 1 ('rgba.left') is read" in caplog.text
    write_frame(frame, tmp_path, tmp_path / "parts.exr", KeySettings(outputs=("matte",)), plate.header)
    spec, _ = read(tmp_path / "Matte" / "parts.exr")
    assert spec.getattribute("reel") == "left's"
    assert (spec.x, spec.y, spec.full_width, spec.full_height) == (9, 9, 100, 100)
    assert spec.getattribute("view") is None
    assert read_exr(tmp_path / "Matte" / "parts.exr")[1]["dataWindow"] == ((9, 9), (48, 41))
