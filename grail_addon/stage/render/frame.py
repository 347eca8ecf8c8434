# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes one conditioning frame: placement, light, camera, one picture, one look at the geometry, files, proof, verdict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ...core.clock import Clock
from ...core.config.scene import ResolvedObject
from ...core.files import atomic_path
from ...core.gate.judge import judge_frame, judge_framing
from ...core.gate.types import GateVerdict
from ...core.layout import ResultsLayout, VideoId
from ...core.plan.items import Item, ObjectJob
from ...core.settle.rest import RestPose
from ...core.sidecars.check import sidecar_facts
from ...core.sidecars.proof import DistanceTo, Proof, Truth, prove
from ...core.sidecars.write import FrameGeometry, write_sidecars
from ...core.streams import stream
from ...core.variant.draw import Variant, draw_variant
from ...core.variant.poses import draw_pose, draw_pose_of
from ...core.variant.scenery import draw_scenery
from ...steps.effects import Pause, Steps, offload
from ...steps.options import StageOptions
from ...steps.port import FrameResult
from ..person.person import Person
from ..person.poser import AS_LOADED, Posture
from ..room.placement import Placed, place_variant, turn_gaze
from ..room.scene import CHARACTER_ID, OBJECT_ID, Stage
from .aim import View, choose_view, sample_view
from .context import FrameContext
from .device import Device
from .facts import geometry_facts, is_animated, picture_facts
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
        auto: AutoSamples,
    ) -> None:
        self._stage, self._person, self._device = stage, person, device
        self._options, self._layout, self._clock = options, layout, clock
        self._mesh_file, self._auto = mesh_file, auto
        self._seconds: dict[str, float] = {}
        self._told = False

    @contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        start = self._clock.monotonic()
        try:
            yield
        finally:
            self._seconds[part] = self._seconds.get(part, 0.0) + self._clock.monotonic() - start

    def make(self, job: ObjectJob, item: Item, rest: RestPose) -> Steps[FrameResult]:
        """Make the picture of `item` and all the files beside it, prove and judge them."""
        vid = _require(item.vid)
        self._seconds = {}
        with self._timed("total"):
            quality, auto = yield from self._quality(job)
            context, view, lamps = yield from self._set_up(job, item, vid, rest)
            with self._timed("picture"), atomic_path(self._layout.frame(vid)) as temp:
                yield Pause("picture")
                seed = _noise_seed(self._options.seed, vid)
                yield from render_frame(self._stage.scene, temp, quality, seed)
            with self._timed("sidecars"):
                geometry = self._geometry(context, view)
                written = yield from offload(lambda: write_sidecars(self._layout, vid, geometry), "sidecars")
                files = {"frame": self._layout.frame(vid), "mesh": self._mesh_file, **written}
            with self._timed("proof"):
                proof = yield from self._prove(context, view)
            with self._timed("gate"):
                verdict = yield from self._judge(context, view, files, proof, geometry)
        return FrameResult(
            verdict=verdict,
            files=files,
            parameters={
                **view.variant.parameters(),
                "character_position": context.placed.character_position,
                "support": context.placed.support,
                **_posture_record(posture_of(self._options.seed, vid, job.settings, self._person.pose_count)),
                **({} if self._person.gaze is None else {"gaze": self._person.gaze}),
            },
            proof=proof.to_json(),
            render={
                "samples": quality.samples,
                "denoise": quality.denoise,
                "device": self._device.to_json(),
                **lamps,
                **auto,
            },
            timings=dict(self._seconds),
            notes=tuple(note for note in [self._auto.note(auto), self._gaze_note(job)] if note),
        )

    def _gaze_note(self, job: ObjectJob) -> str:
        """A sentence, once, where the person cannot look at what the scene says."""
        if job.settings.gaze == "ahead" or self._person.gaze is not None or self._told:
            return ""
        self._told = True
        return f"{self._person.name} looks ahead: none of its bones is known to be a head."

    def preview(self, job: ObjectJob, item: Item, rest: RestPose) -> Steps[View]:
        """Set up the stage as for the picture of `item`, and make none."""
        _, view, _ = yield from self._set_up(job, item, _require(item.vid), rest)
        return view

    def _set_up(
        self, job: ObjectJob, item: Item, vid: VideoId, rest: RestPose
    ) -> Steps[tuple[FrameContext, View, dict[str, Any]]]:
        """Dress the room, place object and person, light, aim the camera. Third: scenery and lamps, for the manifest."""
        with self._timed("scenery"):
            yield Pause("scenery")
            numbers = draw_scenery(self._options.seed, vid, job.settings.scene_variety)
            scenery = self._stage.dress(numbers, job.settings.scenery)
            for _ in self._stage.measure_room():
                yield Pause("measure room")
        with self._timed("person"):
            for _ in self._person.assume(posture_of(self._options.seed, vid, job.settings, self._person.pose_count)):
                yield Pause("posture")
        with self._timed("placement"):
            drawn, placed = yield from self._place(job, vid, rest)
            yield Pause("light")
            lamps = self._stage.lights.apply(drawn.light)
        context = FrameContext(job, item, vid, rest, self._person, drawn, placed)
        with self._timed("geometry"):
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

    def _quality(self, job: ObjectJob) -> Steps[tuple[Quality, dict[str, Any]]]:
        """Samples as configured, or as the pilot render of this stage found; and what to record of that."""
        rendering = self._options.rendering
        if rendering.samples != "auto":
            return Quality(rendering.samples, rendering.denoise), {}
        with self._timed("pilot"):
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
            animated = is_animated(self._stage.scene.camera)

            def judged() -> GateVerdict:
                return judge_framing(geometry_facts(self._stage, context, view, animated), self._options.gate)

            return (yield from offload(judged, "framing"))

        return choose_view(self._stage, self._options.rendering, context.size, context.placed, draw, judge)

    def _geometry(self, context: FrameContext, view: View) -> FrameGeometry:
        ids, placed = view.seen.ids, context.placed
        return FrameGeometry(
            camera=view.camera,
            obj=placed.obj,
            character_name=self._person.name,
            character=placed.character,
            character_height=self._person.height(context.job.settings.character_scale),
            depth=view.seen.depth,
            object_mask=view.amodal | (ids == OBJECT_ID),
            object_visible=ids == OBJECT_ID,
            human_mask=ids == CHARACTER_ID,
            static_objects=placed.statics,
            mesh_offset=self._stage.imported.offset,
            robot=self._person.robot,
        )

    def _prove(self, context: FrameContext, view: View) -> Steps[Proof]:
        placed = context.placed
        surfaces: dict[int, tuple[str, DistanceTo]] = {
            posed.number: (posed.name, posed.distance) for posed in self._stage.room.values()
        }
        surfaces[OBJECT_ID] = ("object", placed.object_mesh.distance)
        surfaces[CHARACTER_ID] = ("character", placed.person_mesh.distance)
        truth = Truth(
            self._stage.imported.mesh, placed.object_mesh.world, view.seen.ids, OBJECT_ID, CHARACTER_ID, surfaces
        )
        return offload(lambda: prove(self._layout, context.vid, view.camera, truth), "proof")

    def _judge(
        self,
        context: FrameContext,
        view: View,
        files: dict[str, Path],
        proof: Proof,
        geometry: FrameGeometry,
    ) -> Steps[GateVerdict]:
        vid, animated = context.vid, is_animated(self._stage.scene.camera)

        def judge() -> GateVerdict:
            facts = geometry_facts(self._stage, context, view, animated)
            sidecars = sidecar_facts(files, vid, proof, geometry)
            return judge_frame(facts, picture_facts(vid, files["frame"], sidecars), self._options.gate)

        return (yield from offload(judge, "gate"))


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
