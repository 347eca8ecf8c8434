# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of docs/performance.md from the benchmarks' JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grail_addon.core.files import read_json

from .parts import table as parts_table

HEAD = """# Performance

Written by `make bench` (`python -m bench --write`); do not edit by hand. Machines are noisy: what counts is the ratio of
two things that were measured in one run. Settling has its own table in [settling.md](settling.md).

"""


def performance(folder: Path) -> str:
    """docs/performance.md as text; folder: where the JSON of the benchmarks is."""
    tables = (
        (frames_table, "frames"),
        (parts_table, "parts"),
        (probe_table, "probe"),
        (quality_table, "quality"),
        (ticks_table, "ticks"),
    )
    return HEAD + "\n".join(table(read_json(folder / f"{name}.json")) for table, name in tables)


def frames_table(data: dict[str, Any]) -> str:
    width, height = data["size"]
    error, memory = data["psnr_db"], data["memory_mb"]
    last = max(int(name.removeprefix("after_")) for name in memory)

    def cost(name: str) -> str:
        return f"{data[f'{name}_cpu_s']:.0f} CPU s, {data[f'{name}_s']:.0f} s, {error[name]:.1f} dB"

    rows = [
        ("open the stage (room, person, object)", f"{data['open_s']:.1f} s", ""),
        ("settle, 16 drops", f"{data['settle_s']:.2f} s", "under 1 s"),
        ("first variant / next variant, 32 samples", f"{data['first_variant_s']:.0f} / {data['next_variant_s']:.0f} s", ""),
        ("whole variant over its bare picture", f"{data['overhead_ratio']:.3f}", "1.05"),
        ("usual procedure, 32 samples", cost("usual"), ""),
        ("ours, 32 samples", cost("ours"), ""),
        ("ours over usual, same samples", f"{data['ours_over_usual']:.2f}", "0.80"),
        (f"ours, `samples: auto` for {data['auto_wanted_db']:.0f} dB ({data['auto_samples']} samples)", cost("auto"), ""),
        ("auto over usual", f"{data['auto_over_usual']:.2f}", "0.40 at 48 dB"),
        ("pilot of `auto`, once for a stage", f"{data['auto_pilot_cpu_s']:.0f} CPU s", ""),
        (f"peak memory after 1 / {last} variants", f"{memory['after_1']:.0f} / {memory[f'after_{last}']:.0f} MB", "flat"),
    ]  # fmt: skip
    parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in sorted(data["timings"].items(), key=lambda t: -t[1]))
    lines = _lines(rows)
    return (
        f"## Frames, {width} x {height}, {data['variants']} variants of the drill\n\n"
        f"Machine: {data['machine']}, CPU rendering, load {data['load_at_end']:.1f} at the end. Ratios are of processor\n"
        f"seconds, on which other work has little effect. dB: PSNR against {data['reference_samples']} samples.\n\n"
        f"| | measured | to reach |\n|---|---|---|\n{lines}\n"
        "The usual procedure is written out in `bench/usual.py`: a fresh process per variant that loads everything and\n"
        "renders frame, object mask and human mask as three pictures with Cycles' default settings at 32 samples.\n\n"
        f"Seconds of one variant: {parts}.\n"
    )


def _lines(rows: list[tuple[str, str, str]]) -> str:
    return "".join(f"| {what} | {measured} | {wanted} |\n" for what, measured, wanted in rows)


def probe_table(data: dict[str, Any]) -> str:
    rows = [
        ("a question in the warm process, two pictures", f"{data['question_s']:.2f} s", ""),
        ("one of its pictures from a process of its own", f"{data['fresh_one_picture_s']:.2f} s", ""),
        ("both from one process", f"{data['fresh_both_pictures_s']:.2f} s", ""),
        ("question over a process for each picture", f"{data['share_of_a_fresh_process_for_each_picture']:.2f}", "0.25"),
        ("question over one process for both", f"{data['share_of_one_fresh_process_for_both']:.2f}", ""),
    ]  # fmt: skip
    lines = _lines(rows)
    return f"## Scale probe\n\n| | measured | to reach |\n|---|---|---|\n{lines}"


def quality_table(data: dict[str, Any]) -> str:
    width, height = data["size"]
    lines = "".join(f"| {row['case']} | {row['psnr_db']:.2f} | {row['cpu_s']:.1f} |\n" for row in data["rows"])
    return (
        f"## Render settings, {width} x {height}, variant {data['seed']} of the drill\n\n"
        f"Against {data['reference_samples']} samples of the same view ({data['reference_cpu_s']:.0f} CPU s). Ours unless the row says\n"
        "otherwise: OIDN with cleaned guides, caustics, light tree, 12 bounces, adaptive threshold 0.01.\n\n"
        f"| setting | PSNR dB | CPU s |\n|---|---|---|\n{lines}"
    )


def ticks_table(data: dict[str, Any]) -> str:
    def lines(name: str) -> str:
        rows = [row for row in data[name] if row["longest_ms"] >= 1.0]
        return "".join(
            f"| {row['name']} | {row['longest_ms']:.1f} | {row['total_ms']:.0f} | {row['count']} |\n" for row in rows
        )

    head = "longest, ms | sum, ms | times |\n|---|---|---|---|\n"
    longest = data["ticks"][0]
    return (
        "## Ticks of the window driver\n\n"
        "`python -m bench.ticks OUT`: processor time of the window's thread, over a settle and two frames of the drill. A tick has\n"
        "8 ms and ends after 5; only a single operator or library call of Blender, which nothing can split, overruns it. Python's\n"
        "garbage collection counts as our own work. The longest tick beside a single call took\n"
        f"{1000 * longest['own_seconds']:.1f} ms ({', '.join(longest['parts'])}).\n\n"
        f"| our own work between two effects | {head}{lines('parts')}\n| single call of Blender | {head}{lines('calls')}"
    )
