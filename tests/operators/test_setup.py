# SPDX-License-Identifier: GPL-3.0-or-later
"""Setup without a window: the request as a pipeline file, what is missing, values under Advanced."""

from __future__ import annotations

from pathlib import Path

from grail_addon.core.config.find import Places
from grail_addon.core.config.load import load
from grail_addon.core.project import project_root
from grail_addon.pipeline.session import Session
from tests.operators.blender import LAYOUT, run

SAVE = """
own.category = "mug, hammer"
own.results_dir = str(Path("out").resolve())
own.variants = 2
own.advanced.rendering_samples = 5
own.advanced.rendering_width = 641
own.advanced.simulation_drop_height = 0.07
own.advanced.rendering_camera_fit = True
bpy.ops.grail.save_pipeline(filepath=str(Path("saved").resolve()))
from grail_addon.operators.request import build_request
from grail_addon.pipeline.session import Session
jobs = Session(build_request(bpy.context, {"skip_step4": True})).jobs.ready
told["items"] = {item.key: item.fingerprint for job in jobs for item in job.items}
"""


def test_a_saved_pipeline_file_means_the_same(tmp_path: Path) -> None:
    told = run(SAVE, tmp_path)
    text = (tmp_path / "saved.yaml").read_text(encoding="utf-8")
    assert "--config" in text.splitlines()[0]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    request = load(tmp_path / "saved.yaml", [], Places(elsewhere, project_root()))
    assert request.config.rendering.width == 642  # even
    assert request.config.rendering.samples == 5
    assert request.results_dir == tmp_path / "out"
    again = {item.key: item.fingerprint for job in Session(request).jobs.ready for item in job.items}
    assert len(again) == 2 + 4
    assert again == told["items"]


CHECK = """
from grail_addon.operators.spoken import spoken_problem
from grail_addon.operators.setup_view import refresh
from grail_addon.operators.state import STATE

def look():
    bpy.ops.grail.check_again()
    return STATE.views["setup"]

view = look()
told["ready"] = view.is_ready
told["first"] = [view.dataset, len(view.objects) >= 12, "kid" in view.characters, view.sources["rendering.samples"]]
told["from_file"] = [own.advanced.rendering_samples, own.advanced.simulation_drop_height]
own.category, own.character = "nothing_like_it", "nobody"
view = look()
told["missing"] = [[spoken_problem(check.problem), check.fix] for check in view.checks if not check.for_paid]
own.category = own.character = ""
own.advanced.rendering_samples = 7
view = look()
told["own"] = [own.advanced.rendering_samples, view.sources["rendering.samples"], len(own.overrides)]
bpy.ops.grail.reset_value(key="rendering.samples")
told["reset"] = [own.advanced.rendering_samples, len(own.overrides)]
override = own.overrides.add()
override.name, override.value = "rendering.sampels", "3"
told["wrong"] = [[spoken_problem(check.problem), check.fix, check.value] for check in look().checks if not check.for_paid]
own.overrides.clear()
file = Path("/proc/grail_results")
own.results_dir = str(file)
told["results"] = [[spoken_problem(check.problem), check.fix] for check in look().checks if not check.for_paid]
bpy.ops.grail.default_results()
told["mended"] = look().is_ready
bpy.ops.grail.toggle_object(name="mug")
bpy.ops.grail.toggle_object(name="hammer")
told["both"] = own.category
bpy.ops.grail.toggle_object(name="mug")
told["one"] = own.category
"""


def test_what_is_missing_is_told_with_what_mends_it(tmp_path: Path) -> None:
    told = run(CHECK, tmp_path)
    assert told["ready"]
    assert told["first"] == ["ComAsset", True, True, "manipulation.yaml:30"]
    assert told["from_file"][0] == 32
    assert abs(told["from_file"][1] - 0.1) < 1e-6
    assert told["missing"] == [
        ["Objects: `nothing_like_it` is not an object of configs/objects/comasset.yaml.", "RESET"]
    ]
    assert told["own"] == [7, "manipulation.yaml:30", 1]
    assert told["reset"] == [32, 0]
    text = "Pipeline File, rendering.sampels: unknown key `sampels`. Did you mean samples?"
    assert told["wrong"] == [[text, "RESET", "rendering.sampels"]]
    assert told["results"][0][0].startswith("Results cannot be written: ") and told["results"][0][1] == "RESULTS"
    assert told["mended"]
    assert told["both"] == "mug, hammer"
    assert told["one"] == "hammer"


LIBRARY = """
from grail_addon.operators import setup_view
from grail_addon.operators.state import STATE
from grail_addon.panels.settle import GRAIL_PT_settle

def shown(has_coacd):
    setup_view.find_spec = lambda name: object() if has_coacd else None
    bpy.ops.grail.check_again()
    Layout.texts = []
    GRAIL_PT_settle.draw(types.SimpleNamespace(layout=Layout()), drawn_in)
    return " ".join(Layout.texts)

told["with"], told["without"] = shown(True), shown(False)
told["ready"] = STATE.views["setup"].is_ready
"""


def test_a_library_that_a_platform_lacks_is_told_where_it_matters(tmp_path: Path) -> None:
    told = run(LAYOUT + LIBRARY, tmp_path)
    assert "coacd" not in told["with"]
    assert "has no coacd library" in told["without"]
    assert told["ready"], "all but uneven ground works"


DATASETS = """
import shutil
from PIL import Image
from grail_addon.operators.state import STATE
from grail_addon.panels import thumbnails

for name, colour in (("red", 255), ("blue", 0)):
    folder = Path("data/Mine") / name
    folder.mkdir(parents=True)
    (folder / "model.obj").write_text(f"v 0 0 0\\nv 1 0 0\\nv 0 1 0\\nv 0 0 1\\nf 1 2 3\\nf 1 2 4\\nf 2 3 4\\nf 1 3 4\\n")
bpy.context.preferences.addons["grail_addon"].preferences.data_dir = str(Path("data").resolve())
own.category = "mug"
bpy.ops.grail.check_again()
view = STATE.views["setup"]
told["datasets"] = list(view.datasets)
told["previews"] = {name: len(meshes) for name, meshes in view.previews.items()}
mine, starter = view.previews["Mine"], view.previews["ComAsset"]
thumbnails.make_thumbnail(mine, Path("mine.png"))
thumbnails.make_thumbnail((mine[0], Path("missing.obj")), Path("one.png"))
thumbnails.make_thumbnail(mine[0], Path("alone.png"))
told["sizes"] = [Image.open(name).size for name in ("mine.png", "one.png")]
told["alone"] = Path("one.png").read_bytes() == Path("alone.png").read_bytes()
told["differ"] = Path("mine.png").read_bytes() != Path("alone.png").read_bytes()
try:
    thumbnails.make_thumbnail((Path("missing.obj"), Path("none.obj")), Path("no.png"))
except OSError:
    told["none"] = Path("no.png").exists()
key = thumbnails._key(mine)
(mine[0]).write_text(mine[0].read_text() + "# changed\\n")
told["keys"] = [key != thumbnails._key(mine), thumbnails._key((Path("missing.obj"),))]
bpy.ops.grail.choose_dataset(name="Mine")
told["chosen"] = [own.dataset, own.category]
own.category = "red"
bpy.ops.grail.choose_dataset(name="Mine")
told["kept"] = own.category
"""


def test_a_dataset_has_a_picture_of_its_first_objects_and_is_chosen_by_it(tmp_path: Path) -> None:
    told = run(DATASETS, tmp_path)
    assert {"Mine", "ComAsset"} <= set(told["datasets"])
    assert told["previews"]["Mine"] == 2 and told["previews"]["ComAsset"] == 4
    assert told["sizes"] == [[256, 192], [256, 192]]
    assert told["alone"] and told["differ"] and told["none"] is False
    assert told["keys"] == [True, ""]
    assert told["chosen"] == ["Mine", ""] and told["kept"] == "red"
