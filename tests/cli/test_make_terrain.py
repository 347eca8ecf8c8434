# SPDX-License-Identifier: GPL-3.0-or-later
"""What --make_terrain prints, and what it leaves alone."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from grail_addon.cli.terrain import TerrainRequest, terrain_text
from grail_addon.core.errors import InputError


def test_the_command_that_it_prints_can_be_run_from_a_folder_with_spaces(tmp_path: Path) -> None:
    folder = tmp_path / "two words" / "curbs"
    text = terrain_text(TerrainRequest("curb", 1, folder), 0, tmp_path)
    words = shlex.split(text.rsplit("Render it: ", 1)[1])
    assert words[words.index("--object_config") + 1] == str(folder / "objects.yaml")
    assert words[words.index("--data_dir") + 1] == str(folder.parent)


def test_again_and_with_another_number_is_no_loss(tmp_path: Path) -> None:
    terrain_text(TerrainRequest("curb", 2, tmp_path), 0, tmp_path)
    before = (tmp_path / "curb_1" / "model.obj").read_bytes()
    terrain_text(TerrainRequest("curb", 1, tmp_path), 0, tmp_path)
    assert (tmp_path / "curb_1" / "model.obj").read_bytes() == before


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("dataset: x\nobjects:\n  mug: {scene: a}\n", "runs mug and would"),
        ("objects: [", "cannot be read and would"),
    ],
)
def test_an_object_config_of_other_things_is_not_written_over(written: str, named: str, tmp_path: Path) -> None:
    config = tmp_path / "objects.yaml"
    config.write_text(written, encoding="utf-8")
    with pytest.raises(InputError, match=named):
        terrain_text(TerrainRequest("curb", 1, tmp_path), 0, tmp_path)
    assert config.read_text(encoding="utf-8") == written and not (tmp_path / "curb_1").exists()


def test_another_kind_wants_another_folder(tmp_path: Path) -> None:
    terrain_text(TerrainRequest("slope", 1, tmp_path), 0, tmp_path)
    with pytest.raises(InputError, match="runs slope_1 and would be written over"):
        terrain_text(TerrainRequest("curb", 1, tmp_path), 0, tmp_path)
