"""Released weights, in every layout in circulation, to one canonical checkpoint. Needs neither Torch nor MLX."""

from corridorkey_convert.content import read_tensors
from corridorkey_convert.conversion import Converted, convert, convert_file

__all__ = ["Converted", "convert", "convert_file", "read_tensors"]
