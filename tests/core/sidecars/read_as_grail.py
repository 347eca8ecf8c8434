# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a frame's files as GRAIL would: a script on its own that knows the output contract and nothing of this project.

    python -I read_as_grail.py GENERATION_DIR DATASET/CATEGORY VIDEO_ID

prints as JSON what it found. It imports numpy, Pillow, trimesh and OpenEXR only.
"""

import io
import json
import pickle
import sys
from pathlib import Path

import numpy as np
import OpenEXR
import trimesh
from PIL import Image

GLOBALS = set()


class Plain(pickle.Unpickler):
    """Notes every name that a pickle asks for."""

    def find_class(self, module, name):
        GLOBALS.add(f"{module}.{name}")
        return super().find_class(module, name)


def unpickled(path):
    return Plain(io.BytesIO(path.read_bytes())).load()


def described(value):
    if isinstance(value, np.ndarray):
        return {
            "array": str(value.dtype),
            "shape": list(value.shape),
            "values": value.tolist(),
            "owns": value.flags.owndata,
        }
    if isinstance(value, dict):
        return {key: described(inner) for key, inner in value.items()}
    return {"type": type(value).__name__, "value": list(value) if isinstance(value, tuple) else value}


def png_header(path):
    """Width, height, bits per sample and colour type of the PNG's own header (0 = one grey channel)."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR"
    return [int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"), data[24], data[25]]


def box_of(mask):
    v, u = np.nonzero(mask)
    return [u.min() + 0.5, v.min() + 0.5, u.max() + 0.5, v.max() + 0.5]


def overlay(folder, mesh, pose, K, depth, mask):
    """The mesh on the frame: box of its projection, and how far the depth under the visible mask is off its surface."""
    to_world, position = np.asarray(pose["cam_R"]), np.asarray(pose["cam_t"]).ravel()
    turn, move, scale = (np.asarray(pose[name]) for name in ("obj_R", "obj_t", "obj_scale"))
    world = (turn @ (scale * mesh.vertices.T) + move).T
    local = (world - position) @ to_world  # Blender's camera: x right, y up, looks along -z
    flat = np.column_stack([local[:, 0], -local[:, 1], -local[:, 2]]) @ K.T
    pixels = flat[:, :2] / flat[:, 2:]
    v, u = np.nonzero(np.asarray(Image.open(folder / "masks_visible" / "000000.png")) == 255)
    z = depth[v, u]
    seen = np.column_stack([(u + 0.5 - K[0, 2]) / K[0, 0] * z, -(v + 0.5 - K[1, 2]) / K[1, 1] * z, -z])
    back = ((seen @ to_world.T + position - move.ravel()) @ turn) / scale.ravel()
    low, high = mesh.bounds
    off = np.maximum(low - back, back - high) * scale.ravel()  # the mesh of the test is a box
    return {
        "projected_box": [*pixels.min(axis=0), *pixels.max(axis=0)],
        "mask_box": box_of(mask),
        "surface_error": float(np.abs(off.max(axis=1)).max()),
        "pixels": len(z),
    }


def main(generation, obj, video_id):
    assert "grail_addon" not in sys.modules and not any((Path(p) / "grail_addon").exists() for p in sys.path)
    pose_dir = generation / "foundation_pose" / video_id
    camera = unpickled(generation / "cameras" / f"{video_id}.pickle")
    first, person = (unpickled(pose_dir / f"{name}.pickle") for name in ("first_frame_pose", "character_data"))
    K = np.loadtxt(pose_dir / "cam_K.txt")
    depth_png = generation / "depth_maps" / video_id / "000000.png"
    exr = OpenEXR.File(str(depth_png.with_suffix(".exr")), separate_channels=True).channels()
    depth = np.asarray(exr["Z"].pixels)
    masks = {name: np.asarray(Image.open(pose_dir / name / "000000.png")) for name in ("masks", "human_masks")}
    millimetres = np.asarray(Image.open(depth_png))
    mesh = trimesh.load(generation / "mesh" / obj / "model.obj", process=False, force="mesh")
    found = {
        "camera": described(camera),
        "first_frame_pose": described(first),
        "character_data": described(person),
        "globals": sorted(GLOBALS),
        "K": K.tolist(),
        "png": {
            "depth": png_header(depth_png),
            **{name: png_header(pose_dir / name / "000000.png") for name in masks},
        },
        "levels": {name: np.unique(mask).tolist() for name, mask in masks.items()},
        "exr": {"channels": sorted(exr), "dtype": str(depth.dtype), "shape": list(depth.shape)},
        "depth_difference": float(np.abs(millimetres / 1000.0 - depth).max()),
        "depth_range": [float(depth[depth > 0].min()), float(depth.max())],
        "unknown_alike": bool(((millimetres == 0) == (depth == 0)).all()),
        "overlay": overlay(pose_dir, mesh, first, K, depth, masks["masks"] == 255),
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
