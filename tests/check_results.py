# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks a results folder as a stranger would: with numpy, Pillow and trimesh alone, and by the contract's words.

    python tests/check_results.py RESULTS

Each frame's files are read as GRAIL reads them; the object's mesh is put into the frame by the written poses and
compared with masks and depth. Prints a line for each frame and every problem; the exit code is 1 if there are any.
"""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from PIL import Image

DEPTH_MM, EDGE_PX = 3.0, 1.5


class Frame:
    """The files of one frame, by the contract's names below {results}/generation/."""

    def __init__(self, generation: Path, picture: Path) -> None:
        self.name = picture.relative_to(generation / "asset_renders").with_suffix("").as_posix()
        self.object = self.name.rsplit("/", 1)[0]
        pose = generation / "foundation_pose" / self.name
        self.picture = picture
        self.camera_pickle = generation / "cameras" / f"{self.name}.pickle"
        self.depth = generation / "depth_maps" / self.name / "000000.png"
        self.cam_k = pose / "cam_K.txt"
        self.object_mask = pose / "masks" / "000000.png"
        self.human_mask = pose / "human_masks" / "000000.png"
        self.first_pose = pose / "first_frame_pose.pickle"
        self.character = pose / "character_data.pickle"
        self.mesh = generation / "mesh" / self.object / "model.obj"
        self.state = generation / "initial_states" / self.object / "initial_state.pickle"

    @property
    def needed(self) -> list[Path]:
        return [
            self.picture, self.camera_pickle, self.depth, self.cam_k, self.object_mask, self.human_mask,
            self.first_pose, self.character, self.mesh,
        ]  # fmt: skip


def load_pickle(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return dict(pickle.load(file))


def is_rotation(matrix: np.ndarray) -> bool:
    return bool(
        matrix.shape == (3, 3) and np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-5) and np.linalg.det(matrix) > 0
    )


def flat(values: Any, count: int) -> np.ndarray:
    """An array with `count` numbers, as (count,)."""
    array = np.asarray(values, dtype=np.float64).ravel()
    if array.shape != (count,):
        raise ValueError(f"{count} numbers expected, found {array.shape}")
    return array


def vertices_of(path: Path) -> np.ndarray:
    rows = [line.split() for line in path.read_text().splitlines() if line.startswith("v ")]
    return np.array([[float(x) for x in row[1:4]] for row in rows])


def project(points: np.ndarray, R: np.ndarray, t: np.ndarray, K: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """World points -> pixels (N, 2) and depth (N,); camera-to-world R, t in Blender's axes (looks down -z, y up)."""
    local = (points - t) @ R
    depth = -local[:, 2]
    u = K[0, 0] * local[:, 0] / depth + K[0, 2]
    v = -K[1, 1] * local[:, 1] / depth + K[1, 2]
    return np.column_stack([u, v]), depth


def check_frame(frame: Frame) -> list[str]:
    """What is wrong with a frame's files, empty if nothing is."""
    missing = [path.name for path in frame.needed if not path.is_file()]
    if missing:
        return [f"missing: {', '.join(missing)}"]
    wrong: list[str] = []

    def expect(holds: Any, what: str) -> None:
        if not holds:
            wrong.append(what)

    camera, pose, person = (load_pickle(p) for p in (frame.camera_pickle, frame.first_pose, frame.character))
    size = Image.open(frame.picture).size
    K = np.loadtxt(frame.cam_k)
    depth = np.asarray(Image.open(frame.depth)).astype(np.float64)
    masks = [np.asarray(Image.open(path)) for path in (frame.object_mask, frame.human_mask)]
    focal = float(camera["focal_length"])
    wanted_k = np.array([[focal, 0, size[0] / 2], [0, focal, size[1] / 2], [0, 0, 1]])
    expect(
        tuple(int(n) for n in np.ravel(camera["resolution"])) == size,
        "the camera file's resolution is not the picture's",
    )
    expect(np.allclose(K, wanted_k, rtol=0, atol=1e-6), "cam_K.txt is not the pinhole of focal length and size")
    expect(
        depth.shape == size[::-1] and Image.open(frame.depth).mode.startswith("I;16"),
        "depth is no 16-bit map of the picture's size",
    )
    for name, mask in zip(("object", "human"), masks, strict=True):
        expect(
            mask.shape == size[::-1] and set(np.unique(mask)) <= {0, 255},
            f"the {name} mask is no 0/255 map of the picture's size",
        )
    if wrong:
        return wrong

    R, t = np.asarray(camera["R"]), flat(camera["t"], 3)
    obj_R, obj_t, scale = np.asarray(camera["obj_R"]), flat(camera["obj_t"], 3), flat(camera["obj_scale"], 3)
    expect(is_rotation(R) and is_rotation(obj_R) and is_rotation(np.asarray(pose["character_R"])), "a rotation is none")
    for key, own in (("cam_R", R), ("cam_t", t), ("obj_R", obj_R), ("obj_t", obj_t), ("obj_scale", scale)):
        expect(
            np.allclose(np.ravel(pose[key]), np.ravel(own), atol=1e-6), f"first_frame_pose and camera differ in {key}"
        )
    expect((pose["frame_width"], pose["frame_height"]) == size, "first_frame_pose has another frame size")
    expect(0.5 < float(person["character_height"]) < 3.0, "the character's height is no person's")
    expect(
        np.allclose(np.ravel(person["character_t"]), np.ravel(pose["character_t"]), atol=1e-6),
        "the character stands at two places",
    )

    if "robot" in person:
        wrong += _robot_faults(person["robot"], np.asarray(pose["character_t"], dtype=np.float64).ravel())
    world = vertices_of(frame.mesh) * scale @ obj_R.T + obj_t
    pixels, z = project(world, R, t, wanted_k)
    rows, columns = np.nonzero(masks[0])
    inside = (z > 0).all() and (pixels >= 0).all() and (pixels <= size).all()
    expect(len(rows) > 0, "the object's mask is empty")
    if len(rows) and inside:
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        seen = np.array([[columns.min(), rows.min()], [columns.max() + 1, rows.max() + 1]], dtype=np.float64)
        off = float(max(np.abs(seen[0] - low).max(), np.abs(seen[1] - high).max()))
        expect(off <= EDGE_PX, f"mesh and mask of the object are {off:.1f} px apart")
    wrong += _depth_faults(frame, world, R, t, wanted_k, depth, masks)
    if frame.state.is_file():
        state = load_pickle(frame.state)
        x, y, zq, w = flat(state["obj_R_quat"], 4)
        expect(abs(x * x + y * y + zq * zq + w * w - 1) < 1e-6, "the settled quaternion is not of length one")
        up = np.array([2 * (x * zq - w * y), 2 * (y * zq + w * x), 1 - 2 * (x * x + y * y)])
        expect(np.allclose(up, obj_R[2], atol=1e-4), "the object does not rest as it settled")
    return wrong


def _robot_faults(robot: dict[str, Any], stands: np.ndarray) -> list[str]:
    """A robot's record names each joint once, each with its numbers, and its root is a turned body above its feet."""
    names, values = robot["joint_names"], robot["joint_values"]
    faults = []
    if len(set(names)) != len(names) or len(names) != len(values):
        faults.append("the robot's joints and their values do not pair")
    if not all(np.isfinite(flat(v, len(v))).all() and len(v) in (1, 4) for v in values):
        faults.append("a value of the robot's joints is no number")
    root = flat(robot["root_position"], 3) - stands
    if abs(float(np.linalg.norm(flat(robot["root_quat_wxyz"], 4))) - 1) > 1e-6:
        faults.append("the robot's root quaternion is not of length one")
    if not (0.0 < root[2] < 3.0 and np.linalg.norm(root[:2]) < 1.0):
        faults.append("the robot's root is not above its feet")
    return faults


def _depth_faults(
    frame: Frame,
    world: np.ndarray,
    R: np.ndarray,
    t: np.ndarray,
    K: np.ndarray,
    depth: np.ndarray,
    masks: list[np.ndarray],
) -> list[str]:
    """Surface points of the posed mesh may never lie before the depth map, and where they are seen they lie on it."""
    mesh = trimesh.load(frame.mesh, force="mesh", process=False)
    faces = np.array(
        [
            [int(c.split("/")[0]) - 1 for c in line.split()[1:4]]
            for line in frame.mesh.read_text().splitlines()
            if line.startswith("f ")
        ]
    )
    if len(mesh.faces) != len(faces):
        return ["trimesh reads another number of faces"]
    shape = trimesh.Trimesh(world, faces, process=False)
    points, face = trimesh.sample.sample_surface(shape, 20000, seed=1)
    pixels, z = project(np.asarray(points), R, t, K)
    height, width = depth.shape
    u, v = np.floor(pixels).astype(int).T
    there = (z > 0) & (u >= 0) & (u < width) & (v >= 0) & (v < height)
    u, v, z, face, points = u[there], v[there], z[there], np.asarray(face)[there], np.asarray(points)[there]
    facing = ((t - points) * shape.face_normals[face]).sum(axis=1) > 0.3 * np.linalg.norm(t - points, axis=1)
    measured = depth[v, u]
    padded = np.pad(masks[0] > 0, 1)
    inner = np.logical_and.reduce([padded[i : i + height, j : j + width] for i in range(3) for j in range(3)])
    known = facing & (measured > 0) & inner[v, u]  # at the outline a pixel may be another thing's
    # half a pixel of a slanted surface is worth more than the map's own precision
    slack = DEPTH_MM + 1000 * 1.5 * z / K[0, 0]
    on = np.abs(z * 1000 - measured) <= slack
    before = measured - z * 1000 > slack
    if not known.any():
        return ["no surface point of the object has a depth"]
    faults = []
    if before[known].mean() > 0.05:  # parts finer than a pixel
        faults.append(f"{before[known].mean():.0%} of the object's surface lies before the depth map")
    if not on[known].any():
        faults.append("the depth map nowhere meets the object")
    return faults


def check(results: Path) -> dict[str, list[str]]:
    """Frame -> what is wrong with it, for all frames of a results folder."""
    generation = results / "generation"
    pictures = sorted((generation / "asset_renders").rglob("*.png"))
    return {frame.name: check_frame(frame) for frame in (Frame(generation, picture) for picture in pictures)}


def main(argv: list[str]) -> int:
    """The command line; 0 where there are frames and none has a problem."""
    found = check(Path(argv[0]))
    for name, problems in found.items():
        print(f"{name}: {'; '.join(problems) or 'ok'}")
    print(json.dumps({"frames": len(found), "wrong": sum(bool(p) for p in found.values())}))
    return int(not found or any(found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
