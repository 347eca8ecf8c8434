# SPDX-License-Identifier: GPL-3.0-or-later
"""Mug, teapot, water bottle and tin, life-size: metres, z up, z = 0 below."""

from __future__ import annotations

import numpy as np

from .boxes import extrude
from .canvas import Canvas, rgb
from .finishes import rubber, steel
from .shapes import Painter, Part, curve, fillet, lathe, sweep


def _glaze(code: str, seed: str) -> Painter:
    def paint(c: Canvas) -> None:
        c.fill(rgb(code), 0.16)
        c.grain(0.05, 0.03, seed, 0.04)
        c.grain(0.05, 0.0016, seed + "speck")

    return paint


def mug() -> list[Part]:
    """A coffee mug with a thick handle and a printed band."""
    profile = fillet(
        [(0, 0.002), (0.030, 0.002), (0.032, 0), (0.036, 0), (0.041, 0.010), (0.041, 0.096), (0.0365, 0.096), (0.0365, 0.010), (0, 0.006)],
        [0, 0.001, 0.001, 0.002, 0.010, 0.0022, 0.0022, 0.008, 0],
    )  # fmt: skip
    body = lathe(profile, 64)
    outside = 0.041 + 0.098  # arc length up to the rim, roughly

    def paint(c: Canvas) -> None:
        _glaze("e9e2d2", "mug")(c)
        w, h = c.size
        c.band(0.066, 0.118, rgb("d8563a"), 0.18)
        c.band(0.0625, 0.0645, rgb("263c4f"), 0.18)
        c.band(0.1195, 0.1215, rgb("263c4f"), 0.18)
        for i in range(12):  # a row of leaves
            u = (i + 0.5) / 12 * w
            c.line([(u, 0.072), (u, 0.112)], 0.0014, rgb("f3ead8"), 0.18)
            for k in range(3):
                v = 0.080 + 0.010 * k
                c.line([(u, v), (u + 0.0058, v + 0.006)], 0.0034, rgb("f3ead8"), 0.18)
                c.line([(u, v), (u - 0.0058, v + 0.006)], 0.0034, rgb("f3ead8"), 0.18)
        c.band(outside + 0.006, h, rgb("263c4f"), 0.16)  # the inside

    path = curve(
        [
            (0.0402, 0, 0.080),
            (0.056, 0, 0.082),
            (0.071, 0, 0.066),
            (0.070, 0, 0.044),
            (0.056, 0, 0.027),
            (0.0402, 0, 0.025),
        ],
        6,
    )
    handle = sweep(path, 0.0068, 18, 0.72, up=(0, 1, 0))
    return [body.painted(paint), handle.painted(_glaze("e9e2d2", "mug handle"))]


def teapot() -> list[Part]:
    """A round stoneware teapot: body, spout, handle, lid with knob."""
    body = fillet(
        [(0, 0), (0.045, 0), (0.050, 0.006), (0.078, 0.035), (0.082, 0.062), (0.070, 0.098), (0.044, 0.116), (0.040, 0.119), (0, 0.119)],
        [0, 0.003, 0.006, 0.02, 0.022, 0.022, 0.006, 0.002, 0], 5,
    )  # fmt: skip
    lid = fillet(
        [(0, 0.112), (0.041, 0.112), (0.043, 0.1205), (0.030, 0.131), (0.009, 0.135), (0.0075, 0.140), (0.0140, 0.147), (0.0135, 0.155), (0.006, 0.1585), (0, 0.1585)],
        [0, 0.002, 0.003, 0.012, 0.003, 0.003, 0.005, 0.004, 0.003, 0], 4,
    )  # fmt: skip
    spout_path = curve(
        [(0.060, 0, 0.038), (0.086, 0, 0.050), (0.104, 0, 0.074), (0.112, 0, 0.098), (0.124, 0, 0.115)], 6
    )
    spout_radius = np.interp(np.linspace(0, 1, len(spout_path)), [0, 0.3, 0.75, 1], [0.023, 0.017, 0.0105, 0.0098])
    handle_path = curve(
        [
            (-0.070, 0, 0.090),
            (-0.092, 0, 0.106),
            (-0.118, 0, 0.096),
            (-0.126, 0, 0.068),
            (-0.112, 0, 0.044),
            (-0.076, 0, 0.036),
        ],
        6,
    )

    def paint(c: Canvas) -> None:
        _glaze("3f7d78", "teapot")(c)
        u, v = np.meshgrid(c.u, c.v)
        drip = (
            0.120 + 0.010 * np.sin(u * 95) + 0.006 * np.sin(u * 41 + 1)
        )  # a lighter glaze runs down from the shoulder
        cover = np.clip((v - drip) * 600, 0, 1)[..., None]
        c.color += cover * (np.array(rgb("d9cfae")) * (1 - 0.06 * np.sin(v * 900))[..., None] - c.color)
        c.band(0.0, 0.052, rgb("8a5f43"), 0.7)  # the bare clay foot

    def dark_end(c: Canvas) -> None:
        _glaze("3f7d78", "teapot spout")(c)
        c.band(c.size[1] - 0.009, c.size[1], rgb("17201f"), 0.6)

    return [
        lathe(body, 72).painted(paint),
        lathe(lid, 56).painted(_glaze("d9cfae", "teapot lid")),
        sweep(spout_path, spout_radius, 24, up=(0, 1, 0)).painted(dark_end),
        sweep(handle_path, 0.0078, 18, 0.8, up=(0, 1, 0)).painted(_glaze("3f7d78", "teapot handle")),
    ]


def water_bottle() -> list[Part]:
    """A steel sports bottle: lacquered body, steel ring, screw cap with a carrying loop."""
    body = fillet(
        [(0, 0), (0.033, 0), (0.0355, 0.004), (0.0355, 0.170), (0.024, 0.200), (0.0225, 0.206), (0, 0.206)],
        [0, 0.002, 0.003, 0.02, 0.008, 0.002, 0], 6,
    )  # fmt: skip
    ring = fillet([(0, 0.203), (0.0245, 0.203), (0.0245, 0.209), (0, 0.209)], 0.0012, 3)
    cap = fillet([(0, 0.208), (0.0262, 0.208), (0.0262, 0.232), (0.022, 0.238), (0, 0.238)], 0.002, 4)
    loop = sweep(
        curve([(0, -0.021, 0.231), (0, -0.020, 0.250), (0, 0, 0.258), (0, 0.020, 0.250), (0, 0.021, 0.231)], 6),
        0.0062,
        16,
        0.6,
        up=(1, 0, 0),
    )

    def paint(c: Canvas) -> None:
        w = c.size[0]
        c.fill(rgb("e3692c"), 0.33)
        c.grain(0.10, 0.0011, "bottle powder", 0.06)
        c.band(0.0, 0.0400, rgb("b9bcc0"), 0.28, 1.0)
        base = 0.036
        c.band(base + 0.012, base + 0.015, rgb("f6efe2"), 0.35)
        for centre in (0.0, 0.5 * w, w):
            u = centre
            c.line(
                [
                    (u - 0.020, base + 0.075),
                    (u - 0.006, base + 0.098),
                    (u + 0.001, base + 0.088),
                    (u + 0.008, base + 0.102),
                    (u + 0.022, base + 0.075),
                ],
                0.0030,
                rgb("f6efe2"),
                0.35,
            )
            c.disc(u + 0.013, base + 0.112, 0.0048, rgb("f6efe2"), 0.35)
            c.text("SUMMIT", u, base + 0.058, 0.0095, rgb("f6efe2"), 0, 0.16)
            c.text("750 ML", u, base + 0.044, 0.0050, rgb("f6efe2"), 0, 0.15)

    def ribs(c: Canvas) -> None:
        rubber("222528", "bottle cap")(c)
        w = c.size[0]
        for i in range(44):
            c.rect((i + 0.2) / 44 * w, 0.031, (i + 0.7) / 44 * w, 0.047, rgb("0e0f10"), 0.85)

    return [
        lathe(body, 64).painted(paint),
        lathe(ring, 48).painted(steel("c4c6c9", 0.25, "bottle ring")),
        lathe(cap, 56).painted(ribs),
        loop.painted(rubber("222528", "bottle loop")),
    ]


def canned_food() -> list[Part]:
    """A tin of tomatoes: paper label, beaded rims, ring pull."""
    r, rim = 0.0370, 0.0385
    profile = [(0, 0.003), (r - 0.004, 0.003), (r - 0.0015, 0.0), (rim, 0.0), (rim, 0.0035), (r, 0.006)]
    for z in (0.012, 0.096):  # the beads outside the label
        profile += [(r, z - 0.002), (r - 0.0008, z), (r, z + 0.002)]
    profile += [(r, 0.103), (rim, 0.1055), (rim, 0.109), (r - 0.0015, 0.109), (r - 0.004, 0.1055), (0, 0.1055)]
    body = lathe(fillet(profile, 0.0009, 3), 72)
    ring = [(-0.006, -0.0035), (0.006, -0.0095), (0.021, -0.0095), (0.021, 0.0095), (0.006, 0.0095), (-0.006, 0.0035)]
    tab = extrude(ring, 0.0016, 0.0006, [0.003, 0.006, 0.0085, 0.0085, 0.006, 0.003]).turned("y", -2.5).moved(z=0.1066)
    rivet = lathe(fillet([(0, 0.105), (0.0034, 0.105), (0.0030, 0.1088), (0, 0.1090)], 0.0008, 3), 20)

    def paint(c: Canvas) -> None:
        steel("c3c5c8", 0.28, "tin")(c)
        w, _ = c.size
        low, high = 0.060, 0.129
        cream, red = rgb("f2e7cf"), rgb("b5271f")
        c.band(low, high, red, 0.45, 0.0)
        c.band(low + 0.003, low + 0.0045, rgb("e0b84a"), 0.4, 0.0)
        c.band(high - 0.0045, high - 0.003, rgb("e0b84a"), 0.4, 0.0)
        for u in (0.0, w / 2, w):
            c.disc(u, low + 0.029, 0.0235, cream, 0.45)
            c.disc(u, low + 0.026, 0.0150, rgb("d8402c"), 0.4)
            c.disc(u - 0.005, low + 0.031, 0.0030, rgb("f08a70"), 0.4)
            for turn in range(5):
                a = np.radians(90 + (turn - 2) * 34)
                c.line(
                    [(u, low + 0.0385), (u + 0.010 * np.cos(a), low + 0.0375 + 0.006 * np.sin(a))],
                    0.0026,
                    rgb("4a7a35"),
                    0.5,
                )
            c.text("TOMATOES", u, low + 0.0592, 0.0078, cream, 0, 0.18)
        for u in (w / 4, 3 * w / 4):
            for k in range(7):
                c.rect(
                    u - 0.017,
                    low + 0.012 + 0.0055 * k,
                    u + (0.017 if k % 3 else 0.008),
                    low + 0.0138 + 0.0055 * k,
                    cream,
                    0.45,
                )
            c.text("NET 400G", u, low + 0.0560, 0.0052, cream, 0, 0.17)

    def pulled(c: Canvas) -> None:
        steel("d0d2d4", 0.25, "tab")(c)
        for u in (0.0190, 0.0350):  # the finger hole, on both faces
            c.disc(u, c.size[1] - 0.0095, 0.0058, rgb("6d6f72"), 0.45)

    return [body.painted(paint), tab.painted(pulled), rivet.painted(steel("b9bbbe", 0.3, "rivet"))]
