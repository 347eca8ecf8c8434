# SPDX-License-Identifier: GPL-3.0-or-later
"""Three frames and their videos, with a window that is killed while it renders and one that is killed while it sends.

Each window begins with the saved .blend and what the one before left in the results folder. Arguments: THIS or BACKGROUND;
address of the sandbox, nothing for frames alone.
"""

import json
import os
import signal
import urllib.request
from pathlib import Path

import bpy
from small_request import SENDABLE, connect, part, preferences, request, said, set_keys

FRAMES = 3


def stamps(results):
    """Every finished file with the time of its last change; the log and what the ledger keeps for itself apart."""
    skipped = ("logs", "ledger", ".writers")
    files = [p for p in results.rglob("*") if p.is_file() and not any(s in str(p) for s in skipped)]
    return {str(p.relative_to(results)): p.stat().st_mtime_ns for p in files}


def die(ui, name, **more):
    """Leave word of how it was, and be killed."""
    told = {**more, "files": stamps(ui.out / "results")}
    (ui.out / f"{name}.json").write_text(json.dumps(told))
    Path("/scratch/again").touch()
    os.kill(os.getpid(), signal.SIGKILL)


def looked(queue):
    """Whether the queue is known; has it read anew as its panel does, which is folded here."""
    part("operators.video_queue").keep_queue_current(bpy.context)
    return queue.is_known


def states(queue):
    """What the ledger says of the clips."""
    return [name for row in queue.rows for name, count in row.states for _ in range(count)]


def accepted(address):
    """How many orders the sandbox has taken."""
    with urllib.request.urlopen(f"{address}/_sandbox/state") as reply:
        return json.load(reply)["accepted"]


def first(ui, state):
    """Killed while the second frame is made."""
    own = request(ui.out / "results", ui.arguments[0], FRAMES)
    set_keys(own, SENDABLE | {"rendering.samples": "4", "video.max_in_flight": "2"})
    bpy.ops.wm.save_as_mainfile(filepath=str(ui.out / "mine.blend"))
    ui.only("GRAIL_PT_variants")
    yield from ui.open_tab("GRAIL")
    yield from ui.wait(lambda: len(part("operators.gallery").GALLERY.rows) == FRAMES, "the planned variants")
    yield from ui.click("grail.render_variants(which='ALL')")
    yield from ui.wait(lambda: said(state) or (state.is_running and state.progress.done >= 2), "a frame")
    yield from ui.wait(lambda: state.progress.item, "the next frame")
    yield 0.4
    die(ui, "rendering", error=said(state))


def found_again(ui, state):
    """The gallery as the results folder has it, then the rest rendered."""
    gallery = part("operators.gallery").GALLERY
    ui.only("GRAIL_PT_variants")
    yield from ui.open_tab("GRAIL")
    yield from ui.wait(lambda: any(row.stamp for row in gallery.rows), "the frame that was made")
    yield from ui.shot("killed_found_again")
    found = sum(row.stamp != 0 for row in gallery.rows)
    yield from ui.click("grail.render_variants(which='ALL')")
    yield from ui.wait(lambda: state.is_running, "the start")
    yield from ui.wait(lambda: not state.is_running, "the end")
    yield from ui.wait(lambda: sum(row.stamp != 0 for row in gallery.rows) == FRAMES, "all frames")
    return {"found": found, "error": said(state), "after": stamps(ui.out / "results")}


def second(ui, state):
    """The rest rendered; killed while Kling answers the second order."""
    told = yield from found_again(ui, state)
    connect(ui.arguments[1])
    queue = part("operators.video_queue").QUEUE
    with ui.override():
        bpy.ops.grail.pick_all()
        bpy.ops.grail.decide(decision="approve")
    yield from ui.wait(lambda: looked(queue) and queue.sendable == FRAMES and queue.to_buy, "the sum")
    with ui.override():
        bpy.ops.grail.send_to_kling(confirmed_usd=queue.to_buy / 1e6)
    yield from ui.wait(lambda: accepted(ui.arguments[1]) == 2, "two orders")
    yield from ui.wait(lambda: looked(queue) and "submitted" in states(queue), "the first order")
    yield from ui.shot("killed_sending")
    die(ui, "sending", **told, sum=queue.to_buy, states=states(queue))


def third(ui, state):
    """The queue as the ledger has it; what was sent is fetched, and the rest is sent for the sum that is left."""
    connect(ui.arguments[1])
    queue = part("operators.video_queue").QUEUE
    ui.only("GRAIL_PT_video")
    yield from ui.open_tab("GRAIL")
    yield from ui.wait(lambda: queue.is_known and queue.open_tasks, "the queue")
    ui.record(found=states(queue))
    yield from ui.shot("killed_queue_found_again")
    yield from ui.click("grail.fetch_videos")
    yield from ui.wait(lambda: state.is_running, "the start")
    yield from ui.wait(lambda: not state.is_running, "the clips")
    yield from ui.wait(lambda: sum(len(row.clips) for row in queue.rows) == 2, "both clips")
    ui.record(fetch_error=said(state), orders=accepted(ui.arguments[1]))
    yield from ui.shot("killed_fetched")
    with ui.override():
        bpy.ops.grail.send_to_kling(confirmed_usd=queue.to_buy / 1e6)
    yield from ui.wait(lambda: not state.is_running, "the rest")
    yield from ui.wait(lambda: all(row.clips for row in queue.rows), "all clips")
    yield from ui.shot("killed_done")
    ui.record(error=said(state), clips=[len(row.clips) for row in queue.rows])


def steps(ui):
    state = part("operators.state").STATE
    saved = ui.out / "mine.blend"
    if not saved.exists():
        yield from first(ui, state)
    bpy.ops.wm.open_mainfile(filepath=str(saved))
    yield 1.0
    ui.area.spaces.active.show_region_ui = True
    yield 1.0  # 4.3 takes no tab of a sidebar that was not drawn yet
    preferences().render_backend = ui.arguments[0]
    if (ui.out / "sending.json").exists():
        yield from third(ui, state)
    elif len(ui.arguments) > 1:
        yield from second(ui, state)
    else:
        told = yield from found_again(ui, state)
        ui.record(**told)
    ui.record(files=stamps(ui.out / "results"), parts=[p.name for p in ui.out.rglob(".part-*")])
