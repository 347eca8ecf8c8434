# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside Blender's window: `blender ... --python driver.py -- SCRIPT OUT [ARGUMENTS]`.

SCRIPT defines `steps(ui)`, a generator: each number of seconds that it yields lets Blender draw and handle events. OUT gets
`result.json` and the screenshots. The exit code is 0 where the script ran to its end.
"""

from __future__ import annotations

import importlib
import json
import runpy
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import bpy

sys.path.insert(0, str(Path(__file__).parent))
from speed import slowness
from ticks import TickWatch

Steps = Generator[float, None, Any]
EDGE = 26
"""Pixels at the lower edge of a region where a click may catch the border; what lies there is scrolled up first."""
SCROLL = 40
"""Pixels that one scroll of Blender's moves."""
PATIENCE = 180.0
"""Seconds until a script gives up waiting: a hang, whatever else the machine does."""
DRAW_SECONDS = 5.0
"""Longest wait for the window to be drawn."""
ROW = 9
"""Pixels between two places where a button is looked for, at a UI scale of 1; buttons are 20 high."""


class Ui:
    """What a script does to the window. Methods that return `Steps` are called with `yield from`."""

    def __init__(self, out: Path, arguments: list[str]) -> None:
        self.out = out
        self.arguments = arguments
        self.data: dict[str, Any] = {}
        self.mouse = (0, 0)
        self.clicks = 0
        self.drawn = 0
        bpy.types.SpaceView3D.draw_handler_add(self._count_draw, (), "WINDOW", "POST_PIXEL")

    def _count_draw(self) -> None:
        self.drawn += 1

    # what is there
    @property
    def window(self) -> Any:
        return bpy.context.window_manager.windows[0]

    @property
    def area(self) -> Any:
        """The first 3D viewport."""
        return next(area for area in self.window.screen.areas if area.type == "VIEW_3D")

    @property
    def sidebar(self) -> Any:
        return next(region for region in self.area.regions if region.type == "UI")

    def override(self) -> Any:
        """A context as the sidebar's buttons have it, for calling an operator."""
        viewport = next(region for region in self.area.regions if region.type == "WINDOW")
        return bpy.context.temp_override(window=self.window, area=self.area, region=viewport)

    def record(self, **values: Any) -> None:
        """Put values into result.json, for the test outside."""
        self.data |= values

    # waiting
    def wait(self, condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Steps:
        """Until `condition()` is true, which is returned. Raises AssertionError that names `what` after `seconds`."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < end, f"{what} did not come within {seconds} s"
            yield 0.05
        return value

    def redraw(self) -> Steps:
        """Until the window was drawn once more; a busy machine takes its time."""
        drawn, areas = self.drawn, self.window.screen.areas
        for area in areas:
            area.tag_redraw()
        yield 0.3
        end = time.monotonic() + DRAW_SECONDS
        while self.drawn == drawn and any(area.type == "VIEW_3D" for area in areas) and time.monotonic() < end:
            yield 0.1

    # mouse and keys
    def event(self, kind: str, value: str = "PRESS", **more: Any) -> None:
        """One simulated event where the mouse is."""
        self.window.event_simulate(type=kind, value=value, x=self.mouse[0], y=self.mouse[1], **more)

    def move(self, x: int, y: int) -> Steps:
        """Move the mouse there; y counts from the bottom of the window."""
        self.mouse = (x, y)
        self.event("MOUSEMOVE", "NOTHING")
        yield 0.05

    def click_at(self, x: int, y: int, button: str = "LEFTMOUSE", **modifiers: bool) -> Steps:
        """Press and release there."""
        self.clicks += 1
        yield from self.move(x, y)
        self.event(button, "PRESS", **modifiers)
        yield 0.05
        self.event(button, "RELEASE", **modifiers)
        yield 0.2

    def press(self, key: str, **modifiers: bool) -> Steps:
        """Press and release a key, such as "RET", "ESC", or "Z" with ctrl=True."""
        self.event(key, "PRESS", **modifiers)
        yield 0.05
        self.event(key, "RELEASE", **modifiers)
        yield 0.2

    def type_text(self, text: str) -> Steps:
        """Type into the field that is being edited (ASCII letters, digits and a few signs)."""
        digits = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")
        names = {str(number): key for number, key in enumerate(digits)}
        names |= {" ": "SPACE", ".": "PERIOD", "/": "SLASH", "-": "MINUS", ",": "COMMA"}
        for letter in text:
            key = names.get(letter, letter.upper())
            self.event(key, "PRESS", unicode=letter)
            yield 0.03
            self.event(key, "RELEASE")
            yield 0.03

    def real_click(self, x: int, y: int) -> Steps:
        """A click of the X server's own mouse, in a window that was started with `simulate=False`."""
        self._xdotool("mousemove", str(x), str(self.window.height - y), "sleep", "0.2", "click", "1")
        yield 0.3

    def real_key(self, key: str) -> Steps:
        """A key of the X server's own keyboard, such as "Escape" or "ctrl+z"; it goes to what is under the mouse."""
        self._xdotool("key", key)
        yield 0.3

    def _xdotool(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], check=True)

    # time
    def watch_timers(self) -> TickWatch:
        """Measure the extension's timers that start from now on; `report()` of it tells the longest tick."""
        return TickWatch("bl_ext.user_default.grail_hoi")

    # the sidebar, and other regions
    def open_tab(self, name: str = "GRAIL") -> Steps:
        """Show the sidebar with this tab in front. Raises TypeError where there is no such tab."""
        self.area.spaces.active.show_region_ui = True
        yield from self.redraw()
        yield from self.wait(lambda: self.sidebar.width > 20 and self.sidebar.active_panel_category, "the sidebar")
        self.sidebar.active_panel_category = name
        yield from self.redraw()

    def only(self, name: str) -> None:
        """Fold all panels of the tab but the class called `name`, and the progress, so that it is on the screen. For panels
        that were not drawn yet; `alone` is for others."""
        for cls in self._panels():
            if cls.__name__ != "GRAIL_PT_progress":
                cls.bl_options = set() if cls.__name__ == name else {"DEFAULT_CLOSED"}
                bpy.utils.unregister_class(cls)
                bpy.utils.register_class(cls)

    def alone(self, name: str) -> Steps:
        """Have no panel of the tab but the class called `name`, unfolded, and the progress."""
        for cls in self._panels():
            if cls.is_registered and cls.__name__ != name:
                bpy.utils.unregister_class(cls)
            elif cls.__name__ == name and not cls.is_registered:
                bpy.utils.register_class(cls)
        yield from self.redraw()
        offered = yield from self.scan()
        if not any("grail" in text for text in offered):
            scale = bpy.context.preferences.system.ui_scale
            top = self.sidebar.y + self.sidebar.height
            yield from self.click_at(self.sidebar.x + round(60 * scale), top - round(14 * scale))
            yield 0.5
        bpy.utils.register_class(next(cls for cls in self._panels() if cls.__name__ == "GRAIL_PT_progress"))
        yield from self.redraw()

    def all_panels(self) -> None:
        """Have all panels of the tab again."""
        for cls in self._panels():
            if not cls.is_registered:
                bpy.utils.register_class(cls)

    @staticmethod
    def _panels() -> tuple[Any, ...]:
        classes: tuple[Any, ...] = importlib.import_module("bl_ext.user_default.grail_hoi.panels").CLASSES
        return classes

    def under_mouse(self, region: Any) -> str:
        """What the button under the mouse does: Python of its operator, or the full path of its property; else nothing."""
        manager = bpy.context.window_manager
        manager.clipboard = ""
        with bpy.context.temp_override(window=self.window, area=area_of(region, self.window), region=region):
            if bpy.ops.ui.copy_python_command_button.poll():
                bpy.ops.ui.copy_python_command_button()
            elif bpy.ops.ui.copy_data_path_button.poll():
                bpy.ops.ui.copy_data_path_button(full_path=True)
        return str(manager.clipboard)

    def look(self, columns: tuple[float, ...], region: Any) -> Generator[float | tuple[str, int, int], None, None]:
        """Move down the visible part of a region; yields seconds, and (what the button does, x, y) over a button."""
        step = max(3, round(ROW * bpy.context.preferences.system.ui_scale))
        for share in columns:
            x = round(region.x + share * (region.width - 20))
            for y in range(region.y + region.height - 4, region.y + 4, -step):
                yield from self.move(x, y)
                name = self.under_mouse(region)
                if name:
                    yield name, x, y

    def scan(self, columns: tuple[float, ...] = (0.65,), region: Any = None) -> Steps:
        """What the visible part of a region (the sidebar) offers: `bpy.ops...()` or a property's path -> where (x, y).

        columns: shares of the region's width to look at; a row of several buttons needs several. Greyed buttons are
        not found: ask their `poll`.
        """
        found: dict[str, list[tuple[int, int]]] = {}
        for seen in self.look(columns, region or self.sidebar):
            if isinstance(seen, tuple):
                found.setdefault(seen[0], []).append(seen[1:])
            else:
                yield seen
        return {name: places[len(places) // 2] for name, places in found.items()}

    def find(self, text: str, columns: tuple[float, ...] = (0.65,), region: Any = None) -> Steps:
        """Where the first button of a region (the sidebar) is whose operator or property holds `text`; scrolls to it."""
        known: set[str] = set()
        yield from self.redraw()  # what was clicked before may have moved the rest
        place = yield from self._find_below(text, columns, region, known)
        if place is None:
            yield from self.scroll(10.0, region)
            place = yield from self._find_below(text, columns, region, known)
        assert place, f"no button for {text}; there are {sorted(known)}"
        return place

    def _find_below(self, text: str, columns: tuple[float, ...], region: Any, known: set[str]) -> Steps:
        """As `find`, from what is in view down; None where it is not there. known: takes what was seen."""
        where = region or self.sidebar
        lowest = where.y + EDGE * bpy.context.preferences.system.ui_scale
        still = 0  # looks that showed nothing new; a region that has just grown does not scroll at once
        while still < 3:
            names = set()
            for seen in self.look(columns, where):
                if not isinstance(seen, tuple):
                    yield seen
                elif text in seen[0] and (seen[2] > lowest or still):
                    return seen[1], seen[2] - 4  # from the upper edge into the button
                else:
                    names.add(seen[0])
            still = still + 1 if names <= known else 0
            known |= names
            yield from self.scroll(-0.7, region)
        return None

    def scroll(self, share: float, region: Any = None) -> Steps:
        """Scroll a region (the sidebar) by a share of its height; negative is down."""
        region = region or self.sidebar
        scroll = bpy.ops.view2d.scroll_down if share < 0 else bpy.ops.view2d.scroll_up
        with bpy.context.temp_override(window=self.window, area=area_of(region, self.window), region=region):
            for _ in range(round(abs(share) * region.height / SCROLL) if scroll.poll() else 0):
                scroll()
        yield from self.redraw()

    def click(self, text: str, columns: tuple[float, ...] = (0.65,), region: Any = None) -> Steps:
        """Click the button whose operator or property holds `text`, such as "grail.settle" or ".task"."""
        for _ in range(3):
            place = yield from self.find(text, columns, region)
            yield from self.redraw()
            yield from self.move(*place)
            if text in self.under_mouse(region or self.sidebar):
                break  # else it has moved meanwhile, as after a row that vanished
        yield from self.click_at(*place)

    # pictures
    def shot(self, name: str) -> Steps:
        """A picture of the whole window: OUT/name.png."""
        yield from self._picture(name, [])

    def shot_sidebar(self, name: str) -> Steps:
        """A picture of the sidebar alone."""
        region, height = self.sidebar, self.window.height
        top = height - region.y - region.height
        yield from self._picture(name, ["-crop", f"{region.width}x{region.height}+{region.x}+{top}", "+repage"])

    def _picture(self, name: str, options: list[str]) -> Steps:
        # Blender's own screenshot is black on software OpenGL
        yield from self.redraw()
        subprocess.run(["import", "-window", "root", *options, str(self.out / f"{name}.png")], check=True)


def area_of(region: Any, window: Any) -> Any:
    """The area that a region belongs to."""
    return next(area for area in window.screen.areas if any(region == one for one in area.regions))


def start(script: Path, out: Path, arguments: list[str]) -> None:
    """Run the script's steps from a timer, and end Blender after them."""
    ui = Ui(out, arguments)
    begin = time.monotonic()
    slow_at_first = slowness()
    steps = runpy.run_path(str(script))["steps"](ui)

    def tick() -> float:
        try:
            return float(next(steps))
        except StopIteration:
            end("")
        except BaseException:  # an exception that leaves a timer would only be printed, and Blender would run on
            end(traceback.format_exc())
        return 0.0

    def end(error: str) -> None:
        if error:
            sys.stderr.write(error)
            subprocess.run(["import", "-window", "root", str(out / "error.png")], check=False)
        result = {
            "error": error,
            "data": ui.data,
            "seconds": round(time.monotonic() - begin, 2),
            "slowness": max(slow_at_first, slowness()),
        }
        (out / "result.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
        sys.stdout.flush()
        sys.stderr.flush()
        sys.exit(1 if error else 0)

    bpy.app.timers.register(tick, first_interval=0.5, persistent=True)


bpy.context.preferences.view.show_splash = False
given = sys.argv[sys.argv.index("--") + 1 :]
start(Path(given[0]), Path(given[1]), given[2:])
