"""CorridorKey's network in MLX: Apple Silicon, and the CPU anywhere."""

from corridorkey_mlx.engine import CorridorKeyMLXEngine
from corridorkey_mlx.greenformer import GreenFormer
from corridorkey_mlx.keyer import GreenFormerKeyer, load_keyer
from corridorkey_mlx.load import load_greenformer

__all__ = ["CorridorKeyMLXEngine", "GreenFormer", "GreenFormerKeyer", "load_greenformer", "load_keyer"]
