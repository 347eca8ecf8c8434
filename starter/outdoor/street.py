# SPDX-License-Identifier: GPL-3.0-or-later
"""House fronts and what stands along a street, fronts in a wall's own frame (see `room.walls`)."""

from __future__ import annotations

from collections.abc import Sequence

from ..objects.shapes import Part, curve, fillet, lathe, sweep
from ..room.walls import Opening, door, slab, wall


def glazed(hole: Opening, frame: str, columns: int = 2, rows: int = 2, sill: str = "granite") -> list[Part]:
    """A window of a house front: dark panes set back, frame, bars, stone sill."""
    y0, y1, bar = 0.07, 0.12, 0.05
    parts = [
        slab(hole.x0 + 0.02, hole.x1 - 0.02, y0 + 0.02, y1, hole.z0 + 0.02, hole.z1 - 0.02, 0.001).of("glass_dark")
    ]
    bars = [
        slab(hole.x0, hole.x0 + bar, y0, y1, hole.z0, hole.z1),
        slab(hole.x1 - bar, hole.x1, y0, y1, hole.z0, hole.z1),
        slab(hole.x0, hole.x1, y0, y1, hole.z0, hole.z0 + bar),
        slab(hole.x0, hole.x1, y0, y1, hole.z1 - bar, hole.z1),
    ]
    for n in range(1, columns):
        x = hole.x0 + (hole.x1 - hole.x0) * n / columns
        bars.append(slab(x - 0.018, x + 0.018, y0 + 0.005, y1, hole.z0, hole.z1))
    for n in range(1, rows):
        z = hole.z0 + (hole.z1 - hole.z0) * n / rows
        bars.append(slab(hole.x0, hole.x1, y0 + 0.008, y1, z - 0.015, z + 0.015))
    ledge = slab(hole.x0 - 0.08, hole.x1 + 0.08, -0.06, 0.08, hole.z0 - 0.07, hole.z0 + 0.006, 0.006)
    return [*parts, *[b.of(frame) for b in bars], ledge.of(sill)]


def front(
    x0: float, x1: float, height: float, material: str, windows: Sequence[Opening], doors: Sequence[Opening] = (),
    frame: str = "paint_white", leaf: str = "door_green", base: str = "granite",
) -> list[Part]:  # fmt: skip
    """A house front with windows, doors, a stone base and a band under the upper floor."""
    parts = wall(x0, x1, height, material, [*windows, *doors])
    for window in windows:
        parts += glazed(window, frame)
    for hole in doors:
        parts += door(hole, leaf, "brass")
    at = x0
    for hole in sorted(doors, key=lambda d: d.x0):
        parts.append(slab(at, hole.x0 - 0.07, -0.04, 0.02, 0.0, 0.42, 0.006).of(base))
        at = hole.x1 + 0.07
    parts.append(slab(at, x1, -0.04, 0.02, 0.0, 0.42, 0.006).of(base))
    parts.append(slab(x0, x1, -0.06, 0.02, 2.75, 2.92, 0.01).of(base))
    return parts


def lamp_post(x: float, y: float) -> list[Part]:
    """A street lamp, 3.4 m."""
    pole = fillet(
        [(0, 0), (0.11, 0), (0.11, 0.05), (0.07, 0.10), (0.055, 0.9), (0.035, 1.0), (0.03, 3.1), (0, 3.1)], 0.02, 3
    )
    head = fillet([(0, 3.05), (0.06, 3.05), (0.15, 3.32), (0.17, 3.34), (0.05, 3.44), (0, 3.44)], 0.01, 3)
    return [lathe(pole, 24).moved(x, y).of("iron"), lathe(head, 24).moved(x, y).of("paint_white")]


def bollard(x: float, y: float) -> list[Part]:
    """A round iron bollard."""
    body = fillet(
        [(0, 0), (0.075, 0), (0.075, 0.05), (0.055, 0.08), (0.05, 0.72), (0.062, 0.76), (0.05, 0.84), (0, 0.88)],
        0.015,
        4,
    )
    return [lathe(body, 28).moved(x, y).of("iron")]


def park_bench(x: float, y: float, turn_degrees: float = 0.0) -> list[Part]:
    """A slatted bench, front at -y before it is turned."""
    parts = []
    for s in (-0.62, 0.62):
        leg = sweep(curve([(s, -0.20, 0.0), (s, -0.18, 0.40), (s, 0.16, 0.40), (s, 0.30, 0.82)], 6), 0.024, 12)
        back = sweep(curve([(s, 0.20, 0.0), (s, 0.15, 0.22), (s, 0.16, 0.40)], 6), 0.024, 12)
        parts += [leg.of("iron"), back.of("iron")]
    parts += [slab(-0.75, 0.75, -0.20 + n * 0.09, -0.12 + n * 0.09, 0.415, 0.445, 0.008).of("walnut") for n in range(4)]
    for n in range(3):
        parts.append(
            slab(-0.75, 0.75, -0.015, 0.015, -0.04, 0.04, 0.008)
            .turned("x", -18)
            .moved(y=0.19 + 0.035 * n, z=0.52 + 0.11 * n)
            .of("walnut")
        )
    return [p.turned("z", turn_degrees).moved(x, y) for p in parts]


def bin_(x: float, y: float) -> list[Part]:
    """A litter bin."""
    body = fillet(
        [(0, 0.06), (0.17, 0.06), (0.19, 0.72), (0.205, 0.74), (0.205, 0.79), (0.15, 0.79), (0.14, 0.70), (0, 0.70)],
        0.012,
        3,
    )
    foot = fillet([(0, 0), (0.14, 0), (0.14, 0.03), (0.03, 0.04), (0.03, 0.08), (0, 0.08)], 0.006, 3)
    return [lathe(body, 32).moved(x, y).of("door_green"), lathe(foot, 24).moved(x, y).of("iron")]
