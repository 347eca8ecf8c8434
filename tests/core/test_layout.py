# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of files: exactly those of GRAIL's output contract, and ours beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.core.layout import ObjectId, ResultsLayout, VideoId

DRILL = ObjectId("ComAsset", "cordless_drill")
FRAME = VideoId(DRILL, "kid", "indoor2-manipulation", 1)
NAME = "ComAsset/cordless_drill/kid_indoor2-manipulation_rand00001"


def test_video_id() -> None:
    assert str(FRAME) == NAME
    assert str(VideoId(DRILL, "kid", "s", 1, "start")) == "ComAsset/cordless_drill/kid_s_start00001"
    assert str(VideoId(DRILL, "kid", "s", 99999, "end")) == "ComAsset/cordless_drill/kid_s_end99999"


OF_OBJECT = {
    "initial_state_pickle": "initial_states/ComAsset/cordless_drill/initial_state.pickle",
    "initial_state_json": "initial_states/ComAsset/cordless_drill/initial_state.json",
    "obj_scale": "obj_scales/ComAsset/cordless_drill/obj_scale.json",
    "mesh": "mesh/ComAsset/cordless_drill/model.obj",
}
OF_FRAME = {
    "frame": f"asset_renders/{NAME}.png",
    "camera_pickle": f"cameras/{NAME}.pickle",
    "camera_json": f"cameras/{NAME}.json",
    "depth_png": f"depth_maps/{NAME}/000000.png",
    "depth_exr": f"depth_maps/{NAME}/000000.exr",
    "cam_k": f"foundation_pose/{NAME}/cam_K.txt",
    "object_mask": f"foundation_pose/{NAME}/masks/000000.png",
    "human_mask": f"foundation_pose/{NAME}/human_masks/000000.png",
    "first_frame_pose": f"foundation_pose/{NAME}/first_frame_pose.pickle",
    "character_data": f"foundation_pose/{NAME}/character_data.pickle",
    "prompt": f"prompts/{NAME}.txt",
    "video": f"videos_kling/{NAME}.mp4",
    "manifest": f"manifests/{NAME}.json",
}


@pytest.mark.parametrize(("name", "path"), OF_OBJECT.items())
def test_files_of_an_object(name: str, path: str) -> None:
    assert getattr(ResultsLayout(Path("r")), name)(DRILL) == Path("r/generation", path)


@pytest.mark.parametrize(("name", "path"), OF_FRAME.items())
def test_files_of_a_frame(name: str, path: str) -> None:
    assert getattr(ResultsLayout(Path("r")), name)(FRAME) == Path("r/generation", path)


def test_several_videos_are_counted() -> None:
    layout = ResultsLayout(Path("r"))
    assert [layout.video(FRAME, n).name for n in (0, 1, 12)] == [
        f"kid_indoor2-manipulation_rand00001_{n}.mp4" for n in ("000", "001", "012")
    ]


def test_no_two_files_share_a_path(tmp_path: Path) -> None:
    layout = ResultsLayout(tmp_path)
    frames = [
        FRAME,
        VideoId(DRILL, "kid", "indoor2-manipulation", 2),
        VideoId(DRILL, "kid", "indoor2-manipulation", 1, "end"),
    ]
    paths = [getattr(layout, name)(vid) for name in [*OF_FRAME, "object_visible_mask"] for vid in frames]
    paths += [getattr(layout, name)(DRILL) for name in [*OF_OBJECT, "initial_state_usd"]]
    paths += [layout.item_manifest(step, DRILL) for step in ("settle", "probe")]
    paths += [layout.ledger, layout.report_dir]
    assert len(set(paths)) == len(paths) and all(p.is_relative_to(tmp_path) for p in paths)
    assert not list(tmp_path.iterdir()), "asking for a path makes nothing"
