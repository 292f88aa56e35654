"""`ck key` with colour spaces by name: what the network gets, what is written, what is said."""

import re
import sys
from fractions import Fraction

import cv2
import numpy as np
import PyOpenColorIO
import pytest

from corridorkey.media import read_exr, write_exr
from corridorkey.ocio import BUILT_IN
from corridorkey.prepare import MEAN, STD
from corridorkey.types import Prediction
from tests.cli.conftest import SIZE, plate, write_shot
from tests.conftest import TINY
from tests.ocio.conftest import forget, write_config

CONFIG = PyOpenColorIO.Config.CreateFromBuiltinConfig(BUILT_IN)
AP1 = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)


@pytest.fixture(autouse=True)
def _no_config_of_the_user(monkeypatch):
    monkeypatch.delenv("OCIO", raising=False)


@pytest.fixture
def passing_through(monkeypatch):
    """A network that says of every pixel: subject, with the colour that it has."""

    class Keyer:
        contract = TINY

        def predict(self, x, refiner_scale=1.0):
            return Prediction(np.ones((*x.shape[1:3], 1), np.float32), np.clip(x[0, ..., :3] * STD + MEAN, 0, 1))

    monkeypatch.setattr("corridorkey.cli.key_options.command_keyer", lambda *_, **__: Keyer())


def convert(rgb, source, target):
    """By OpenColorIO's own, in one go."""
    out = np.array(rgb, np.float32, order="C")
    CONFIG.getProcessor(source, target).getOptimizedCPUProcessor(PyOpenColorIO.OPTIMIZATION_LOSSLESS).applyRGB(out)
    return out


def coded(number, space):
    """A plate as a camera codes it, (H, W, 3) float32."""
    return convert(plate(number).astype(np.float32) / 255, "srgb_tx", space)


def write_log(folder, space, frames=(1001, 1002)):
    """16-bit PNGs; returns the folder and the codes that are in them."""
    folder.mkdir()
    codes = {n: np.rint(np.clip(coded(n - 1001, space), 0, 1) * 65535).astype(np.uint16) for n in frames}
    for n, code in codes.items():
        cv2.imwrite(str(folder / f"a.{n}.png"), code[..., ::-1])
    return folder, {n: code.astype(np.float32) / 65535 for n, code in codes.items()}


def pixels(path, names):
    channels, header = read_exr(path)
    return np.dstack([channels[name] for name in names]), header


def test_a_log_shot_is_keyed_and_written_in_the_cameras_linear_gamut(ck, tmp_path, passing_through):
    shot, codes = write_log(tmp_path / "s", "ARRI LogC3 (EI800)")
    result = ck("key", shot, "--input-colorspace", "LogC3", "--exr-bits", "32", "--despill", "0")
    assert result.code == 0, result.err
    assert (
        "input: ARRI LogC3 (EI800), as --input-colorspace says; FG and Processed are Linear ARRI Wide Gamut 3"
        in result.out
    )
    for n, code in codes.items():
        wanted = convert(code, "ARRI LogC3 (EI800)", "Linear ARRI Wide Gamut 3")
        for folder, names in (("FG", "RGB"), ("Processed", "RGBA")):
            got, header = pixels(tmp_path / f"s_keyed/{folder}/a.{n}.exr", names)
            assert np.abs(got[..., :3] / wanted - 1).max() <= 1e-4
            assert header["ck:input_space"] == "ARRI LogC3 (EI800)"
            assert header["ck:output_space"] == "Linear ARRI Wide Gamut 3"
            assert '"input_colorspace":"LogC3"' in header["ck:settings"]


def test_with_source_detail_what_the_network_cannot_hold_comes_back_too(ck, tmp_path, passing_through):
    (tmp_path / "s").mkdir()
    wild = coded(0, "ARRI LogC4")
    wild[:8] = np.random.default_rng(3).uniform(0, 1, (8, SIZE[1], 3))  # up to 469 times white, far outside Rec.709
    write_exr(tmp_path / "s/a.1001.exr", dict(zip("RGB", np.moveaxis(wild, 2, 0), strict=True)), {}, bits=32)
    words = ("--input-colorspace", "logc4", "--exr-bits", "32", "--despill", "0", "--screen-color", "green")
    wanted = convert(wild, "ARRI LogC4", "Linear ARRI Wide Gamut 4")
    result = ck("key", tmp_path / "s", *words, "--source-detail")
    assert result.code == 0, result.err
    for folder, names in (("FG", "RGB"), ("Processed", "RGBA")):
        got, _ = pixels(tmp_path / f"s_keyed/{folder}/a.1001.exr", names)
        off = np.abs(got[..., :3] - wanted)
        assert (off <= 1e-4 * np.maximum(np.abs(wanted), 0.01 * wanted.max(axis=2, keepdims=True))).all()
    assert "lie outside Rec.709" in result.out
    assert "are above 1: the network cannot give them back; those deep inside are the plate's own" in result.out
    result = ck("key", tmp_path / "s", *words, "--overwrite")
    assert "--source-detail keeps the plate's own" in result.out


def test_an_ordinary_shot_has_nothing_to_count(ck, tmp_path):
    result = ck("key", write_shot(tmp_path / "s", range(1, 3)))
    assert "outside" not in result.out
    assert "above" not in result.out


def test_a_log_movie_is_converted_as_pictures_are(ck, tmp_path, passing_through):
    from corridorkey.media.movie.writer import MovieWriter

    with MovieWriter(tmp_path / "a.mov", "prores4444", SIZE[::-1], Fraction(25)) as movie:
        for n in range(2):
            movie.write(np.dstack([coded(n, "S-Log3 S-Gamut3.Cine"), np.ones(SIZE, np.float32)]))
    words = ("--exr-bits", "32", "--despill", "0", "--outputs", "processed")
    result = ck("key", tmp_path / "a.mov", "--input-colorspace", "slog3_sgamut3cine", *words)
    assert result.code == 0, result.err
    assert "; S-Log3 S-Gamut3.Cine, as --input-colorspace says; FG and Processed are Linear S-Gamut3.Cine" in result.out
    assert ck("key", tmp_path / "a.mov", "--input-colorspace", "srgb", *words, "-o", tmp_path / "raw").code == 0
    stem = next((tmp_path / "raw/Processed").glob("*.exr")).name
    codes = convert(pixels(tmp_path / "raw/Processed" / stem, "RGB")[0], "lin_rec709", "srgb_tx")  # as decoded
    got, header = pixels(tmp_path / "a_keyed/Processed" / stem, "RGB")
    assert np.allclose(got, convert(codes, "S-Log3 S-Gamut3.Cine", "Linear S-Gamut3.Cine"), rtol=2e-4, atol=1e-5)
    assert np.allclose(header["chromaticities"][:2], (0.766, 0.275))


def test_an_acescg_render_is_converted_by_its_tag_and_back(ck, tmp_path, passing_through):
    (tmp_path / "s").mkdir()
    linear = convert(plate().astype(np.float32) / 255, "srgb_tx", "ACEScg")
    channels = dict(zip("RGB", np.moveaxis(linear, 2, 0), strict=True))
    write_exr(tmp_path / "s/a.1001.exr", channels, {"colorInteropID": "lin_ap1_scene", "chromaticities": AP1}, bits=32)
    result = ck("key", tmp_path / "s", "--exr-bits", "32", "--despill", "0")
    assert "input: ACEScg, as the file's tag lin_ap1_scene says; FG and Processed are ACEScg" in result.out
    got, header = pixels(tmp_path / "s_keyed/FG/a.1001.exr", "RGB")
    assert np.abs(got / linear - 1).max() <= 1e-4
    assert header["colorInteropID"] == "lin_ap1_scene"
    assert np.allclose(header["chromaticities"], AP1)
    result = ck("key", tmp_path / "s", "--fg-colorspace", "srgb", "--overwrite")
    assert result.code == 2
    assert "say --output-colorspace linear, or leave FG linear" in result.err


def test_frames_that_are_tagged_differently_are_told_once(ck, tmp_path, passing_through):
    (tmp_path / "s").mkdir()
    channels = dict(zip("RGB", np.moveaxis(plate().astype(np.float32) / 255, 2, 0), strict=True))
    for n in range(4):
        header = {"colorInteropID": "lin_ap1_scene"} if n == 2 else {}
        write_exr(tmp_path / f"s/a.{1001 + n}.exr", channels, header)
    result = ck("key", tmp_path / "s")
    assert result.code == 0, result.err
    assert result.err.count("the frames of this clip differ in colour: ACEScg and linear") == 1
    assert "--input-colorspace takes all alike" in result.err
    assert "differ" not in ck("key", tmp_path / "s", "--input-colorspace", "acescg", "--overwrite").err


def test_a_movie_is_srgb_whatever_processed_is_in(ck, tmp_path, passing_through):
    from corridorkey.media.movie import MovieReader, open_movie

    shot, codes = write_log(tmp_path / "s", "ARRI LogC3 (EI800)")
    words = ("--input-colorspace", "logc3", "--despill", "0", "--outputs", "processed", "--movie", "prores4444")
    assert ck("key", shot, *words).code == 0
    with MovieReader(open_movie(next((tmp_path / "s_keyed").glob("*.mov"))), with_alpha=False) as reader:
        rgb, _ = reader.read(0)
    assert np.abs(rgb - convert(codes[1001], "ARRI LogC3 (EI800)", "srgb_tx")).mean() < 0.01


def test_outputs_in_a_space_of_choice(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 2))
    words = ("--exr-bits", "32", "--outputs", "fg,processed,matte")
    assert ck("key", shot, *words, "-o", tmp_path / "plain").code == 0
    result = ck("key", shot, *words, "-o", tmp_path / "aces", "--output-colorspace", "ACEScg")
    assert "; FG and Processed are ACEScg" in result.out
    plain, _ = pixels(tmp_path / "plain/Processed/shot.0001.exr", "RGBA")
    aces, header = pixels(tmp_path / "aces/Processed/shot.0001.exr", "RGBA")
    assert np.allclose(aces[..., :3], convert(plain[..., :3], "lin_rec709", "ACEScg"), atol=1e-6)
    assert np.array_equal(aces[..., 3], plain[..., 3])
    assert header["colorInteropID"] == "lin_ap1_scene"
    assert np.array_equal(*(pixels(tmp_path / f"{run}/Matte/shot.0001.exr", "Y")[0] for run in ("plain", "aces")))


def test_without_opencolorio_an_untagged_shot_is_keyed_to_the_same_bytes(ck, tmp_path, monkeypatch):
    shot = write_shot(tmp_path / "s", range(1, 3))
    assert ck("key", shot, "-o", tmp_path / "with").code == 0
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    monkeypatch.setenv("OCIO", "/nowhere.ocio")
    assert ck("key", shot, "-o", tmp_path / "without").code == 0
    for path in sorted((tmp_path / "with").glob("*/*")):
        assert path.read_bytes() == (tmp_path / "without" / path.relative_to(tmp_path / "with")).read_bytes()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--input-colorspace", "LogC5"), 2, "is it 'ARRI LogC"),
        (("--input-colorspace", "raw"), 2, "'Raw' holds data"),
        (("--input-colorspace", ""), 2, "is empty"),
        (("--output-colorspace", "logc3"), 2, "say 'Linear ARRI Wide Gamut 3'"),
        (("--output-colorspace", "srgb"), 2, "Processed is premultiplied"),
        (("--output-colorspace", "nonsense"), 2, "`ck colorspaces` lists them"),
        (("--input-colorspace", "logc3", "--fg-colorspace", "srgb"), 2, "--output-colorspace linear"),
    ],
)
def test_a_wrong_name_is_told_before_anything_is_read(ck, tmp_path, words, code, said):
    (tmp_path / "s").mkdir()
    (tmp_path / "s/a.1001.png").write_bytes(b"not a picture")
    result = ck("key", tmp_path / "s", *words, "--checkpoint", tmp_path / "none.safetensors")
    assert result.code == code
    assert said in result.err
    assert not (tmp_path / "s_keyed").exists()


def test_without_opencolorio_a_name_is_refused_with_the_line_that_installs_it(ck, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    result = ck("key", write_shot(tmp_path / "s", range(1, 2)), "--input-colorspace", "logc3")
    assert result.code == 4
    assert 'pip install "ck-mlx[color]"' in result.err


def test_a_resume_sees_that_the_config_has_changed(ck, tmp_path, monkeypatch):
    config = write_config(tmp_path / "show.ocio", base=1000)
    monkeypatch.setenv("OCIO", str(config))
    shot = write_shot(tmp_path / "s", range(1, 3))
    words = ("key", shot, "--input-colorspace", "show log", "--screen-color", "green")
    result = ck(*words)
    assert result.code == 0, result.err
    assert "FG and Processed are show linear" in result.out
    assert "nothing to do" in ck(*words, "--resume").out
    write_config(config, base=900)
    forget()
    result = ck(*words, "--resume")
    assert result.code == 2
    assert "ocio show.ocio" in result.err
    monkeypatch.setenv("OCIO", "/nowhere/show.ocio")
    assert "$OCIO: /nowhere/show.ocio cannot be read" in ck(*words, "--resume").err


def test_colorspaces_are_listed_with_what_is_written(ck):
    lines = ck("colorspaces").out.splitlines()
    assert lines[0] == f"{BUILT_IN}:"
    found = dict(re.split(r"  +", line.strip()) for line in lines[1:-1])
    assert found["ARRI LogC4"] == "Linear ARRI Wide Gamut 4"
    assert found["ACEScg"] == "is linear"
    assert found["ADX10"] == "linear Rec.709"
    assert "Raw" not in found
    few = ck("colorspaces", "log-c").out
    assert "ARRI LogC3 (EI800)  Linear ARRI Wide Gamut 3" in few
    assert "ACEScg" not in few
    result = ck("colorspaces", "xyzzy")
    assert result.code == 2
    assert "`ck colorspaces` lists all" in result.err


def test_colorspaces_of_a_config_with_a_table_missing(ck, tmp_path, monkeypatch):
    broken = "  - !<ColorSpace> {name: broken, to_scene_reference: !<FileTransform> {src: gone.spi1d}}\n"
    monkeypatch.setenv("OCIO", str(write_config(tmp_path / "show.ocio", extra=broken)))
    result = ck("colorspaces")
    assert result.code == 0, result.err
    assert "broken       cannot be used: show.ocio cannot convert 'broken'" in result.out
    assert "show log     show linear" in result.out
