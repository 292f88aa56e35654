"""The source's sound beside the pictures it belongs to."""

from fractions import Fraction

import av
import numpy as np
import pytest

from corridorkey.media.movie import MovieWriter, open_movie

from .made import make, picture, rgb_frame

RATE = 48_000


def source(path, codec="pcm_s16le", seconds=2, first=0):
    """A movie of 24 a second whose sound is a click at the beginning of every tenth frame, from 0 on."""
    samples = np.zeros(seconds * RATE, np.float32)
    for frame in range(0, seconds * 24, 10):
        samples[frame * 2000 : frame * 2000 + 200] = 0.8
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = file.add_stream(codec, rate=RATE, layout="mono")
        for index in range(seconds * 24):
            frame = rgb_frame(picture(index), "yuv420p")
            frame.pts = index + first
            file.mux(video.encode(frame))
        kind = "fltp" if codec == "aac" else "s16"
        values = samples if kind == "fltp" else np.rint(samples * 32767).astype(np.int16)
        for at in range(0, len(values), 1000):
            chunk = av.AudioFrame.from_ndarray(values[None, at : at + 1000], format=kind, layout="mono")
            chunk.sample_rate, chunk.pts, chunk.time_base = RATE, at + first * 2000, Fraction(1, RATE)
            file.mux(sound.encode(chunk))
        file.mux(video.encode())
        file.mux(sound.encode())
    return path


def clicks(path):
    """When the clicks are, in seconds after the first picture; and the codec, and where the sound ends."""
    found, end = [], Fraction(0)
    with av.open(str(path)) as file:
        video, sound = file.streams.video[0], file.streams.audio[0]
        first = video.start_time * video.time_base
        codec = sound.codec_context.name
        for frame in file.decode(sound):
            values = np.abs(frame.to_ndarray().astype(np.float64)).reshape(-1)
            values = values / 32768 if frame.format.name.startswith("s16") else values
            loud = np.flatnonzero(values > 0.3)
            start = frame.pts * frame.time_base - first
            found += [float(start) + index / RATE for index in loud]
            end = start + Fraction(frame.samples, RATE)
    times = [time for i, time in enumerate(found) if i == 0 or time - found[i - 1] > 0.1]
    return times, codec, float(end)


@pytest.mark.parametrize(
    ("name", "kind", "codec", "copied"),
    [
        ("a.mov", "prores4444", "pcm_s16le", "pcm_s16le"),
        ("a.mp4", "h264", "aac", "aac"),
        ("a.mp4", "h264", "pcm_s16le", "aac"),
        ("a.mov", "h264", "pcm_s16le", "pcm_s16le"),
        ("a.mov", "prores4444", "aac", "aac"),
    ],
)
@pytest.mark.parametrize("first", [0, 7])
def test_sound_is_carried_and_trimmed_to_the_keyed_range(tmp_path, name, kind, codec, copied, first):
    movie = source(tmp_path / "source.mov", codec, first=first)
    channels = 4 if kind == "prores4444" else 3
    # Frames 15 to 38: the clicks of frames 20 and 30 are 5 and 15 frames in.
    with MovieWriter(tmp_path / name, kind, (64, 48), Fraction(24), audio_from=movie, start_frame=15) as writer:
        for index in range(24):
            writer.write(np.dstack([picture(15 + index), np.ones((48, 64))])[..., :channels].astype(np.float32))
    times, found, end = clicks(tmp_path / name)
    assert found == copied
    assert times == pytest.approx([5 / 24, 15 / 24], abs=0.004)
    assert end == pytest.approx(1, abs=0.03)
    assert len(open_movie(tmp_path / name)) == 24
    assert open_movie(tmp_path / name).has_audio


def test_a_source_without_sound_gives_none(tmp_path):
    silent = make(tmp_path / "silent.mov")
    with MovieWriter(tmp_path / "a.mp4", "h264", (64, 48), Fraction(24), audio_from=silent) as writer:
        writer.write(picture(0).astype(np.float32))
    assert not open_movie(tmp_path / "a.mp4").has_audio


def test_sound_and_pictures_lie_side_by_side_in_the_file(tmp_path):
    movie = source(tmp_path / "source.mov", "aac")
    with MovieWriter(tmp_path / "a.mp4", "h264", (64, 48), Fraction(24), audio_from=movie) as writer:
        for index in range(48):
            writer.write(picture(index).astype(np.float32))
    with av.open(str(tmp_path / "a.mp4")) as file:
        kinds = [
            packet.stream.type for packet in sorted(file.demux(), key=lambda packet: packet.pos or 0) if packet.size
        ]
    half = kinds[: len(kinds) // 2]
    assert 0.3 < half.count("audio") / kinds.count("audio") < 0.7
