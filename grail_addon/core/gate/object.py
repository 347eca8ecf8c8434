# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurements of the object in the picture: visible share and who hides it, size, distance to the edge."""

from __future__ import annotations

import numpy as np

from .facts import FrameFacts
from .project import Seen, edge_distance, look, name_of
from .types import Measurement

_DEPTH_SLACK = 0.01  # metres that depth and geometry may differ: a pixel's slope on a grazing surface


def object_box(facts: FrameFacts) -> tuple[int, int, int, int] | None:
    """u0, v0, u1, v1 of the amodal mask (the last pixel's far edge), None where the object covers no pixel."""
    return _box(facts.object_amodal)


def _box(mask: np.ndarray) -> tuple[int, int, int, int] | None:  # type: ignore[type-arg]
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def measure_object(facts: FrameFacts) -> list[Measurement]:
    """All numbers of the object. Shares are counted in pixels of the masks at full size, so thin things count."""
    amodal, visible = facts.object_amodal, facts.object_visible & facts.object_amodal
    whole, left = int(amodal.sum()), int(visible.sum())
    seen = look(facts.object_points, facts)
    found: list[Measurement] = []
    if whole:
        hider = name_of(facts.id_map[amodal & ~visible].ravel(), facts, facts.object_ids)
        found.append(Measurement("object_visible_share", left / whole, "ratio", hider))
    else:
        where = "outside the frame" if not seen.inside.any() else "too thin or too small to cover a pixel"
        found.append(Measurement("object_visible_share", 0.0, "ratio", where))
    box = _box(visible)
    sides = (box[2] - box[0], box[3] - box[1]) if box else (0, 0)
    found += [
        Measurement("object_area", float(left), "px2"),
        Measurement("object_long_side", float(max(sides)), "px"),
        Measurement("object_short_side", float(min(sides)), "px"),
        Measurement("object_edge", edge_distance(seen, facts.size), "px"),
        Measurement("object_distance", float(np.median(seen.depth)), "m"),
    ]
    if left:
        found.append(Measurement("depth_object_share", _depth_agreement(facts, seen), "ratio"))
    return found


def _depth_agreement(facts: FrameFacts, seen: Seen) -> float:
    """Share of the visible pixels whose depth lies between the object's nearest and farthest point."""
    depths = facts.depth[facts.object_visible & facts.object_amodal]
    near, far = float(seen.depth.min()) - _DEPTH_SLACK, float(seen.depth.max()) + _DEPTH_SLACK
    return float(((depths >= near) & (depths <= far)).mean())
