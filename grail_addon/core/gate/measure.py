# SPDX-License-Identifier: GPL-3.0-or-later
"""All measurements of one rendered variant, from its passes and its geometry; nothing here judges."""

from __future__ import annotations

from typing import Any

import numpy as np

from .character import joint_overlay, measure_character
from .facts import CameraFacts, FrameFacts
from .object import measure_object, object_box
from .picture import measure_picture
from .project import project
from .stage import (
    measure_camera,
    measure_contacts,
    measure_depth,
    measure_settle,
    measure_sidecars,
    measure_task,
)
from .types import Measurement


def measure(facts: FrameFacts) -> tuple[Measurement, ...]:
    """Every number of the frame, in the order in which the report shows them."""
    return (
        *measure_object(facts),
        *measure_character(facts),
        *measure_task(facts),
        *measure_contacts(facts),
        *measure_settle(facts),
        *measure_camera(facts),
        *measure_depth(facts),
        *measure_picture(facts.frame),
        *measure_sidecars(facts),
    )


def measure_framing(facts: FrameFacts) -> tuple[Measurement, ...]:
    """What can be measured before there is a picture."""
    return (*measure_object(facts), *measure_character(facts), *measure_task(facts), *measure_camera(facts))


def overlay(facts: FrameFacts) -> dict[str, Any]:
    """What the report draws over the frame; JSON, see docs/file-formats.md."""
    box = object_box(facts)
    target, _ = project(facts.camera.target[None], facts.camera)
    return {
        "joints": joint_overlay(facts),
        "object_box_px": list(box) if box else None,
        "target_px": None if np.isnan(target).any() else [round(float(c), 1) for c in target[0]],
        "horizon_px": _horizon(facts.camera, facts.size),
    }


def _horizon(camera: CameraFacts, size: tuple[int, int]) -> list[list[float]] | None:
    """Where the horizon meets the left and right edge of the picture; None when looking straight up or down.

    The horizon is the image of all level directions: K-normalised coordinates (x, y) with x right_z + y up_z = back_z.
    """
    right_z, up_z, back_z = camera.cam_to_world[2, :3]
    if abs(up_z) < 1e-3:
        return None
    k = camera.K
    ends: list[list[float]] = []
    for u in (0.0, float(size[0])):
        x = (u - k[0, 2]) / k[0, 0]
        y = (back_z - x * right_z) / up_z
        ends.append([u, round(float(k[1, 2] - k[1, 1] * y), 1)])
    return ends
