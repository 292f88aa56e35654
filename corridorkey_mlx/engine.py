"""The engine of another project, corridorkey-mlx, as programs call it: our keyer behind that interface."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridorkey.color import linear_to_srgb, srgb_to_linear
from corridorkey.composite import checker, over
from corridorkey.config import GreenFormerConfig, KeySettings
from corridorkey.despill import despill
from corridorkey.pipeline import guide_frame, key_frame
from corridorkey.types import Array, KeyedFrame, Plate, Screen
from corridorkey_mlx.keyer import load_keyer
from corridorkey_mlx.released import canonical_checkpoint

AnyArray = NDArray[Any]
DEFAULT, RELEASED = KeySettings(), GreenFormerConfig()
CHANNELS: dict[int, Screen] = {1: "green", 2: "blue"}
log = logging.getLogger(__name__)


class CorridorKeyMLXEngine:
    """Keys single frames; takes what corridorkey-mlx's engine of that name takes.

    The frame always goes through the network whole, at `img_size`: each tile would have GroupNorm statistics of its
    own, and other pixels. `refiner_scale` multiplies the refiner's logits, as in CorridorKey; there it mixes two
    pictures. 0 and 1 mean the same in both.

    Attributes:
        keyer: the network.
    """

    def __init__(
        self,
        checkpoint_path: str | Path,
        device: str | None = None,  # noqa: ARG002
        img_size: int = RELEASED.size,
        use_refiner: bool = True,
        compile: bool = True,  # noqa: ARG002
        tile_size: int | None = None,
        overlap: int = 64,  # noqa: ARG002
        *,
        fp16: bool = False,
        backbone_size: int | None = None,
    ) -> None:
        """Load a checkpoint.

        Args:
            checkpoint_path: a canonical checkpoint, or a released file in any layout, converted once into the user's
                cache. One of unknown screen is taken as green, as that project knows no other.
            device: ignored, as there; CORRIDORKEY_DEVICE decides.
            img_size: pixels along the network's (long) side, a multiple of 32.
            use_refiner: False keys with `refiner_scale` 0.
            compile: no effect.
            tile_size, overlap, backbone_size: no effect; the whole network sees the whole frame.
            fp16: run in float16 instead of float32.
        Raises:
            FileNotFoundError: no such file.
            CheckpointError, SettingsError, WeightsUnavailableError: of no known kind, a size that does not fit, or no
                room in the cache.
        """
        path = Path(checkpoint_path)
        if not path.is_file():
            raise FileNotFoundError(f"checkpoint not found: {path}. Check the path, or run: ck weights fetch green")
        if tile_size or backbone_size:
            log.info("no tiles and no smaller encoder: each frame is keyed whole at %d, never worse", img_size)
        dtype = "float16" if fp16 else "float32"
        self.keyer = load_keyer(canonical_checkpoint(path), size=img_size, dtype=dtype)
        self._use_refiner = use_refiner

    def process_frame(
        self,
        image: AnyArray,
        mask_linear: AnyArray,
        refiner_scale: float = DEFAULT.refiner_scale,
        input_is_linear: bool = False,
        fg_is_straight: bool = True,
        despill_strength: float = DEFAULT.despill,
        auto_despeckle: bool = True,
        despeckle_size: int = DEFAULT.despeckle,
        *,
        screen_channel: int | None = None,
        screen_color: Screen | None = None,
    ) -> dict[str, AnyArray]:
        """Key one frame, into 8 bits if it comes in 8 bits.

        Args:
            image: (H, W, 3) uint8, or float32 with 1 as white; RGB.
            mask_linear: (H, W) or (H, W, 1), uint8 or float32 0..1, the hint; its dtype need not be the image's.
            refiner_scale: multiplies the refiner's logits; 0 is the coarse prediction.
            input_is_linear: whether `image` is scene-linear instead of sRGB.
            fg_is_straight: False makes `comp`, and only that, add the foreground without multiplying it by alpha, as
                there and in CorridorKey. What these networks predict is straight.
            despill_strength: 0 leaves the spill, 1 removes all of it.
            auto_despeckle, despeckle_size: whether islands of fewer pixels are dropped.
            screen_channel: 1 (green) or 2 (blue).
            screen_color: the same by name. Without either the checkpoint's; green if it keys any.
        Returns:
            From float32, all float32: alpha (H, W, 1) and fg (H, W, 3) sRGB straight, both raw; processed (H, W, 4)
            linear premultiplied RGBA and comp (H, W, 3) sRGB over a checker, both despilled and despeckled.
            From uint8, all uint8, rounded to nearest: alpha (H, W) and fg (H, W, 3), raw; comp (H, W, 3) over black,
            mixed in sRGB as there; processed (H, W, 3), such that processed × alpha is comp: fg despilled, and black
            where an island was dropped. There, values are cut off instead of rounded, spill and islands stay, and
            processed is fg.
        Raises:
            TypeError: no NumPy array.
            ValueError: a dtype, shape or screen not named above, or NaN or infinity.
            SettingsError: a strength or size out of its range.
            KeyingError: the frame does not fit into memory.
        """
        _check("image", image, image_shape := np.shape(image), len(image_shape) == 3 and image_shape[2] == 3)
        shape = np.shape(mask_linear)
        _check("mask", mask_linear, shape, shape in (image_shape[:2], (*image_shape[:2], 1)))
        screen = _screen(screen_channel, screen_color, self.keyer.contract)
        settings = KeySettings(
            screen_color=screen,
            despill=despill_strength,
            despeckle=despeckle_size if auto_despeckle else 0,
            refiner_scale=refiner_scale if self._use_refiner else 0.0,
        )
        plate = Plate(_unit(image), "linear" if input_is_linear else "srgb")
        hint = np.clip(_unit(mask_linear).reshape(plate.size), np.float32(0), np.float32(1))
        guide = guide_frame(plate, screen, self.keyer.contract, hint)
        frame = key_frame(plate, guide, self.keyer, settings)
        fg = despill(frame.fg, screen, settings.despill)
        pictures = _eight_bit if image.dtype == np.uint8 else _floating
        return pictures(frame, fg, fg_is_straight)


def _check(name: str, array: object, shape: tuple[int, ...], fits: bool) -> None:
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array, not {type(array).__name__}")
    if array.dtype not in (np.uint8, np.float32):
        raise ValueError(f"{name} must be uint8 or float32, not {array.dtype}")
    if not fits or not array.size:
        raise ValueError(f"{name} must be (H, W, 3) for an image and (H, W) or (H, W, 1) for its mask, not {shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity")


def _screen(channel: int | None, color: Screen | None, contract: GreenFormerConfig) -> Screen:
    if channel is not None and channel not in CHANNELS:
        raise ValueError(f"screen_channel {channel!r}: use 1 (green) or 2 (blue)")
    named = {name for name in (color, CHANNELS[channel] if channel else None) if name}
    if len(named) > 1 or not named <= set(CHANNELS.values()):
        raise ValueError(f"screen_color {color!r} and screen_channel {channel!r}: name one screen, green or blue")
    return named.pop() if named else "green" if contract.screen == "any" else contract.screen


def _unit(array: AnyArray) -> Array:
    return array.astype(np.float32) / np.float32(255) if array.dtype == np.uint8 else np.ascontiguousarray(array)


def _floating(frame: KeyedFrame, fg: Array, fg_is_straight: bool) -> dict[str, AnyArray]:
    comp = frame.comp
    if not fg_is_straight:
        added = np.concatenate([srgb_to_linear(fg), frame.processed[..., 3:]], axis=-1)
        comp = linear_to_srgb(over(added, checker((fg.shape[0], fg.shape[1]))))
    return {"alpha": frame.alpha, "fg": frame.fg, "comp": comp, "processed": frame.processed}


def _eight_bit(frame: KeyedFrame, fg: Array, fg_is_straight: bool) -> dict[str, AnyArray]:
    clean = frame.processed[..., 3:]
    kept = np.divide(clean, frame.alpha, out=np.ones_like(clean), where=frame.alpha > 0)
    pictures = {
        "alpha": frame.alpha[..., 0],
        "fg": frame.fg,
        "comp": fg * clean if fg_is_straight else fg,
        "processed": fg * kept,
    }
    return {name: np.rint(np.clip(x, 0, 1) * np.float32(255)).astype(np.uint8) for name, x in pictures.items()}
