# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames by the background Blender, stopped by a click, with a worker that is killed, an undo and another file in the middle;
and a settle that is stopped."""

import os
import signal
import time

import bpy
from small_request import SENDABLE, part, request, said, set_keys


def files(results, kind):
    """Names of the finished files of a kind."""
    return sorted(p.name for p in (results / "generation").glob(f"{kind}/**/*") if p.is_file())


def left(results):
    """What a stop may have left half-written, and records of frames that are not there."""
    pictures = {p.stem for p in results.glob("generation/asset_renders/**/*.png")}
    records = {p.stem for p in results.glob("generation/manifests/**/*rand*.json")}
    return [*(p.name for p in results.rglob(".part-*")), *sorted(records ^ pictures)]


def stop_by_click(ui, state):
    """Click Stop in the Progress panel; seconds until the run has ended."""
    place = yield from ui.find("grail.cancel")
    began = time.monotonic()
    yield from ui.click_at(*place)
    yield from ui.wait(lambda: not state.is_running, "the stop")
    return round(time.monotonic() - began, 2)


def start_frames(ui, state, made):
    """Render All, clicked; waits until so many items are made and a frame is at hand."""
    yield from ui.click("grail.render_variants(which='ALL')")
    yield from ui.wait(lambda: state.is_running, "the start")
    yield from ui.wait(
        lambda: not state.is_running or (state.progress.done >= made and "rand" in state.progress.item), "a frame"
    )
    assert state.is_running, said(state)
    yield 0.3


def stopped_settle(ui, state, own):
    """Stop while several objects settle: those that are done stay."""
    results = ui.out / "settled"
    own.category, own.results_dir = "mug, hammer, teapot, camera", str(results)
    with ui.override():
        bpy.ops.grail.settle()
    yield from ui.wait(lambda: not state.is_running or state.progress.done >= 1, "the first object")
    seconds = yield from stop_by_click(ui, state)
    ui.record(
        settle=[said(state), seconds, left(results)],
        settled=len(list(results.rglob("initial_state.json"))),
        settle_records=len(list(results.rglob("settle.json"))),
    )
    yield from ui.shot("disturbed_settle")


def stopped(ui, state, results):
    yield from start_frames(ui, state, 1)
    yield from ui.shot("disturbed_rendering")
    seconds = yield from stop_by_click(ui, state)
    ui.record(stop=[said(state), seconds, left(results)], stop_frames=len(files(results, "asset_renders")))
    yield from ui.shot("disturbed_stopped")


def killed_worker(ui, state, results):
    yield from start_frames(ui, state, 0)
    (worker,) = part("operators.render_steps")._kept
    os.kill(worker.pid, signal.SIGKILL)
    yield from ui.wait(lambda: not state.is_running, "the end")
    ui.record(
        worker=[said(state), left(results)],
        worker_frames=len(files(results, "asset_renders")),
        worker_log=[line for _, line in state.log if "dealt again" in line or "another takes" in line],
    )
    yield from ui.shot("disturbed_worker")


def undone(ui, state, own, results):
    own.variants = 3
    with ui.override():
        bpy.ops.ed.undo_push(message="before")
        bpy.ops.ed.undo_push(message="what is undone")
    yield from start_frames(ui, state, 0)
    with ui.override():
        bpy.ops.ed.undo()
    yield from ui.wait(lambda: not state.is_running, "the end")
    ui.record(undo=[said(state), left(results)], undo_frames=len(files(results, "asset_renders")))


def loaded(ui, state, results):
    """Another file in the middle ends the run; the first one, opened again, goes on."""
    own = bpy.context.scene.grail
    own.variants = 5
    bpy.ops.wm.save_as_mainfile(filepath=str(ui.out / "mine.blend"))
    yield from start_frames(ui, state, 1)
    bpy.ops.wm.read_homefile(use_empty=False)
    yield 1.0
    frames = len(files(results, "asset_renders"))
    ui.record(load=[said(state), state.is_running, left(results)], load_frames=frames)
    bpy.ops.wm.open_mainfile(filepath=str(ui.out / "mine.blend"))
    yield 1.0
    with ui.override():
        bpy.ops.grail.render_variants()
    yield from ui.wait(lambda: not state.is_running, "the rest")
    ui.record(rest=[said(state), left(results)], rest_frames=len(files(results, "asset_renders")), before=frames)


def steps(ui):
    state = part("operators.state").STATE
    results = ui.out / "results"
    own = request(results, "BACKGROUND")
    set_keys(own, SENDABLE | {"rendering.samples": "4"})
    ui.only("GRAIL_PT_variants")
    yield from ui.open_tab("GRAIL")
    yield from ui.wait(lambda: part("operators.gallery").GALLERY.rows, "the planned variants")
    yield from stopped(ui, state, results)
    yield from killed_worker(ui, state, results)
    yield from undone(ui, state, own, results)
    own = bpy.context.scene.grail
    yield from stopped_settle(ui, state, own)
    own.category, own.results_dir = "cordless_drill", str(results)
    yield from ui.wait(lambda: len(part("operators.gallery").GALLERY.rows) == 3, "the drill's variants")
    yield from loaded(ui, state, results)
