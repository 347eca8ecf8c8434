# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's plots as SVG files: settling, scale search, stillness of a video.

Drawn on nothing with mid-tones, since one file has to read on a light and on a dark page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pygal
from pygal.style import Style

from ..core.arrays import Array

_MOST_POINTS = 240  # more are not seen at the plots' size
_INK = "#8a93a3"
_CSS = f"inline:.axis .guide.line, .axis .major.line {{ stroke: {_INK} !important; stroke-opacity: .28; }}"
_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground=_INK,
    foreground_strong=_INK,
    foreground_subtle=_INK,
    colors=("#4c8dff", "#e0793a"),
    font_family="system-ui, sans-serif",
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=13,
    title_font_size=14,
    opacity=".95",
    stroke_width="2",
)


def settle_plots(state: Mapping[str, Any]) -> dict[str, bytes]:
    """`height` over the place of rest and `angle` to the final pose over time; empty where no trajectory is kept.

    state: `initial_state.json` or any mapping with `trajectory` (T, 7: x, y, z, qx, qy, qz, qw), and `times` (T,) or
    `time_step` in seconds or `fps`; without any the axis counts frames.
    """
    rows = np.asarray(state.get("trajectory") or (), dtype=np.float64)
    if rows.ndim != 2 or rows.shape[0] < 2 or rows.shape[1] != 7:
        return {}
    times, unit = _times(state, len(rows))
    height = (rows[:, 2] - rows[-1, 2]) * 1000
    turn = 2 * np.degrees(np.arccos(np.clip(np.abs(rows[:, 3:] @ rows[-1, 3:]), 0, 1)))
    return {
        "height": _plot("height over rest, mm", unit, {"height": (times, height)}),
        "angle": _plot("angle to the final pose, degrees", unit, {"angle": (times, turn)}),
    }


def scale_plot(history: Sequence[Mapping[str, Any]]) -> bytes | None:
    """Scale over the questions asked; None for less than two."""
    scales = [entry.get("scale") for entry in history]
    sizes = [float(max(s)) if isinstance(s, (list, tuple)) else float(s) for s in scales if s is not None]
    if len(sizes) < 2:
        return None
    return _plot("scale tried", "question", {"scale": (np.arange(1.0, len(sizes) + 1), np.array(sizes))}, counted=True)


def stillness_plot(motion: Sequence[float], times: Sequence[float] | None, limit: float | None) -> bytes | None:
    """Movement of the background against the first frame, with the limit; None for less than two frames."""
    if len(motion) < 2:
        return None
    at = np.asarray(times if times and len(times) == len(motion) else range(len(motion)), dtype=np.float64)
    lines = {"motion": (at, np.asarray(motion, dtype=np.float64))}
    if limit is not None:
        lines["limit"] = (at[[0, -1]], np.array([limit, limit]))
    return _plot("motion of the background, px", "seconds" if times else "frame", lines)


def _times(state: Mapping[str, Any], count: int) -> tuple[Array, str]:
    times = state.get("times")
    if isinstance(times, list) and len(times) == count:
        return np.asarray(times, dtype=np.float64), "seconds"
    step = 1.0 / float(state["fps"]) if state.get("fps") else state.get("time_step")
    return np.arange(count) * float(step or 1.0), "seconds" if step else "frame"


def _thinned(at: Array, values: Array) -> list[tuple[float, float]]:
    """At most `_MOST_POINTS` points, the first and the last among them."""
    keep = np.unique(np.linspace(0, len(at) - 1, min(len(at), _MOST_POINTS)).round().astype(int))
    return [(round(float(at[i]), 4), round(float(values[i]), 4)) for i in keep]


def ticks(low: float, high: float, most: int, least: float = 0.0) -> list[float]:
    """At most `most` round numbers that cover low to high, at steps of 1, 2 or 5 times a power of ten from `least` on."""
    span = max(high - low, 1e-6)
    step = max(10.0 ** np.floor(np.log10(span / (most - 1))), least)
    for factor in (1, 2, 5, 10, 20):
        first, last = np.floor(low / (step * factor)), np.ceil(high / (step * factor))
        if last - first + 1 <= most:
            break
    return [float(f"{n * step * factor:.6g}") for n in range(int(first), int(max(last, first + 1)) + 1)]


def _plot(title: str, x_title: str, lines: Mapping[str, tuple[Array, Array]], counted: bool = False) -> bytes:
    """An XY plot without script, network font or animation. counted: x counts things, so each is shown by a dot."""
    least = 1.0 if counted else 0.0
    across = ticks(min(x.min() for x, _ in lines.values()), max(x.max() for x, _ in lines.values()), 7, least)
    lowest, highest = min(y.min() for _, y in lines.values()), max(y.max() for _, y in lines.values())
    # a dip too small to be seen must not take a quarter of the plot
    upward = ticks(0.0 if lowest > -0.03 * highest else lowest, highest, 5)
    chart = pygal.XY(
        style=_STYLE,
        css=[*pygal.Config().css, _CSS],
        js=[],
        width=460,
        height=200,
        explicit_size=True,
        margin=10,
        title=title,
        x_title=x_title,
        x_labels=across,
        y_labels=upward,
        xrange=(across[0], across[-1]),
        range=(upward[0], upward[-1]),
        value_formatter=lambda value: f"{value:g}",
        x_value_formatter=lambda value: f"{value:g}",
        show_dots=counted,
        show_legend=len(lines) > 1,
        legend_at_bottom=True,
        legend_box_size=10,
        show_y_guides=True,
        no_prefix=True,
    )
    for name, (x, y) in lines.items():
        chart.add(name, _thinned(x, y))
    return bytes(chart.render())
