# SPDX-License-Identifier: GPL-3.0-or-later
"""One small frame, approved, its prompt edited, sent to the sandbox after the dialog, played; then all found again.

Argument: address of the sandbox. Needs online mode.
"""

import importlib
import json
import runpy
from pathlib import Path

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"
WORDS = "The child lifts the drill with one hand."


def steps(ui):  # noqa: PLR0915
    variants = runpy.run_path(str(Path(__file__).with_name("variants.py")))
    state = importlib.import_module(f"{EXTENSION}.operators.state").STATE
    gallery = importlib.import_module(f"{EXTENSION}.operators.gallery").GALLERY
    queue = importlib.import_module(f"{EXTENSION}.operators.video_queue").QUEUE
    ticks = ui.watch_timers()
    own = variants["set_up"](ui, "BACKGROUND")
    own.variants = 1
    mine = bpy.context.preferences.addons[EXTENSION].preferences
    mine.key_source, mine.kling_host = "PREFERENCES", ui.arguments[0]
    mine.kling_api_key, mine.openai_api_key, mine.openai_base_url = (
        "sandbox-key",
        "sandbox-key",
        f"{ui.arguments[0]}/v1",
    )
    for key, value in {
        "rendering.width": "640",
        "rendering.height": "360",
        "video.poll_seconds": "1",
        "video.skip_prompt_refinement": "true",
    }.items():
        item = own.overrides.add()
        item.name, item.value = key, value
    ui.only("GRAIL_PT_video")
    yield from ui.open_tab("GRAIL")
    importlib.import_module(f"{EXTENSION}.operators.gallery").keep_current(bpy.context)
    with ui.override():
        bpy.ops.grail.render_variants()
    yield from ui.wait(lambda: not state.is_running, "the frame", 90)
    importlib.import_module(f"{EXTENSION}.operators.gallery").keep_current(bpy.context)
    yield from ui.wait(lambda: any(row.stamp for row in gallery.rows), "the row", 10)
    with ui.override():
        bpy.ops.grail.decide(decision="approve")
    yield from ui.wait(lambda: queue.is_known and queue.sendable == 1 and queue.to_buy, "the sum", 30)
    yield from ui.shot("video_before")
    with ui.override():
        bpy.ops.grail.edit_prompt(video_id=queue.rows[0].video_id, text=WORDS)
    yield from ui.wait(lambda: queue.rows[0].source == "edited", "the edited prompt", 10)
    ui.record(sum=queue.to_buy, left=queue.left, prompt=queue.rows[0].prompt)
    try:
        bpy.ops.grail.send_to_kling(confirmed_usd=queue.to_buy / 1e6 + 1)
    except RuntimeError as error:
        ui.record(refusal=str(error))
    yield from ui.click("grail.send_to_kling")
    yield 0.5
    yield from ui.shot("video_dialog")
    yield from ui.press("RET")
    yield 0.5
    ui.record(after_return=state.is_running)
    yield from ui.shot("video_after_return")
    with ui.override():
        bpy.ops.grail.send_to_kling(confirmed_usd=queue.to_buy / 1e6)
    yield from ui.wait(lambda: any(name == "submitted" for row in queue.rows for name, _ in row.states), "the task", 20)
    yield from ui.shot("video_running")
    with ui.override():
        bpy.ops.grail.pause_videos()
    yield from ui.wait(lambda: not state.is_running, "the pause", 10)
    yield from ui.wait(lambda: queue.open_tasks == 1, "the task that is open", 10)
    yield from ui.shot("video_paused")
    bpy.ops.wm.read_homefile(use_empty=False)  # the settings of the request go, and come back as from a saved file
    own = variants["set_up"](ui, "BACKGROUND")
    own.variants = 1
    for key, value in {
        "rendering.width": "640",
        "rendering.height": "360",
        "video.poll_seconds": "1",
        "video.skip_prompt_refinement": "true",
    }.items():
        item = own.overrides.add()
        item.name, item.value = key, value
    yield 1.0
    ui.area.spaces.active.show_region_ui = True
    yield 1.0  # 4.3 takes no tab of a sidebar that was not drawn yet
    yield from ui.open_tab("GRAIL")
    yield from ui.wait(lambda: queue.open_tasks == 1, "the queue, found again", 20)
    yield from ui.click("grail.fetch_videos")
    yield from ui.wait(lambda: not state.is_running and queue.rows and queue.rows[0].clips, "the clip", 60)
    yield from ui.shot("video_done")
    clip = queue.rows[0].clips[0]
    manifest = json.loads(next((ui.out / "results/generation/manifests").rglob("*rand00001.json")).read_text())
    ui.record(
        error=state.error.sentences if state.error else (),
        clip=[clip.verdict, list(clip.reasons)],
        sent=manifest["prompt"],
        left_after=queue.left,
        status=manifest["video"]["status"],
    )
    with ui.override():
        bpy.ops.grail.play_clip(file=str(clip.file))
    yield from ui.wait(lambda: len(bpy.context.window_manager.windows) == 2, "the player", 10)
    yield 1.0
    yield from ui.shot("video_player")
    ui.record(ticks=ticks.report())
