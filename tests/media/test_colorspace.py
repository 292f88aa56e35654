import sys

import numpy as np
import pytest

from corridorkey.errors import FrameReadError
from corridorkey.media.colorspace import colorspace_rule
from corridorkey.media.exr import read_exr, write_exr
from corridorkey.media.read import read_plate
from tests.media.crafted import png_header, tiff

GREY = np.full((4, 4), 0.5, np.float32)
AP1 = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
AWG3 = (0.684, 0.313, 0.221, 0.848, 0.0861, -0.102, 0.3127, 0.329)
REC709 = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)


@pytest.fixture
def exr(tmp_path):
    write_exr(tmp_path / "a.exr", {"Y": GREY}, {})
    return tmp_path / "a.exr"


def save(path, data):
    path.write_bytes(data)
    return path


def test_untagged_files_go_by_their_kind(exr, tmp_path):
    whole, ramp = np.zeros((4, 4, 3), np.uint16), np.zeros((4, 4, 3), np.float32)
    cases = {
        exr: ("linear", "linear, because the file is an EXR without a colour tag"),
        save(tmp_path / "f.tif", tiff(ramp)): (
            "linear",
            "linear, because the file is a float TIFF without a colour tag",
        ),
        save(tmp_path / "i.tif", tiff(whole)): ("srgb", "srgb, because the file is a TIFF without a colour tag"),
        save(tmp_path / "p.png", png_header(4, 4)): ("srgb", "srgb, because the file is a PNG without a colour tag"),
        save(tmp_path / "j.jpg", b"\xff\xd8\xff\xe0"): (
            "srgb",
            "srgb, because the file is a JPEG without a colour tag",
        ),
    }
    for path, expected in cases.items():
        assert colorspace_rule(path, {}) == expected


def test_bytes_that_were_read_are_not_read_again(exr, tmp_path):
    data, gone = exr.read_bytes(), tmp_path / "gone.exr"
    assert colorspace_rule(gone, {}, data=data) == colorspace_rule(exr, {})
    ramp = tiff(np.zeros((4, 4, 3), np.float32))
    assert colorspace_rule(gone, {}, data=ramp)[1] == "linear, because the file is a float TIFF without a colour tag"


def test_what_is_inside_counts_not_what_it_is_called(exr):
    assert colorspace_rule(exr.rename(exr.with_suffix(".png")), {})[0] == "linear"


def test_a_tag_beats_the_kind(exr):
    space, reason = colorspace_rule(exr, {"colorInteropID": "srgb_rec709_scene"})
    assert (space, reason) == ("srgb", "srgb, as the file's tag srgb_rec709_scene says")


def test_the_flag_beats_the_tag(exr):
    tagged = {"colorInteropID": "lin_rec709_scene"}
    assert colorspace_rule(exr, tagged, "srgb") == ("srgb", "srgb, as --input-colorspace says")


@pytest.mark.parametrize("tag", ["data", "unknown", ""])
def test_tags_that_say_nothing_are_passed_over(exr, tag):
    assert colorspace_rule(exr, {"colorInteropID": tag})[0] == "linear"


@pytest.fixture
def without_opencolorio(monkeypatch):
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)


@pytest.fixture(autouse=True)
def _no_config_of_the_user(monkeypatch):
    monkeypatch.delenv("OCIO", raising=False)


@pytest.mark.parametrize("tag", ["pq_rec2020_display", "nonsense"])
def test_a_curve_that_cannot_be_undone_is_refused(exr, tag):
    with pytest.raises(FrameReadError, match=f"tagged {tag}, which is neither linear nor sRGB"):
        colorspace_rule(exr, {"colorInteropID": tag})


@pytest.mark.parametrize("tag", ["pq_rec2020_display", "g22_rec709_scene", "nonsense"])
def test_without_opencolorio_only_linear_and_srgb_are_undone(exr, tag, without_opencolorio):
    with pytest.raises(FrameReadError, match=f"tagged {tag}, which is neither linear nor sRGB"):
        colorspace_rule(exr, {"colorInteropID": tag})


def test_without_opencolorio_other_primaries_are_kept_and_named(exr, without_opencolorio):
    kept = 'not Rec.709, and are kept, not converted (pip install "ck-mlx[color]" to have them converted)'
    assert kept in colorspace_rule(exr, {"colorInteropID": "lin_ap1_scene"})[1]
    write_exr(exr, {"Y": GREY}, {"chromaticities": AP1})
    assert kept in colorspace_rule(exr, read_exr(exr)[1])[1]
    write_exr(exr, {"Y": GREY}, {"chromaticities": REC709})
    assert "not Rec.709" not in colorspace_rule(exr, read_exr(exr)[1])[1]
    assert np.array_equal(read_plate(exr).rgb[..., 0], GREY)


@pytest.mark.parametrize(
    ("header", "space", "says"),
    [
        ({"colorInteropID": "lin_ap1_scene"}, "ACEScg", "the file's tag lin_ap1_scene says"),
        ({"colorInteropID": "LIN_AP0_SCENE"}, "ACES2065-1", "the file's tag lin_ap0_scene says"),
        ({"colorInteropID": "srgb_p3d65_scene"}, "sRGB Encoded P3-D65", "the file's tag srgb_p3d65_scene says"),
        ({"colorInteropID": "g22_rec709_scene"}, "Gamma 2.2 Encoded Rec.709", "the file's tag g22_rec709_scene says"),
        ({"chromaticities": AP1}, "ACEScg", "the file's primaries say"),
        ({"chromaticities": AP1, "colorInteropID": "unknown"}, "ACEScg", "the file's primaries say"),
        ({"chromaticities": AWG3}, "Linear ARRI Wide Gamut 3", "the file's primaries say"),
        ({"chromaticities": REC709, "colorInteropID": "lin_ap1_scene"}, "ACEScg", "the file's tag lin_ap1_scene says"),
    ],
)
def test_other_primaries_are_converted_from_the_space_that_the_header_names(exr, header, space, says):
    assert colorspace_rule(exr, header) == ("linear", f"{space}, as {says}")


def test_primaries_that_no_config_knows_are_kept(exr):
    own = (0.6, 0.3, 0.3, 0.6, 0.15, 0.1, 0.31, 0.33)
    assert colorspace_rule(exr, {"chromaticities": own})[1].endswith("are kept, not converted")
    assert colorspace_rule(exr, {"colorInteropID": "lin_mine_scene"})[1].endswith("are kept, not converted")


@pytest.mark.parametrize("header", [{}, {"colorInteropID": "lin_rec709_scene"}, {"chromaticities": REC709}])
def test_rec709_never_needs_opencolorio(exr, header, without_opencolorio, monkeypatch):
    monkeypatch.setenv("OCIO", "/nowhere.ocio")
    write_exr(exr, {"Y": GREY}, header)
    plate = read_plate(exr)
    assert plate.space == "linear"
    assert np.array_equal(plate.rgb, np.dstack([GREY] * 3))


def test_a_space_by_name_beats_the_tag(exr):
    tagged = {"colorInteropID": "lin_rec709_scene"}
    assert colorspace_rule(exr, tagged, "logc4") == ("linear", "ARRI LogC4, as --input-colorspace says")


def test_a_plate_is_read_in_linear_rec709(exr):
    red = np.zeros((4, 4), np.float32)
    write_exr(exr, {"R": red + 1, "G": red, "B": red}, {"colorInteropID": "lin_ap1_scene"}, bits=32)
    # AP1's red in Rec.709, from the ACES project's own matrix
    assert np.allclose(read_plate(exr).rgb, [1.70505, -0.13026, -0.024], atol=1e-5)
    assert np.array_equal(read_plate(exr, "linear").rgb[..., 0], red + 1)


def test_what_no_curve_of_that_name_gives_is_no_colour(exr):
    write_exr(exr, {"Y": GREY * 200}, {}, bits=32)
    with pytest.raises(FrameReadError, match=r"a\.exr: as ARRI LogC4 its pixels are beyond"):
        read_plate(exr, "logc4")


def test_a_missing_file_is_a_read_error(tmp_path):
    with pytest.raises(FrameReadError, match="cannot be read"):
        colorspace_rule(tmp_path / "none.png", {})
