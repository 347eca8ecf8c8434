# SPDX-License-Identifier: GPL-3.0-or-later
"""The real workshop: settles and renders the items of a run in this Blender, which stays warm between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from ..core.blas import OneThread
from ..core.clock import Clock
from ..core.fingerprint import fingerprint
from ..core.layout import ResultsLayout
from ..core.mesh_files.named import is_large
from ..core.plan.items import Item, ObjectJob, settle_settings, shown
from ..core.plan.opened import OpenedFiles
from ..core.pose import Pose
from ..core.rotations import from_euler_deg
from ..core.scale.units import METRES
from ..core.settle.rest import RestPose, as_configured
from ..steps.effects import Pause, Steps, offload
from ..steps.events import Note, Progressed
from ..steps.options import StageOptions
from ..steps.port import MadePicture, SettledObject, Sizes
from . import settle as physics
from .compat import cycles_kernels
from .importers.surface_colour import surface_colour
from .importers.write import exported
from .person.person import Person
from .render.device import Device, RenderPreferences
from .render.frame import FrameMaker
from .render.kernels import architectures, note_on_kernels
from .render.probe_frames import probe_views
from .render.render import prepare
from .render.samples import AutoSamples
from .room.render_memory import forget_renders
from .room.scene import Stage
from .settle.parts import PartsCache
from .settle.usd import export_usd
from .versions import versions


def _stage_key(job: ObjectJob) -> str:
    """Changes with all that a stage is opened with."""
    assets = job.assets
    return fingerprint(
        {
            "scene": str(assets.scene),
            "character": str(assets.character),
            "pose": [str(p) for p in assets.pose_files],
            "statics": {n: [str(p), job.settings.static_objects[n].opacity] for n, p in assets.statics.items()},
        }
    )


def _as_they_are(files: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """Size and time of each file, zeros where it is not there."""
    found = {}
    for path in files:
        stat = path.stat() if path.is_file() else None
        found[path] = (0, 0) if stat is None else (stat.st_size, stat.st_mtime_ns)
    return found


class StageWorkshop:
    """Implements `steps.port.Workshop`. One stage is kept while scene, character and statics stay the same."""

    def __init__(self, options: StageOptions, layout: ResultsLayout, clock: Clock) -> None:
        self._options, self._layout, self._clock = options, layout, clock
        self._stage: Stage | None = None
        self._people: tuple[Person, ...] = ()
        self._parts = PartsCache()
        self._stage_key = ""
        self._stage_files: Mapping[Path, tuple[int, int]] = {}
        self._probed = False
        self._device: Device | None = None
        self._preferences: RenderPreferences | None = None
        self._one_thread: OneThread | None = None
        self._makers: dict[int, FrameMaker] = {}
        self._auto = AutoSamples(options, layout, clock)

    @property
    def versions(self) -> Mapping[str, str]:
        return versions()

    @property
    def opened(self) -> OpenedFiles:
        return {"object": self.stage.imported.files, **self._room_files()}

    def _room_files(self) -> Mapping[str, Sequence[Path]]:
        """What was opened for all but the object, by role."""
        people = [path for person in self._people for path in person.files]
        statics = {f"static {name}": thing.files for name, thing in self.stage.statics.items()}
        return {"character": people, "scene": self.stage.textures.files, **statics}

    def open(self, job: ObjectJob) -> Steps[Sequence[str]]:
        notes = list(job.assets.notes)
        if self._device is None:
            notes += yield from self._choose_device()
        assets, key = job.assets, _stage_key(job)
        files = _as_they_are(self._stage_files)
        if key != self._stage_key or self._stage is None or not self._stage.intact or files != self._stage_files:
            notes += yield from self._open_stage(job)
            self._stage_key = key
        stage = self.stage
        yield Pause("object")
        self._makers = {}
        yield from stage.load_object(assets.mesh, job.settings.obj_opacity, METRES[job.settings.obj_unit or "m"])
        return [*notes, *stage.imported.notes]

    def _choose_device(self) -> Steps[Sequence[str]]:
        """Find the device to render on; where its driver builds kernels that is said before, and how long it took after."""
        wants_gpu = self._options.rendering.gpu
        building = note_on_kernels(architectures(), cycles_kernels()) if wants_gpu else ""
        if building:
            yield Note(message=building)
            yield Progressed(step="kernels", message="the driver builds them")
        yield Pause("kernels" if building else "device")
        start = self._clock.monotonic()
        self._preferences, self._one_thread = RenderPreferences(), OneThread()
        self._device = self._preferences.choose(wants_gpu)
        used = self._device.note or f"rendering on {self._device.backend}."
        if not building:
            return [used]
        return [f"the driver's kernels were ready after {self._clock.monotonic() - start:.0f} s.", used]

    def _open_stage(self, job: ObjectJob) -> Steps[Sequence[str]]:
        if self._stage is not None:
            yield Pause("close")
            yield from self._stage.closing()
        self._forget_stage()
        yield Pause("room", long=is_large(job.assets.scene))
        stage = self._stage = yield from Stage.opened(job.assets.scene)
        for name, path in job.assets.statics.items():
            yield Pause("static object")
            thing = job.settings.static_objects[name]
            pose = Pose(from_euler_deg(thing.rot), np.array(thing.pos), np.array(thing.scale))
            yield from stage.add_static(name, path, pose, thing.opacity)
        name = job.assets.character_name or self._options.character
        character, textures = job.assets.character, self._options.texture_dir
        # one for each start pose: the second, where there is one, is for end frames
        for pose_file in job.assets.pose_files or (None,):
            large = yield from offload(lambda: is_large(character), "person")
            yield Pause("person", long=large)
            person = yield from stage.add_person(character, name, pose_file, textures)
            self._people += (person,)
        yield from stage.measured()
        brought = [
            path for files in (*self._room_files().values(), list(job.assets.sources.values())) for path in files
        ]
        self._stage_files = _as_they_are(path for path in brought if path != job.assets.mesh)
        self._show(0)
        assert self._device is not None  # chosen in `open`
        prepare(stage.scene, self._device)
        statics = [note for thing in stage.statics.values() for note in thing.notes]
        return [*stage.notes, *stage.textures.said(job.assets.scene.name), *statics, *self.person.notes]

    @property
    def stage(self) -> Stage:
        """The open stage. Raises RuntimeError before `open`."""
        if self._stage is None:
            raise RuntimeError("open a job first")
        return self._stage

    @property
    def person(self) -> Person:
        """The person that the stage shows. Raises RuntimeError before `open`."""
        shown = next((person for person in self._people if person.shown), None)
        if shown is None:
            raise RuntimeError("open a job first")
        return shown

    def _show(self, index: int) -> None:
        for number, person in enumerate(self._people):
            person.show(number == index)

    def sizes(self, job: ObjectJob) -> Sizes:
        low, high = self.stage.imported.mesh.bounds
        x, y, z = (float(side) for side in high - low)
        return Sizes((x, y, z), self.person.height(job.settings.character_scale))

    def probe_views(self, job: ObjectJob, scale: tuple[float, float, float], folder: Path) -> Steps[Sequence[Path]]:
        self._probed = True
        return probe_views(self.stage, self.person, self._options.seed, job, scale, folder)

    def settle(self, job: ObjectJob) -> Steps[SettledObject]:
        stage, settings = self.stage, job.settings
        start = self._clock.monotonic()
        yield Pause("support")
        support = stage.support_at(settings.obj_pos[:2], settings.obj_pos[2])
        by_hand = settings.obj_rest_rot
        result = yield from (physics.settle if by_hand is None else physics.settle_at)(
            stage.imported.mesh,
            np.array(settings.obj_scale),
            from_euler_deg(settings.obj_rot if by_hand is None else by_hand),
            support,
            settle_settings(self._options.simulation),
            self._clock,
            self._parts,
        )
        usd: Path | None = None
        notes: tuple[str, ...] = ()
        if self._options.simulation.save_usd:
            yield Pause("usd")
            usd, note = export_usd(stage.imported.mesh, result, self._layout.initial_state_usd(job.obj))
            notes = (note,) if usd is None else ()
        return SettledObject(result, usd, notes, self._clock.monotonic() - start)

    def unsettled(self, job: ObjectJob) -> RestPose:
        settings = job.settings
        return as_configured(self.stage.imported.mesh, settings.obj_scale, settings.obj_rot)

    def render(self, job: ObjectJob, item: Item, rest: RestPose) -> Steps[MadePicture]:
        maker = yield from self._maker(job, item)
        return (yield from maker.make(job, item, rest))

    def preview(self, job: ObjectJob, item: Item, rest: RestPose) -> Steps[None]:
        """Set up the open job's stage as for the picture of `item`: placement, light and camera."""
        if item.vid is not None:
            job = shown(job, item.vid, self._options.seed)
        maker = yield from self._maker(job, item)
        yield from maker.preview(job, item, rest)

    def _maker(self, job: ObjectJob, item: Item) -> Steps[FrameMaker]:
        """What makes the frames of the item's kind."""
        if _stage_key(job) != self._stage_key:
            yield from self.open(job)  # the variant shows another room or another person
        stage = self.stage
        index = len(self._people) - 1 if item.vid is not None and item.vid.kind == "end" else 0
        self._show(index)
        if self._probed:
            forget_renders(stage.scene)
            self._probed = False
        if index not in self._makers:
            yield Pause("mesh")
            assert self._device is not None  # chosen in `open`
            write = yield from exported(lambda: stage.imported.object, self._layout.mesh_dir(job.obj))
            mesh = yield from offload(write, "mesh")
            colour = yield from surface_colour(lambda: stage.imported.object)
            self._makers[index] = FrameMaker(
                stage, self.person, self._device, self._options, self._layout, self._clock, mesh, colour, self._auto
            )
        return self._makers[index]

    def _forget_stage(self) -> None:
        self._stage, self._people, self._makers = None, (), {}
        self._stage_key = ""

    def close(self) -> None:
        if self._stage is not None:
            self._stage.close()
        self._forget_stage()
        if self._preferences is not None:
            self._preferences.restore()
        if self._one_thread is not None:
            self._one_thread.restore()
        self._preferences = self._one_thread = self._device = None
