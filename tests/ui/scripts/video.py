# SPDX-License-Identifier: GPL-3.0-or-later
"""Run All clicked; one small frame, approved, its prompt edited, sent to the sandbox after the dialog, played; then found again.

Argument: address of the sandbox. Needs online mode.
"""

import json
import urllib.request

import bpy
from small_request import SENDABLE, connect, part, request, said, set_keys

WORDS = "The child lifts the drill with one hand."


def ask(ui):
    """A request for one frame that may be sent."""
    own = request(ui.out / "results", "BACKGROUND", 1)
    set_keys(own, SENDABLE)
    return own


def run_all(ui, state, own):
    """Run All asks for the sum at its end, and Return spends nothing."""
    asked = []
    dialog = part("operators.video").GRAIL_OT_send_to_kling
    invoke = dialog.invoke
    dialog.invoke = lambda self, context, event: asked.append(invoke(self, context, event)) or asked[-1]
    yield from ui.alone("GRAIL_PT_run_all")
    yield from ui.click(".with_videos")
    yield from ui.click("grail.run_all")
    yield from ui.wait(lambda: state.is_running, "the start")
    yield from ui.wait(lambda: not state.is_running, "the frame")
    ui.record(run_all=said(state), with_videos=own.with_videos)
    gallery = part("operators.gallery")
    gallery.keep_current(bpy.context)
    yield from ui.wait(lambda: any(row.stamp for row in gallery.GALLERY.rows), "the row")
    if gallery.GALLERY.rows[0].verdict == "fail":  # too bad to be sent, so there is nothing to ask
        with ui.override():
            bpy.ops.grail.decide(decision="approve")
        for _ in range(40):  # the first run may still find out whether there is something to ask
            if not asked:
                yield 0.25
        if not asked:
            yield from ui.click("grail.run_all")
    yield from ui.wait(lambda: asked, "the question")
    yield 0.5
    yield from ui.shot("run_all_asks")
    yield from ui.press("RET")
    yield 0.5
    ui.record(run_all_sends=state.is_running, asked=len(asked))
    dialog.invoke = invoke


def refuse_another_sum(ui, queue):
    """The sum that was agreed to counts."""
    try:
        bpy.ops.grail.send_to_kling(confirmed_usd=queue.to_buy / 1e6 + 1)
    except RuntimeError as error:
        ui.record(refusal=str(error))


def later(address, seconds):
    """Move the sandbox's clock on."""
    body = json.dumps({"seconds": seconds}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{address}/_sandbox/advance", body)).close()


def send(ui, state, queue):
    """The dialog, whose Return cancels; then sent, and paused."""
    yield from ui.click("grail.send_to_kling")
    yield 0.5
    yield from ui.shot("video_dialog")
    yield from ui.press("RET")
    yield 0.5
    ui.record(after_return=state.is_running)
    with ui.override():
        bpy.ops.grail.send_to_kling(confirmed_usd=queue.to_buy / 1e6)
    yield from ui.wait(lambda: any(name == "submitted" for row in queue.rows for name, _ in row.states), "the task")
    yield from ui.shot("video_running")
    yield from ui.click("grail.cancel")
    yield from ui.wait(lambda: not state.is_running, "the pause")
    yield from ui.wait(lambda: queue.open_tasks == 1, "the task that is open")
    yield from ui.shot("video_paused")


def steps(ui):
    state = part("operators.state").STATE
    queue = part("operators.video_queue").QUEUE
    ticks = ui.watch_timers()
    own = ask(ui)
    connect(ui.arguments[0])
    yield from ui.open_tab("GRAIL")
    yield from run_all(ui, state, own)
    with ui.override():
        bpy.ops.grail.decide(decision="approve")
    yield from ui.alone("GRAIL_PT_video")
    yield from ui.wait(lambda: queue.is_known and queue.sendable == 1 and queue.to_buy, "the sum")
    yield from ui.shot("video_before")
    with ui.override():
        bpy.ops.grail.edit_prompt(video_id=queue.rows[0].video_id, text=WORDS)
    yield from ui.wait(lambda: queue.rows[0].source == "edited", "the edited prompt")
    ui.record(sum=queue.to_buy, clips=queue.clips, left=queue.left, prompt=queue.rows[0].prompt)
    refuse_another_sum(ui, queue)
    yield from send(ui, state, queue)
    bpy.ops.wm.read_homefile(use_empty=False)  # the settings of the request go, and come back as from a saved file
    ask(ui)
    yield 1.0
    ui.area.spaces.active.show_region_ui = True
    yield 1.0  # 4.3 takes no tab of a sidebar that was not drawn yet
    yield from ui.open_tab("GRAIL")
    yield from ui.alone("GRAIL_PT_video")
    yield from ui.wait(lambda: queue.open_tasks == 1, "the queue, found again")
    later(ui.arguments[0], 7200.0)
    yield from ui.click("grail.fetch_videos")
    yield from ui.wait(lambda: not state.is_running and queue.rows and queue.rows[0].clips, "the clip")
    yield from ui.shot("video_done")
    clip = queue.rows[0].clips[0]
    manifest = json.loads(next((ui.out / "results/generation/manifests").rglob("*rand00001.json")).read_text())
    ui.record(
        error=said(state),
        clip=[clip.verdict, list(clip.reasons)],
        sent=manifest["prompt"],
        left_after=queue.left,
        sum_after=queue.to_buy,
        clips_after=queue.clips,
        status=manifest["video"]["status"],
    )
    yield from ui.click("grail.play_clip", (0.3,))
    yield from ui.wait(lambda: len(bpy.context.window_manager.windows) == 2, "the player")
    yield 1.0
    yield from ui.shot("video_player")
    ui.all_panels()
    ui.record(ticks=ticks.report())
