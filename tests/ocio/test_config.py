"""Names and configs: what is found, what is refused, and what the refusal says."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from corridorkey.errors import BackendUnavailableError, SettingsError
from corridorkey.ocio import BUILT_IN, current_config, is_installed, plate_space, written_space
from tests.ocio.conftest import forget, write_config


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("ARRI LogC4", "ARRI LogC4"),
        ("arri logc4", "ARRI LogC4"),
        ("lin_ap1_scene", "ACEScg"),
        ("Scene_Linear", "ACEScg"),
        ("LogC3", "ARRI LogC3 (EI800)"),
        ("V-Log", "V-Log V-Gamut"),
        ("Log3G10", "Log3G10 REDWideGamutRGB"),
    ],
)
def test_names_aliases_roles_and_parts_that_fit_one_space_alone(asked, found):
    assert plate_space(asked).name == found


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("S-Log3", r"is it 'S-Log3 S-Gamut3' or 'S-Log3 S-Gamut3.Cine' or"),
        ("LogC5", r"is it 'ARRI LogC"),
        ("ACEScgg", r"is it 'ACEScg'"),
        ("film", r"BMDFilm"),
        ("xyzzy", r"no colour space 'xyzzy' in studio-config[^ ;]+ \(`ck colorspaces` lists them\)"),
    ],
)
def test_what_is_not_there_is_told_with_what_comes_near(asked, said):
    if asked == "film":
        assert plate_space(asked).name == "BMDFilm WideGamut Gen5"
        return
    with pytest.raises(SettingsError, match=said):
        plate_space(asked)


def test_data_is_no_colour():
    with pytest.raises(SettingsError, match="'Raw' holds data, which is not colour"):
        plate_space("raw")


def test_outputs_are_linear_only():
    with pytest.raises(SettingsError, match=r"'ARRI LogC4' is not linear.*say 'Linear ARRI Wide Gamut 4'"):
        written_space("logc4", None)
    with pytest.raises(SettingsError, match=r"'ADX10' is not linear.*or linear, which is linear Rec.709"):
        written_space("ADX10", None)


def test_the_config_of_the_environment_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("OCIO", str(write_config(tmp_path / "show.ocio")))
    plate = plate_space("sl")
    assert (plate.name, plate.linear, plate.config.name) == ("show log", "show linear", "show.ocio")
    assert plate.config.names == ["ap0", "show linear", "show log"]
    # This config names no Rec.709: it is found by way of ACES2065-1. (1000^x − 1) / 100, on grey, is grey.
    grey = plate.to_rec709(np.full((1, 1, 3), 0.5, np.float32))
    assert np.allclose(grey, (1000**0.5 - 1) / 100, rtol=1e-5)
    written = written_space("auto", plate)
    assert written.interop_id == "lin_ap1_scene"
    assert np.allclose(written.matrix @ [1, 1, 1], 1, atol=1e-6)
    with pytest.raises(SettingsError, match=r"no colour space 'logc4' in show\.ocio"):
        plate_space("logc4")


def test_a_run_keeps_to_the_config_that_it_began_with(tmp_path, monkeypatch):
    path = write_config(tmp_path / "show.ocio", base=1000)
    monkeypatch.setenv("OCIO", str(path))
    first, grey = current_config(), np.full((1, 1, 3), 0.5, np.float32)
    before = plate_space("show log").to_rec709(grey)
    write_config(path, base=10)
    os.utime(path, ns=(1, 1))
    assert np.array_equal(plate_space("show log").to_rec709(grey), before)
    path.unlink()  # a share that goes away
    assert current_config() is first


def test_another_process_reads_a_changed_config_as_another(tmp_path, monkeypatch):
    path = write_config(tmp_path / "show.ocio", base=1000)
    monkeypatch.setenv("OCIO", str(path))
    first = current_config()
    write_config(path, base=10)
    forget()
    assert current_config().id != first.id
    assert plate_space("show log").to_rec709(np.full((1, 1, 3), 0.5, np.float32)).max() < 0.1


def stamp_of(config, monkeypatch):
    forget()
    monkeypatch.setenv("OCIO", str(config))
    return written_space("linear", plate_space("table")).stamp["ck:ocio"]


def test_what_a_config_does_is_told_by_its_contents_not_by_its_place(tmp_path, monkeypatch):
    table = "  - !<ColorSpace> {name: table, to_scene_reference: !<FileTransform> {src: t.spi1d}}\n"
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        write_config(tmp_path / place / "show.ocio", extra=table)
        (tmp_path / place / "t.spi1d").write_text(TABLE.format(white=2))
    first = stamp_of(tmp_path / "a/show.ocio", monkeypatch)
    assert re.fullmatch("show.ocio [0-9a-f]{16}", first)
    assert stamp_of(tmp_path / "b/show.ocio", monkeypatch) == first
    (tmp_path / "b/t.spi1d").write_text(TABLE.format(white=3))
    assert stamp_of(tmp_path / "b/show.ocio", monkeypatch) != first
    write_config(tmp_path / "a/show.ocio", base=999, extra=table)
    assert stamp_of(tmp_path / "a/show.ocio", monkeypatch) != first


TABLE = "Version 1\nFrom 0 1\nLength 2\nComponents 1\n{{\n0\n{white}\n}}\n"


def test_the_built_in_config_can_be_named(monkeypatch):
    monkeypatch.setenv("OCIO", f"ocio://{BUILT_IN}")
    assert plate_space("logc4").name == "ARRI LogC4"


@pytest.mark.parametrize("text", [None, "", "not a config", "ocio_profile_version: 99"])
def test_a_config_that_cannot_be_read_is_named_with_the_remedy(tmp_path, monkeypatch, text):
    path = tmp_path / "bad.ocio"
    if text is not None:
        path.write_text(text)
    monkeypatch.setenv("OCIO", str(path))
    with pytest.raises(SettingsError, match=rf"\$OCIO: {path} cannot be read; correct it, or unset it.*{BUILT_IN}"):
        current_config()


def test_a_config_that_hangs_in_the_air_is_refused(tmp_path, monkeypatch):
    bare = write_config(tmp_path / "bare.ocio", roles="default: data", extra="").read_text()
    (tmp_path / "bare.ocio").write_text(bare.split("  - !<ColorSpace> {name: ap0")[0] + LONE)
    monkeypatch.setenv("OCIO", str(tmp_path / "bare.ocio"))
    with pytest.raises(SettingsError, match=r"bare\.ocio cannot convert 'lone' to linear Rec\.709"):
        plate_space("lone")


LONE = (
    "  - !<ColorSpace> {name: lone, encoding: log, to_scene_reference: !<LogTransform> {base: 2, direction: inverse}}\n"
)


def test_a_space_whose_table_is_missing_does_not_keep_the_others_from_use(tmp_path, monkeypatch):
    broken = "!<FileTransform> {src: gone.spi1d}"
    extra = f"  - !<ColorSpace> {{name: broken, to_scene_reference: {broken}}}\n"  # nor is it said what it is
    config = write_config(tmp_path / "show.ocio", extra=extra)
    monkeypatch.setenv("OCIO", str(config))
    assert plate_space("show log").linear == "show linear"
    with pytest.raises(SettingsError, match=r"cannot convert 'broken' to linear Rec\.709.*gone\.spi1d"):
        plate_space("broken")


def test_without_opencolorio_the_install_line_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    assert not is_installed()
    for use in (lambda: plate_space("logc4"), lambda: written_space("acescg", None)):
        with pytest.raises(BackendUnavailableError, match=r'need OpenColorIO.*pip install "ck-mlx\[color\]"'):
            use()
    assert written_space("linear", None).matrix is None


def test_importing_the_package_does_not_import_opencolorio():
    code = "import sys, corridorkey.ocio, corridorkey.cli.key; print('PyOpenColorIO' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
