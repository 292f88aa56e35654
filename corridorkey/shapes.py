"""The network's tensors by name and shape: what a checkpoint holds, known without any framework."""

from __future__ import annotations

from corridorkey.config import CHANNELS, GreenFormerConfig
from corridorkey.hiera_plan import PATCH_KERNEL, STAGES, block_plans

OUTPUTS = 4  # logits of the refiner: alpha, then fg
COUNTER = "num_batches_tracked"  # of a BatchNorm: an int64 scalar that only training reads

Shapes = dict[str, tuple[int, ...]]


def refiner_channels(config: GreenFormerConfig) -> int:
    """Channels the refiner sees: every input but the hint, and the coarse prediction."""
    return config.channels - CHANNELS["hint"] + OUTPUTS


def tensor_shapes(config: GreenFormerConfig) -> Shapes:
    """Every tensor of a GreenFormer.

    Args:
        config: the network.
    Returns:
        Torch name -> shape in Torch's layout (linear (out, in), convolution (out, in, height, width)).
    """
    return {
        **_encoder(config),
        **_decoder("alpha_decoder", config, 1),
        **_decoder("fg_decoder", config, 3),
        **_refiner(config),
    }


def _with_bias(name: str, *weight: int) -> Shapes:
    return {f"{name}.weight": weight, f"{name}.bias": weight[:1]}


def _encoder(config: GreenFormerConfig) -> Shapes:
    at, dim = "encoder.model", config.embed_dim
    shapes: Shapes = {f"{at}.pos_embed": (1, config.pos_grid**2, dim)}
    shapes |= _with_bias(f"{at}.patch_embed.proj", dim, config.channels, PATCH_KERNEL, PATCH_KERNEL)
    for i, plan in enumerate(block_plans(config)):
        block = f"{at}.blocks.{i}"
        shapes |= _with_bias(f"{block}.norm1", plan.dim_in)
        shapes |= _with_bias(f"{block}.attn.qkv", 3 * plan.dim_out, plan.dim_in)
        shapes |= _with_bias(f"{block}.attn.proj", plan.dim_out, plan.dim_out)
        shapes |= _with_bias(f"{block}.norm2", plan.dim_out)
        shapes |= _with_bias(f"{block}.mlp.fc1", 4 * plan.dim_out, plan.dim_out)
        shapes |= _with_bias(f"{block}.mlp.fc2", plan.dim_out, 4 * plan.dim_out)
        if plan.dim_in != plan.dim_out:
            shapes |= _with_bias(f"{block}.proj", plan.dim_out, plan.dim_in)
    return shapes


def _decoder(at: str, config: GreenFormerConfig, outputs: int) -> Shapes:
    width, shapes = config.decoder_dim, Shapes()
    for stage in range(STAGES):
        shapes |= _with_bias(f"{at}.linear_c{stage + 1}.proj", width, config.embed_dim << stage)
    shapes[f"{at}.linear_fuse.weight"] = (width, STAGES * width, 1, 1)
    shapes |= {f"{at}.bn.{name}": (width,) for name in ("weight", "bias", "running_mean", "running_var")}
    shapes[f"{at}.bn.{COUNTER}"] = ()
    return shapes | _with_bias(f"{at}.classifier", outputs, width, 1, 1)


def _refiner(config: GreenFormerConfig) -> Shapes:
    width = config.refiner_width
    shapes = _with_bias("refiner.stem.0", width, refiner_channels(config), 3, 3) | _with_bias("refiner.stem.1", width)
    for i in range(1, len(config.refiner_dilations) + 1):
        for part in (1, 2):
            shapes |= _with_bias(f"refiner.res{i}.conv{part}", width, width, 3, 3)
            shapes |= _with_bias(f"refiner.res{i}.gn{part}", width)
    return shapes | _with_bias("refiner.final", OUTPUTS, width, 1, 1)
