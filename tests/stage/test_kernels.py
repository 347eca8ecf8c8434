# SPDX-License-Identifier: GPL-3.0-or-later
"""A run says before it waits for a driver that builds kernels, and says it once."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.core.clock import SystemClock
from grail_addon.core.layout import ResultsLayout
from grail_addon.steps.events import Event

pytestmark = pytest.mark.bpy


@pytest.mark.parametrize(
    ("cards", "says"), [(("sm_90",), "(sm_90)"), (("sm_86",), ""), (("sm_86", "sm_90"), "(sm_90)"), ((), "")]
)
def test_it_is_said_which_card_has_no_kernel(tmp_path: Path, cards: tuple[str, ...], says: str) -> None:
    from grail_addon.stage.render.kernels import note_on_kernels

    for name in ("kernel_sm_86.cubin.zst", "kernel_sm_75.cubin", "kernel_compute_75.ptx.zst"):
        (tmp_path / name).touch()
    note = note_on_kernels(cards, tmp_path)
    assert (says in note) if says else note == ""
    assert note_on_kernels(cards, None) == note_on_kernels(cards, tmp_path / "gone") == ""


def test_this_machine_is_asked_without_an_error() -> None:
    from grail_addon.stage.compat import cycles_kernels
    from grail_addon.stage.render.kernels import architectures

    assert all(card.startswith("sm_") for card in architectures())
    library = cycles_kernels()
    assert library is not None and library.name == "lib"


@pytest.mark.parametrize("gpu", [True, False])
def test_the_run_says_it_before_it_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, gpu: bool) -> None:
    from grail_addon.pipeline.stage_options import stage_options
    from grail_addon.stage import workshop as module
    from grail_addon.stage.render.device import Device
    from tests.plan_project import jobs_of, make_project, request_of

    folder = make_project(tmp_path)
    request = request_of(folder, *([] if gpu else ["--no_gpu"]))
    said: list[Event | str] = []
    monkeypatch.setattr(module, "architectures", lambda: ("sm_99",))

    class Preferences:
        def choose(self, want_gpu: bool) -> Device:
            said.append("choose")
            return Device("CPU", "CPU", ())

        def restore(self) -> None: ...

    monkeypatch.setattr(module, "RenderPreferences", Preferences)
    shop = module.StageWorkshop(stage_options(request.config, request.cwd), ResultsLayout(tmp_path), SystemClock())
    steps = shop._choose_device()
    try:
        while True:
            step = next(steps)
            if isinstance(step, Event) and step.kind == "note":
                said.append(step)
    except StopIteration as end:
        notes = end.value
    assert jobs_of(folder).ready
    if gpu:
        assert [isinstance(s, Event) and "sm_99" in s.message for s in said] == [True, False]
        assert "ready after" in notes[0] and "rendering on CPU." in notes
    else:
        assert said == ["choose"] and list(notes) == ["rendering on CPU."]
