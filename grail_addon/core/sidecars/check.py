# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate reads about a frame's files: whether they are there, of which seed, and agree with what was rendered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from ..disk_file import Readable
from ..layout import VideoId
from .portable_pickle import dumps
from .proof import Proof
from .write import FrameGeometry, camera_record, character_record, first_frame_record


@dataclass(frozen=True)
class SidecarFacts:
    """One file of the output contract. seed: the seed the file was written for, None where a file carries none."""

    present: bool
    proved: bool
    seed: int | None = None
    note: str = ""


REQUIRED_ROLES = (
    "frame",
    "mesh",
    "depth_png",
    "depth_exr",
    "cam_k",
    "object_mask",
    "object_visible_mask",
    "human_mask",
    "camera_pickle",
    "camera_json",
    "first_frame_pose",
    "character_data",
)
"""Roles of the files without which a frame is not whole, as frame manifests name them."""


def sidecar_facts(
    files: Mapping[str, Readable], vid: VideoId, proof: Proof, geometry: FrameGeometry
) -> dict[str, SidecarFacts]:
    """Role -> facts of each of `files`, as they are on the disk or were when they were read.

    proof speaks for the file that it found wrong; geometry: what the pickles must hold, byte for byte (they are never
    loaded). Only the camera JSON carries a seed.
    """
    wrong = {**_wrong_pickles(files, geometry), **proof.at_fault}
    facts: dict[str, SidecarFacts] = {}
    for role, file in files.items():
        seed, present = None, file.is_file()
        if role == "camera_json" and present:
            seed, strange = _seed_of(file, vid)
            if strange:
                wrong.setdefault(role, strange)
        facts[role] = SidecarFacts(present, role not in wrong, seed, wrong.get(role, ""))
    return facts


def _seed_of(file: Readable, vid: VideoId) -> tuple[int | None, str]:
    """Seed that a camera JSON says it is of, and what else is wrong with that."""
    try:
        data = json.loads(file.read_bytes())
        seed, name = int(data["seed"]), str(data["video_id"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, "it does not say which frame it is of"
    return seed, f"it is of {name}" if name != str(vid) and seed == vid.seed else ""


def _wrong_pickles(files: Mapping[str, Readable], geometry: FrameGeometry) -> dict[str, str]:
    """Role -> sentence of each pickle that is there and holds anything else than the frame's geometry."""
    records = {
        "camera_pickle": camera_record,
        "first_frame_pose": first_frame_record,
        "character_data": character_record,
    }
    wrong: dict[str, str] = {}
    for role, record in records.items():
        file = files.get(role)
        with suppress(FileNotFoundError):
            if file is not None and file.read_bytes() != dumps(record(geometry)):
                wrong[role] = "it does not hold the poses that were rendered"
    return wrong
