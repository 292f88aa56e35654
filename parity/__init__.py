"""Golden figures, and what holds the code to them.

Float32 is float32 here: TF32, which a GPU may use for matrix products, is switched off.
"""

import os

os.environ.setdefault("MLX_ENABLE_TF32", "0")  # MLX reads it when it is imported
