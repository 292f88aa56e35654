"""Movies out, read back by our reader; failures that leave nothing behind."""

import errno
import subprocess
import sys
import textwrap
from fractions import Fraction

import av
import numpy as np
import pytest

from corridorkey.errors import FrameWriteError, SettingsError
from corridorkey.media.movie import MovieReader, MovieWriter, open_movie

from .made import number_in, picture, smooth

FILM = Fraction(24000, 1001)


def numbered(count, channels=3):
    return [np.dstack([picture(i), np.ones((48, 64, 1))])[..., :channels].astype(np.float32) for i in range(count)]


def write(path, kind, pictures, **options):
    height, width = pictures[0].shape[:2]
    with MovieWriter(path, kind, (width, height), options.pop("rate", Fraction(24)), **options) as writer:
        for rgba in pictures:
            writer.write(rgba)
    return open_movie(path)


def _all(writer, pictures, time=None):
    for rgba in pictures:
        writer.write(rgba, time)


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_prores_4444_comes_back(tmp_path):
    pictures = [smooth(np.random.default_rng(i), 4) for i in range(4)]
    movie = write(tmp_path / "a.mov", "prores4444", pictures, rate=FILM)
    assert (movie.pixel_format, movie.has_alpha, movie.rate, len(movie)) == ("yuva444p12le", True, FILM, 4)
    assert movie.rule == "BT.709, as the stream says; limited range, as the stream says"
    with MovieReader(movie) as reader:
        errors = np.stack([(reader.read(i)[0] - rgba[..., :3]) * 1023 for i, rgba in enumerate(pictures)])
        alpha = np.stack([reader.read_hint(i) - rgba[..., 3] for i, rgba in enumerate(pictures)])
    # Ten bits of YUV round by 1.5 at most; ProRes adds a tail.
    assert np.sqrt((errors**2).mean()) < 1
    assert (np.abs(errors) <= 2).mean() > 0.98
    assert np.abs(errors).max() < 8
    assert np.abs(errors.mean(axis=(0, 1, 2))).max() < 0.1
    assert np.abs(alpha).max() < 2e-3


def test_flat_colours_in_prores_are_within_two_codes(tmp_path):
    rng = np.random.default_rng(2)
    pictures = [np.tile(rng.random(4).astype(np.float32), (48, 64, 1)) for _ in range(8)]
    movie = write(tmp_path / "a.mov", "prores4444", pictures)
    with MovieReader(movie) as reader:
        for index, rgba in enumerate(pictures):
            assert np.abs(reader.read(index)[0] - rgba[..., :3]).max() < 2 / 1023


def test_h264_comes_back(tmp_path):
    pictures = [smooth(np.random.default_rng(i)) for i in range(6)]
    movie = write(tmp_path / "a.mp4", "h264", pictures, rate=FILM, pixel_aspect=Fraction(4, 3))
    assert (movie.pixel_format, movie.pixel_aspect, movie.rate) == ("yuv420p", Fraction(4, 3), FILM)
    assert movie.rule == "BT.709, as the stream says; limited range, as the stream says"
    with MovieReader(movie) as reader:
        errors = np.stack([(reader.read(i)[0] - rgb) * 255 for i, rgb in enumerate(pictures)])
    assert np.sqrt((errors**2).mean()) < 5
    assert np.abs(errors.mean()) < 0.3


def test_an_mp4_can_be_shown_before_it_is_loaded_whole(tmp_path):
    write(tmp_path / "a.mp4", "h264", numbered(3))
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(
    ("kind", "name", "channels"), [("prores4444", "a.mov", 4), ("h264", "a.mov", 3), ("h264", "a.m4v", 3)]
)
def test_every_frame_is_in_its_place_with_timecode(tmp_path, kind, name, channels):
    movie = write(tmp_path / name, kind, numbered(20, channels), timecode="01:00:00:05")
    assert movie.timecode == "01:00:00:05"
    with MovieReader(movie) as reader:
        assert [number_in(reader.read(i)[0]) for i in range(20)] == list(range(20))
    assert files(tmp_path) == [name]


def test_odd_sides_are_padded_by_repeating_the_edge(tmp_path):
    rgb = smooth(np.random.default_rng(0), 3, 63, 47)
    movie = write(tmp_path / "a.mp4", "h264", [rgb] * 2)
    assert movie.size == (64, 48)
    with MovieReader(movie) as reader:
        got = reader.read(0)[0]
    assert np.abs(got[:47, :63] - rgb).mean() < 0.02
    assert np.abs(got[47] - got[46]).mean() < 0.02
    assert write(tmp_path / "a.mov", "prores4444", [smooth(np.random.default_rng(0), 4, 63, 47)]).size == (63, 47)


def test_times_of_a_variable_rate_are_kept(tmp_path):
    times = [Fraction(t, 1000) for t in (0, 40, 80, 200, 210, 400)]
    with MovieWriter(tmp_path / "a.mp4", "h264", (64, 48), Fraction(25), is_variable=True) as writer:
        for rgb, time in zip(numbered(6), times, strict=True):
            writer.write(rgb, time)
    movie = open_movie(tmp_path / "a.mp4")
    assert [movie.time(i) for i in range(6)] == times
    assert movie.is_variable


def test_times_that_do_not_ascend_are_an_error(tmp_path):
    with (
        pytest.raises(FrameWriteError, match="no time after the one before"),
        MovieWriter(tmp_path / "a.mp4", "h264", (64, 48), Fraction(25), is_variable=True) as writer,
    ):
        _all(writer, numbered(2), Fraction(1))
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("rgba", "why"),
    [
        (np.zeros((48, 64, 3), np.float32), r"\(48, 64, 3\); it must be \(48, 64, 4\)"),
        (np.zeros((48, 63, 4), np.float32), r"must be \(48, 64, 4\)"),
        (np.full((48, 64, 4), np.nan, np.float32), "NaN or infinity"),
    ],
)
def test_a_picture_that_does_not_fit_is_an_error_and_leaves_what_was_there(tmp_path, rgba, why):
    (tmp_path / "a.mov").write_bytes(b"old")
    with (
        pytest.raises(FrameWriteError, match=rf"a\.mov: frame 1 .*{why}"),
        MovieWriter(tmp_path / "a.mov", "prores4444", (64, 48), Fraction(24)) as writer,
    ):
        _all(writer, [numbered(1, 4)[0], rgba])
    assert files(tmp_path) == ["a.mov"]
    assert (tmp_path / "a.mov").read_bytes() == b"old"


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_interrupted_it_leaves_nothing(tmp_path, error):
    def half():
        yield from numbered(5)
        assert [name for name in files(tmp_path) if not name.endswith(".part")] == []
        raise error

    with pytest.raises(error), MovieWriter(tmp_path / "a.mp4", "h264", (64, 48), Fraction(24)) as writer:
        _all(writer, half())
    assert files(tmp_path) == []


def test_no_frames_are_an_error(tmp_path):
    with (
        pytest.raises(FrameWriteError, match="no frame was given"),
        MovieWriter(tmp_path / "a.mp4", "h264", (64, 48), Fraction(24)),
    ):
        pass
    assert files(tmp_path) == []


def test_a_kind_or_suffix_that_is_not_written_is_a_setting(tmp_path):
    with pytest.raises(SettingsError, match="choose prores4444 or h264"):
        MovieWriter(tmp_path / "a.mov", "gif", (64, 48), Fraction(24))  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=r"a\.mp4: prores4444 is written as \.mov"):
        MovieWriter(tmp_path / "a.mp4", "prores4444", (64, 48), Fraction(24))


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    with (
        pytest.raises(FrameWriteError, match="a file is where a folder should be"),
        MovieWriter(tmp_path / "file" / "a.mov", "prores4444", (64, 48), Fraction(24)),
    ):
        pass


def test_a_muxer_that_lost_frames_without_a_word_is_caught(tmp_path, monkeypatch):
    mux = MovieWriter._frame
    monkeypatch.setattr(MovieWriter, "_frame", lambda self, rgba: (mux(self, rgba), setattr(self, "_written", 5))[0])
    with (
        pytest.raises(FrameWriteError, match="1 of 6 frames arrived"),
        MovieWriter(tmp_path / "a.mov", "prores4444", (64, 48), Fraction(24)) as writer,
    ):
        writer.write(numbered(1, 4)[0])
    assert files(tmp_path) == []


FULL = """
    import resource, signal, sys
    from fractions import Fraction
    from pathlib import Path
    import numpy as np
    from corridorkey.errors import FrameWriteError
    from corridorkey.media.movie import MovieWriter

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    kind, name = sys.argv[1:]
    rng = np.random.default_rng(0)
    try:
        with MovieWriter(Path(name), kind, (64, 48), Fraction(24)) as writer:
            for _ in range(120):
                writer.write(rng.random((48, 64, 4 if kind == "prores4444" else 3), dtype=np.float32))
    except FrameWriteError as error:
        print(error)
"""


@pytest.mark.parametrize(("kind", "name"), [("prores4444", "a.mov"), ("h264", "a.mp4")])
def test_a_disk_that_takes_no_more_is_an_error_and_nothing_stays(tmp_path, kind, name):
    if sys.platform == "win32":
        pytest.fail("needs another way to refuse bytes here")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL), kind, str(tmp_path / name)], capture_output=True, text=True
    )
    assert f"{name}: cannot be written: the file system takes no file this large" in done.stdout, done
    assert files(tmp_path) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
def test_a_refusing_disk_is_named_with_a_remedy(tmp_path, monkeypatch, code):
    class Full:
        metadata: dict[str, str] = {}  # noqa: RUF012

        def add_stream(self, *_, **__):
            raise av.error.make_error(code) if hasattr(av.error, "make_error") else OSError(code, "refused")

        def close(self):
            raise OSError(code, "refused")

    monkeypatch.setattr(av, "open", lambda *_, **__: Full())
    with (
        pytest.raises(FrameWriteError, match=r"a\.mov: cannot be written: (the disk is full|not allowed)"),
        MovieWriter(tmp_path / "a.mov", "prores4444", (64, 48), Fraction(24)),
    ):
        pass
    assert files(tmp_path) == []
