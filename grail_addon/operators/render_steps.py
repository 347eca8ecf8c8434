# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sessions render the variants that are wanted, and the steps that do it in this Blender or in the background one."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import bpy

from .. import properties
from ..preferences import preferences
from . import sessions
from .request import request_inputs
from .settle import planned
from .state import STATE

if TYPE_CHECKING:
    from ..core.config.request import Request
    from ..drivers.farm.kept import KeptWorker
    from ..drivers.farm.run import FarmRun
    from ..pipeline.records.decisions import Judged
    from ..pipeline.session import Session
    from ..steps.effects import Steps
    from ..steps.events import Event

VariantKey = tuple[str, int]
"""(category, scene seed)."""

_kept: list[KeptWorker] = []


def in_background() -> bool:
    """Whether frames are rendered in the background Blender; never where this one is in the background itself."""
    return not bpy.app.background and preferences().render_backend == "BACKGROUND"


@dataclass(frozen=True)
class SessionPart:
    """Frames that one session makes. seeds: first and last; fit: with the camera fitted."""

    category: str
    seeds: tuple[int, int]
    fit: bool


def parts_of(frames: Sequence[VariantKey], fitted: Collection[VariantKey]) -> list[SessionPart]:
    """As few parts as hold exactly these frames, in their order."""
    found: list[SessionPart] = []
    for category, seed in frames:
        fit = (category, seed) in fitted
        last = found[-1] if found else None
        if last is not None and (last.category, last.fit, last.seeds[1] + 1) == (category, fit, seed):
            found[-1] = replace(last, seeds=(last.seeds[0], seed))
        else:
            found.append(SessionPart(category, (seed, seed), fit))
    return found


def fitted_frames(context: bpy.types.Context) -> set[VariantKey]:
    """The frames whose camera is fitted, as the .blend remembers them."""
    names = [item.name.rpartition("/") for item in properties.settings(context).fitted]
    return {(category, int(seed)) for category, _, seed in names}


def variants_of(request: Request) -> list[VariantKey]:
    """All frames of a request, object by object."""
    seeds = request.config.rendering.scene_seeds
    return [(category, seed) for category in request.categories for seed in seeds]


def render_sessions(context: bpy.types.Context, wanted: Sequence[VariantKey] | None = None) -> Steps[list[Session]]:
    """Sessions that render these frames, or all that the panels ask for now; files are read in a thread. Raise InputError
    with all that is wrong."""
    from ..steps.effects import offload

    fitted, by_workers = fitted_frames(context), in_background()
    inputs, session_of = request_inputs(context), sessions.session_maker(by_workers=by_workers)
    extra = {**sessions.RENDER, **({"farm.workers": 1} if by_workers else {})}

    def made() -> list[Session]:
        request = inputs.load(extra)
        frames = variants_of(request)
        if wanted is None and not fitted.intersection(frames):
            return [session_of(request)]
        found = []
        for part in parts_of(frames if wanted is None else wanted, fitted):
            keys = {"category": part.category, "rendering.num_rand_scenes": list(part.seeds)}
            keys |= {"rendering.camera_fit": True} if part.fit else {}
            found.append(session_of(inputs.load({**extra, **keys})))
        return found

    return offload(made, "planning")


def render_steps(opening: Steps[Sequence[Session]]) -> Steps[int]:
    """Render what the sessions ask for, one after the other; how many items failed."""
    from ..core.files import remove_stale_temps
    from ..steps.effects import mapped, offload
    from ..steps.events import Note

    found = yield from opening
    planned = failed = 0

    def counted(event: Event) -> Event:
        nonlocal planned
        if event.kind != "plan":
            return event
        planned += int(event.data["items"])
        return replace(event, data={**event.data, "items": planned})

    for session in found:
        yield from offload(lambda folder=session.layout.results_dir: remove_stale_temps(folder), "files")
        run = yield from _run_of(session)
        yield from mapped(run.run(), counted)
        failed += run.failed
        # frames that were up to date have the verdict of the limits that were set when they were made
        judged = yield from offload(lambda request=session.request: _judge_again(request), "gate")
        for problem in judged.problems:
            yield Note(message=problem)
    return failed


def _judge_again(request: Request) -> Judged:
    from ..core.layout import ResultsLayout
    from ..pipeline.judge import regate_folder
    from ..pipeline.videos.frames import planned_frames

    layout = ResultsLayout(request.results_dir)
    return regate_folder(layout, request.config.gate, frames=planned_frames(request))


def _run_of(session: Session) -> Steps[Session | FarmRun]:
    """What has `run` and `failed`: the session itself, or its run by the background Blender."""
    from ..steps.effects import offload

    if not in_background():
        yield from offload(lambda: planned(session), "planning")
        return session
    yield from offload(_load_farm, "planning")
    from ..core.clock import SystemClock
    from ..drivers.farm.run import FarmRun

    if STATE.progress is not None:
        STATE.progress.in_background = True
    worker = background_worker(session)
    return (yield from offload(lambda: FarmRun(session, SystemClock(), worker), "planning"))


def probe_steps(session: Session) -> Steps[int]:
    """Probe sizes where the frames are rendered; how many objects failed. The background Blender gets the keys that the
    vision model is asked with in its environment."""
    from ..preferences import key_environment

    if in_background():
        background_worker(session).needs(key_changes(key_environment()))
    run = yield from _run_of(session)
    yield from run.run()
    return run.failed


def key_changes(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of an environment that are not this process's own."""
    return {name: value for name, value in environment.items() if os.environ.get(name) != value}


def _load_farm() -> None:
    """Load what hands work to the background Blender, for a thread: the first time takes a while."""
    from ..drivers.farm import kept, local, run  # noqa: F401


def background_worker(session: Session) -> KeptWorker:
    """The worker that stays warm; it starts with the first unit that it gets."""
    from ..drivers.farm.kept import KeptWorker
    from ..drivers.farm.local import installed_command

    log = session.layout.results_dir / "logs" / "background-blender.log"
    if _kept and _kept[0].log != log:
        close_worker()
    if not _kept:
        is_online = bpy.app.online_access
        _kept.append(KeptWorker(lambda: installed_command(is_online), log))
    return _kept[0]


def close_worker() -> None:
    """Let the background Blender leave."""
    while _kept:
        _kept.pop().close()
