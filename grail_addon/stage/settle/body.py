# SPDX-License-Identifier: GPL-3.0-or-later
"""The body that is dropped on a level surface, and where it rests near an orientation.

Body frame: the scaled mesh's axes, origin at its centre of mass (COM). World: z up, support at z = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.arrays import Array
from ...core.settle.settings import SettleSettings
from ...core.settle.statics import Stance, facet_normals, snap_rotation, stance
from ...core.settle.statics_rolls import rolls
from ...steps.effects import Pause, Steps, offload
from .hull import convex_hull, lighter
from .world import Hull, RigidPose, World

FIRST_LIMIT = 500  # vertices of the hull in the drop that decides; the verdict and the snap use the full one
OTHERS_LIMIT = 150  # of the hulls in the drops that only count towards the confidence
ROLL_SNAP_DEG = 30.0
STRICT = 1e-4  # of the size; Blender's hull operator rounds to half of that


@dataclass(frozen=True, eq=False)
class Body:
    """What is dropped: hull about the COM, its facet normals, lighter hulls for Bullet, size and carry tolerance."""

    hull: Hull
    normals: Array
    first: Hull
    others: Hull
    size: float
    tolerance: float

    def rest(self, rotation: Array, max_deg: float, strict: bool = False) -> Rest:
        """Where the body rests when it is near `rotation`: set on a facet within `max_deg`, if one would carry it.

        strict: that facet alone must carry it, not points near its plane too (on a ball those reach far).
        """
        origin = np.zeros(3)
        vertices = self.hull.vertices
        tolerance = STRICT * self.size if strict else self.tolerance
        turned, angle = snap_rotation(vertices, self.normals, origin, rotation, max_deg, tolerance)
        return Rest(turned, angle, stance(vertices @ turned.T, origin, self.tolerance))

    def roll_rest(self, rotation: Array) -> Rest:
        """Where it comes to rest near `rotation` if it rolls: on the nearest facet that carries it."""
        return self.rest(rotation, ROLL_SNAP_DEG, strict=True)

    def rolls(self, rotation: Array) -> bool:
        """Whether it would roll if it rested near `rotation`."""
        return rolls(self.hull.vertices, self.hull.faces, np.zeros(3), -rotation[2])


@dataclass(frozen=True, eq=False)
class Rest:
    """Rotation (3, 3) on the plane, the degrees it was snapped by (None: no facet), and how the body stands so."""

    rotation: Array
    snap_deg: float | None
    stance: Stance


def make_body(vertices: Array, size: float, settings: SettleSettings) -> Steps[Body]:
    """Body of vertices (N, 3) about the COM; raises UserError if they are only a line."""
    yield Pause("hull")
    hull = yield from convex_hull(vertices)
    normals = yield from offload(lambda: _solid_normals(hull, size), "hull")
    first = yield from lighter(hull, FIRST_LIMIT)
    others = yield from lighter(first, OTHERS_LIMIT)
    return Body(hull, normals, first, others, size, settings.contact_tolerance * size)


def _solid_normals(hull: Hull, size: float) -> Array:
    normals, areas = facet_normals(hull.vertices, hull.faces)
    return normals[areas > 1e-9 * size * size]  # a sliver's normal is noise


def above(body: Body, rotation: Array, height: float) -> RigidPose:
    """RigidPose over the start point with the lowest point `height` above the support."""
    return RigidPose(rotation, np.array([0.0, 0.0, height - float((body.hull.vertices @ rotation[2]).min())]))


def add_floor(world: World) -> None:
    world.add_box_support()
