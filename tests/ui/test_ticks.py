# SPDX-License-Identifier: GPL-3.0-or-later
"""In a real window no tick has more than 8 ms of our own work beside a single call of Blender, over a settle whose drop is
played, a size that is shown, three variants and a video that is bought of the sandbox."""

from __future__ import annotations

from grail_addon.sandbox.movie import MovieOptions
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import SandboxOptions, SandboxState
from tests.ui.window import Installed

BUDGET_MS = 8.0
RUNS = 3
"""At most: other programs on the same core only add to what some work takes, so what is over its budget must be so in each."""


def over_budget(installed: Installed) -> dict[tuple[str, str], str]:
    """What one window took too long for: (stage, part) -> how long that was."""
    options = SandboxOptions(work_seconds=1.0, movie=MovieOptions(shrink=2))
    with SandboxServer(SandboxState(options)) as server:
        data = installed.drive(
            *("measured", installed.backend, server.url, "quick"),
            seconds=500, is_offline=False, options=("--online-mode",),
        ).data  # fmt: skip
    assert [stage["stage"] for stage in data["stages"]] == ["settle", "scale", "variants", "video"]
    assert data["frames"] == 3 and not any(stage["error"] for stage in data["stages"])
    budget = BUDGET_MS * data["slowness"]
    found = {}
    for stage in data["stages"]:
        assert stage["ticks"] and stage["calls"] > 5
        for part, milliseconds, said in stage["ticks"]:
            if milliseconds > budget:
                found[stage["stage"], part] = said
        if stage["other_timers_ms"] > budget:
            found[stage["stage"], "timers"] = f"{stage['other_timers_ms']:.1f} ms in a timer beside the run's"
    for name, milliseconds in data["called_ms"].items():
        if name.endswith(".draw") and milliseconds > budget:
            found["panel", name] = f"{milliseconds} ms"
    return found


def test_no_tick_of_a_window_is_longer_than_its_budget(installed: Installed) -> None:
    over = over_budget(installed)
    for _ in range(RUNS - 1):
        if not over:
            break
        again = over_budget(installed)
        over = {where: f"{said}, and {again[where]}" for where, said in over.items() if where in again}
    assert not over, "in each of the runs, however slow the machine was"
