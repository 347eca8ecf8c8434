# SPDX-License-Identifier: GPL-3.0-or-later
"""Short hair as thin ribbons over a dark cap, and eyebrows made the same way. Everything rides on bone `head`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grail_addon.core.streams import stream

from .cloth import ramp
from .macros import Figure
from .people import HairStyle
from .surface import Sheet, face_normals, join, make_sheet, unit, vertex_normals

HAIR, CAP, BROW = 0, 1, 2
STRANDS, CLUMPS, POINTS = 3600, 420, 8
# hairline: height below which no hair grows, over y (front to back)
_HAIRLINE_Y = (-0.150, -0.125, -0.095, -0.060, -0.020, 0.020, 0.060)
_HAIRLINE_Z = (0.816, 0.809, 0.764, 0.726, 0.696, 0.680, 0.668)


@dataclass(frozen=True)
class Head:
    """Surface the hair lies on: points (P,3), outward normals (P,3) of the head's base vertices."""

    points: np.ndarray
    normals: np.ndarray

    def nearest(self, places: np.ndarray) -> np.ndarray:
        """(N,) index of the head vertex nearest to each place (N,3)."""
        out = np.empty(len(places), np.int64)
        square = (self.points**2).sum(axis=1)
        for start in range(0, len(places), 2000):
            chunk = places[start : start + 2000]
            out[start : start + 2000] = (square - 2 * chunk @ self.points.T).argmin(axis=1)
        return out

    def lifted(self, places: np.ndarray, least: np.ndarray) -> np.ndarray:
        """Push places (N,3) out to at least `least` (N,) metres above the head."""
        near = self.nearest(places)
        height = ((places - self.points[near]) * self.normals[near]).sum(axis=1)
        return places + np.maximum(least - height, 0.0)[:, None] * self.normals[near]


def above_hairline(points: np.ndarray, receding: float = 0.0) -> np.ndarray:
    """(N,) metres above the hairline; the temples' corners are rounded by a slight wave in x."""
    line = np.interp(points[:, 1], _HAIRLINE_Y, _HAIRLINE_Z) + receding * ramp(points[:, 1], -0.06, -0.12)
    return points[:, 2] - line


def _scalp(figure: Figure, ears: np.ndarray, receding: float) -> Sheet:
    faces = figure.base.faces["body"]
    grows = (above_hairline(figure.vertices, receding) > 0) & ~ears & (figure.vertices[:, 2] > 0.6)
    return make_sheet(figure.vertices, faces[grows[faces].all(axis=1)], figure.weights)


def _roots(scalp: Sheet, count: int, rng: np.random.Generator) -> np.ndarray:
    """Random points (count,3), evenly spread over the scalp's area."""
    area = np.linalg.norm(face_normals(scalp), axis=1)
    face = rng.choice(len(area), size=count, p=area / area.sum())
    u, v = rng.random((2, count, 1))
    a, b, c, d = (scalp.vertices[scalp.faces[face, k]] for k in range(4))
    return (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * d + u * c)


def _flow(points: np.ndarray, normals: np.ndarray, crown: np.ndarray, style: HairStyle) -> np.ndarray:
    """Unit combing direction in the surface: away from the crown, swept to one side over the forehead."""
    away = unit(points - crown)
    # a whorl: next to the crown the hair turns sideways instead of standing up like a star
    whorl = ramp(np.linalg.norm(points - crown, axis=1), 0.06, 0.0)[:, None]
    away = away + 1.5 * whorl * np.cross(normals, away)
    front = ramp(points[:, 1], -0.03, -0.11)[:, None]
    comb = np.array([style.sweep, -0.15 * np.sign(0.5 - style.back), 0.1])
    wish = away + front * comb + np.array([0.0, 2.0 * style.back, -style.fall])
    return unit(wish - (wish * normals).sum(axis=1, keepdims=True) * normals)


def _lengths(roots: np.ndarray, style: HairStyle) -> np.ndarray:
    top = ramp(roots[:, 2], 0.74, 0.83)
    front = ramp(roots[:, 1], -0.05, -0.12)
    fringe = 1 - 0.34 * ramp(roots[:, 1], -0.07, -0.12)
    grown = style.length + front * (min(style.length, 1.0) - style.length)  # long hair leaves the face free
    return (0.020 + 0.040 * top) * fringe * grown


def _grow(
    head: Head, roots: np.ndarray, length: np.ndarray, lift: np.ndarray, crown: np.ndarray, style: HairStyle
) -> np.ndarray:
    """Guides (G, POINTS, 3) that leave the scalp, then lie down along the combing direction."""
    path = [roots]
    for step in range(1, POINTS):
        near = head.nearest(path[-1])
        normal = head.normals[near]
        part = step / (POINTS - 1)
        rise = (lift * (1.0 - part))[:, None]
        direction = unit(_flow(path[-1], normal, crown, style) + rise * normal)
        place = path[-1] + direction * (length / (POINTS - 1))[:, None]
        path.append(head.lifted(place, 0.002 + 0.007 * lift * np.sin(np.pi * part)))
    return np.stack(path, axis=1)


def _ribbons(paths: np.ndarray, across: np.ndarray, wide: float, thin: float) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and quads of flat ribbons along paths (S,K,3), half to each side of it along `across` (S,K,3)."""
    strands, points = paths.shape[:2]
    taper = wide + (thin - wide) * np.linspace(0, 1, points) ** 1.5
    half = 0.5 * taper[None, :, None] * across
    vertices = np.stack([paths - half, paths + half], axis=2).reshape(-1, 3)
    index = np.arange(strands * points * 2).reshape(strands, points, 2)
    a, b, c, d = index[:, :-1, 0], index[:, :-1, 1], index[:, 1:, 1], index[:, 1:, 0]
    return vertices, np.stack([a, b, c, d], axis=-1).reshape(-1, 4)


def _strand_paths(head: Head, scalp: Sheet, rng: np.random.Generator, style: HairStyle) -> np.ndarray:
    crown = scalp.vertices[scalp.vertices[:, 2].argmax()] + [0.012, 0.045, -0.004]
    guide_roots = _roots(scalp, CLUMPS, rng)
    lift = rng.uniform(0.3, 1.0, CLUMPS) * (0.12 + 0.68 * ramp(guide_roots[:, 2], 0.76, 0.83))
    lift *= 0.2 + 0.8 * ramp(np.linalg.norm(guide_roots - crown, axis=1), 0.015, 0.05)
    lengths = _lengths(guide_roots, style) * rng.uniform(0.85, 1.15, CLUMPS)
    guides = _grow(head, guide_roots, lengths, lift, crown, style)

    roots = _roots(scalp, STRANDS, rng)
    clump = Head(guide_roots, guide_roots).nearest(roots)
    shape = guides[clump] - guide_roots[clump][:, None]
    shape = shape * rng.uniform(0.85, 1.1, (STRANDS, 1, 1))
    gather = 0.55 * np.linspace(0, 1, POINTS)[None, :, None] ** 1.3
    stray = rng.normal(scale=0.0022, size=(STRANDS, 1, 3)) * np.linspace(0, 1, POINTS)[None, :, None]
    paths = roots[:, None] + shape + gather * (guide_roots[clump] - roots)[:, None] + stray
    least = 0.0015 + 0.0035 * np.sin(np.pi * np.linspace(0.06, 0.94, POINTS))
    flat = head.lifted(paths.reshape(-1, 3), np.tile(least, STRANDS))
    return flat.reshape(paths.shape)


def _on_head(figure: Figure, vertices: np.ndarray, faces: np.ndarray, slot: int) -> Sheet:
    weights = np.zeros((len(vertices), len(figure.bones)))
    weights[:, figure.bone_index("head")] = 1.0
    return Sheet(vertices, faces, weights, np.full(len(faces), slot))


def _brow(figure: Figure, head: Head, side: str, rng: np.random.Generator) -> Sheet:
    """130 short ribbons over one eye, combed outward."""
    count, points = 130, 4
    sign = 1.0 if side == "l" else -1.0
    eye = figure.joint(f"{side}-eye")
    place = rng.random(count)
    arch = 0.0195 + 0.0050 * np.sin(np.pi * (0.1 + 0.8 * place))
    thick = 0.0027 * (1 - 0.55 * place) * rng.uniform(-1, 1, count)
    x = eye[0] + sign * (-0.017 + 0.036 * place)
    z = eye[2] + arch + thick
    roots = np.column_stack([x, np.full(count, eye[1] - 0.05), z])
    out = np.column_stack(
        [np.full(count, sign), np.zeros(count), 0.75 - 1.1 * place + rng.normal(scale=0.12, size=count)]
    )
    paths = roots[:, None] + unit(out)[:, None] * (0.0085 * np.linspace(0, 1, points))[None, :, None]
    flat = paths.reshape(-1, 3)
    flat[:, 1] = _face_depth(head, flat)
    normals = head.normals[head.nearest(flat)]
    flat = flat + 0.0008 * normals
    paths = flat.reshape(paths.shape)
    across = unit(np.cross(unit(np.gradient(paths, axis=1)), normals.reshape(paths.shape)))
    return _on_head(figure, *_ribbons(paths, across, 0.0011, 0.0004), BROW)


def _face_depth(head: Head, places: np.ndarray) -> np.ndarray:
    """(N,) y of the front of the face at the places' x and z: tangent planes of the nearest vertices, blended."""
    front = head.normals[:, 1] < -0.25
    points, normals = head.points[front], head.normals[front]
    across = places[:, None, [0, 2]] - points[None][:, :, [0, 2]]
    nearness = 1 / (np.linalg.norm(across, axis=2) + 0.0005) ** 5
    planes = points[:, 1] - (across * normals[None][:, :, [0, 2]]).sum(axis=2) / normals[:, 1]
    return (nearness * planes).sum(axis=1) / nearness.sum(axis=1)


def build_hair(figure: Figure, skin: Sheet, ears: np.ndarray, name: str, style: HairStyle) -> Sheet:
    """Cap, ribbons and brows. skin: head and hands; ears: (V,) mask of base vertices. Slots HAIR, CAP, BROW."""
    rng = stream(name, "hair")
    normals = vertex_normals(skin)
    on_head = skin.weights[:, figure.bone_index("head")] > 0.3
    face = Head(skin.vertices[on_head], normals[on_head])
    # only the skull and what lies just below the hairline: fewer points, and no mouth for strands to fall into
    skull = on_head & (above_hairline(skin.vertices) > -0.05)
    head = Head(skin.vertices[skull], normals[skull])
    scalp = _scalp(figure, ears, style.receding)
    cap_vertices = scalp.vertices + 0.002 * vertex_normals(scalp)
    cap = _on_head(figure, cap_vertices, scalp.faces, CAP)
    paths = _strand_paths(head, scalp, rng, style)
    outward = head.normals[head.nearest(paths.reshape(-1, 3))].reshape(paths.shape)
    across = unit(np.cross(unit(np.gradient(paths, axis=1)), outward))
    twist = rng.normal(scale=0.5, size=(STRANDS, 1, 1))
    across = unit(across + twist * outward)
    ribbons = _on_head(figure, *_ribbons(paths, across, 0.0030, 0.0006), HAIR)
    return join(cap, ribbons, _brow(figure, face, "l", rng), _brow(figure, face, "r", rng))
