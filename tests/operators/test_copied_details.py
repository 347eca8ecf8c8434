# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy Details names what went wrong and no folder of this computer."""

from __future__ import annotations

from pathlib import Path

from tests.operators.blender import run

CODE = """
import tempfile
from grail_addon.operators import stop
from grail_addon.operators.state import STATE, ErrorView

Path("home").mkdir()
preferences = bpy.context.preferences.addons["grail_addon"].preferences
preferences.data_dir = str(Path("data").resolve()) + "/"
own.results_dir = str(Path("work/secret client/out").resolve())
places = {
    "results": own.results_dir + "/generation/x.png", "data": preferences.data_dir + "mug/model.obj",
    "home": str(Path.home() / "keys.env"), "temp": tempfile.gettempdir() + "/half.png",
    "code": str(Path(stop.__file__).parent / "stop.py"),
}
told["places"] = places
text = "; ".join(places.values())
told["text"] = stop.masked(text, stop.folders_of(bpy.context))
told["root"] = stop.masked("a / b", {"/": "ROOT"})
"""


def test_no_folder_is_named(tmp_path: Path) -> None:
    told = run(CODE, tmp_path)
    assert told["text"].split("; ") == [
        "RESULTS/generation/x.png", "DATA/mug/model.obj", told["text"].split("; ")[2], "TEMP/half.png",
        "EXTENSION/operators/stop.py",
    ]  # fmt: skip
    assert told["text"].split("; ")[2] in ("~/keys.env", "PROJECT/keys.env")
    assert str(tmp_path) not in told["text"] and "secret client" not in told["text"]
    assert told["root"] == "a / b"
