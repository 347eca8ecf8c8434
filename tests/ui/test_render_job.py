# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's own render job in its window: whatever ends it, no half-sampled picture becomes a frame."""

from __future__ import annotations

import pytest

from tests.ui.window import Installed


@pytest.fixture
def job_window(installed: Installed) -> Installed:
    if installed.suite == "trixie":
        pytest.skip(
            "Blender 4.3's render job ends the process under software OpenGL; its frames come from the other backend"
        )
    return installed


def test_a_render_that_something_ends_is_made_again(job_window: Installed) -> None:
    data = job_window.drive("render_job", "nothing", "render", "undo").data
    for kind in ("nothing", "render", "undo"):
        found = data[kind]
        assert found["error"] == [] and found["frames"] == found["manifests"] == 1, (kind, found)
        assert found["half"] == [] and found["scenes_left"] == [] and found["ended"] == 1 and found["windows"] == 1
    assert data["nothing"]["preference_kept"]
    assert data["render"]["was_rendering"] and data["undo"]["was_rendering"]


def test_a_cancel_and_an_opened_file_leave_no_frame(job_window: Installed) -> None:
    data = job_window.drive("render_job", "cancel", "load").data
    for kind in ("cancel", "load"):
        found = data[kind]
        assert found["was_rendering"] and found["frames"] == found["manifests"] == 0, (kind, found)
        assert found["half"] == [] and found["scenes_left"] == []


def test_stop_ends_a_render_as_blender_s_own_cancel_does(job_window: Installed) -> None:
    """Times depend on what else the machine does, so they are printed and not judged."""
    data = job_window.drive("cancel", simulate=False).data
    print("seconds from Esc, and from Stop (in all, and within Blender's call):", data["own"], data["ours"])
    assert not data["error"] and not data["picture"]
    assert data["scenes"] == ["Scene"] and not data["is_engine_left"], "what ended it is gone"
