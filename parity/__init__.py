"""Golden figures, and what holds the code to them.

Float32 is float32 here: TF32, which a GPU may use for matrix products, is switched off. The tests
import this first, and have the same.
"""

import os

os.environ.setdefault("MLX_ENABLE_TF32", "0")  # MLX reads it when it is imported
# OpenMP, when Torch is: threads that spin while they wait crawl on a machine that does something else, too.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
