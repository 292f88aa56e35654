"""CorridorKey's network in Torch: CUDA, ROCm, MPS and CPU."""

from corridorkey_torch.greenformer import GreenFormer
from corridorkey_torch.keyer import GreenFormerKeyer, load_keyer
from corridorkey_torch.load import load_greenformer

__all__ = ["GreenFormer", "GreenFormerKeyer", "load_greenformer", "load_keyer"]
