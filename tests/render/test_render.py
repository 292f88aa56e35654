"""Rendered layers: what they promise, and the frames made of them."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from corridorkey.color import srgb_to_linear
from corridorkey.errors import BackendUnavailableError, FrameReadError, SettingsError
from corridorkey.media.exr import write_exr
from corridorkey.render import frames
from corridorkey.render.coverage import coverage
from corridorkey.render.frames import render_layer, render_layers
from corridorkey.render.layer import Layer, encode_layer, read_layer
from corridorkey.render.library import mitsuba
from corridorkey.render.scene import View, lit_by, shapes, white_screen
from corridorkey.render.subject import STYLES, draw_subject
from corridorkey.synth import ShotStyle
from corridorkey.synth.rendered import layer_files, rendered_frame

SIZE = (48, 48)
needs_mitsuba = pytest.mark.skipif(
    not find_spec("mitsuba"), reason="needs the extra 'render': no wheels for Linux on ARM"
)


@pytest.fixture(scope="module")
def layer() -> Layer:
    return render_layer(1_000_000, SIZE, paths=0.4, density=0.1, style="long")


@pytest.fixture(scope="module")
def disc() -> Layer:
    """A soft disc, for what needs no Mitsuba."""
    y, x = np.mgrid[0:48, 0:48].astype(np.float32)
    alpha = np.clip((16 - np.hypot(x - 23, y - 30)) / 5, 0, 1)[..., None]
    return Layer(
        np.concatenate((alpha * np.float32([0.5, 0.3, 0.2]), alpha), axis=-1),
        np.repeat(alpha * np.float32(0.2), 3, axis=-1),
    )


@pytest.fixture
def folder(tmp_path: Path, disc: Layer) -> Path:
    mirrored = Layer(disc.rgba[:, ::-1], disc.thrown[:, ::-1])
    for name, turned in (("1000000.exr", disc), ("1000001.exr", mirrored)):
        (tmp_path / name).write_bytes(encode_layer(tmp_path / name, turned))
    return tmp_path


@needs_mitsuba
def test_a_layer_is_premultiplied_with_coverage_from_none_to_full(layer):
    alpha = layer.rgba[..., 3]
    assert alpha.min() == 0
    assert alpha.max() == 1
    assert ((alpha > 0.02) & (alpha < 0.98)).mean() > 0.03
    assert (layer.rgba[..., :3] >= 0).all()
    assert layer.rgba[alpha == 1][:, :3].mean() > 0.005


@needs_mitsuba
def test_the_screen_throws_light_where_the_subject_is_and_nowhere_else(layer):
    alpha = layer.rgba[..., 3]
    assert (layer.thrown[alpha == 0] == 0).all()
    assert layer.thrown[alpha > 0.5].max() > 0.01
    assert np.isfinite(layer.thrown).all()


@needs_mitsuba
def test_the_same_seed_gives_the_same_layer(layer):
    again = render_layer(1_000_000, SIZE, paths=0.4, density=0.1, style="long")
    assert np.array_equal(again.rgba, layer.rgba)
    assert np.array_equal(again.thrown, layer.thrown)


@needs_mitsuba
def test_coverage_is_that_of_the_paths(tmp_path):
    view = View((40, 40), 20.0, (0.5, 0.45))
    subject = draw_subject(np.random.default_rng(5), 0.05, "wavy")
    scene = lit_by(white_screen(), shapes(subject, view, 0.3, tmp_path), view)
    paths = np.array(mitsuba().render(scene, spp=64, seed=1))[..., 3]
    difference = coverage(subject, view) - paths
    assert abs(difference.mean()) < 0.005
    assert np.sqrt((difference**2).mean()) < 0.03


@pytest.mark.parametrize("style", STYLES)
def test_every_style_grows_finite_strands(style):
    subject = draw_subject(np.random.default_rng(3), 0.03, style)
    assert sum(len(hair.strands) for hair in subject.hair) > 50
    for hair in subject.hair:
        assert np.isfinite(hair.strands).all()
        assert abs(hair.strands).max() < 6
        assert ((hair.width >= 0.3) & (hair.width <= 1.7)).all()


def test_layers_go_on_where_they_were_stopped(tmp_path, monkeypatch, disc):
    asked = []

    def rendered(seed, size):
        asked.append(seed)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return disc

    monkeypatch.setattr(frames, "render_layer", rendered)
    with pytest.raises(KeyboardInterrupt):
        render_layers(tmp_path, 3, SIZE, 7)
    written = []
    paths = render_layers(tmp_path, 3, SIZE, 7, on_written=written.append)
    assert asked == [7, 8, 8, 9]
    assert written == paths[1:]
    assert sorted(tmp_path.iterdir()) == paths


def test_a_part_renders_every_nth(tmp_path, monkeypatch, disc):
    monkeypatch.setattr(frames, "render_layer", lambda seed, size: disc)
    assert len(render_layers(tmp_path, 5, SIZE, 0, (1, 2))) == 5
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["0000001.exr", "0000003.exr"]


def test_a_layer_comes_back_from_its_file(folder, disc):
    read = read_layer(folder / "1000000.exr")
    assert np.allclose(read.rgba, disc.rgba, atol=1e-3, rtol=1e-3)
    assert np.allclose(read.thrown, disc.thrown, atol=1e-3, rtol=1e-3)


def test_a_file_that_is_no_layer_is_named(tmp_path):
    plain = tmp_path / "plain.exr"
    write_exr(plain, dict.fromkeys("RGBA", np.zeros(SIZE, np.float32)), {})
    with pytest.raises(FrameReadError, match=r"plain\.exr: no alpha that varies"):
        read_layer(plain)
    with pytest.raises(FrameReadError, match="no layers"):
        layer_files(tmp_path / "none")


@pytest.mark.parametrize("seed", range(6))
def test_a_frame_is_fg_and_screen_and_the_screens_light(folder, seed):
    frame = rendered_frame(folder, seed, (64, 80), style=ShotStyle(degrade=False))
    a = frame.alpha[..., None]
    light = frame.linear - a * frame.fg - (1 - a) * frame.clean_plate
    assert light.min() > -1e-5
    assert (light[frame.alpha == 0] < 1e-5).all()
    assert frame.alpha.max() > 0.5
    assert ((frame.fg >= 0) & (frame.fg <= 1)).all()
    again = rendered_frame(folder, seed, (64, 80), style=ShotStyle(degrade=False))
    assert np.array_equal(again.linear, frame.linear)


def test_thrown_light_is_linear_in_the_screen(folder):
    def light(exposure):
        style = ShotStyle(degrade=False, subjects=(), shadows=0.0, exposure=exposure)
        frame = rendered_frame(folder, 3, (64, 64), style=style)
        a = frame.alpha[..., None]
        return frame.linear - a * frame.fg - (1 - a) * frame.clean_plate

    assert light(1.0).max() > 1e-3
    assert np.allclose(2 * light(1.0), light(2.0), atol=1e-5)


def test_without_mitsuba_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "mitsuba", None)
    with pytest.raises(BackendUnavailableError, match=r'pip install "ck-mlx\[render\]"'):
        render_layer(0, SIZE)


def test_a_seed_below_zero_is_refused():
    with pytest.raises(SettingsError, match="-1"):
        render_layer(-1, SIZE)


def test_cut_outs_are_layers_too_and_get_the_shots_spill(tmp_path):
    y, x = np.mgrid[0:300, 0:200].astype(np.float32)
    alpha = np.clip((90 - np.hypot(x - 100, y - 150)) / 6, 0, 1)
    rgba = np.dstack([np.full_like(alpha, v) for v in (0.1, 0.3, 0.7)] + [alpha])  # BGR, straight sRGB
    assert cv2.imwrite(str(tmp_path / "me.png"), np.round(rgba * 65535).astype(np.uint16))
    style = ShotStyle(screen="green", subjects=(), spill=0.0, degrade=False, shadows=0.0, uneven=0.0)
    clean = rendered_frame(tmp_path, 3, (96, 96), style=style)
    spilled = rendered_frame(tmp_path, 3, (96, 96), style=replace(style, spill=0.3))
    solid = clean.alpha > 0.99
    assert 0.1 < solid.mean() < 0.9
    np.testing.assert_array_equal(clean.alpha, spilled.alpha)
    more = (spilled.linear - clean.linear)[solid].mean(axis=0)
    assert more[1] > 2 * max(more[0], more[2]) > 0
    gain = clean.fg[solid].mean(axis=0) / srgb_to_linear(np.float32([0.7, 0.3, 0.1]))
    assert gain.max() < 1.02 * gain.min()


def test_a_picture_without_an_alpha_is_no_layer(tmp_path):
    assert cv2.imwrite(str(tmp_path / "plate.png"), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(FrameReadError, match=r"plate\.png: no alpha that varies"):
        read_layer(tmp_path / "plate.png")
