# SPDX-License-Identifier: GPL-3.0-or-later
"""What an object is settled on: a plane at a height, or a piece of uneven surface. Plain data, no bpy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array

HoldTest = Callable[[Array], NDArray[np.bool_]]


@dataclass(frozen=True)
class FlatSupport:
    """A level surface. height: world z, metres; name: the object it belongs to ("" for a bare plane).

    holds: takes points (K, 2), metres from the start xy, and says for each whether the surface is under it
    (within 1 mm of the height). None: the plane has no end.
    """

    height: float = 0.0
    name: str = ""
    holds: HoldTest | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, eq=False)
class MeshSupport:
    """An uneven surface round the start point, e.g. stairs or a chair's seat.

    vertices (N, 3) and faces (M, 3): metres, relative to (start x, start y, height), so the surface passes through
    about z = 0 at xy = (0, 0). height: world z of the surface under the start point. name: as in FlatSupport.
    """

    vertices: Array
    faces: NDArray[np.int32]
    height: float = 0.0
    name: str = ""


Support = FlatSupport | MeshSupport
