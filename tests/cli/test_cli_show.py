# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line shows: plain lines, a bar on terminals, JSON lines for machines, a table at last."""

from __future__ import annotations

import io
import json
import re

import pytest
from rich.console import Console

from grail_addon.cli.show import Show
from grail_addon.steps.events import Done, Ended, Failed, Note, Planned, Skipped, Started

FRAME = {"step": "render", "obj": "Things/mug", "variant": "kid_stage_rand00001"}
ITEM = "render Things/mug/kid_stage_rand00001"
EVENTS = [
    Planned(data={"items": 4, "objects": 1}),
    Note(obj="Things/mug", message="character: kid.blend [starter]"),
    Note(obj="Things/bowl", message="character: kid.blend [starter]"),
    Started("settle Things/mug", "settle", "Things/mug"),
    Done("settle Things/mug", "settle", "Things/mug", verdict="stable", path="a/initial_state.json", seconds=0.42),
    Started(ITEM, **FRAME),
    Done(
        ITEM,
        **FRAME,
        verdict="warn",
        message="hand [left] near the edge.",
        path="a/rand00001.png",
        seconds=12.34,
    ),
    Skipped("render x2", "render", "Things/mug", "x2", message="up to date"),
    Failed(
        "render x3",
        "render",
        "Things/mug",
        "x3",
        message="no placement fits.",
        data={"detail": "Traceback [most]"},
    ),
    Ended(seconds=13.6, data={"done": 2, "skipped": 1, "failed": 1}),
]


def shown(verbose: bool = False, json_out: io.StringIO | None = None, terminal: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=160, force_terminal=terminal, color_system=None, legacy_windows=False)
    with Show(console, json_out, verbose) as show:
        for event in EVENTS:
            show.event(event)
    return out.getvalue()


def test_plain_lines() -> None:
    lines = shown().splitlines()
    assert lines[0] == "character: kid.blend [starter]" and lines.count(lines[0]) == 1, "told once, brackets and all"
    assert lines[1] == "settle Things/mug  0.4 s  stable"
    assert lines[2] == f"{ITEM}  12.3 s  warn: hand [left] near the edge."
    assert lines[3] == "render x3  failed: no placement fits."
    assert lines[-1] == "2 done, 1 up to date, 1 failed in 14 s."
    assert "\x1b" not in shown() and "Traceback" not in shown() and "render x2" not in shown()


def test_table() -> None:
    rows = [re.split(r"\s{2,}", line.strip()) for line in shown().splitlines()[4:-1]]
    assert rows == [
        ["object", "variant", "settle s", "render s", "verdict", "path"],
        ["Things/mug", "(settled)", "0.4", "stable", "a/initial_state.json"],
        ["Things/mug", "kid_stage_rand00001", "12.3", "warn", "a/rand00001.png"],
        ["Things/mug", "x2", "up to date"],
        ["Things/mug", "x3", "failed"],
    ]


def test_lost_textures_have_a_column_and_a_line_each() -> None:
    """Each texture once, with the file and where it was looked for, and the objects that lack it; also of frames made before."""
    wood = "wood.png is not there (looked in /data/mug) (of the object)"
    wall = "wall.png is cut off (of the room)"
    out = io.StringIO()
    console = Console(file=out, width=160, force_terminal=False, color_system=None, legacy_windows=False)
    with Show(console, None, False) as show:
        for number, (obj, lost) in enumerate({"mug": [wood, wall], "jug": [wall], "cup": []}.items()):
            kind = Skipped if obj == "jug" else Done
            data = {"textures_lost": lost} if lost else {}
            show.event(kind(f"r{number}", "render", f"T/{obj}", "v", verdict="warn", path="p.png", data=data))
        show.event(Ended(seconds=1.0, data={"done": 2, "skipped": 1, "failed": 0}))
    lines = out.getvalue().splitlines()
    table = [re.split(r"\s{2,}", line.strip()) for line in lines if line.startswith(("object", "T/"))]
    assert table == [
        ["object", "variant", "settle s", "render s", "verdict", "textures lost", "path"],
        ["T/mug", "v", "0.0", "warn", "2", "p.png"],
        ["T/jug", "v", "warn", "1", "p.png"],
        ["T/cup", "v", "0.0", "warn", "p.png"],
    ]
    assert f"lost texture: {wood}: T/mug" in lines and f"lost texture: {wall}: T/mug, T/jug" in lines


def test_verbose_tells_more() -> None:
    lines = shown(verbose=True).splitlines()
    assert "render x2  up to date" in lines and "Traceback [most]" in lines


def test_json_lines() -> None:
    out = io.StringIO()
    shown(json_out=out)
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    assert found == [json.loads(json.dumps(event.to_json())) for event in EVENTS]
    assert [e["kind"] for e in found] == [e.kind for e in EVENTS]
    assert found[4]["seconds"] == 0.42 and found[8]["data"] == {"detail": "Traceback [most]"}
    assert not any(value in ("", 0.0, {}) for event in found for value in event.values())


def test_a_terminal_has_a_bar_with_count_and_time_left() -> None:
    text = shown(terminal=True)
    assert "\x1b[" in text and "/4" in text and "left" in text
    assert "2 done, 1 up to date, 1 failed in 14 s." in text
    assert "/4" not in shown()


@pytest.mark.parametrize("path", ["a" * 300, "ü/日本.png"])
def test_long_and_foreign_paths_are_whole(path: str) -> None:
    out = io.StringIO()
    with Show(Console(file=out, width=80), None, False) as show:
        for event in (EVENTS[0], Done("x", "render", "o", "v", path=path), EVENTS[-1]):
            show.event(event)
    assert any(line.endswith(path) for line in out.getvalue().splitlines()), "on one line, so that it can be copied"
