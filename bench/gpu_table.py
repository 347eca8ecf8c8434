# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of bench.gpu as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .parts import table


def _missing(part: Any) -> str:
    """Why a part has no figures, empty where it has."""
    if part is None:
        return "not measured yet"
    return str(part.get("left_out") or part.get("failed") or "") if isinstance(part, Mapping) else ""


def _share(value: float | None) -> str:
    return "not known" if value is None else f"{100 * value:.0f} %"


def _device(part: Mapping[str, Any]) -> str:
    rows = [f"| raw picture, {n} samples | {s:.3f} |\n" for n, s in part["raw_s"].items()]
    rows += [
        f"| denoised on the {n} | {part[f'denoised_{n}_s']:.3f} |\n"
        for n in ("cpu", "gpu")
        if f"denoised_{n}_s" in part
    ]
    decibels = ", ".join(f"{n}: {d:.1f}" for n, d in part["psnr_db"].items())
    apart = part.get("denoisers_apart")
    return (
        f"{part['device']['backend']} on {', '.join(part['device']['names']) or 'the processor'}; denoised on the "
        f"{part['device']['denoiser']}. {part['kernels']} Opened in {part['open_s']:.2f} s, first frame after "
        f"{part['first_use_s']:.2f} s more.\n\n| picture | seconds |\n|---|---|\n{''.join(rows)}\n"
        f"dB by samples against the reference: {decibels or 'none'}.\n"
        + (
            f"The denoisers' pictures differ by at most {apart['most']} of 255, {apart['mean']:.3f} on average.\n"
            if apart
            else ""
        )
    )


def bare_picture(device: Any) -> float | None:
    """Seconds of the bare picture as this device makes it; None where that was not measured."""
    if device is None or _missing(device):
        return None
    seconds: float | None = device.get(f"denoised_{device['device']['denoiser'].lower()}_s")
    return seconds


def _overlap(part: Mapping[str, Any], bare: float | None) -> str:
    def ratio(seconds: float) -> str:
        return "not known" if not bare else f"{seconds / bare:.2f}"

    rows = "".join(
        f"| {name.replace('_', ' ')} | {row['between_frames_s']:.3f} | {ratio(row['between_frames_s'])} | "
        f"{row['main_thread_cpu_s']:.2f} | {_share(row['busy_share'])} | {row['peak_mb']:.0f} |\n"
        for name, row in part.items()
    )
    head = "| frames finished | s per frame | over its bare picture | main thread, CPU s outside renders | card busy | MB |\n"
    return f"{head}|---|---|---|---|---|---|\n{rows}"


def _workers(part: Mapping[str, Any]) -> str:
    rows = "".join(
        f"| {number} | {row['frames']} | {row['per_second']:.2f} | {1 / row['per_second']:.2f} | {_share(row['busy_share'])} | "
        f"{row['memory_mb'] or 'not known'} |\n"
        for number, row in part.items()
        if row["per_second"]
    )
    return (
        "| workers | frames | a second | s each, start included | card busy | MB on it |\n|---|---|---|---|---|---|\n"
        + rows
    )


def _start(part: Any) -> str:
    return "".join(
        f"- Python {row['python_s']:.2f} s, imports {row['imports_s']:.2f}, plan {row['plan_s']:.2f}, first render begins after "
        f"{row['first_render_s']:.2f} s ({row['cpu_s']:.2f} CPU s)\n"
        for row in part
    )


def _usual(part: Any) -> str:
    return "".join(f"- {row['wall_s']:.2f} s, card busy {_share(row['busy_share'])}\n" for row in part)


def page(found: Mapping[str, Any]) -> str:
    """All that was measured so far."""
    width, height = found["size"]
    bare = bare_picture(found.get("device"))
    written: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
        ("device", "Device", _device),
        ("overlap", "One process", lambda part: _overlap(part, bare)),
        ("workers", "Workers", _workers),
        ("start", "Start", _start),
        ("usual", "The usual procedure, one variant", _usual),
    )
    text = f"# {width} x {height}, {found['samples']} samples\n"
    for name, title, write in written:
        part = found.get(name)
        text += f"\n## {title}\n\n{_missing(part) or write(part)}\n"
    parts = found.get("parts")
    for name, why in found.get("unfinished", {}).items():
        text += f"\n{name} is not whole: {why}\n"
    return text + "\n" + (table(parts) if parts is not None and not _missing(parts) else "")
