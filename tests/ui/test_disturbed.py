# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a run in the background Blender: stopped, its worker killed, an undo, another file."""

from __future__ import annotations

from tests.ui.window import Installed


def test_whatever_happens_leaves_whole_files_and_goes_on(installed: Installed) -> None:
    data = installed.drive("disturbed").data
    error, _, left = data["stop"]
    assert not error and not left and data["stop_frames"] < 2, "a stop is no error"
    assert data["worker"] == [[], []] and data["worker_frames"] == 2
    assert len(data["worker_log"]) == 1, "one sentence says that the worker was replaced"
    assert data["undo"] == [[], []] and data["undo_frames"] == 3
    error, _, left = data["settle"]
    assert not error and not left
    assert 1 <= data["settled"] < 4 and data["settled"] == data["settle_records"]
    assert data["load"] == [[], False, []] and data["load_frames"] < 5
    assert data["rest"] == [[], []] and data["rest_frames"] == 5
