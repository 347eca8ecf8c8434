# SPDX-License-Identifier: GPL-3.0-or-later
"""All measurements of one frame: of the object, of the picture, and those of the modules beside; nothing here judges."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Mask
from ..camera import Camera
from ..config.gate_check import OUTSIDE, TOO_CLEAR, TOO_SMALL
from .character import joint_overlay, measure_character
from .facts import GeometryFacts, PictureFacts
from .project import ProjectedPoints, edge_distance, name_of, pixels, project_points
from .stage import (
    measure_camera,
    measure_contacts,
    measure_depth,
    measure_settle,
    measure_sidecars,
    measure_task,
    measure_textures,
)
from .types import Measurement

_DEPTH_SLACK = 0.01  # metres that depth and geometry may differ: a pixel's slope on a grazing surface
_FEWEST_TELLING = 40  # pixels
_WHITE, _BLACK = 253, 2  # levels from which a pixel counts as burnt out or black
# Rec. 709 weights in 256ths, so that brightness stays in integers
_WEIGHTS = (54, 183, 19)


def measure(geometry: GeometryFacts, picture: PictureFacts) -> tuple[Measurement, ...]:
    """Every number of the frame, in the order in which the report shows them."""
    return (
        *measure_object(geometry),
        *measure_transparency(geometry),
        *measure_character(geometry),
        *measure_task(geometry),
        *measure_contacts(geometry),
        *measure_settle(geometry),
        *measure_camera(geometry),
        *measure_depth(geometry),
        *measure_textures(geometry),
        *measure_looks(geometry, picture.frame),
        *measure_picture(picture.frame),
        *measure_sidecars(picture),
    )


def measure_framing(facts: GeometryFacts) -> tuple[Measurement, ...]:
    """What another camera would change."""
    return (*measure_object(facts), *measure_character(facts), *measure_task(facts), *measure_camera(facts))


def object_box(facts: GeometryFacts) -> tuple[int, int, int, int] | None:
    """u0, v0, u1, v1 of the amodal mask (the last pixel's far edge), None where the object covers no pixel."""
    return _box(facts.object_amodal)


def _box(mask: Mask) -> tuple[int, int, int, int] | None:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def measure_object(facts: GeometryFacts) -> list[Measurement]:
    """All numbers of the object. Shares are counted in pixels of the masks at full size, so thin things count."""
    amodal, visible = facts.object_amodal, facts.object_visible & facts.object_amodal
    whole, left = int(amodal.sum()), int(visible.sum())
    seen = project_points(facts.object_points, facts)
    found: list[Measurement] = []
    if whole:
        hider = name_of(facts.id_map[amodal & ~visible].ravel(), facts, facts.object_ids)
        found.append(Measurement.of("object_visible_share", left / whole, hider))
    else:
        where = OUTSIDE if not seen.inside.any() else TOO_CLEAR if facts.transparent else TOO_SMALL
        found.append(Measurement.of("object_visible_share", 0.0, where))
    box = _box(visible)
    sides = (box[2] - box[0], box[3] - box[1]) if box else (0, 0)
    found += [
        Measurement.of("object_area", float(left)),
        Measurement.of("object_long_side", float(max(sides))),
        Measurement.of("object_short_side", float(min(sides))),
        Measurement.of("object_edge", edge_distance(seen, facts.size)),
        Measurement.of("object_distance", float(np.median(seen.depth))),
    ]
    if left:
        found.append(Measurement.of("depth_object_share", _depth_agreement(facts, seen)))
    return found


def measure_transparency(facts: GeometryFacts) -> list[Measurement]:
    """How much of the object lets the background through; nothing where nobody looked."""
    return [] if facts.transparent is None else [Measurement.of("object_transparent", facts.transparent)]


def _depth_agreement(facts: GeometryFacts, seen: ProjectedPoints) -> float:
    """Share of the visible pixels whose depth lies between the object's nearest and farthest point."""
    depths = facts.depth[facts.object_visible & facts.object_amodal]
    near, far = float(seen.depth.min()) - _DEPTH_SLACK, float(seen.depth.max()) + _DEPTH_SLACK
    return float(((depths >= near) & (depths <= far)).mean())


def brightness(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W) uint8 display-referred brightness of an (H, W, 3) uint8 picture, Rec. 709 weights."""
    total = np.zeros(frame.shape[:2], dtype=np.uint16)
    for channel, weight in enumerate(_WEIGHTS):
        total += frame[:, :, channel].astype(np.uint16) * np.uint16(weight)
    return (total >> 8).astype(np.uint8)


def noise_sigma(light: NDArray[np.uint8]) -> float:
    """Standard deviation of the noise in levels, from (H, W) brightness; 0 for a picture under 3 x 3.

    The mask of Immerkaer (Fast Noise Variance Estimation, CVIU 1996) cancels flat and sloped areas; the median of its
    absolute response, instead of the mean, keeps edges and texture from counting as noise.
    """
    if min(light.shape) < 3:
        return 0.0
    y = light.astype(np.int16)
    rows = y[:-2] - 2 * y[1:-1] + y[2:]
    response = np.abs(rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:])
    counts = np.bincount(response.ravel())
    middle = _median_of_counts(counts)
    return middle / 0.6745 / 6.0


def _median_of_counts(counts: NDArray[np.int64]) -> float:
    """Median of whole numbers given how often each occurs, interpolated inside its bin (so that it is not stepped)."""
    below = np.cumsum(counts)
    half = float(counts.sum()) / 2
    index = int(np.searchsorted(below, half))
    before = float(below[index - 1]) if index else 0.0
    share = (half - before) / float(counts[index])
    return max(0.0, index - 0.5 + share) if index else 0.5 * share


def measure_looks(facts: GeometryFacts, frame: NDArray[np.uint8]) -> list[Measurement]:
    """How far the hue of the object's pixels is off that of its material, where both are coloured enough to tell: a
    lamp's tint moves it by some degrees, another object's texture by any number. Nothing where too few pixels tell."""
    if facts.looks is None or not len(facts.looks.pixels):
        return []
    rows, columns = facts.looks.pixels.T
    shown = frame[rows, columns].astype(np.float64) / 255.0
    shown = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    wanted = facts.looks.colours
    tells = np.isfinite(wanted).all(axis=1) & _is_coloured(wanted, 0.5, 0.04) & _is_coloured(shown, 0.25, 0.01)
    if tells.sum() < max(_FEWEST_TELLING, 0.1 * len(tells)):
        return []
    off = (_hue(shown[tells]) - _hue(wanted[tells]) + 180.0) % 360.0 - 180.0
    return [Measurement.of("object_looks", float(np.median(np.abs(off))))]


def _is_coloured(rgb: Array, saturation: float, darkest: float) -> Mask:
    most, least = rgb.max(axis=1), rgb.min(axis=1)
    found: Mask = (most >= darkest) & (most - least >= saturation * most)
    return found


def _hue(rgb: Array) -> Array:
    """Degrees, of (N, 3) colours."""
    red, green, blue = rgb.T
    return np.asarray(np.degrees(np.arctan2(np.sqrt(3.0) * (green - blue), 2.0 * red - green - blue)))


def measure_picture(frame: NDArray[np.uint8]) -> list[Measurement]:
    """All numbers of the picture; frame: (H, W, 3) uint8."""
    light = brightness(frame)
    counts = np.bincount(light.ravel(), minlength=256)
    total = light.size
    below = np.cumsum(counts) / total
    dark, bright = (int(np.searchsorted(below, share)) for share in (0.01, 0.99))
    return [
        Measurement.of("exposure", float(counts @ np.arange(256)) / total),
        Measurement.of("contrast", float(bright - dark)),
        Measurement.of("brightness_p01", float(dark)),
        Measurement.of("brightness_p50", float(np.searchsorted(below, 0.5))),
        Measurement.of("brightness_p99", float(bright)),
        Measurement.of("clipped_high_share", float(counts[_WHITE:].sum()) / total),
        Measurement.of("clipped_low_share", float(counts[: _BLACK + 1].sum()) / total),
        Measurement.of("noise", noise_sigma(light)),
    ]


def overlay(facts: GeometryFacts) -> dict[str, Any]:
    """What the report draws over the frame; JSON, see docs/file-formats.md."""
    box = object_box(facts)
    target, _ = pixels(facts.camera.target[None], facts.camera.camera)
    return {
        "joints": joint_overlay(facts),
        "object_box_px": list(box) if box else None,
        "target_px": None if np.isnan(target).any() else [round(float(c), 1) for c in target[0]],
        "horizon_px": _horizon(facts.camera.camera),
    }


def _horizon(camera: Camera) -> list[list[float]] | None:
    """[u, v] where the horizon meets the left and right edge of the picture; None when looking straight up or down.

    The horizon is the image of all level directions, and along a column of pixels a ray's height changes evenly.
    """
    ends: list[list[float]] = []
    for u in (0.0, float(camera.width)):
        rays = camera.unproject(np.array([[u, 0.0], [u, camera.focal]]), np.ones(2)) - camera.position
        top, lower = rays[:, 2]
        if abs(top - lower) < 1e-3:
            return None
        ends.append([u, round(float(camera.focal * top / (top - lower)), 1)])
    return ends
