# SPDX-License-Identifier: GPL-3.0-or-later
"""Named random streams: each factor of a variant draws from a generator of its own.

A stream's seed is the hash of its whole path of names, so a new factor shifts no other, and one factor can be
redrawn while all others stay as they are. numpy's `default_rng` (PCG64) gives the same numbers on every platform.
"""

from __future__ import annotations

import hashlib

import numpy as np


def stream(*names: str | int) -> np.random.Generator:
    """Generator for the stream called `names`, e.g. `stream(base_seed, "ComAsset/drill", scene_seed, "camera")`."""
    # repr keeps 1 and "1" apart and the separator cannot occur in a repr unescaped
    digest = hashlib.sha256("\x1f".join(repr(n) for n in names).encode("utf-8")).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "little"))
