# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling an object with Blender's own rigid bodies, in process. docs/settling.md has method and figures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.clock import Clock, SystemClock
from ...core.errors import UserError
from ...core.mesh import MeshData
from ...core.settle.result import SettleResult, SettleSettings
from ...core.settle.statics_coarse import stand_in
from ...core.settle.statics_com import centre_of_mass
from ...core.settle.support import FlatSupport, Support
from ...steps.effects import Steps, offload
from .by_hand import stand_flat, stand_uneven
from .flat import settle_flat
from .outcome import Outcome, to_result
from .parts import PartsCache
from .uneven import settle_uneven

__all__ = ["PartsCache", "settle", "settle_at"]


def settle(
    mesh: MeshData,
    scale: ArrayLike,
    initial_rotation: NDArray[np.float64],
    support: Support,
    settings: SettleSettings,
    clock: Clock | None = None,
    parts: PartsCache | None = None,
) -> Steps[SettleResult]:
    """Drop `mesh` (its own frame, unscaled) onto `support` and report the pose it comes to rest in.

    scale (3,): factor per axis of the mesh's frame. initial_rotation (3, 3): nominal start orientation. The same
    arguments give the same bits, whatever was settled before. parts: keeps convex parts between calls with an uneven
    support; cutting a mesh takes seconds. Raises UserError for a mesh that cannot be settled.
    """
    return _judged(mesh, scale, initial_rotation, support, settings, clock, parts, settle_flat, settle_uneven)


def settle_at(
    mesh: MeshData,
    scale: ArrayLike,
    rotation: NDArray[np.float64],
    support: Support,
    settings: SettleSettings,
    clock: Clock | None = None,
    parts: PartsCache | None = None,
) -> Steps[SettleResult]:
    """As `settle` for a pose that a person has set: `mesh` stands on `support` turned by `rotation` (3, 3), or on the face
    next to it that carries it, and nothing is dropped. The result's `source` is `user`."""
    return _judged(mesh, scale, rotation, support, settings, clock, parts, stand_flat, stand_uneven)


def _judged(
    mesh: MeshData,
    scale: ArrayLike,
    rotation: NDArray[np.float64],
    support: Support,
    settings: SettleSettings,
    clock: Clock | None,
    parts: PartsCache | None,
    on_flat: Callable[..., Steps[Outcome]],
    on_uneven: Callable[..., Steps[Outcome]],
) -> Steps[SettleResult]:
    clock = clock or SystemClock()
    began = clock.monotonic()
    factors = np.broadcast_to(np.asarray(scale, dtype=np.float64), (3,)).copy()
    _check(mesh, factors)
    body = mesh.scaled(factors)
    small = yield from offload(lambda: stand_in(body), "stand-in")
    com, method = yield from offload(lambda: centre_of_mass(body, small), "centre of mass")
    turn = np.asarray(rotation, dtype=np.float64)
    if isinstance(support, FlatSupport):
        outcome = yield from on_flat(body, com, turn, settings)
    else:
        outcome = yield from on_uneven(mesh, small, factors, com, turn, support, settings, parts or PartsCache())
    return to_result(outcome, com, method, factors, body.size, support, settings, clock.monotonic() - began)


def _check(mesh: MeshData, scale: NDArray[np.float64]) -> None:
    if len(mesh.faces) == 0:
        raise UserError("The mesh has no faces, so it cannot be settled.", "Check the object's mesh.")
    if not np.isfinite(mesh.vertices).all():
        raise UserError("The mesh has vertices that are not numbers.", "Check the object's mesh.")
    if not (np.isfinite(scale).all() and (scale > 0).all()):
        raise UserError(f"obj_scale must be positive, got {scale.tolist()}.")
