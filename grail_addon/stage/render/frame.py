# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the picture of one conditioning frame: placement, light, camera, one look at the geometry, one picture."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ...core.clock import Clock
from ...core.config.scene import ResolvedObject
from ...core.files import atomic_path
from ...core.gate.judge import judge_framing
from ...core.gate.types import GateVerdict
from ...core.layout import ResultsLayout, VideoId
from ...core.plan.items import Item, ObjectJob
from ...core.settle.rest import RestPose
from ...core.streams import stream
from ...core.variant.draw import Variant, draw_variant
from ...core.variant.poses import draw_pose, draw_pose_of
from ...core.variant.scenery import draw_scenery
from ...steps.effects import Pause, Steps, offload
from ...steps.options import StageOptions
from ...steps.port import MadePicture
from ..importers.surface_colour import SurfaceColour
from ..person.person import Person
from ..person.poser import AS_LOADED, Posture
from ..room.placement import Placed, place_variant, turn_gaze
from ..room.scene import Stage
from .aim import View, choose_view, sample_view
from .context import FrameContext
from .device import Device
from .facts import StageFacts, geometry_facts
from .finish import FrameFinisher, PartTimer, PicturedFrame
from .render import Quality, render_frame
from .samples import AutoSamples


class FrameMaker:
    """Makes the frames of one object on one stage. mesh_file: the object's mesh in the results folder."""

    def __init__(
        self,
        stage: Stage,
        person: Person,
        device: Device,
        options: StageOptions,
        layout: ResultsLayout,
        clock: Clock,
        mesh_file: Path,
        colour: SurfaceColour,
        auto: AutoSamples,
    ) -> None:
        self._stage, self._person, self._device = stage, person, device
        self._options, self._layout, self._clock = options, layout, clock
        self._mesh_file, self._auto = mesh_file, auto
        self._colour = colour
        self._told = False

    def make(self, job: ObjectJob, item: Item, rest: RestPose) -> Steps[MadePicture]:
        """Make the picture of `item`; its `finish` makes all the files beside it, proves and judges them."""
        vid = _require(item.vid)
        timer = PartTimer(self._clock)
        with timer.part("total"):
            quality, auto = yield from self._quality(job, timer)
            context, view, lamps = yield from self._set_up(job, item, vid, rest, timer)
            with timer.part("picture"), atomic_path(self._layout.frame(vid)) as temp:
                yield Pause("picture")
                seed = _noise_seed(self._options.seed, vid)
                yield from render_frame(self._stage.scene, temp, quality, seed)
        render = {
            "samples": quality.samples,
            "denoise": quality.denoise,
            "device": self._device.to_json(),
            **lamps,
            **auto,
        }
        parameters = {
            **view.variant.parameters(),
            "character_position": context.placed.character_position,
            "support": context.placed.support,
            **_posture_record(posture_of(self._options.seed, vid, job.settings, self._person.pose_count)),
            **({} if self._person.gaze is None else {"gaze": self._person.gaze}),
        }
        notes = tuple(note for note in (self._auto.note(auto), self._gaze_note(job)) if note)
        stage = StageFacts.of(self._stage, context)
        pictured = PicturedFrame(stage, context, view, self._colour, parameters, render, notes)
        return MadePicture(self._finisher(pictured, timer).finish)

    def _finisher(self, pictured: PicturedFrame, timer: PartTimer) -> FrameFinisher:
        return FrameFinisher(pictured, self._layout, self._mesh_file, self._options.gate, timer)

    def _gaze_note(self, job: ObjectJob) -> str:
        """A sentence, once, where the person cannot look at what the scene says."""
        if job.settings.gaze == "ahead" or self._person.gaze is not None or self._told:
            return ""
        self._told = True
        return f"{self._person.name} looks ahead: none of its bones is known to be a head."

    def preview(self, job: ObjectJob, item: Item, rest: RestPose) -> Steps[View]:
        """Set up the stage as for the picture of `item`, and make none."""
        _, view, _ = yield from self._set_up(job, item, _require(item.vid), rest, PartTimer(self._clock))
        return view

    def _set_up(
        self, job: ObjectJob, item: Item, vid: VideoId, rest: RestPose, timer: PartTimer
    ) -> Steps[tuple[FrameContext, View, dict[str, Any]]]:
        """Dress the room, place object and person, light, aim the camera. Third: scenery and lamps, for the manifest."""
        with timer.part("scenery"):
            yield Pause("scenery")
            numbers = draw_scenery(self._options.seed, vid, job.settings.scene_variety)
            scenery = self._stage.dress(numbers, job.settings.scenery)
            yield from self._stage.measured()
        with timer.part("person"):
            posture = posture_of(self._options.seed, vid, job.settings, self._person.pose_count)
            yield from self._person.assume(posture)
        with timer.part("placement"):
            drawn, placed = yield from self._place(job, vid, rest)
            lamps = yield from self._stage.lights.lit(drawn.light)
        context = FrameContext(job, item, vid, rest, self._person, drawn, placed)
        with timer.part("geometry"):
            yield Pause("camera")
            view = yield from self._aim(context)
            if job.settings.gaze == "camera":
                context, view = yield from self._look_into(context, view)
        return context, view, {"scenery": scenery, **lamps}

    def _look_into(self, context: FrameContext, view: View) -> Steps[tuple[FrameContext, View]]:
        """The same view with the gaze on the camera that was chosen; placement knew only the one that was drawn."""
        placed, scale = context.placed, context.job.settings.character_scale
        stands = (placed.character_position, placed.character_turn_deg, scale)
        yield from turn_gaze(self._person, view.camera.position, *stands)
        placed = replace(placed, person_mesh=self._person.place(*stands))
        seen = yield from sample_view(self._stage, view.variant, placed, *context.size)
        return replace(context, placed=placed), seen

    def _place(self, job: ObjectJob, vid: VideoId, rest: RestPose) -> Steps[tuple[Variant, Placed]]:
        def draw(attempt: int) -> Variant:
            return draw_variant(
                self._options.seed,
                vid,
                job.settings,
                placement_attempt=attempt,
                same_for_all=self._options.rendering.same_for_all,
            )

        return place_variant(self._stage, self._person, job.settings, draw, rest)

    def _quality(self, job: ObjectJob, timer: PartTimer) -> Steps[tuple[Quality, dict[str, Any]]]:
        """Samples as configured, or as the pilot render of this stage found; and what to record of that."""
        rendering = self._options.rendering
        samples = rendering.wanted_samples
        if samples != "auto":
            return Quality(samples, rendering.denoise), {}
        with timer.part("pilot"):
            return (yield from self._auto.quality(self._stage, self._person, job))

    def _aim(self, context: FrameContext) -> Steps[View]:
        def draw(attempt: int) -> Variant:
            return draw_variant(
                self._options.seed,
                context.vid,
                context.job.settings,
                camera_attempt=attempt,
                placement_attempt=context.drawn.placement_attempt,
                same_for_all=self._options.rendering.same_for_all,
            )

        def judge(view: View) -> Steps[GateVerdict]:
            yield Pause("framing")
            stage = StageFacts.of(self._stage, context)

            def judged() -> GateVerdict:
                return judge_framing(geometry_facts(stage, context, view), self._options.gate)

            return (yield from offload(judged, "framing"))

        return choose_view(self._stage, self._options.rendering, context.size, context.placed, draw, judge)


def posture_of(seed: int, vid: VideoId, settings: ResolvedObject, poses_of_file: int) -> Posture:
    """How the person stands in a variant. seed: base seed of all streams."""
    if settings.character_pose == "file":
        return Posture(number=draw_pose_of(poses_of_file, seed, vid))
    if settings.character_pose == "any":
        return Posture(*draw_pose(seed, vid))
    return Posture(settings.character_pose)


def _posture_record(posture: Posture) -> dict[str, Any]:
    """For the manifest; nothing for a person as loaded."""
    return {} if posture == AS_LOADED else {"character_pose": asdict(posture)}


def _require(vid: VideoId | None) -> VideoId:
    if vid is None:
        raise ValueError("a render item has a video id")
    return vid


def _noise_seed(base_seed: int, vid: VideoId) -> int:
    """Seed of Cycles' noise: fixed for a variant, different between variants, so that no noise pattern repeats."""
    return int(stream(base_seed, str(vid.obj), vid.seed, "noise").integers(2**31 - 1))
