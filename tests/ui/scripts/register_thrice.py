# SPDX-License-Identifier: GPL-3.0-or-later
"""Disables and enables the extension three times; records what is left of it after each, and what enabling takes of the processor.

The preferences' check box also has Blender delete and unpack the libraries, 1 s of its own. What every start pays, with
the libraries in place, is timed without that.
"""

import gc
import sys
import threading
import time

import addon_utils
import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"


def left_behind():
    """Everything of the extension that is still there though it is disabled."""
    gc.collect()
    handlers = [
        function
        for name in dir(bpy.app.handlers)
        if isinstance(found := getattr(bpy.app.handlers, name), list)
        for function in found
    ]
    # a function that Blender still holds (a timer, a callback) keeps its code alive
    functions = [found for found in gc.get_objects() if callable(found) and type(found).__name__ == "function"]
    return {
        "modules": [name for name in sys.modules if name.startswith(f"{EXTENSION}.")],
        "classes": [name for name in dir(bpy.types) if "grail" in name.lower()],
        "operators": dir(bpy.ops.grail),
        "properties": [
            f"{kind}.{name}"
            for kind in ("Scene", "Object", "WindowManager")
            for name in dir(getattr(bpy.types, kind))
            if "grail" in name.lower()
        ],
        "threads": [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()],
        "handlers": [str(found) for found in handlers if str(found.__module__).startswith(EXTENSION)],
        "functions": [str(f) for f in functions if str(f.__module__).startswith(f"{EXTENSION}.")],
    }


def steps(ui):
    rounds = []
    for _ in range(3):
        bpy.ops.preferences.addon_disable(module=EXTENSION)
        yield 0.2
        left = left_behind()
        bpy.ops.preferences.addon_enable(module=EXTENSION)
        heavy = [name for name in ("pydantic", "PIL", "av", "openai", "coacd") if name in sys.modules]
        rounds.append({"left": left, "heavy": heavy})
        yield 0.2
    seconds = []
    for _ in range(3):
        addon_utils.disable(EXTENSION)
        start = time.thread_time()
        addon_utils.enable(EXTENSION)
        seconds.append(time.thread_time() - start)
    ui.record(enable_seconds=min(seconds))  # other programs only add to it
    ui.record(rounds=rounds, enabled=EXTENSION in bpy.context.preferences.addons)
    yield from ui.open_tab("GRAIL")
    ui.record(tab=ui.sidebar.active_panel_category)
