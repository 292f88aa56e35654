"""A movie's sound, carried into another one beside its pictures."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridorkey.media.movie.container import open_container, refusing

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet

log = logging.getLogger(__name__)

# Codecs that players expect in each container; others are encoded as AAC.
_COPIED = {
    "mov": ("aac", "mp3", "ac3", "alac", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le"),
    "mp4": ("aac", "mp3", "ac3", "eac3", "alac"),
}
_DECODERS = {"mp3float": "mp3"}  # one codec under two names
_AAC_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)


class Sound:
    """The sound of a source from a time on, muxed bit by bit so that it lies beside the pictures it belongs to."""

    def __init__(self, source: Path, container: OutputContainer, kind: str, start: Fraction) -> None:
        """Open the source and add a stream to `container` (kind "mov" or "mp4"); silent if the source has no sound.

        Args:
            source: the movie.
            container: the output, before its first packet.
            kind: of container.
            start: seconds after the source's first picture where the output begins.
        Raises:
            FrameReadError: the source cannot be read.
        """
        self._source, self._container = source, container
        self._input: InputContainer = open_container(source)
        self._waiting: Packet[AudioStream] | None = None
        self._packets: Iterator[Packet[AudioStream]] = iter(())
        stream: Any = self._input.streams.best("audio")
        self._out: AudioStream | None = None
        self._is_copied = False
        if stream is None or stream.codec_context is None:
            log.info("%s: it has no sound", source)
            return
        codec = stream.codec_context.name
        self._is_copied = _DECODERS.get(codec, codec) in _COPIED[kind]
        with refusing(f"{source}: its sound cannot be read", "give the movie out no sound"):
            self._out = self._add(stream)
            self._begin = self._origin() + start
            self._packets = self._from(stream)

    def mux_until(self, time: Fraction) -> None:
        """Write the sound that begins before `time`, in seconds of the output."""
        if self._out is None:
            return
        with refusing(f"{self._source}: its sound cannot be read", "give the movie out no sound"):
            while (packet := self._waiting or next(self._packets, None)) is not None:
                self._waiting = packet
                if self._time(packet) >= time:
                    return
                self._waiting = None
                self._mux(packet)

    def close(self) -> None:
        """Flush and close the source."""
        if self._out is not None and not self._is_copied:
            self._container.mux(self._out.encode(None))
        self.abandon()

    def abandon(self) -> None:
        """Close the source."""
        self._input.close()

    def _add(self, stream: AudioStream) -> AudioStream:
        if self._is_copied:
            return self._container.add_stream_from_template(stream)
        log.info("%s: its sound (%s) is encoded as AAC", self._source, stream.codec_context.name)
        rate = stream.codec_context.sample_rate
        out: AudioStream = self._container.add_stream("aac", rate=next((n for n in _AAC_RATES if n <= rate), 7_350))
        out.codec_context.layout = stream.codec_context.layout.name
        out.codec_context.bit_rate = 256_000
        out.codec_context.open()  # here it is still known whose sound it is, should it be refused
        return out

    def _origin(self) -> Fraction:
        """When the source shows its first picture, in seconds of its own clock."""
        for stream in self._input.streams.video:
            if stream.start_time is not None and stream.time_base:
                return stream.start_time * stream.time_base
        return Fraction(0)

    def _from(self, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
        if self._begin > 0 and stream.time_base:
            self._input.seek(int(self._begin / stream.time_base), stream=stream)
        for packet in self._input.demux(stream):
            if packet.size and packet.pts is not None and self._time(packet) >= 0:
                yield packet

    def _time(self, packet: Packet[AudioStream]) -> Fraction:
        return (packet.pts or 0) * packet.time_base - self._begin

    def _mux(self, packet: Packet[AudioStream]) -> None:
        assert self._out is not None
        shift = round(self._begin / packet.time_base)
        if self._is_copied:
            packet.pts = (packet.pts or 0) - shift
            packet.dts = packet.pts
            packet.stream = self._out
            self._container.mux(packet)
            return
        for frame in packet.decode():
            frame.pts = None if frame.pts is None else frame.pts - shift
            self._container.mux(self._out.encode(frame))
