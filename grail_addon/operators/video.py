# SPDX-License-Identifier: GPL-3.0-or-later
"""Video: edit prompts, send frames to Kling once the sum is agreed to, fetch, and play what came back."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.app.translations import pgettext_iface as iface_

from . import running, sessions
from .online import may_use_network
from .redraw import files_changed
from .spoken import spoken_problems
from .video_queue import QUEUE, VideoRow
from .viewer import show_clip

if TYPE_CHECKING:
    from ..pipeline.session import Session
    from ..steps.effects import Steps

SAME_USD = 0.005
"""Sums that differ by less are the same: Blender keeps them as 32-bit floats."""
WIDTH = 420


def dollars(micro: int) -> float:
    """Micro-dollars as dollars."""
    return micro / 1_000_000


def _row(video_id: str) -> VideoRow | None:
    return next((row for row in QUEUE.rows if row.video_id == video_id), None)


class GRAIL_OT_send_to_kling(bpy.types.Operator):
    """Send the frames that may be sent to Kling, which costs money. You are shown the sum first"""

    bl_idname = "grail.send_to_kling"
    bl_label = "Send to Kling"

    confirmed_usd: bpy.props.FloatProperty(
        name="Agreed Sum (USD)",
        description="What you agree to spend at most; nothing is sent where it costs another sum",
        default=-1.0,
        precision=2,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not bpy.app.background:
            if QUEUE.problems:
                cls.poll_message_set(spoken_problems(QUEUE.problems))
                return False
            if QUEUE.lacking:
                cls.poll_message_set("There is no key for it; enter it in the extension's preferences first")
                return False
            if not QUEUE.sendable:
                cls.poll_message_set("There is no frame that may be sent; render and approve some first")
                return False
            if not QUEUE.clips:
                cls.poll_message_set("Each frame that may be sent has its clips already")
                return False
            if QUEUE.unwritten:
                cls.poll_message_set("Write the prompts first, so that you can read and change them")
                return False
        return may_use_network(cls) and running.may_start(cls)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.confirmed_usd = dollars(QUEUE.to_buy)
        return context.window_manager.invoke_props_dialog(
            self,
            width=WIDTH,
            title=_question().format(clips=QUEUE.clips, usd=self.confirmed_usd),
            confirm_text=iface_("Spend {usd:.2f} USD").format(usd=self.confirmed_usd),
            cancel_default=True,
        )

    def draw(self, context: bpy.types.Context) -> None:
        column = self.layout.column()
        lines = [iface_("Frames: {frames}, clips: {clips}").format(frames=QUEUE.sendable, clips=QUEUE.clips)]
        if QUEUE.left is not None:
            lines.append(iface_("Left of the budget: {usd:.2f} USD").format(usd=dollars(QUEUE.left)))
        lines.append(iface_("What is sent is charged by Kling, whatever comes out."))
        for line in lines:
            column.label(text=line, translate=False)
        if QUEUE.left is not None and QUEUE.to_buy > QUEUE.left:
            column.label(text="The budget ends the queue before all is sent.", icon="ERROR")

    def execute(self, context: bpy.types.Context) -> set[str]:
        found = running.attempted(self, lambda: _quoted(context))
        if found is None:
            return {"CANCELLED"}
        session, sum_usd = found
        if abs(sum_usd - self.confirmed_usd) >= SAME_USD:
            files_changed()
            self.report({"ERROR"}, _refusal(sum_usd, self.confirmed_usd))
            return {"CANCELLED"}
        return running.run_operator(self, "Send to Kling", session.run)


def _quoted(context: bpy.types.Context) -> tuple[Session, float]:
    """The session that sends, and the dollars that it spends at most."""
    session = sessions.session_for(context, sessions.VIDEOS)
    quote = session.quote()
    return session, 0.0 if quote is None else dollars(quote.most)


def _refusal(now: float, agreed: float) -> str:
    if agreed < 0.0:
        return iface_("Nothing was sent: agree to the sum with confirmed_usd={now:.2f}").format(now=now)
    return iface_("Nothing was sent: it costs {now:.2f} USD, not the agreed {agreed:.2f}").format(
        now=now, agreed=agreed
    )


def _question() -> str:
    return (
        iface_("Send 1 clip for {usd:.2f} USD?")
        if QUEUE.clips == 1
        else iface_("Send {clips} clips for {usd:.2f} USD?")
    )


class GRAIL_OT_fetch_videos(bpy.types.Operator):
    """Fetch the clips that were sent earlier, also by another Blender. Nothing new is sent, and nothing costs money"""

    bl_idname = "grail.fetch_videos"
    bl_label = "Fetch Clips"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return may_use_network(cls) and running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return running.run_operator(
            self, "Fetch Clips", lambda: _run(sessions.opening(context, sessions.VIDEOS, resume=True))
        )


def _run(opening: Steps[Session]) -> Steps[None]:
    session = yield from opening
    yield from session.run()


class GRAIL_OT_write_prompts(bpy.types.Operator):
    """Have the vision model write the prompts of the frames that may be sent, so that you can read and change them first. Costs a few cents for each frame"""

    bl_idname = "grail.write_prompts"
    bl_label = "Write Prompts"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not bpy.app.background and not QUEUE.unwritten:
            cls.poll_message_set("Each frame that may be sent has its prompt")
            return False
        return may_use_network(cls) and running.may_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return running.run_operator(
            self,
            "Write Prompts",
            lambda: _write_prompts(sessions.opening(context, sessions.VIDEOS)),
            lambda _: files_changed(),
        )


def _write_prompts(opening: Steps[Session]) -> Steps[int]:
    session = yield from opening
    from ..pipeline.videos.ahead import write_prompts_ahead

    return (yield from write_prompts_ahead(session))


class GRAIL_OT_edit_prompt(bpy.types.Operator):
    """Change the words that are sent with this frame. They are sent as you write them, with a word about the still camera"""

    bl_idname = "grail.edit_prompt"
    bl_label = "Edit Prompt"

    video_id: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    text: bpy.props.StringProperty(
        name="Prompt",
        description="What the person does; # separates the segments of a clip that has several",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return running.may_start(cls)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        row = _row(self.video_id)
        if row is None or row.reason:
            self.report({"ERROR"}, bpy.app.translations.pgettext_rpt("This frame is not sent"))
            return {"CANCELLED"}
        self.text = row.prompt
        return context.window_manager.invoke_props_dialog(self, width=640, confirm_text="Save Prompt")

    def draw(self, context: bpy.types.Context) -> None:
        column = self.layout.column()
        for line in textwrap.wrap(self.text, 90):
            column.label(text=line, translate=False)
        column.prop(self, "text", text="")

    def execute(self, context: bpy.types.Context) -> set[str]:
        saved = running.attempted(self, lambda: _save_prompt(context, self.video_id, self.text))
        if saved is None:
            return {"CANCELLED"}
        files_changed()
        return {"FINISHED"}


def _save_prompt(context: bpy.types.Context, video_id: str, text: str) -> str:
    """The text that was saved. Raises UserError where the frame is not sent, or was sent already."""
    from ..core.errors import Problem, UserError
    from ..pipeline.videos.edit import save_prompt

    session = sessions.session_for(context, sessions.VIDEOS)
    vid = next((vid for vid in session.frames if str(vid) == video_id), None)
    if vid is None:
        raise UserError(Problem(f"{video_id} is not asked for.", "Look at Setup."))
    save_prompt(session, vid, text)
    return text


def _with_clip(operator: bpy.types.Operator, file: str, use: Callable[[Path], object]) -> set[str]:
    """Hand the clip to `use`; reported where it is gone. What the operator returns."""
    if not Path(file).is_file():
        operator.report({"ERROR"}, bpy.app.translations.pgettext_rpt("The clip is not there any more"))
        return {"CANCELLED"}
    use(Path(file))
    return {"FINISHED"}


class GRAIL_OT_play_clip(bpy.types.Operator):
    """Play the finished clip in a window of Blender"""

    bl_idname = "grail.play_clip"
    bl_label = "Play in Blender"

    file: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if bpy.app.background:
            cls.poll_message_set("There is no window in the background")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _with_clip(self, self.file, show_clip)


class GRAIL_OT_open_clip(bpy.types.Operator):
    """Open the finished clip in the program that your computer plays videos with"""

    bl_idname = "grail.open_clip"
    bl_label = "Open in Player"

    file: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _with_clip(self, self.file, lambda clip: bpy.ops.wm.path_open(filepath=str(clip)))


CLASSES = (
    GRAIL_OT_send_to_kling,
    GRAIL_OT_fetch_videos,
    GRAIL_OT_write_prompts,
    GRAIL_OT_edit_prompt,
    GRAIL_OT_play_clip,
    GRAIL_OT_open_clip,
)
