# SPDX-License-Identifier: GPL-3.0-or-later
"""From the tab to three rendered variants by clicks alone, with the longest tick of each stage; nothing is judged here.

Arguments: THIS or BACKGROUND; address of the sandbox for a video, or nothing; `quick`: the object is set, not clicked, and
its drop is played four times as fast.
"""

import time
from pathlib import Path

import bpy
from small_request import SENDABLE, SMALL, connect, part, preferences, said, set_keys
from speed import slowness
from ticks import CallWatch, GarbageWatch


def since_start():
    """Seconds since window.sh started Blender, which it does once the X server has written its number."""
    return time.time() - Path("/scratch/display").stat().st_mtime


class Stages:
    """Seconds and longest tick of each stage; own: the tick of the run's driver with most work beside one call of Blender."""

    def __init__(self, ui, state):
        self.ui, self.state, self.watch = ui, state, ui.watch_timers()
        self.rows = []

    def run(self, name, start, seconds=200):
        """Start by `start`, wait for the end of the run."""
        running = part("operators.running")
        self.watch.seconds.clear()
        garbage = GarbageWatch()
        clicks = self.ui.clicks
        yield from start
        yield from self.ui.wait(lambda: self.state.is_running, f"the start of {name}")
        began, driver = time.monotonic(), running._RUN.driver
        yield from self.ui.wait(lambda: not self.state.is_running, f"the end of {name}", seconds)
        taken = time.monotonic() - began
        yield 1.0  # what reads the new files
        own, whole = driver.times.ticks[0], driver.times.whole
        self.rows.append(
            {
                "stage": name,
                "clicks": self.ui.clicks - clicks,
                "seconds": round(taken, 1),
                "own_ms": round(1000 * own.own_seconds, 1),
                "own": str(own),
                "ticks": [[tick.part, 1000 * tick.own_seconds, str(tick)] for tick in driver.times.ticks[:8]],
                "calls_ms": {
                    name: round(1000 * longest, 1)
                    for name, longest in sorted(driver.times.calls.longest.items(), key=lambda call: -call[1])
                },
                "whole": f"{', '.join(whole.parts)}: {whole.call}",
                **self.watch.report(),
                "garbage_ms": [
                    (generation, is_here, round(1000 * seconds, 1))
                    for generation, is_here, seconds in sorted(garbage.seconds, key=lambda found: -found[2])[:6]
                ],
                "other_timers_ms": 1000 * max([s for name, s in self.watch.seconds if name != "_tick"], default=0.0),
                "over_8_ms": sum(seconds > 0.008 for _, seconds in self.watch.seconds),
                "error": said(self.state),
            }
        )
        self.ui.record(stages=self.rows)


def choose_object(ui):
    """Open Choose Objects and click the drill's picture."""
    place = yield from ui.find(".results_dir")
    yield from ui.click_at(ui.sidebar.x + 60, place[1] - 28)
    yield 1.0
    yield from ui.click('grail.toggle_object(name="cordless_drill")', (0.25, 0.75))
    yield from ui.click_at(ui.sidebar.x + 60, place[1] - 28)


def video(ui, state, stages):
    queue, gallery = part("operators.video_queue").QUEUE, part("operators.gallery")
    gallery.keep_current(bpy.context)
    yield from ui.wait(lambda: any(row.stamp for row in gallery.GALLERY.rows), "the rows")
    with ui.override():
        bpy.ops.grail.decide(decision="approve")
    yield from ui.alone("GRAIL_PT_video")
    yield from ui.wait(lambda: queue.is_known and queue.sendable and queue.to_buy, "the sum")

    def start():
        with ui.override():
            bpy.ops.grail.send_to_kling(confirmed_usd=queue.to_buy / 1e6)
        yield 0.0

    yield from stages.run("video", start())


def steps(ui):
    start_up = since_start()
    state = part("operators.state").STATE
    stages = Stages(ui, state)
    backend, address, is_quick = [*ui.arguments, "", ""][:3]
    calls = CallWatch([*part("operators").CLASSES, *part("panels").CLASSES])
    own = bpy.context.scene.grail
    own.results_dir = str(ui.out / "results")
    slow = slowness()
    set_keys(own, SMALL | (SENDABLE if address else {}))
    preferences().render_backend = backend
    if address:
        connect(address)
    if is_quick:
        own.category, own.play_speed = "cordless_drill", 4.0
    began = time.monotonic()
    yield from ui.open_tab("GRAIL")
    if not is_quick:
        yield from choose_object(ui)
    ui.record(setup={"chosen": own.category, "clicks": ui.clicks, **stages.watch.report()})
    yield from ui.alone("GRAIL_PT_settle")
    yield from stages.run("settle", ui.click("grail.settle"))
    yield from ui.alone("GRAIL_PT_scale")

    def resized():
        with ui.override():
            bpy.ops.grail.show_size()
        yield 0.0

    yield from stages.run("scale", resized())
    yield from ui.alone("GRAIL_PT_variants")
    first = []

    def rendering():
        yield from ui.click("grail.render_variants(which='ALL')")

    def noted(run):
        for seconds in run:
            if not first and list((ui.out / "results").rglob("asset_renders/**/*.png")):
                first.append(time.monotonic() - began)
            yield seconds

    yield from noted(stages.run("variants", rendering()))
    if address:
        yield from video(ui, state, stages)
    ui.all_panels()
    longest = sorted(calls.longest.items(), key=lambda call: -call[1])
    ui.record(called_ms={name: round(1000 * seconds, 1) for name, seconds in longest})
    ui.record(slowness=max(slow, slowness()))
    ui.record(start_up=round(start_up, 2), first_frame=round(first[0], 1))
    ui.record(frames=len(list((ui.out / "results").rglob("asset_renders/**/*.png"))))
