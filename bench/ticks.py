# SPDX-License-Identifier: GPL-3.0-or-later
"""What each part of a settle and of frames costs the main thread between two effects, renders apart.

    python -m bench.ticks OUT [--task sitting --category armchair]

The window driver is drained in a plain loop that plays Blender's timer; renders are done at once and not counted.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grail_addon.core.files import write_json
from grail_addon.drivers.window import Costs, WindowDriver
from grail_addon.stage.render.execute import render_now
from grail_addon.steps.effects import Render
from grail_addon.steps.events import Event

from .setup import plan


class RenderAtOnce:
    """A renderer whose renders have ended when they are begun."""

    def begin(self, effect: Render) -> None:
        render_now(effect)

    def poll(self) -> bool:
        return True

    def cancel(self) -> None:
        pass


def rows(costs: Costs) -> list[dict[str, Any]]:
    """Longest first."""
    return [
        {
            "name": name or "start",
            "longest_ms": round(costs.longest[name] * 1000, 1),
            "total_ms": round(costs.total[name] * 1000, 1),
            "count": costs.count[name],
        }
        for name in sorted(costs.longest, key=lambda name: -costs.longest[name])
    ]


def main() -> None:
    """Print the table and write OUT/ticks.json."""
    parser = argparse.ArgumentParser(prog="python -m bench.ticks", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--frames", type=int, default=2)
    parser.add_argument("--task", default="manipulation")
    parser.add_argument("--category", default="cordless_drill")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    given = parser.parse_args()
    out = given.out.resolve()
    keys: dict[str, Any] = {
        "category": given.category,
        "rendering.width": 640,
        "rendering.height": 360,
        "rendering.samples": 1,
        "rendering.num_rand_scenes": given.frames,
        **dict(pair.split("=", 1) for pair in given.set),
    }
    session, _ = plan(out / "run", keys, True, given.task)
    said: list[Event] = []
    driver = WindowDriver(session.run(), RenderAtOnce(), said.append, lambda _: None)
    while (wait := driver.tick()) is not None:
        time.sleep(wait)
    times = driver.times
    tables = {"parts": rows(times.parts), "calls": rows(times.calls)}
    for title, table in tables.items():
        print(f"{title:36} {'longest ms':>10} {'total ms':>9} {'count':>6}")
        for row in table:
            print(f"{row['name']:36} {row['longest_ms']:10} {row['total_ms']:9} {row['count']:6}")
    print(*times.ticks, sep="\n")
    longest = [asdict(tick) for tick in times.ticks]
    write_json(out / "ticks.json", {**tables, "ticks": longest, "failed": session.failed})
    print(*(e.message for e in said if e.kind == "fail"), sep="\n")
    sys.stdout.flush()
    os._exit(1 if session.failed else 0)


if __name__ == "__main__":
    main()
