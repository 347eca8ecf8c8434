# SPDX-License-Identifier: GPL-3.0-or-later
"""Video: what would be sent and what it costs, the queue, and the clips that came back."""

from __future__ import annotations

from pathlib import PurePosixPath

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..operators import video_queue
from ..operators.gate_words import spoken_reasons
from ..operators.spoken import spoken
from ..operators.state import STATE
from ..operators.video import dollars
from ..operators.video_queue import QUEUE, ClipView, VideoRow
from .base import GrailPanel
from .problems import draw_problems
from .text import n_, wrapped

VERDICTS = {
    "pass": (n_("The clip looks right"), "CHECKMARK"),
    "warn": (n_("Look at this clip"), "INFO"),
    "suspect": (n_("This clip is suspect"), "ERROR"),
}
STATES = {
    "reserved": n_("waits to be sent"),
    "submitting": n_("is being sent"),
    "submitted": n_("is being made"),
    "succeeded": n_("is ready to fetch"),
    "downloaded": n_("is being checked"),
    "verified": n_("is here"),
    "failed": n_("failed at Kling, not charged"),
    "refused": n_("was refused by Kling, not charged"),
    "released": n_("was taken back before it was sent"),
    "expired": n_("was removed by Kling"),
}
STATE_ICONS = {
    "verified": "CHECKMARK",
    "failed": "ERROR",
    "refused": "ERROR",
    "expired": "ERROR",
    "released": "LOOP_BACK",
}
"""Of a clip that Kling has ended with; one that is on its way has a clock."""
SOURCES = {
    "refined": n_("Prompt written by the vision model"),
    "edited": n_("Prompt edited by you"),
    "fallback": n_("Prompt as in the pipeline file"),
}
MOST_ROWS = 12


class GRAIL_PT_video(GrailPanel, bpy.types.Panel):
    bl_label = "Video"
    bl_order = 5
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        video_queue.keep_queue_current(context)
        layout = self.layout
        if not QUEUE.is_known:
            layout.label(text="Looking at the frames ...", icon="TIME")
            return
        draw_problems(layout, context, QUEUE.problems)
        _draw_lacking(layout, context)
        _draw_sum(layout)
        if QUEUE.unwritten:
            layout.operator("grail.write_prompts", icon="TEXT")
        row = layout.row()
        row.scale_y = 1.4
        row.operator_context = "INVOKE_DEFAULT"
        row.operator("grail.send_to_kling", icon="EXPORT")
        if STATE.is_running:
            layout.operator("grail.cancel", text="Pause", icon="PAUSE")
        elif QUEUE.open_tasks:
            layout.label(
                text=iface_("Clips still with Kling: {count}").format(count=QUEUE.open_tasks),
                translate=False,
                icon="TIME",
            )
            layout.operator("grail.fetch_videos", text="Resume", icon="IMPORT")
        for found in QUEUE.rows[:MOST_ROWS]:
            _draw_row(layout.box(), context, found)
        if len(QUEUE.rows) > MOST_ROWS:
            layout.label(text=iface_("and {count} more").format(count=len(QUEUE.rows) - MOST_ROWS), translate=False)


def _draw_lacking(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The keys that are missing, and the way to enter them."""
    if not QUEUE.lacking:
        return
    box = layout.box()
    for service in QUEUE.lacking:
        text = spoken("There is no Kling key." if service == "kling" else "There is no OpenAI key.")
        wrapped(box, context, text, "ERROR")
    box.operator("grail.open_preferences", icon="KEYINGSET")


def _draw_sum(layout: bpy.types.UILayout) -> None:
    split = layout.split(factor=0.6)
    names, values = split.column(), split.column()
    rows = [(n_("Frames to send"), f"{QUEUE.sendable} / {len(QUEUE.rows)}"), (n_("Clips to buy"), str(QUEUE.clips))]
    rows.append((n_("Costs at most"), f"{dollars(QUEUE.to_buy):.2f} USD"))
    if QUEUE.left is not None:
        rows.append((n_("Left of the budget"), f"{dollars(QUEUE.left):.2f} USD"))
    for name, value in rows:
        names.label(text=name)
        values.label(text=value, translate=False)


def _draw_row(box: bpy.types.UILayout, context: bpy.types.Context, found: VideoRow) -> None:
    icon = "CANCEL" if found.reason else "IMAGE_DATA"
    wrapped(box, context, PurePosixPath(found.video_id).name, icon)
    if found.reason:
        wrapped(box, context, iface_("Not sent: {reason}").format(reason=_why_not(found)), "BLANK1")
    for state, count in found.states:
        text = iface_("Clip {state}").format(state=iface_(STATES.get(state, state)))
        wrapped(box, context, f"{count} x: {text}" if count > 1 else text, STATE_ICONS.get(state, "TIME"))
    if found.prompt and not found.clips:
        wrapped(box, context, found.prompt, "BLANK1")
        if found.source in SOURCES:
            box.label(text=SOURCES[found.source], icon="BLANK1")
        elif QUEUE.refines and not found.is_bought:
            wrapped(box, context, iface_("The vision model makes its prompt out of this"), "BLANK1")
    if found.prompt and not found.is_bought:
        box.operator("grail.edit_prompt", icon="GREASEPENCIL").video_id = found.video_id
    for clip in found.clips:
        _draw_clip(box, context, clip)


def _why_not(found: VideoRow) -> str:
    """Why a frame is not sent, in the window's language."""
    if found.reasons:
        reasons = " ".join(spoken_reasons(found.reasons, found.findings))
        return iface_("the frame failed: {reasons}").format(reasons=reasons)
    return spoken(found.reason)


def _draw_clip(box: bpy.types.UILayout, context: bpy.types.Context, clip: ClipView) -> None:
    text, icon = VERDICTS[clip.verdict]
    column = box.column()
    column.alert = clip.verdict == "suspect"
    wrapped(column, context, iface_(text), icon)
    for reason in clip.reasons:
        wrapped(box, context, spoken(reason), "BLANK1")
    row = box.row(align=True)
    row.operator("grail.play_clip", text="Play", icon="PLAY").file = str(clip.file)
    row.operator("grail.open_clip", text="Player", icon="WINDOW").file = str(clip.file)


CLASSES = (GRAIL_PT_video,)
