# SPDX-License-Identifier: GPL-3.0-or-later
"""Hair as thin ribbons that leave the scalp, follow the comb and fall, and eyebrows. Everything rides on bone `head`.

The scalp itself is painted on the skin (`paint.py`), so that the hairline has no edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grail_addon.core.streams import stream

from .brows import build_brow
from .cloth import ramp
from .macros import Figure
from .paint import above_hairline
from .people import HairStyle
from .strands import Head, facing, on_head, ribbons
from .surface import Sheet, face_normals, join, make_sheet, select, unit, vertex_normals

HAIR, BROW = 0, 1
_WIDE, _THIN = 0.0017, 0.0004
_TIE_HEIGHT = 0.780


@dataclass(frozen=True)
class Hair:
    """sheet: ribbons and brows, slots HAIR and BROW; tint (N,3) multiplies the hair's colour."""

    sheet: Sheet
    tint: np.ndarray


@dataclass(frozen=True)
class Focus:
    """Places that decide how hair lies: the crown (3,), and where a bun is tied (3,)."""

    crown: np.ndarray
    tie: np.ndarray


def _focus(scalp: Sheet) -> Focus:
    points = scalp.vertices
    level = points[np.abs(points[:, 2] - _TIE_HEIGHT) < 0.006]
    tie = np.array([0.0, level[:, 1].max() + 0.010, _TIE_HEIGHT])
    return Focus(points[points[:, 2].argmax()] + [0.012, 0.045, -0.004], tie)


def _scalp(skin: Sheet, ears: np.ndarray, style: HairStyle, head_bone: int) -> Sheet:
    grows = (above_hairline(skin.vertices, style) > 0.001) & ~ears & (skin.weights[:, head_bone] > 0.3)
    whole = make_sheet(skin.vertices, skin.faces, skin.weights)
    return select(whole, grows[skin.faces].all(axis=1))


def _roots(scalp: Sheet, count: int, rng: np.random.Generator) -> np.ndarray:
    """Random points (count,3), evenly spread over the scalp's area."""
    area = np.linalg.norm(face_normals(scalp), axis=1)
    face = rng.choice(len(area), size=count, p=area / area.sum())
    u, v = rng.random((2, count, 1))
    a, b, c, d = (scalp.vertices[scalp.faces[face, k]] for k in range(4))
    return (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * d + u * c)


def _flow(points: np.ndarray, normals: np.ndarray, focus: Focus, style: HairStyle) -> np.ndarray:
    """Unit combing direction in the surface: away from the crown or the parting, or towards the tie."""
    if style.bun:
        wish = unit(focus.tie - points) + np.array([0.0, 0.0, 0.25]) * ramp(points[:, 1], -0.02, -0.12)[:, None]
    elif style.parting is not None:
        side = np.tanh((points[:, 0] - style.parting) / 0.012)[:, None]
        top = ramp(points[:, 2], 0.76, 0.83)[:, None]
        front = ramp(points[:, 1], -0.060, -0.110)[:, None]  # off the face
        wish = side * [1.0, 0.0, 0.0] + [0.0, 1.0, 0.0] * (0.55 * top + 1.1 * front) - np.array([0.0, 0.0, 1.2])
    else:
        away = unit(points - focus.crown)
        # a whorl: next to the crown the hair turns sideways instead of standing up like a star
        whorl = ramp(np.linalg.norm(points - focus.crown, axis=1), 0.06, 0.0)[:, None]
        away = away + 1.5 * whorl * np.cross(normals, away)
        front = ramp(points[:, 1], -0.03, -0.11)[:, None] * ramp(points[:, 2], 0.76, 0.80)[:, None]
        comb = np.array([style.sweep, -0.15 * np.sign(0.5 - style.back), 0.1])
        wish = away + front * comb + np.array([0.0, 2.0 * style.back, -style.fall])
    return unit(wish - (wish * normals).sum(axis=1, keepdims=True) * normals)


def _lengths(roots: np.ndarray, focus: Focus, style: HairStyle) -> np.ndarray:
    """(N,) metres: to the cut line, to the tie, or short at the sides and longer on top."""
    if style.bun:
        return 1.22 * np.linalg.norm(focus.tie - roots, axis=1)
    if style.cut is not None:
        over = np.maximum(roots[:, 2] - 0.76, 0.0)
        return 1.04 * (roots[:, 2] - style.cut) + 1.1 * over
    top = ramp(roots[:, 2], 0.755, 0.825)
    return style.sides + (style.top - style.sides) * top


def _grow(
    head: Head, roots: np.ndarray, length: np.ndarray, lift: np.ndarray, focus: Focus, style: HairStyle
) -> np.ndarray:
    """Guides (G, points, 3) that leave the scalp, lie down along the combing direction and fall where it is far away."""
    path = [roots]
    before = None
    for step in range(1, style.points):
        near = head.nearest(path[-1])
        normal = head.normals[near]
        part = step / (style.points - 1)
        rise = (lift * (1.0 - part) ** 1.5)[:, None]
        direction = unit(_flow(path[-1], normal, focus, style) + rise * normal)
        if before is not None:
            # away from the head nothing combs: the strand keeps its way and falls
            close = ramp(head.height(path[-1], near), 0.030, 0.014)[:, None] * (1 - _hanging(path[-1], style))[:, None]
            free = unit(before + np.array([0.0, 0.0, -1.2 if style.cut else -0.25]))
            direction = unit(close * direction + (1 - close) * free + 0.4 * before)
        place = path[-1] + direction * (length / (style.points - 1))[:, None]
        swell = np.sin(np.pi * min(1.0, 0.15 + part))
        path.append(head.kept(place, 0.0022 + style.volume * (0.3 + lift) * swell, _most(place, lift, part, style)))
        before = unit(path[-1] - path[-2])
    return np.stack(path, axis=1)


def _hanging(places: np.ndarray, style: HairStyle) -> np.ndarray:
    """(N,) 0 to 1: how far long hair has left the head at the height of the ears."""
    return ramp(places[:, 2], 0.745, 0.715) if style.cut else np.zeros(len(places))


def _most(places: np.ndarray, lift: np.ndarray, part: float, style: HairStyle) -> np.ndarray:
    """(N,) metres above the head that hair may stand off."""
    return 0.004 + style.volume + style.lift_most * lift * part + 0.5 * _hanging(places, style)


def _curled(paths: np.ndarray, style: HairStyle, phase: np.ndarray) -> np.ndarray:
    """Wind the paths (S,K,3) about themselves; phase (S,) radians."""
    if not style.curl:
        return paths
    along = unit(np.gradient(paths, axis=1))
    side = unit(np.cross(along, [0.31, 0.22, 0.92]))
    other = np.cross(along, side)
    part = np.linspace(0, 1, paths.shape[1])[None, :, None]
    turn = phase[:, None, None] + 2 * np.pi * style.turns * part
    return paths + style.curl * np.minimum(1.0, 2 * part) * (np.cos(turn) * side + np.sin(turn) * other)


def _strand_paths(head: Head, scalp: Sheet, focus: Focus, rng: np.random.Generator, style: HairStyle) -> np.ndarray:
    guide_roots = _roots(scalp, style.clumps, rng)
    lift = rng.uniform(0.3, 1.0, style.clumps) * style.lift * (0.12 + 0.88 * ramp(guide_roots[:, 2], 0.765, 0.83))
    lift *= 0.2 + 0.8 * ramp(np.linalg.norm(guide_roots - focus.crown, axis=1), 0.015, 0.05)
    uneven = rng.uniform(1 - style.ragged, 1 + style.ragged, style.clumps)
    guides = _grow(head, guide_roots, _lengths(guide_roots, focus, style) * uneven, lift, focus, style)

    count, along = style.strands, np.linspace(0, 1, style.points)
    roots = _roots(scalp, count, rng)
    clump = Head(guide_roots, guide_roots).nearest(roots)
    shape = guides[clump] - guide_roots[clump][:, None]
    shape = shape * rng.uniform(1 - 1.2 * style.ragged, 1 + 0.5 * style.ragged, (count, 1, 1))
    gather = style.gather * along[None, :, None] ** 1.3
    stray = rng.normal(scale=style.stray, size=(count, 1, 3)) * along[None, :, None] ** 1.5
    paths = roots[:, None] + shape + gather * (guide_roots[clump] - roots)[:, None] + stray
    paths = _curled(paths, style, rng.uniform(0, 2 * np.pi, style.clumps)[clump] + rng.normal(scale=0.5, size=count))
    least = 0.0008 + style.layers * rng.random((count, 1)) ** 1.5 * np.sin(
        np.pi * np.linspace(0.05, 0.94, style.points)
    )
    most = (
        np.linspace(0, 1, style.points) * style.lift_most * lift[clump][:, None]
        + least
        + 0.006
        + style.volume
        + style.curl
    )
    flat = paths.reshape(-1, 3)
    most = most.reshape(-1) + 0.5 * _hanging(flat, style)
    return head.kept(flat, least.reshape(-1), most).reshape(paths.shape)


def _bun(tie: np.ndarray, rng: np.random.Generator, strands: int, points: int) -> np.ndarray:
    """Paths (strands, points, 3) of hair wound into a ball behind the tie."""
    middle = tie + np.array([0.0, 0.009, 0.004])
    axis = unit(np.array([0.0, 1.0, 0.35]) + rng.normal(scale=0.35, size=(strands, 3)))
    first = unit(np.cross(axis, [1.0, 0.1, 0.0]))
    second = np.cross(axis, first)
    turn = rng.uniform(0, 2 * np.pi, (strands, 1)) + np.linspace(0, 1.9, points)[None]
    lean = rng.uniform(-0.95, 0.95, (strands, 1))
    ring = np.sqrt(1 - lean**2)[..., None]
    ball = ring * (np.cos(turn)[..., None] * first[:, None] + np.sin(turn)[..., None] * second[:, None])
    ball = ball + lean[..., None] * axis[:, None]
    return middle + ball * rng.uniform(0.86, 1.0, (strands, 1, 1)) * np.array([0.030, 0.024, 0.027])


def _strand_tint(paths: np.ndarray, rng: np.random.Generator, style: HairStyle) -> np.ndarray:
    """(S*K*2, 3) factors: dark at the roots, lighter at the tips, each strand a little different."""
    strands, points = paths.shape[:2]
    own = np.exp(rng.normal(scale=0.22, size=(strands, 1)))
    own = np.where(rng.random((strands, 1)) < style.light, own * 1.9, own)
    along = np.linspace(0.62, 1.22, points)[None]
    return np.repeat((own * along)[..., None] * np.array([1.0, 0.97, 0.93]), 2, axis=1).reshape(-1, 3)


def build_hair(figure: Figure, skin: Sheet, ears: np.ndarray, name: str, style: HairStyle) -> Hair:
    """Ribbons and brows. skin: head and hands; ears: (N,) mask of its vertices."""
    rng = stream(name, "hair")
    normals = vertex_normals(skin)
    bone = figure.bone_index("head")
    upper = skin.vertices[:, 2] > 0.55
    on_face = skin.weights[:, bone] > 0.3
    # no mouth and no eye sockets for strands to fall into; long hair meets the neck, too
    skull = upper & (on_face & (above_hairline(skin.vertices) > -0.05) | (skin.vertices[:, 1] > -0.09))
    head, face = Head(skin.vertices[skull], normals[skull]), Head(skin.vertices[on_face], normals[on_face])
    scalp = _scalp(skin, ears, style, bone)
    focus = _focus(scalp)
    paths = _strand_paths(head, scalp, focus, rng, style)
    outward = head.normals[head.nearest(paths.reshape(-1, 3))].reshape(paths.shape)
    if style.bun:
        ball = _bun(focus.tie, rng, style.strands // 8, style.points)
        paths = np.concatenate([paths, ball])
        outward = np.concatenate([outward, unit(ball - ball.mean(axis=(0, 1)))])
    across = facing(paths, outward)
    across = unit(across + rng.normal(scale=0.3, size=(len(paths), 1, 1)) * outward)
    strands = on_head(figure, *ribbons(paths, across, _WIDE, _THIN), HAIR)
    tint = _strand_tint(paths, rng, style)
    brows = [build_brow(figure, face, side, rng, BROW) for side in "lr"]
    rest = sum(len(brow.vertices) for brow in brows)
    return Hair(join(strands, *brows), np.concatenate([tint, np.ones((rest, 3))]))
