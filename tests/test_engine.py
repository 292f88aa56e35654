"""The peer's interface: what programs that were written for it get from ours."""

import logging
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file

import corridorkey_convert.conversion
from corridorkey.color import linear_to_srgb, srgb_to_linear
from corridorkey.composite import checker
from corridorkey.config import KeySettings
from corridorkey.despill import despill
from corridorkey.errors import CheckpointError, SettingsError
from corridorkey.files import sha256_of
from corridorkey.pipeline import guide_frame, key_frame
from corridorkey.types import Plate
from corridorkey.weights.cache import LocalWeights, Record, cache_folder, write_record
from tests.backends import needs_mlx
from tests.cli.conftest import plate as shot
from tests.conftest import TINY, write_synthetic
from tests.convert.crafted import NETWORK, mlx, weights

pytestmark = needs_mlx
SIZE = (48, 80)


@pytest.fixture(autouse=True)
def on_cpu(monkeypatch):
    monkeypatch.setenv("CORRIDORKEY_DEVICE", "cpu")


@pytest.fixture
def make(tiny_checkpoint):
    from corridorkey_mlx import CorridorKeyMLXEngine

    return lambda path=tiny_checkpoint, **words: CorridorKeyMLXEngine(path, **{"img_size": 96, **words})


@pytest.fixture
def engine(make):
    return make()


def image() -> np.ndarray:
    """(H, W, 3) uint8, a subject before a green screen."""
    return shot(size=SIZE)


def mask() -> np.ndarray:
    """(H, W) uint8, white within the subject."""
    out = np.zeros(SIZE, np.uint8)
    out[14:34, 18:36] = 255
    return out


def unit(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32) / np.float32(255)


def eight_bit(array: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(array, 0, 1) * 255).astype(np.uint8)


def keyed(engine, plate, settings, screen="green"):
    guide = guide_frame(plate, screen, engine.keyer.contract, unit(mask()))
    return key_frame(plate, guide, engine.keyer, settings)


def test_the_ancestors_adapter_gets_what_it_expects(tiny_checkpoint):
    from corridorkey_mlx import CorridorKeyMLXEngine

    engine = CorridorKeyMLXEngine(str(tiny_checkpoint), img_size=96, tile_size=512, overlap=64)
    raw = engine.process_frame(
        image(),
        mask(),
        refiner_scale=1.0,
        input_is_linear=False,
        fg_is_straight=True,
        despill_strength=0.0,
        auto_despeckle=False,
        despeckle_size=400,
    )
    assert {name: (a.dtype, a.shape) for name, a in raw.items()} == {
        "alpha": (np.uint8, SIZE),
        "fg": (np.uint8, (*SIZE, 3)),
        "comp": (np.uint8, (*SIZE, 3)),
        "processed": (np.uint8, (*SIZE, 3)),
    }
    assert np.ptp(raw["alpha"]) > 20
    assert np.array_equal(raw["processed"], raw["fg"])  # neither despilled nor despeckled
    over_black = unit(raw["fg"]) * unit(raw["alpha"])[..., None]
    assert np.abs(raw["comp"] - 255 * over_black).max() < 1.6  # alpha, fg and comp are rounded one by one


def test_other_callers_keywords_are_taken(tiny_checkpoint):
    from corridorkey_mlx import CorridorKeyMLXEngine

    common = {"checkpoint_path": tiny_checkpoint, "img_size": 96, "compile": False}
    half = CorridorKeyMLXEngine(**common, device="mps", fp16=True, backbone_size=64)
    assert half.keyer.dtype == "float16"
    assert CorridorKeyMLXEngine(**common, device=None, use_refiner=True).keyer.dtype == "float32"
    a = half.process_frame(image(), mask())["alpha"].astype(int)
    b = CorridorKeyMLXEngine(**common).process_frame(image(), mask())["alpha"]
    assert 0 < np.abs(a - b).max() < 8
    with pytest.raises(TypeError, match="radius"):
        half.process_frame(image(), mask(), radius=3)


def test_float_outputs_are_the_pipelines_own(engine):
    settings = KeySettings(despill=0.5, despeckle=20, refiner_scale=0.7)
    want = keyed(engine, Plate(unit(image()), "srgb"), settings)
    got = engine.process_frame(unit(image()), unit(mask()), 0.7, despill_strength=0.5, despeckle_size=20)
    for name in ("alpha", "fg", "comp", "processed"):
        assert got[name].dtype == np.float32
        np.testing.assert_array_equal(got[name], getattr(want, name))
    assert [got[name].shape[2] for name in ("alpha", "fg", "comp", "processed")] == [1, 3, 3, 4]


def test_float_stays_float(engine):
    frame = unit(image())
    out = engine.process_frame(frame, unit(mask()))
    assert len(np.unique(out["alpha"])) > 256
    finer = engine.process_frame(frame + np.float32(1 / 1024), unit(mask()))
    assert not np.array_equal(finer["fg"], out["fg"])


@pytest.mark.parametrize("hint", [mask(), mask()[..., None], unit(mask()), unit(mask())[..., None]])
def test_eight_bits_are_the_floats_rounded_whatever_the_mask_is(engine, hint):
    small, large = engine.process_frame(image(), hint), engine.process_frame(unit(image()), hint)
    assert np.array_equal(small["alpha"], eight_bit(large["alpha"][..., 0]))
    assert np.array_equal(small["fg"], eight_bit(large["fg"]))


def test_a_hint_that_overshoots_is_held_to_0_and_1(engine):
    over = np.where(mask() > 0, np.float32(1.5), np.float32(-0.5))
    got, want = engine.process_frame(unit(image()), over), engine.process_frame(unit(image()), mask())
    assert np.array_equal(got["alpha"], want["alpha"])


def test_a_linear_plate_is_taken_as_linear(engine):
    linear = srgb_to_linear(unit(image()))
    want = engine.process_frame(unit(image()), mask())
    got = engine.process_frame(linear, mask(), input_is_linear=True)
    np.testing.assert_allclose(got["alpha"], want["alpha"], atol=0.02)  # but for the resize, done in linear light
    assert np.abs(engine.process_frame(linear, mask())["fg"] - want["fg"]).max() > 0.05
    eight = engine.process_frame(eight_bit(linear), mask(), input_is_linear=True)
    assert np.abs(eight["fg"].astype(int) - eight_bit(want["fg"])).max() < 16
    settings = KeySettings()
    np.testing.assert_array_equal(got["fg"], keyed(engine, Plate(linear, "linear"), settings).fg)


@pytest.mark.parametrize("as_given", [np.uint8, np.float32])
def test_despill_acts_and_leaves_fg_raw(engine, as_given):
    frame = image() if as_given == np.uint8 else unit(image())
    without, with_it = (engine.process_frame(frame, mask(), despill_strength=s, auto_despeckle=False) for s in (0, 1))
    for name in ("alpha", "fg"):
        assert np.array_equal(without[name], with_it[name])
    for name in ("comp", "processed"):
        assert (without[name][..., 1].astype(float) - with_it[name][..., 1]).max() > 0.02 * np.max(frame)
    if as_given == np.uint8:
        want = despill(unit(with_it["fg"]), "green", 1.0)
        assert np.abs(with_it["processed"] - 255 * np.clip(want, 0, 1)).max() < 2


@pytest.fixture
def speckled(engine, monkeypatch):
    """An engine whose network says: a subject, and a speck far from it."""
    from corridorkey.types import Prediction

    def predict(x, refiner_scale=1.0):
        alpha = np.zeros((*x.shape[1:3], 1), np.float32)
        alpha[:, :40] = 0.9
        alpha[10:13, 85:88] = 0.9
        return Prediction(alpha, np.full((*x.shape[1:3], 3), 0.5, np.float32))

    monkeypatch.setattr(engine.keyer, "predict", predict)
    return engine


@pytest.mark.parametrize("scale", [1, np.float32(1 / 255)])
def test_despeckle_acts_and_leaves_alpha_raw(speckled, scale):
    frame = np.zeros((64, 96, 3), np.uint8) * scale
    hint = np.zeros((64, 96), np.uint8)
    on, off = (speckled.process_frame(frame, hint, auto_despeckle=do, despeckle_size=100) for do in (True, False))
    few = speckled.process_frame(frame, hint, despeckle_size=5)
    assert np.array_equal(on["alpha"], off["alpha"])
    speck = 11, 86
    for name in ("comp", "processed"):
        assert np.array_equal(few[name], off[name])
        assert np.array_equal(on[name][:, :30], off[name][:, :30])
        assert not np.array_equal(on[name][speck], off[name][speck])
    if frame.dtype == np.uint8:
        assert on["processed"][speck].tolist() == on["comp"][speck].tolist() == [0, 0, 0]
    else:
        assert on["processed"][speck].tolist() == [0, 0, 0, 0]


def test_eight_bit_processed_times_alpha_is_comp(speckled):
    out = speckled.process_frame(np.zeros((64, 96, 3), np.uint8), np.zeros((64, 96), np.uint8))
    product = out["processed"] * unit(out["alpha"])[..., None]
    assert np.abs(out["comp"] - product).max() < 1.1
    assert out["processed"][0, 60].tolist() == [128] * 3  # no alpha, no island: the colour stays, rounded to nearest


def test_foreground_that_is_not_straight_is_added_as_it_is(speckled):
    frame, hint = np.zeros((64, 96, 3), np.uint8), np.zeros((64, 96), np.uint8)
    straight, added = (speckled.process_frame(frame, hint, fg_is_straight=s) for s in (True, False))
    assert np.array_equal(added["comp"], added["fg"])
    assert np.array_equal(added["processed"], straight["processed"])
    out = speckled.process_frame(unit(frame), hint, fg_is_straight=False)
    lit = srgb_to_linear(np.full(3, 0.5, np.float32)) + np.float32(0.1) * checker((64, 96))[5, 5]
    np.testing.assert_allclose(out["comp"][5, 5], linear_to_srgb(lit), atol=1e-6)


def test_the_refiner_can_be_left_out(engine, make):
    coarse, fine = (engine.process_frame(unit(image()), mask(), refiner_scale=s) for s in (0.0, 1.0))
    assert np.abs(coarse["alpha"] - fine["alpha"]).max() > 1e-3
    off = make(use_refiner=False).process_frame(unit(image()), mask())
    assert np.array_equal(off["alpha"], coarse["alpha"])


def test_the_screen_is_the_callers_else_the_checkpoints(engine, make, tmp_path):
    frame, hint = unit(shot(size=SIZE, screen=2)), mask()
    blue = keyed(engine, Plate(frame, "srgb"), KeySettings(), "blue")
    for words in ({"screen_channel": 2}, {"screen_color": "blue"}, {"screen_channel": 2, "screen_color": "blue"}):
        np.testing.assert_array_equal(engine.process_frame(frame, hint, **words)["processed"], blue.processed)
    green = engine.process_frame(frame, hint)["processed"]
    np.testing.assert_array_equal(green, engine.process_frame(frame, hint, screen_channel=1)["processed"])
    assert not np.array_equal(green, blue.processed)

    for_blue = make(write_synthetic(tmp_path / "blue.safetensors", replace(TINY, screen="blue")))
    out = for_blue.process_frame(frame, hint)["processed"]
    np.testing.assert_array_equal(out, for_blue.process_frame(frame, hint, screen_color="blue")["processed"])
    for words in ({"screen_channel": 0}, {"screen_color": "red"}, {"screen_channel": 1, "screen_color": "blue"}):
        with pytest.raises(ValueError, match="screen"):
            engine.process_frame(frame, hint, **words)


def test_tiles_are_said_once_not_to_be_made(make, engine, caplog):
    caplog.set_level(logging.INFO)
    tiled = make(tile_size=512, overlap=64)
    outs = [tiled.process_frame(image(), mask()) for _ in range(2)]
    (record,) = (r for r in caplog.records if "tiles" in r.getMessage())
    assert record.levelname == "INFO"
    assert "96" in record.getMessage()
    assert np.array_equal(outs[0]["alpha"], engine.process_frame(image(), mask())["alpha"])


def test_nothing_is_printed(make, capfd):
    make(device="cpu", tile_size=512).process_frame(image(), mask())
    assert capfd.readouterr() == ("", "")


def test_a_missing_checkpoint_is_the_peers_error(make, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"not found.*none\.safetensors"):
        make(tmp_path / "none.safetensors")
    with pytest.raises(FileNotFoundError, match="not found"):
        make(tmp_path)


@pytest.mark.parametrize(
    ("frame", "hint", "what"),
    [
        (image().astype(np.float64), mask(), "image must be uint8 or float32, not float64"),
        (image().astype(np.uint16), mask(), "image must be uint8 or float32, not uint16"),
        (image(), mask().astype(bool), "mask must be uint8 or float32, not bool"),
        (image()[..., 0], mask(), r"image must be \(H, W, 3\)"),
        (np.zeros((*SIZE, 4), np.uint8), mask(), r"image must be \(H, W, 3\)"),
        (np.zeros((0, 0, 3), np.uint8), np.zeros((0, 0), np.uint8), r"image must be \(H, W, 3\)"),
        (image(), image(), r"mask must be .*\(H, W\) or \(H, W, 1\)"),
        (image(), mask()[:-1], r"not \(47, 80\)"),
        (np.full((*SIZE, 3), np.nan, np.float32), mask(), "image holds NaN"),
        (image(), np.full(SIZE, np.inf, np.float32), "mask holds NaN"),
    ],
)
def test_what_is_no_frame_is_a_value_error(engine, frame, hint, what):
    with pytest.raises(ValueError, match=what):
        engine.process_frame(frame, hint)


def test_what_is_no_array_is_a_type_error(engine):
    with pytest.raises(TypeError, match="image must be a NumPy array, not list"):
        engine.process_frame(image().tolist(), mask())
    with pytest.raises(TypeError, match="mask must be a NumPy array, not NoneType"):
        engine.process_frame(image(), None)


def test_knobs_out_of_range_are_said(engine, make):
    with pytest.raises(SettingsError, match="despill 2"):
        engine.process_frame(image(), mask(), despill_strength=2)
    with pytest.raises(SettingsError, match="multiple of 32"):
        make(img_size=100)


def test_the_frame_given_is_not_changed_and_may_be_a_view(engine):
    frame, hint = image(), mask()
    before = frame.copy()
    turned = engine.process_frame(np.ascontiguousarray(frame[..., ::-1])[..., ::-1], hint)
    assert np.array_equal(turned["fg"], engine.process_frame(frame, hint)["fg"])
    assert np.array_equal(frame, before)
    floating = unit(frame)
    engine.process_frame(floating, hint)
    assert np.array_equal(floating, unit(before))


@pytest.fixture
def small_release(monkeypatch):
    """The converter, for a network with almost no weights instead of the released one."""
    convert_file = corridorkey_convert.conversion.convert_file
    calls = []

    def counted(path, out, **words):
        calls.append(path)
        return convert_file(path, out, **words, network=NETWORK)

    monkeypatch.setattr(corridorkey_convert.conversion, "convert_file", counted)
    return calls


@pytest.fixture
def peers_file(tmp_path):
    """Weights as the peer keeps them."""
    path = tmp_path / "weights.safetensors"
    save_file(mlx(weights()), path)
    return path


def test_the_peers_own_file_is_converted_once(make, small_release, peers_file, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    before = peers_file.read_bytes()
    first = make(peers_file, img_size=64)
    assert (first.keyer.contract.screen, first.keyer.contract.size) == ("green", 64)
    (said,) = (r.getMessage() for r in caplog.records if "taken as green" in r.getMessage())
    assert str(peers_file) in said
    second = make(str(peers_file), img_size=64)
    assert small_release == [peers_file]
    assert peers_file.read_bytes() == before
    canonical = write_synthetic(tmp_path / "same.safetensors", NETWORK)
    want = make(canonical, img_size=64).process_frame(image(), mask())
    for engine in (first, second):
        assert np.array_equal(engine.process_frame(image(), mask())["alpha"], want["alpha"])


def test_a_cached_file_that_is_damaged_is_made_again(make, small_release, peers_file):
    make(peers_file, img_size=64)
    (made,) = (cache_folder() / "engine").rglob("*.safetensors")
    made.write_bytes(b"half a file")
    make(peers_file, img_size=64)
    assert len(small_release) == 2


def test_a_file_that_was_fetched_or_imported_keeps_its_screen(make, small_release, peers_file):
    path = write_synthetic(cache_folder() / "blue" / "blue.safetensors", replace(NETWORK, screen="blue"))
    imported = LocalWeights("blue", path, "somewhere", sha256_of(peers_file), sha256_of(path), "imported", "now", "")
    write_record("blue", Record(imported))
    assert make(peers_file, img_size=64).keyer.contract.screen == "blue"
    assert not small_release
    path.write_bytes(b"half a file")
    assert make(peers_file, img_size=64).keyer.contract.screen == "blue"
    assert path.read_bytes() == b"half a file"  # whose record stays true


def test_the_peers_released_file_is_known_to_be_green(make, small_release, peers_file, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    known = {sha256_of(peers_file): "green"}
    monkeypatch.setattr(corridorkey_convert.conversion, "KNOWN_SCREENS", known)
    assert make(peers_file, img_size=64).keyer.contract.screen == "green"
    assert "taken as" not in caplog.text


def test_a_published_name_tells_the_screen(make, small_release, peers_file, caplog):
    caplog.set_level(logging.INFO)
    blue = peers_file.rename(peers_file.with_name("CorridorKeyBlue_1.0.mlx.safetensors"))
    assert make(blue, img_size=64).keyer.contract.screen == "blue"
    assert "taken as" not in caplog.text


def test_what_is_no_weights_file_is_said(make, tmp_path):
    path = tmp_path / "page.safetensors"
    path.write_bytes(b"<html>")
    with pytest.raises(CheckpointError, match=r"page\.safetensors: a web page"):
        make(path)
