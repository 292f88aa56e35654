import errno
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from PIL import Image

from corridorkey import __version__
from corridorkey.config import KeySettings
from corridorkey.errors import FrameWriteError
from corridorkey.files import check_writable, write_file
from corridorkey.media import existing_outputs, find_sequence, read_exr, write_frame
from corridorkey.types import KeyedFrame

PLATE = Path("/shots/sh010/sh010.1001.exr")
ALL = ["Comp/sh010.1001.png", "FG/sh010.1001.exr", "Matte/sh010.1001.exr", "Processed/sh010.1001.exr"]


@pytest.fixture
def frame():
    rng = np.random.default_rng(1)
    sizes = {"alpha": 1, "fg": 3, "processed": 4, "comp": 3}
    return KeyedFrame(**{name: rng.random((6, 9, c), dtype=np.float32) for name, c in sizes.items()})


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def pixels(path, names):
    channels, _ = read_exr(path)
    assert sorted(channels) == sorted(names)
    return np.dstack([channels[name] for name in names])


def test_the_four_outputs_keep_the_plates_name(tmp_path, frame):
    written = write_frame(frame, tmp_path / "new" / "out", PLATE, KeySettings())
    assert files(tmp_path / "new" / "out") == ALL
    assert [path.parent.name for path in written] == ["Matte", "FG", "Processed", "Comp"]


def test_what_is_in_them(tmp_path, frame):
    write_frame(frame, tmp_path, PLATE, KeySettings(exr_bits=32))
    assert np.array_equal(pixels(tmp_path / ALL[2], "Y"), frame.alpha)
    assert np.array_equal(pixels(tmp_path / ALL[3], "RGBA"), frame.processed)
    # IEC 61966-2-1, above its linear toe
    bright = frame.fg > 0.04045
    linear = pixels(tmp_path / ALL[1], "RGB")
    assert np.allclose(linear[bright], ((frame.fg[bright] + 0.055) / 1.055) ** 2.4, atol=1e-6)
    assert np.array_equal(np.asarray(Image.open(tmp_path / ALL[0])), np.round(frame.comp * 255))


def test_the_comp_is_rounded_and_clipped(tmp_path, frame):
    levels = np.array([[[-1.0, 0.0, 0.4 / 255], [0.6 / 255, 254.6 / 255, 7.0]]], np.float32)
    write_frame(replace(frame, comp=levels), tmp_path, PLATE, KeySettings(outputs=("comp",)))
    assert files(tmp_path) == ALL[:1]
    assert np.asarray(Image.open(tmp_path / ALL[0])).tolist() == [[[0, 0, 0], [1, 255, 255]]]


def test_half_by_default(tmp_path, frame):
    write_frame(frame, tmp_path, PLATE, KeySettings())
    for name in ALL[1:]:
        with OpenEXR.File(str(tmp_path / name), separate_channels=True) as file:
            assert {channel.pixels.dtype for channel in file.channels().values()} == {np.dtype(np.float16)}


def test_srgb_fg_is_as_predicted(tmp_path, frame):
    write_frame(frame, tmp_path, PLATE, KeySettings(fg_colorspace="srgb", exr_bits=32))
    assert np.array_equal(pixels(tmp_path / ALL[1], "RGB"), frame.fg)
    assert read_exr(tmp_path / ALL[1])[1]["colorInteropID"] == "srgb_rec709_scene"
    assert read_exr(tmp_path / ALL[3])[1]["colorInteropID"] == "lin_rec709_scene"


def test_headers_are_carried_and_tagged(tmp_path, frame):
    windows = {"dataWindow": ((2, 3), (10, 8)), "displayWindow": ((0, 0), (99, 49)), "pixelAspectRatio": 2.0}
    header = {**windows, "owner": "me", "software": "Camera", "colorInteropID": "lin_rec709_scene"}
    write_frame(frame, tmp_path, PLATE, KeySettings(), header)
    tags = {ALL[1]: "lin_rec709_scene", ALL[2]: "data", ALL[3]: "lin_rec709_scene"}
    for name, tag in tags.items():
        written = read_exr(tmp_path / name)[1]
        assert written.items() >= {**windows, "owner": "me", "colorInteropID": tag}.items()
        assert written["software"] == f"CorridorKey {__version__}"


@pytest.mark.parametrize(
    ("plate", "linear", "srgb"),
    [
        ("lin_ap1_scene", "lin_ap1_scene", "srgb_ap1_scene"),
        ("srgb_rec709_display", "lin_rec709_scene", "srgb_rec709_scene"),
        ("data", "lin_rec709_scene", "srgb_rec709_scene"),
    ],
)
def test_the_plates_primaries_stay_on_the_tag(tmp_path, frame, plate, linear, srgb):
    write_frame(frame, tmp_path, PLATE, KeySettings(fg_colorspace="srgb"), {"colorInteropID": plate})
    assert read_exr(tmp_path / ALL[1])[1]["colorInteropID"] == srgb
    assert read_exr(tmp_path / ALL[3])[1]["colorInteropID"] == linear


def test_foreign_chromaticities_are_carried_instead_of_a_wrong_tag(tmp_path, frame):
    ap1 = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
    write_frame(frame, tmp_path, PLATE, KeySettings(), {"chromaticities": ap1})
    header = read_exr(tmp_path / ALL[3])[1]
    assert np.allclose(header["chromaticities"], ap1)
    assert "colorInteropID" not in header
    matte = read_exr(tmp_path / ALL[2])[1]
    assert matte["colorInteropID"] == "data"
    assert "chromaticities" not in matte


def test_existing_outputs_are_listed(tmp_path, frame):
    other = Path("/shots/sh010/sh010.1002.exr")
    outputs = KeySettings().outputs
    assert existing_outputs(tmp_path / "none", [PLATE], outputs) == []
    write_frame(frame, tmp_path, PLATE, KeySettings())
    assert existing_outputs(tmp_path, [other], outputs) == []
    assert existing_outputs(tmp_path, [other, PLATE], ["comp", "fg"]) == [tmp_path / ALL[0], tmp_path / ALL[1]]


def test_writing_again_replaces(tmp_path, frame):
    write_frame(frame, tmp_path, PLATE, KeySettings(exr_bits=32))
    write_frame(replace(frame, alpha=frame.alpha / 2), tmp_path, PLATE, KeySettings(exr_bits=32))
    assert np.array_equal(pixels(tmp_path / ALL[2], "Y"), frame.alpha / 2)
    assert files(tmp_path) == ALL


@pytest.mark.parametrize("name", ["alpha", "fg", "processed", "comp"])
def test_nan_is_never_written(tmp_path, frame, name):
    getattr(frame, name)[2, 2, 0] = np.nan
    output = {"alpha": "matte"}.get(name, name)
    with pytest.raises(FrameWriteError, match="NaN or infinity"):
        write_frame(frame, tmp_path, PLATE, KeySettings(outputs=(output,)))
    assert files(tmp_path) == []


def test_a_file_in_the_folders_place_is_an_error(tmp_path, frame):
    (tmp_path / "out").write_text("not a folder")
    with pytest.raises(FrameWriteError, match=r"sh010\.1001\.exr: cannot be written: a file is where a folder"):
        write_frame(frame, tmp_path / "out", PLATE, KeySettings())
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "Matte").write_text("not a folder")
    with pytest.raises(FrameWriteError, match="a file is where a folder"):
        write_frame(frame, tmp_path / "half", PLATE, KeySettings())


def test_a_folder_in_the_files_place_is_an_error(tmp_path, frame):
    (tmp_path / ALL[2]).mkdir(parents=True)
    with pytest.raises(FrameWriteError, match="cannot be written"):
        write_frame(frame, tmp_path, PLATE, KeySettings())
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (errno.ENOSPC, "disk is full; free some space"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "not allowed"),
        (errno.EIO, "I/O|Input"),
    ],
)
@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_disk_that_refuses_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, code, remedy, step):
    def refuse(path, *_):
        if step == "write_bytes":
            with path.open("wb") as file:
                file.write(b"half a fi")
        raise OSError(code, "Input/output error")

    write_file(tmp_path / "a.exr", b"old")
    monkeypatch.setattr(Path, step, refuse)
    with pytest.raises(FrameWriteError, match=rf"a\.exr: cannot be written: .*({remedy})"):
        write_file(tmp_path / "a.exr", b"new")
    assert files(tmp_path) == ["a.exr"]
    assert (tmp_path / "a.exr").read_bytes() == b"old"


def test_a_folder_is_checked_before_the_work(tmp_path, monkeypatch):
    check_writable(tmp_path / "new" / "out")
    check_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(FrameWriteError, match="file: cannot be written: a file is where a folder"):
        check_writable(tmp_path / "file")

    def refuse(path, _):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(FrameWriteError, match="disk is full"):
        check_writable(tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_real_limit_on_file_size_leaves_nothing_behind(tmp_path, frame):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(
            FrameWriteError, match=r"sh010\.1001\.exr: cannot be written: the file system takes no file"
        ):
            write_frame(frame, tmp_path, PLATE, KeySettings())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert files(tmp_path) == []


def test_ctrl_c_in_mid_write_leaves_whole_files_only(tmp_path, monkeypatch):
    def interrupt(path, _):
        path.touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "a.exr", b"new")
    assert files(tmp_path) == []


KILLED = """
import os, sys
from pathlib import Path
import numpy as np
from corridorkey.config import KeySettings
from corridorkey.media import write_frame
from corridorkey.types import KeyedFrame

Path.replace = lambda *_: os._exit(9)  # all bytes are out, the name is not
frame = KeyedFrame(*(np.zeros((6, 9, c), np.float32) for c in (1, 3, 4, 3)))
write_frame(frame, Path(sys.argv[1]), Path("sh010.1001.exr"), KeySettings())
"""


def test_after_a_kill_no_final_name_is_there_and_a_rerun_works(tmp_path, frame):
    assert subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False).returncode == 9
    (stale,) = files(tmp_path)
    assert stale.startswith("Matte/.sh010.1001.exr.")
    assert stale.endswith(".part")
    assert existing_outputs(tmp_path, [PLATE], KeySettings().outputs) == []
    write_frame(frame, tmp_path, PLATE, KeySettings())
    assert files(tmp_path) == sorted([*ALL, stale])
    assert find_sequence(tmp_path / "Matte").frames == (1001,)
