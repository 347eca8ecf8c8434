# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for the kinds of numpy arrays that function signatures speak of; shapes stand in the docstrings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]
Faces = NDArray[np.int32]
Float32 = NDArray[np.float32]
Rgb = NDArray[np.uint8]
