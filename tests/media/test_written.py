"""What space FG and Processed are written in, and what their headers say of it."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corridorkey.config import KeySettings
from corridorkey.errors import SettingsError
from corridorkey.media import read_exr, write_frame
from corridorkey.media.written import in_rec709, written_as
from corridorkey.ocio import BUILT_IN, plate_space
from corridorkey.types import KeyedFrame

PLATE = Path("sh010.1001.exr")
AP1 = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
AWG3 = (0.684, 0.313, 0.221, 0.848, 0.0861, -0.102, 0.3127, 0.329)
LOGC3 = KeySettings(input_colorspace="logc3", exr_bits=32)


@pytest.fixture(autouse=True)
def _no_config_of_the_user(monkeypatch):
    monkeypatch.delenv("OCIO", raising=False)


@pytest.fixture
def frame():
    rng = np.random.default_rng(1)
    sizes = {"alpha": 1, "fg": 3, "processed": 4, "comp": 3}
    return KeyedFrame(**{name: rng.random((6, 9, c), dtype=np.float32) for name, c in sizes.items()})


def written(tmp_path, frame, settings, header=None):
    """Folder -> (pixels, header)."""
    write_frame(frame, tmp_path, PLATE, settings, header)
    found = {}
    for folder, names in (("Matte", "Y"), ("FG", "RGB"), ("Processed", "RGBA")):
        channels, head = read_exr(tmp_path / folder / PLATE.name)
        found[folder] = np.dstack([channels[name] for name in names]), head
    return found


def test_log_plates_give_their_own_linear_gamut_and_say_so(tmp_path, frame):
    found = written(tmp_path, frame, LOGC3, {"chromaticities": AP1, "colorInteropID": "unknown", "owner": "me"})
    for folder in ("FG", "Processed"):
        head = found[folder][1]
        assert np.allclose(head["chromaticities"], AWG3)
        assert "colorInteropID" not in head  # the Color Interop Forum has no name for it
        assert head["ck:input_space"] == "ARRI LogC3 (EI800)"
        assert head["ck:output_space"] == "Linear ARRI Wide Gamut 3"
        assert head["ck:ocio"] == BUILT_IN
        assert head["owner"] == "me"
    pixels, head = found["Matte"]
    assert np.array_equal(pixels, frame.alpha)
    assert head["colorInteropID"] == "data"
    assert not head.keys() & {"chromaticities", "ck:output_space", "ck:to_rec709"}
    pixels = found["Processed"][0]
    assert np.array_equal(pixels[..., 3], frame.processed[..., 3])
    back = plate_space("Linear ARRI Wide Gamut 3").to_rec709(pixels[..., :3])
    assert np.allclose(back, frame.processed[..., :3], atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "header", "tag", "chromaticities"),
    [
        ({"input_colorspace": "acescct"}, {}, "lin_ap1_scene", AP1),
        ({}, {"colorInteropID": "lin_ap1_scene", "chromaticities": AP1}, "lin_ap1_scene", AP1),
        ({}, {"chromaticities": AP1}, "lin_ap1_scene", AP1),
        ({"output_colorspace": "acescg"}, {}, "lin_ap1_scene", AP1),
        ({"output_colorspace": "acescg"}, {"colorInteropID": "lin_rec709_scene"}, "lin_ap1_scene", AP1),
        (
            {"output_colorspace": "linear"},
            {"colorInteropID": "lin_ap1_scene", "chromaticities": AP1},
            "lin_rec709_scene",
            None,
        ),
        (
            {"input_colorspace": "logc3", "output_colorspace": "linear"},
            {"chromaticities": AWG3},
            "lin_rec709_scene",
            None,
        ),
        ({"input_colorspace": "ADX10"}, {"chromaticities": AWG3}, "lin_rec709_scene", None),
        ({"input_colorspace": "S-Log3 Venice S-Gamut3"}, {"chromaticities": AWG3}, None, None),
    ],
)
def test_tags_are_the_outputs_own_or_missing_never_the_plates(tmp_path, frame, settings, header, tag, chromaticities):
    head = written(tmp_path, frame, KeySettings(**settings), header)["Processed"][1]
    assert head.get("colorInteropID") == tag
    if chromaticities is None:
        assert "chromaticities" not in head
    else:
        assert np.allclose(head["chromaticities"], chromaticities)


@pytest.mark.parametrize("header", [{}, {"colorInteropID": "lin_rec709_scene"}, {"colorInteropID": "data"}])
def test_rec709_plates_are_written_as_without_opencolorio(tmp_path, frame, header, monkeypatch):
    write_frame(frame, tmp_path / "with", PLATE, KeySettings(), header)
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    write_frame(frame, tmp_path / "without", PLATE, KeySettings(), header)
    for folder, suffix in (("Matte", ".exr"), ("FG", ".exr"), ("Processed", ".exr"), ("Comp", ".png")):
        one, other = (tmp_path / run / folder / f"{PLATE.stem}{suffix}" for run in ("with", "without"))
        assert one.read_bytes() == other.read_bytes()
    assert not [
        name for name in read_exr(tmp_path / "with/FG" / PLATE.name)[1] if name in ("ck:ocio", "ck:output_space")
    ]


def test_the_plates_own_light_is_what_fg_holds(tmp_path, frame):
    light = np.random.default_rng(2).uniform(-0.5, 12, (6, 9, 3)).astype(np.float32)
    found = written(tmp_path, replace(frame, light=light), LOGC3)["FG"][0]
    assert np.allclose(plate_space("Linear ARRI Wide Gamut 3").to_rec709(found), light, atol=1e-5)
    assert np.array_equal(written(tmp_path, replace(frame, light=light), KeySettings(exr_bits=32))["FG"][0], light)


def test_srgb_fg_is_rec709_only():
    with pytest.raises(SettingsError, match=r"FG is to be Linear ARRI Wide Gamut 3; say --output-colorspace linear"):
        written_as({}, replace(LOGC3, fg_colorspace="srgb"))
    assert written_as({}, replace(LOGC3, fg_colorspace="srgb", output_colorspace="linear")).matrix is None


def test_primaries_that_are_kept_cannot_be_written_as_others():
    ap1 = {"colorInteropID": "lin_ap1_scene"}
    settings = KeySettings(input_colorspace="linear", output_colorspace="acescg")
    with pytest.raises(SettingsError, match=r"primaries are not Rec\.709; to write ACEScg, name its space"):
        written_as(ap1, settings)
    assert written_as(ap1, replace(settings, output_colorspace="auto")) is None


def test_a_file_leads_back_to_rec709_without_the_config(tmp_path, frame, monkeypatch):
    pixels, head = written(tmp_path, frame, LOGC3)["Processed"]
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    assert np.allclose(in_rec709(head, pixels), frame.processed, atol=1e-6)
    assert in_rec709({}, pixels) is pixels
