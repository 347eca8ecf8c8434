# SPDX-License-Identifier: GPL-3.0-or-later
"""The built zip in a real Blender: installed without a network into an empty user folder, drawn, driven, taken out again."""

from __future__ import annotations

import shutil
from pathlib import Path

from PIL import Image

from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import SandboxOptions, SandboxState
from tests.debian import REPOSITORY
from tests.ui.window import TICK_MS, Installed, quickest

ENABLE_SECONDS = 0.2
SMALL = ("--samples", "2", "--set", "rendering.width=320", "--set", "rendering.height=180", "--num_rand_scenes", "1")
DRILL = ("--config", "manipulation.yaml", "--category", "cordless_drill", "--character", "kid", "--skip_step4")
FRAME = "ComAsset/cordless_drill/kid_indoor2-manipulation_rand00001"


def test_the_panel_is_there_and_a_click_changes_the_request(installed: Installed) -> None:
    run = installed.drive("setup_panel")
    assert run.data["enabled"]
    assert not run.data["checkout_visible"], "the extension must not lean on the checkout"
    assert run.data["tab"] == "GRAIL"
    assert run.data["task"] == "sitting"
    with Image.open(run.out / "setup.png") as picture:
        assert picture.width > 150
        assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 20, "an empty picture"


def test_three_times_off_and_on_leaves_nothing_behind(installed: Installed) -> None:
    run = installed.drive("register_thrice")
    for turn in run.data["rounds"]:
        assert not any(turn["left"].values()), turn["left"]
        assert not turn["heavy"], "enabling waits for a library that it does not need"
    assert run.data["enable_seconds"] < ENABLE_SECONDS * run.slowness
    assert run.data["enabled"]
    assert run.data["tab"] == "GRAIL"


def test_keys_of_the_preferences_are_hidden_and_used(installed: Installed) -> None:
    data = installed.drive("preferences").data
    assert data == {"before": None, "after": "sk-not-a-real-one", "hidden": "PASSWORD"}


def test_the_connection_is_tested_by_a_click(installed: Installed) -> None:
    options = SandboxOptions(api_keys={"sandbox-key"}, openai_keys={"another-key"})
    with SandboxServer(SandboxState(options)) as server:
        run = installed.drive("connection", server.url, is_offline=False, options=("--online-mode",))
        assert not server.state.tasks
    kling, vision = run.data["results"]
    assert kling[:2] == ["Kling", True]
    assert vision == ["OpenAI", False, "It answers, but does not accept the key."]


def test_without_online_access_nobody_is_asked(installed: Installed) -> None:
    assert "Allow Online Access" in installed.drive("connection", "offline").data["refusal"]


def test_a_page_of_thumbnails_is_loaded_piece_by_piece(installed: Installed) -> None:
    run, longest = quickest(
        installed, "thumbnails", lambda run: max(run.data["ticks"]["longest_ms"], run.data["show_ms"])
    )
    data = run.data
    assert data["broken"] == data["beyond"] == 0
    assert data["files"] >= 24  # 23 of the page, and one anew
    assert data["timer_before"]
    assert not data["timer_after"]
    assert data["threads"] == []
    assert data["ticks"]["calls"] >= 12, "two at a time"
    assert longest < TICK_MS


def test_real_keys_reach_the_window(installed: Installed) -> None:
    installed.drive("real_keys", simulate=False)


def test_the_panel_speaks_german(installed: Installed) -> None:
    data = installed.drive("german").data
    assert data["setup"] == "Einrichtung"
    assert data["settled"] == "Er ist heruntergefallen von: table."
    assert data["wrong"] == "Entrauschen: sollte true oder false sein, nicht 3. (mine.yaml, Zeile 4)"


def test_the_command_grail_makes_a_frame_with_what_the_zip_brings(installed: Installed) -> None:
    done = installed.blender("--command", "grail", *DRILL, *SMALL, "--results_dir", "/scratch/results")
    assert done.returncode == 0, done.stdout + done.stderr
    generation = installed.program.work / "results" / "generation"
    assert (generation / "asset_renders" / f"{FRAME}.png").is_file()
    assert (generation / "manifests" / f"{FRAME}.json").is_file()
    assert (installed.program.work / "results" / "report" / "index.html").is_file()


def test_the_command_grail_refuses_a_wrong_key(installed: Installed) -> None:
    done = installed.blender(
        "--command", "grail", *DRILL, "--set", "rendering.sampels=2", "--results_dir", "/scratch/no"
    )
    assert done.returncode == 2
    assert "samples" in done.stderr
    assert not (installed.program.work / "no").exists()


def spoil(path: Path) -> None:
    """Replace a file, which other installations share, by one that cannot be imported."""
    path.unlink()
    path.write_text("raise RuntimeError('the installed extension was used')\n")


def test_a_checkout_runs_beside_an_installed_extension_of_another_version(installed: Installed) -> None:
    user = installed.program.work / "user" / "extensions"
    spoil(user / "user_default" / "grail_hoi" / "core" / "errors.py")
    (pydantic,) = (user / ".local").glob("lib/python3.*/site-packages/pydantic/__init__.py")
    spoil(pydantic)
    environment = {"BLENDER_USER_RESOURCES": "/scratch/user", "HOME": "/scratch/home"}
    done = installed.program.run(
        "blender", "-b", "-P", "run_batch.py", "--", *DRILL, "--print_config",
        repository=REPOSITORY, environment=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rendering:" in done.stdout
    shutil.rmtree(installed.program.work)
