"""CorridorKey: straight colour and linear alpha from green- and blue-screen plates.

This package holds everything but the network: media, preparation, finishing, hints, synthetic shots. It imports
neither MLX nor Torch; the networks live in ``corridorkey_mlx`` and ``corridorkey_torch``.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("ck-mlx")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0.0.0"
