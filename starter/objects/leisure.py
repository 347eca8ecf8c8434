# SPDX-License-Identifier: GPL-3.0-or-later
"""Camera, toy truck and hand weight, life-size: metres, z up, z = 0 below."""

from __future__ import annotations

import numpy as np

from .boxes import box, extrude, side_centre
from .canvas import Canvas, rgb
from .finishes import plastic, rubber, steel
from .shapes import Part, Station, fillet, lathe, loft


def camera() -> list[Part]:
    """A compact system camera, lens towards -y."""
    x, y, z = 0.128, 0.044, 0.072

    def leather(c: Canvas) -> None:
        c.fill(rgb("26221f"), 0.62)
        c.grain(0.35, 0.0022, "camera leather", 0.10)
        c.rect(-1, z - 0.0155, 1, z, rgb("b7b9bb"), 0.35, 1.0)
        c.rect(-1, 0, 1, 0.008, rgb("b7b9bb"), 0.35, 1.0)
        c.rect(0, z, x, z + y, rgb("b7b9bb"), 0.35, 1.0)
        u, v = side_centre(x, y, z, "back")
        c.rect(u - 0.040, v - 0.026, u + 0.028, v + 0.018, rgb("0b0c0e"), 0.4, radius=0.003)
        c.rect(u - 0.036, v - 0.022, u + 0.024, v + 0.014, rgb("16202b"), 0.08, radius=0.001)
        c.disc(u + 0.046, v - 0.006, 0.0105, rgb("3a3b3d"), 0.4)
        c.disc(u + 0.046, v - 0.006, 0.0045, rgb("8d9093"), 0.3, 1.0)
        u, v = side_centre(x, y, z, "front")
        c.text("LUMEN", u + 0.040, z - 0.0085, 0.0062, rgb("1a1a1a"), 0, 0.17)

    lens = fillet(
        [(0, 0), (0.0300, 0), (0.0300, 0.008), (0.0270, 0.010), (0.0270, 0.030), (0.0285, 0.031), (0.0285, 0.044), (0.0255, 0.046), (0.0240, 0.0455), (0.0195, 0.036), (0, 0.040)],
        [0, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.0006, 0.0006, 0.001, 0], 3,
    )  # fmt: skip

    def barrel(c: Canvas) -> None:
        plastic("1b1c1e", 0.42, "camera lens")(c)
        w, h = c.size
        c.band(0.030, 0.0385, rgb("b7b9bb"), 0.3, 1.0)
        for i in range(48):
            c.rect((i + 0.25) / 48 * w, 0.048, (i + 0.75) / 48 * w, 0.058, rgb("050506"), 0.8)
        for i in range(6):
            c.text(("1.8", "2.8", "4", "5.6", "8", "11")[i], (i + 0.5) / 6 * w, 0.0695, 0.0042, rgb("ecebe6"), 0, 0.17)
        c.band(h - 0.0195, h, rgb("0a1a2c"), 0.04)
        c.band(h - 0.0080, h, rgb("1d3a5c"), 0.04)

    dial = lathe(fillet([(0, 0), (0.0095, 0), (0.0095, 0.008), (0, 0.008)], 0.001, 3), 40)
    shutter = lathe(fillet([(0, 0), (0.0065, 0), (0.0060, 0.007), (0, 0.0065)], 0.001, 3), 32)
    finder = loft([Station(0, 0.020, 0.017, power=4), Station(0.013, 0.014, 0.013, power=3.5)], 40, 0, 0.003)
    shoe = box(0.019, 0.018, 0.004, 0.001, 2)
    grip = loft([Station(0, 0.0085, 0.012, power=2.4), Station(0.060, 0.0085, 0.012, power=2.4)], 32, 0.004, 0.004)
    silver = steel("b7b9bb", 0.33, "camera silver")
    return [
        box(x, y, z, 0.007, 4).moved(z=z / 2).painted(leather),
        lathe(lens, 64).turned("x", 90).moved(x=0.006, y=-y / 2 + 0.002, z=0.034).painted(barrel),
        finder.moved(x=0.006, z=z - 0.001).painted(silver),
        shoe.moved(x=0.006, y=0.004, z=z + 0.0125).painted(plastic("1b1c1e", 0.4, "shoe")),
        dial.moved(x=0.042, y=0.004, z=z - 0.001).painted(silver),
        shutter.moved(x=-0.040, y=-0.004, z=z - 0.001).painted(silver),
        lathe(fillet([(0, 0), (0.011, 0), (0.011, 0.004), (0, 0.004)], 0.001, 3), 40).moved(x=-0.040, y=-0.002, z=z - 0.001).painted(plastic("1b1c1e", 0.4, "ring")),
        grip.moved(x=-0.050, y=-y / 2 + 0.001, z=0.004).painted(rubber("201d1b", "camera grip")),
    ]  # fmt: skip


def toy_truck() -> list[Part]:
    """A wooden-look tipper truck, cab towards +x, four wheels and axles."""
    cab_side = [(0.022, 0.0), (0.090, 0.0), (0.090, 0.036), (0.070, 0.044), (0.056, 0.076), (0.022, 0.076)]
    bed_side = [
        (-0.096, 0.012),
        (0.010, 0.012),
        (0.018, 0.052),
        (0.010, 0.052),
        (0.002, 0.020),
        (-0.088, 0.020),
        (-0.100, 0.050),
        (-0.108, 0.050),
    ]

    def cab(c: Canvas) -> None:
        plastic("d9322b", 0.3, "truck cab")(c)
        rim = c.size[1] - 0.076  # the two sides lie above the rim in the chart
        for u0 in (0.042, 0.094):
            c.rect(u0 - 0.004, rim + 0.042, u0 + 0.014, rim + 0.066, rgb("bfe0ee"), 0.1, radius=0.003)
            c.line([(u0 - 0.010, rim + 0.004), (u0 - 0.010, rim + 0.068)], 0.0012, rgb("8e1d18"), 0.5)

    def tread(c: Canvas) -> None:
        rubber("1e1f21", "truck tyre")(c)
        w, h = c.size
        for i in range(26):
            c.rect((i + 0.2) / 26 * w, 0.36 * h, (i + 0.6) / 26 * w, 0.64 * h, rgb("0c0d0d"), 0.9)

    def hub(c: Canvas) -> None:
        plastic("f2c230", 0.35, "truck hub")(c)
        c.band(0.0, 0.003, rgb("b8860f"), 0.4)
        c.band(c.size[1] - 0.003, c.size[1], rgb("b8860f"), 0.4)

    parts = [
        box(0.196, 0.060, 0.018, 0.004).moved(x=-0.008, z=0.035).painted(plastic("33373c", 0.5, "truck frame")),
        extrude(cab_side, 0.076, 0.005, 0.008).turned("x", 90).moved(y=0.038, z=0.040).painted(cab),
        box(0.006, 0.060, 0.026, 0.003)
        .turned("y", -26)
        .moved(x=0.0635, z=0.100)
        .painted(plastic("bfe0ee", 0.1, "screen")),
        box(0.008, 0.080, 0.012, 0.004).moved(x=0.093, z=0.040).painted(plastic("c9ccd0", 0.3, "bumper")),
        extrude(bed_side, 0.084, 0.002, 0.002)
        .turned("x", 90)
        .moved(y=0.042, z=0.034)
        .painted(plastic("f2c230", 0.32, "truck bed")),
    ]
    wall = [(-0.104, 0.014), (0.008, 0.014), (0.016, 0.050), (-0.106, 0.050)]
    for sy in (-1, 1):
        side = extrude(wall, 0.007, 0.002, 0.003).turned("x", 90).moved(y=sy * 0.0395 + 0.0035, z=0.034)
        parts.append(side.painted(plastic("f2c230", 0.32, "truck wall")))
        lamp = lathe(fillet([(0, 0), (0.0065, 0), (0.0065, 0.004), (0, 0.006)], 0.001, 3), 24).along_x()
        parts.append(lamp.moved(x=0.0885, y=sy * 0.026, z=0.062).painted(plastic("fff4c8", 0.15, "lamp")))
    tyre = fillet([(0, -0.010), (0.025, -0.010), (0.025, 0.010), (0, 0.010)], 0.005, 4)
    cap = fillet([(0, -0.0125), (0.013, -0.0125), (0.013, 0.0125), (0, 0.0125)], 0.0025, 3)
    axle = [(0, -0.036), (0.004, -0.036), (0.004, 0.036), (0, 0.036)]
    for x in (-0.066, 0.058):
        parts.append(lathe(axle, 16).turned("x", 90).moved(x=x, z=0.025).painted(steel("a9acaf", 0.35, "axle")))
        for sy in (-1, 1):
            for shape, paint in ((tyre, tread), (cap, hub)):
                parts.append(lathe(shape, 40).turned("x", 90).moved(x=x, y=sy * 0.040, z=0.025).painted(paint))
    return parts


def hand_weight() -> list[Part]:
    """A hexagonal rubber dumbbell lying along x on two of its flats."""
    flat = 0.034  # half distance between opposite flats
    corner = flat / np.cos(np.pi / 6)
    hexagon = [(corner * np.cos(a), corner * np.sin(a)) for a in np.radians(np.arange(6) * 60.0)]
    head = extrude(hexagon, 0.052, 0.007, 0.009, 4)
    grip = loft(
        [
            Station(-0.072, 0.0125, 0.0125, power=2),
            Station(-0.050, 0.0140, 0.0140, power=2),
            Station(0.0, 0.0165, 0.0165, power=2),
            Station(0.050, 0.0140, 0.0140, power=2),
            Station(0.072, 0.0125, 0.0125, power=2),
        ],
        36,
    )

    def coated(c: Canvas) -> None:
        rubber("2c2f33", "weight")(c)
        rim = c.size[1] - 2 * corner * np.cos(np.pi / 6)
        span = 2 * corner
        for u in (span / 2, 3 * span / 2):
            v = rim + flat
            c.disc(u, v, 0.0235, rgb("3fb56b"), 0.5, inner=0.0205)
            c.text("4", u, v + 0.004, 0.017, rgb("e8e6df"), 90, 0.17)
            c.text("KG", u + 0.012, v + 0.004, 0.007, rgb("e8e6df"), 90, 0.17)

    def knurl(c: Canvas) -> None:
        steel("b4b7ba", 0.34, "weight grip")(c)
        for i in range(-40, 60):
            c.line([(i * 0.0045, 0.052), (i * 0.0045 + 0.06, 0.112)], 0.0011, rgb("5f6265"), 0.55)
            c.line([(i * 0.0045, 0.112), (i * 0.0045 + 0.06, 0.052)], 0.0011, rgb("5f6265"), 0.55)

    parts = [grip.along_x().painted(knurl)]
    for side in (-1, 1):
        part = head.moved(z=-0.026).along_x()
        parts.append(part.moved(x=side * 0.084).painted(coated))
        ring = lathe(fillet([(0, -0.006), (0.020, -0.006), (0.017, 0.006), (0, 0.006)], 0.002, 3), 36)
        parts.append(
            (ring if side < 0 else ring.turned("y", 180))
            .along_x()
            .moved(x=side * 0.056)
            .painted(steel("b4b7ba", 0.3, "ring"))
        )
    return [p.moved(z=flat) for p in parts]
