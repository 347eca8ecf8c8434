# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by `blender -b --python`: the operators as a script calls them. Arguments after --: address of the sandbox, results."""

import importlib
import json
import sys
from pathlib import Path

import bpy

EXTENSION = "bl_ext.user_default.grail_hoi"
address, results = sys.argv[sys.argv.index("--") + 1 :]
KEYS = {
    "rendering.width": "640", "rendering.height": "360", "rendering.samples": "1", "rendering.denoise": "false",
    "video.poll_seconds": "1", "video.skip_prompt_refinement": "true",
}  # fmt: skip

own, mine = bpy.context.scene.grail, bpy.context.preferences.addons[EXTENSION].preferences
own.category, own.character, own.variants, own.results_dir = "cordless_drill", "kid", 1, results
mine.key_source, mine.kling_host, mine.kling_api_key = "PREFERENCES", address, "sandbox-key"
for key, value in KEYS.items():
    item = own.overrides.add()
    item.name, item.value = key, value
said = {"render": sorted(bpy.ops.grail.render_variants())}
manifest = next(Path(results).rglob("manifests/**/*rand00001.json"))
layout = importlib.import_module(f"{EXTENSION}.core.layout").ResultsLayout(Path(results))
decisions = importlib.import_module(f"{EXTENSION}.core.gate.decisions")
judge = importlib.import_module(f"{EXTENSION}.pipeline.judge")
name = json.loads(manifest.read_text())["video_id"]
judge.decide_folder(layout, {name: decisions.Decision(decision="approve")})
for label, arguments in (("unasked", {}), ("wrong", {"confirmed_usd": 0.2}), ("agreed", {"confirmed_usd": 0.35})):
    try:
        said[label] = sorted(bpy.ops.grail.send_to_kling(**arguments))
    except RuntimeError as error:
        said[label] = str(error)
    said[f"{label}_clips"] = len(list(Path(results).rglob("videos_kling/**/*.mp4")))
Path(results, "said.json").write_text(json.dumps(said))
