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
from corridorkey.media import find_sequence, notes, read_exr, write_frame
from corridorkey.media.exr import COMPRESSIONS
from corridorkey.types import KeyedFrame

PLATE = Path("/shots/sh010/sh010.1001.exr")
AP1 = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
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


@pytest.mark.parametrize("compression", ["zip", "zips", "piz", "none", "dwaa"])
def test_the_compression_asked_for_but_never_dwaa_on_a_matte(tmp_path, frame, compression, caplog):
    caplog.set_level("INFO")
    notes._said.clear()
    for number in (1001, 1002):
        plate = Path(f"sh010.{number}.exr")
        written = write_frame(frame, tmp_path, plate, KeySettings(exr_compression=compression, exr_bits=32))
    packed = []
    for path in written[:3]:
        with OpenEXR.File(str(path), header_only=True) as file:
            packed.append(file.header()["compression"])
    assert packed[1:] == [COMPRESSIONS[compression]] * 2
    assert packed[0] == COMPRESSIONS["zip" if compression == "dwaa" else compression]
    assert np.array_equal(pixels(written[0], "Y"), frame.alpha)
    assert np.array_equal(pixels(written[2], "RGBA")[..., 3], frame.processed[..., 3])
    told = ["dwaa would change the mattes; they are written as zip"]
    assert [record.message for record in caplog.records] == (told if compression == "dwaa" else [])


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
        ("unknown", "lin_rec709_scene", "srgb_rec709_scene"),
        ("pq_rec2020_display", "lin_rec2020_scene", "srgb_rec2020_scene"),
    ],
)
def test_without_opencolorio_the_plates_primaries_stay_on_the_tag(tmp_path, frame, plate, linear, srgb, monkeypatch):
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    write_frame(frame, tmp_path, PLATE, KeySettings(fg_colorspace="srgb"), {"colorInteropID": plate})
    assert read_exr(tmp_path / ALL[1])[1]["colorInteropID"] == srgb
    assert read_exr(tmp_path / ALL[3])[1]["colorInteropID"] == linear


def test_foreign_chromaticities_are_carried_instead_of_a_wrong_tag(tmp_path, frame, monkeypatch):
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    write_frame(frame, tmp_path, PLATE, KeySettings(), {"chromaticities": AP1})
    header = read_exr(tmp_path / ALL[3])[1]
    assert np.allclose(header["chromaticities"], AP1)
    assert "colorInteropID" not in header
    matte = read_exr(tmp_path / ALL[2])[1]
    assert matte["colorInteropID"] == "data"
    assert "chromaticities" not in matte


def test_a_plates_tag_and_chromaticities_both_stay_but_not_on_a_matte(tmp_path, frame):
    white = {"adoptedNeutral": (0.32168, 0.33767), "whiteLuminance": 100.0}
    plate = {"colorInteropID": "lin_ap1_scene", "chromaticities": AP1, **white}
    write_frame(frame, tmp_path, PLATE, KeySettings(), plate)
    matte, fg, processed = (read_exr(tmp_path / ALL[i])[1] for i in (2, 1, 3))
    for header in (fg, processed):
        assert header["colorInteropID"] == "lin_ap1_scene"
        assert np.allclose(header["chromaticities"], AP1)
        assert header.keys() >= white.keys()
    assert not matte.keys() & {"chromaticities", *white}


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


REPLACE = Path.replace


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_disk_that_fills_up_between_the_outputs_leaves_none(tmp_path, frame, monkeypatch, step, at):
    real, calls = getattr(Path, step), []

    def refuse(path, *rest):
        calls.append(path)
        if len(calls) == at + 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, *rest)

    monkeypatch.setattr(Path, step, refuse)
    with pytest.raises(FrameWriteError, match=r"sh010\.1001\.(exr|png): cannot be written: the disk is full"):
        write_frame(frame, tmp_path, PLATE, KeySettings())
    assert files(tmp_path) == []


def test_an_output_that_was_there_before_outlives_a_failure(tmp_path, frame, monkeypatch):
    write_frame(frame, tmp_path, PLATE, KeySettings(outputs=("matte",)))

    def refuse(part, path):
        if path.parent.name == "Comp":
            raise OSError(errno.EACCES, "Permission denied")
        return REPLACE(part, path)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(FrameWriteError, match=r"Comp/sh010\.1001\.png: cannot be written: not allowed"):
        write_frame(frame, tmp_path, PLATE, KeySettings())
    assert files(tmp_path) == ["Matte/sh010.1001.exr"]


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("signal", [KeyboardInterrupt, SystemExit])
def test_a_signal_between_the_outputs_waits_for_the_others(tmp_path, frame, monkeypatch, signal, when, at):
    calls = []

    def interrupt(part, path):
        calls.append(path)
        if len(calls) == at + 1 and when == "before":
            raise signal
        REPLACE(part, path)
        if len(calls) == at + 1:
            raise signal

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(signal):
        write_frame(frame, tmp_path, PLATE, KeySettings())
    assert files(tmp_path) == ALL


@pytest.mark.parametrize("at", range(4))
def test_a_signal_before_the_first_output_has_its_name_leaves_none(tmp_path, frame, monkeypatch, at):
    real, calls = Path.write_bytes, []

    def interrupt(path, data):
        calls.append(path)
        if len(calls) == at + 1:
            raise KeyboardInterrupt
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_frame(frame, tmp_path, PLATE, KeySettings())
    assert files(tmp_path) == []


def test_nan_in_the_last_output_leaves_none(tmp_path, frame):
    frame.comp[0, 0, 0] = np.nan
    with pytest.raises(FrameWriteError, match="the picture holds NaN"):
        write_frame(frame, tmp_path, PLATE, KeySettings())
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
    stale = files(tmp_path)
    assert [name.split("/.")[0] for name in stale] == ["Comp", "FG", "Matte", "Processed"]
    assert all(name.endswith(".part") for name in stale)
    write_frame(frame, tmp_path, PLATE, KeySettings())
    assert files(tmp_path) == sorted([*ALL, *stale])
    assert find_sequence(tmp_path / "Matte").frames == (1001,)
