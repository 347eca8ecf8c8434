# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes one conditioning frame: placement, light, camera, one picture, one look at the geometry, files, proof, verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...core.clock import Clock
from ...core.config.run import RunConfig
from ...core.files import atomic_path, sha256_file
from ...core.gate.decisions import write_keeping_decision
from ...core.gate.judge import judge_frame, judge_framing
from ...core.gate.types import GateVerdict
from ...core.layout import ResultsLayout, VideoId
from ...core.plan.items import Item, ObjectJob, file_entries
from ...core.settle.rest import RestPose
from ...core.sidecars.check import SidecarFacts, sidecar_facts
from ...core.sidecars.proof import DistanceTo, Proof, Truth, prove
from ...core.sidecars.write import FrameGeometry, write_sidecars
from ...core.streams import stream
from ...core.variant.draw import Variant, draw_variant
from ...pipeline.records.manifest import frame_manifest
from ...steps.port import FrameResult
from ..measure.facts import geometry_facts, picture_facts
from ..person.person import Person
from ..room.placement import Placed, place_variant
from ..room.scene import CHARACTER_ID, OBJECT_ID, Stage
from ..versions import versions
from .aim import View, choose_view
from .context import FrameContext
from .device import Device
from .render import Quality, render_frame
from .samples import AutoSamples


class FrameMaker:
    """Makes the frames of one object on one stage. mesh_file: the object's mesh in the results folder."""

    def __init__(
        self,
        stage: Stage,
        person: Person,
        device: Device,
        config: RunConfig,
        layout: ResultsLayout,
        clock: Clock,
        mesh_file: Path,
        auto: AutoSamples,
    ) -> None:
        self._stage, self._person, self._device = stage, person, device
        self._config, self._layout, self._clock = config, layout, clock
        self._mesh_file, self._auto = mesh_file, auto
        self._seconds: dict[str, float] = {}

    @contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        start = self._clock.monotonic()
        try:
            yield
        finally:
            self._seconds[part] = self._seconds.get(part, 0.0) + self._clock.monotonic() - start

    def make(self, job: ObjectJob, item: Item, rest: RestPose) -> FrameResult:
        """Make the frame of `item` with all its files; the manifest comes last, so that it vouches for whole files."""
        vid = _require(item.vid)
        self._seconds = {}
        with self._timed("total"):
            quality, auto = self._quality(job)
            with self._timed("placement"):
                drawn, placed = self._place(job, vid, rest)
                lamps = self._stage.lights.apply(drawn.light)
            context = FrameContext(job, item, vid, rest, self._person, drawn, placed)
            with self._timed("geometry"):
                view = self._aim(context)
            with self._timed("picture"), atomic_path(self._layout.frame(vid)) as temp:
                render_frame(self._stage.scene, temp, quality, _noise_seed(self._config.seed, vid))
            with self._timed("sidecars"):
                geometry = self._geometry(context, view)
                files = {
                    "frame": self._layout.frame(vid),
                    "mesh": self._mesh_file,
                    **write_sidecars(self._layout, vid, geometry),
                }
            with self._timed("proof"):
                proof = self._prove(context, view)
            with self._timed("gate"):
                sidecars = sidecar_facts(files, vid, proof, geometry)
                verdict = self._judge(context, view, sidecars)
        render = {
            "samples": quality.samples,
            "denoise": quality.denoise,
            "device": self._device.to_json(),
            **lamps,
            **auto,
        }
        self._write_manifest(context, view.variant, files, verdict, proof, render)
        notes = tuple(note for note in [self._auto.note(auto)] if note)
        return FrameResult(verdict.verdict, verdict.reasons, self._layout.frame(vid), notes)

    def _place(self, job: ObjectJob, vid: VideoId, rest: RestPose) -> tuple[Variant, Placed]:
        def draw(attempt: int) -> Variant:
            return draw_variant(self._config.seed, vid, job.settings, placement_attempt=attempt)

        return place_variant(self._stage, self._person, job.settings, draw, rest)

    def _quality(self, job: ObjectJob) -> tuple[Quality, dict[str, Any]]:
        """Samples as configured, or as the pilot render of this stage found; and what to record of that."""
        rendering = self._config.rendering
        if rendering.samples != "auto":
            return Quality(rendering.samples, rendering.denoise), {}
        with self._timed("pilot"):
            return self._auto.quality(self._stage, self._person, job)

    def _aim(self, context: FrameContext) -> View:
        def draw(attempt: int) -> Variant:
            return draw_variant(
                self._config.seed,
                context.vid,
                context.job.settings,
                camera_attempt=attempt,
                placement_attempt=context.drawn.placement_attempt,
            )

        def judge(view: View) -> GateVerdict:
            return judge_framing(geometry_facts(self._stage, context, view), self._config.gate)

        return choose_view(self._stage, self._config, context.size, context.placed, draw, judge)

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
        )

    def _prove(self, context: FrameContext, view: View) -> Proof:
        placed = context.placed
        surfaces: dict[int, tuple[str, DistanceTo]] = {
            posed.number: (posed.name, posed.distance) for posed in self._stage.room.values()
        }
        surfaces[OBJECT_ID] = ("object", placed.object_mesh.distance)
        surfaces[CHARACTER_ID] = ("character", placed.person_mesh.distance)
        truth = Truth(
            self._stage.imported.mesh, placed.object_mesh.world, view.seen.ids, OBJECT_ID, CHARACTER_ID, surfaces
        )
        return prove(self._layout, context.vid, view.camera, truth)

    def _judge(self, context: FrameContext, view: View, sidecars: Mapping[str, SidecarFacts]) -> GateVerdict:
        picture = picture_facts(context.vid, self._layout.frame(context.vid), sidecars)
        return judge_frame(geometry_facts(self._stage, context, view), picture, self._config.gate)

    def _write_manifest(
        self,
        context: FrameContext,
        variant: Variant,
        files: dict[str, Path],
        verdict: GateVerdict,
        proof: Proof,
        render: dict[str, Any],
    ) -> None:
        job, item, rest, placed = context.job, context.item, context.rest, context.placed
        assets, results = job.assets, self._layout.results_dir
        settle_file = None
        if rest.verdict is not None:
            state = self._layout.initial_state_json(job.obj)
            settle_file = state.relative_to(results).as_posix()
        inputs = {
            name: {"path": str(path), "sha256": sha256_file(path)}
            for name, path in (("object", assets.mesh), ("character", assets.character), ("scene", assets.scene))
        }
        manifest = frame_manifest(
            item,
            job,
            rest=rest,
            parameters={
                **variant.parameters(),
                "character_position": placed.character_position,
                "support": placed.support,
            },
            inputs=inputs,
            files=file_entries(files, results),
            verdict=verdict,
            proof=proof.to_json(),
            render=render,
            timings=self._seconds,
            versions=versions(),
            settle_file=settle_file,
            now=self._clock.time(),
        )
        write_keeping_decision(item.manifest, manifest, files["frame"])


def _require(vid: VideoId | None) -> VideoId:
    if vid is None:
        raise ValueError("a render item has a video id")
    return vid


def _noise_seed(base_seed: int, vid: VideoId) -> int:
    """Seed of Cycles' noise: fixed for a variant, different between variants, so that no noise pattern repeats."""
    return int(stream(base_seed, str(vid.obj), vid.seed, "noise").integers(2**31 - 1))
