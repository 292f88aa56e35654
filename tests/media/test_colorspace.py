import numpy as np
import pytest

from corridorkey.errors import FrameReadError
from corridorkey.media.colorspace import colorspace_rule
from corridorkey.media.exr import read_exr, write_exr
from tests.media.crafted import png_header, tiff

GREY = np.full((4, 4), 0.5, np.float32)
AP1 = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
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


@pytest.mark.parametrize("tag", ["pq_rec2020_display", "g22_rec709_scene", "nonsense"])
def test_a_curve_that_cannot_be_undone_is_refused(exr, tag):
    with pytest.raises(FrameReadError, match=f"tagged {tag}, which is neither linear nor sRGB"):
        colorspace_rule(exr, {"colorInteropID": tag})


def test_other_primaries_are_named(exr):
    assert "not Rec.709" in colorspace_rule(exr, {"colorInteropID": "lin_ap1_scene"})[1]
    write_exr(exr, {"Y": GREY}, {"chromaticities": AP1})
    assert "not Rec.709" in colorspace_rule(exr, read_exr(exr)[1])[1]
    write_exr(exr, {"Y": GREY}, {"chromaticities": REC709})
    assert "not Rec.709" not in colorspace_rule(exr, read_exr(exr)[1])[1]


def test_a_missing_file_is_a_read_error(tmp_path):
    with pytest.raises(FrameReadError, match="cannot be read"):
        colorspace_rule(tmp_path / "none.png", {})
