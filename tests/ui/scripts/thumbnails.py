# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of thumbnails in a panel of the test's own: 24 of 30 pictures, one broken, one that changes."""

import importlib
import threading
import time
from pathlib import Path

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"


def make_frames(folder):
    """30 pictures of 640 x 360, in colours that can be told apart; the fourth is no picture."""
    folder.mkdir()
    frames = []
    for number in range(30):
        image = bpy.data.images.new(f"frame {number}", 640, 360)
        image.generated_color = (number / 30, 0.3, 1 - number / 30, 1)
        path = folder / f"{number:02}.png"
        image.filepath_raw, image.file_format = str(path), "PNG"
        image.save()
        bpy.data.images.remove(image)
        frames.append(path)
    frames[3].write_bytes(b"not a picture")
    return frames


def steps(ui):
    module = importlib.import_module(f"{EXTENSION}.panels.thumbnails")
    frames = make_frames(Path("/scratch/frames"))
    gallery = module.gallery("test")
    watch = ui.watch_timers()

    class GRAIL_PT_test_gallery(bpy.types.Panel):  # noqa: N801
        bl_label, bl_category, bl_space_type, bl_region_type = "Gallery", "GRAIL", "VIEW_3D", "UI"

        def draw(self, context):
            grid = self.layout.grid_flow(row_major=True, columns=3, even_columns=True, even_rows=True)
            for frame in frames[:24]:
                icon = gallery.icon(frame)
                box = grid.box()
                box.template_icon(icon_value=icon, scale=4) if icon else box.label(icon="ERROR", text="")

    bpy.utils.register_class(GRAIL_PT_test_gallery)
    yield from ui.open_tab("GRAIL")
    start = time.thread_time()
    gallery.show(frames)
    ui.record(show_ms=1000 * (time.thread_time() - start))
    readable = [frame for index, frame in enumerate(frames[:24]) if index != 3]
    yield from ui.wait(lambda: all(gallery.icon(frame) for frame in readable), "all thumbnails")
    ui.record(broken=gallery.icon(frames[3]), beyond=gallery.icon(frames[25]), ticks=watch.report())
    yield from ui.shot("thumbnails")
    before = gallery.icon(frames[0])
    frames[0].write_bytes(frames[20].read_bytes())
    gallery.show(frames)
    yield from ui.wait(lambda: gallery.icon(frames[0]) not in (0, before), "the changed picture")
    bpy.utils.unregister_class(GRAIL_PT_test_gallery)
    other = module.gallery("closed while its pictures are made")
    other.show(frames[24:])
    ui.record(timer_before=bpy.app.timers.is_registered(other._timer))
    bpy.ops.preferences.addon_disable(module=EXTENSION)
    ui.record(timer_after=bpy.app.timers.is_registered(other._timer))
    ui.record(threads=[thread.name for thread in threading.enumerate() if thread.name.startswith("grail")])
    ui.record(files=len(list(Path("/scratch/user/extensions/.user").rglob("thumbnails/*.png"))))
