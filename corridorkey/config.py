"""Every default lives here once: the network's (GreenFormerConfig) and the artist's (KeySettings)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from corridorkey.errors import CheckpointFormatError, SettingsError

Input = Literal["rgb", "hint", "key", "screen"]
Base = Literal["none", "unmixed"]
CHANNELS: dict[Input, int] = {"rgb": 3, "hint": 1, "key": 1, "screen": 3}
OUTPUTS = ("matte", "fg", "processed", "comp", "rgba")
DEFAULT_OUTPUTS = ("matte", "fg", "processed", "comp")
DEMO_FRAMES = 6
SIZE_STEP = 32  # the network's sides: stride 4, then mask units of 8 tokens
AT_HOME = 1.2  # times the overview: a smaller plate is enlarged to it, a larger one keyed twice
MOST_ENLARGED = 2.0  # beyond, a plate has no more detail to show
BASE_MARGIN = 0.01  # a key of 0 or 1 is a logit of ∓4.6: sure, and still within reach of a correction
FAINT = 0.1  # weight of its surroundings' colour where a pixel is empty, less its share of alpha³; its own has alpha³
SPREAD_STRIDE, SPREAD_LEVELS = 4, 6  # surroundings: means over 4 to 128 pixels
NEAR = 1e-3  # weight of a coarser mean beside a finer one's alpha⁴
DTYPES = ("float32", "float16", "bfloat16")


@dataclass(frozen=True, slots=True)
class GreenFormerConfig:
    """What a network is and what it wants to be given. The defaults are the released CorridorKey 1.0.

    Attributes:
        inputs: channel groups in their order; see CHANNELS.
        embed_dim: token width of the first stage; doubles at each stage.
        depths: blocks of the four stages.
        heads: attention heads of the four stages.
        decoder_dim: width of both decoder heads.
        refiner_width: channels of the refiner; eight groups for its GroupNorms.
        refiner_dilations: one residual block for each.
        refiner_gain: multiplies the refiner's logits.
        pos_grid: tokens along a side of the stored, square pos_embed.
        base: what logits start from: "none" is zero, "unmixed" the key and the plate less the screen.
        screen: screen colour the network was trained on; "any" sees blue as green.
        sizing: "square" squashes the plate to size × size; "aspect" keeps its aspect, long side at most size.
        size: pixels along the (long) side the network is meant to run at.
        overview: with "aspect", pixels along the long side of the frames that the network keys best as a whole. A plate
            below AT_HOME times that is enlarged to AT_HOME times it, by MOST_ENLARGED at most; one above AT_HOME times
            it is keyed at the overview's size too, for what is solid and what is empty. 0 does neither.
    """

    inputs: tuple[Input, ...] = ("rgb", "hint")
    embed_dim: int = 112
    depths: tuple[int, ...] = (2, 3, 16, 3)
    heads: tuple[int, ...] = (2, 4, 8, 16)
    decoder_dim: int = 256
    refiner_width: int = 64
    refiner_dilations: tuple[int, ...] = (1, 2, 4, 8)
    refiner_gain: float = 10.0
    pos_grid: int = 512
    base: Base = "none"
    screen: Literal["green", "blue", "any"] = "green"
    sizing: Literal["square", "aspect"] = "square"
    size: int = 2048
    overview: int = 0

    def __post_init__(self) -> None:
        for name, kind in (("embed_dim", int), ("decoder_dim", int), ("refiner_width", int), ("refiner_gain", float)):
            if not isinstance(getattr(self, name), kind | int):
                raise CheckpointFormatError(f"{name} {getattr(self, name)!r} is not a number")
        for numbers in (self.depths, self.heads, self.refiner_dilations):
            if not numbers or not all(isinstance(n, int) and n >= 1 for n in numbers):
                raise CheckpointFormatError(f"{numbers} must be whole numbers of at least 1")
        if len(self.depths) != 4 or len(self.heads) != 4:
            raise CheckpointFormatError(f"depths {self.depths} and heads {self.heads} must have four entries each")
        if self.inputs[:2] != ("rgb", "hint") or len(set(self.inputs) & set(CHANNELS)) != len(self.inputs):
            raise CheckpointFormatError(f"inputs {self.inputs} must be rgb, hint and then any of key, screen")
        if self.base not in ("none", "unmixed"):
            raise CheckpointFormatError(f'base {self.base!r}: use "none" or "unmixed"')
        if self.base == "unmixed" and not {"key", "screen"} <= set(self.inputs):
            raise CheckpointFormatError("an unmixed base needs the inputs 'key' and 'screen'")
        if self.screen not in ("green", "blue", "any") or self.sizing not in ("square", "aspect"):
            raise CheckpointFormatError(f"unknown screen {self.screen!r} or sizing {self.sizing!r}")
        if min(self.embed_dim, self.decoder_dim, self.pos_grid) < 1:
            raise CheckpointFormatError("embed_dim, decoder_dim and pos_grid must be at least 1")
        if self.refiner_width < 8 or self.refiner_width % 8:
            raise CheckpointFormatError(f"refiner_width {self.refiner_width} must be a multiple of 8")
        if self.size < SIZE_STEP or self.size % SIZE_STEP:
            raise CheckpointFormatError(f"size {self.size} must be a multiple of {SIZE_STEP}")
        if self.overview < 0 or (self.overview and self.sizing == "square"):
            raise CheckpointFormatError(f"overview {self.overview}: a number of pixels, for sizing 'aspect' alone")
        for stage, heads in enumerate(self.heads):
            if (self.embed_dim << stage) % heads:
                raise CheckpointFormatError(f"width {self.embed_dim << stage} does not divide by {heads} heads")

    @property
    def channels(self) -> int:
        """Channels of the network's input."""
        return sum(CHANNELS[name] for name in self.inputs)

    def channel_of(self, name: Input) -> int:
        """First channel of an input group."""
        return sum(CHANNELS[group] for group in self.inputs[: self.inputs.index(name)])

    @property
    def screen_channel(self) -> int:
        """The screen's channel as the network sees it: blue is seen as green by one for any screen."""
        return 2 if self.screen == "blue" else 1

    def to_json(self) -> str:
        """The config as a checkpoint's header carries it."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> GreenFormerConfig:
        """Reads what `to_json` wrote.

        Raises:
            CheckpointFormatError: not JSON, an unknown or missing field, or values that fit no network.
        """
        try:
            raw: dict[str, Any] = {"overview": 0} | json.loads(text)  # earlier versions had none
            known = {f.name for f in fields(cls)}
            if set(raw) != known:
                raise CheckpointFormatError(f"config fields differ from this version's: {sorted(set(raw) ^ known)}")
            values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in raw.items()}
            if values["base"] is True:
                raise CheckpointFormatError(
                    "its logits start from a base that this version no longer has. Train it again, or key with the "
                    "version that made it."
                )
            if values["base"] is False:  # as earlier versions wrote it
                values["base"] = "none"
            return cls(**values)
        except (TypeError, ValueError) as error:
            raise CheckpointFormatError(f"unreadable network config: {error}") from error


@dataclass(frozen=True, slots=True)
class KeySettings:
    """The artist's knobs. The defaults are the ancestor engine's.

    Attributes:
        screen_color: "auto" looks at several frames of the clip and decides once.
        input_colorspace: "auto" goes by tag and file type; "srgb", "linear", or an OpenColorIO name.
        output_colorspace: of FG and Processed: "auto" is the plate's own linear space, "linear" linear Rec.709; or an
            OpenColorIO name.
        despill: 0 leaves the spill, 1 removes all of it.
        despeckle: foreground islands below this many pixels are dropped; 0 keeps all.
        refiner_scale: multiplies the refiner's logits; 0 is the coarse prediction.
        source_detail: whether the solid inside is the plate's own, despilled, instead of the network's.
        outputs: which of OUTPUTS are written.
        exr_bits: 16 (half) or 32 (float).
        png_bits: 8 or 16, of the output "rgba"; the comp has 8.
        exr_compression: "dwaa" is small and changes colours a little; the others are lossless. A matte is never dwaa.
        fg_colorspace: "linear", or "srgb" as the ancestor writes it.
    """

    screen_color: Literal["auto", "green", "blue"] = "auto"
    input_colorspace: str = "auto"
    output_colorspace: str = "auto"
    despill: float = 1.0
    despeckle: int = 400
    refiner_scale: float = 1.0
    source_detail: bool = False
    outputs: tuple[str, ...] = DEFAULT_OUTPUTS
    exr_bits: Literal[16, 32] = 16
    png_bits: Literal[8, 16] = 16
    exr_compression: Literal["zip", "zips", "piz", "none", "dwaa"] = "zip"
    fg_colorspace: Literal["linear", "srgb"] = "linear"

    def __post_init__(self) -> None:
        if self.screen_color not in ("auto", "green", "blue"):
            raise SettingsError(f"screen colour {self.screen_color!r}: use auto, green or blue")
        if not self.input_colorspace.strip():
            raise SettingsError("input colour space: use auto, srgb, linear or a name that `ck colorspaces` lists")
        if self.output_colorspace == "srgb" or not self.output_colorspace.strip():
            raise SettingsError(
                f"output colour space {self.output_colorspace!r}: use auto, linear or the name of a linear one, since "
                "Processed is premultiplied; FG alone may be sRGB, with --fg-colorspace"
            )
        if self.fg_colorspace not in ("linear", "srgb"):
            raise SettingsError(f"fg colour space {self.fg_colorspace!r}: use linear or srgb")
        if not 0.0 <= self.despill <= 1.0:
            raise SettingsError(f"despill {self.despill}: use 0 to 1")
        if self.despeckle < 0:
            raise SettingsError(f"despeckle {self.despeckle}: use an area in pixels, or 0 for off")
        if not 0.0 <= self.refiner_scale < float("inf"):
            raise SettingsError(f"refiner strength {self.refiner_scale}: use 0 or more; 1 is as trained")
        if self.exr_bits not in (16, 32):
            raise SettingsError(f"EXR bits {self.exr_bits}: use 16 or 32")
        if self.png_bits not in (8, 16):
            raise SettingsError(f"PNG bits {self.png_bits}: use 8 or 16")
        if self.exr_compression not in ("zip", "zips", "piz", "none", "dwaa"):
            raise SettingsError(f"EXR compression {self.exr_compression!r}: use zip, zips, piz, none or dwaa")
        unknown = [name for name in self.outputs if name not in OUTPUTS]
        if unknown or not self.outputs:
            raise SettingsError(f"outputs {', '.join(unknown) or 'none'}: choose from {', '.join(OUTPUTS)}")
        if len(set(self.outputs)) < len(self.outputs):
            raise SettingsError(f"outputs {', '.join(self.outputs)}: name each once")
