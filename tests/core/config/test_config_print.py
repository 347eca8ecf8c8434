# SPDX-License-Identifier: GPL-3.0-or-later
"""The printed configuration and what it rests on: merging with origins, and YAML with line numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grail_addon.core.config.find import Places
from grail_addon.core.config.layers import Layer, leaves, merge
from grail_addon.core.config.load import load
from grail_addon.core.config.report import print_config
from grail_addon.core.config.resolve import resolve
from grail_addon.core.config.yaml_source import parse_yaml
from tests.core.config.config_project import project, run

FILE = "configs/gen_2dhoi/run.yaml"
THINGS = "configs/gen_2dhoi/things.yaml"


def test_print_config_names_origins(tmp_path: Path) -> None:
    text = print_config(run(project(tmp_path), "--samples", "2", "--category", "mug"))
    notes = {line.split("#")[0].strip(): line.split("#")[1].strip() for line in text.splitlines() if " # " in line}
    assert notes["samples: 2"] == "command line (--samples)"
    assert notes["width: 640"] == f"{FILE}:6 (pipeline file)"
    assert notes["obj_scale: [2.0, 2.0, 2.0]"] == f"{THINGS}:4 (object entry)"
    assert notes["camera_elevation: [10.0, 20.0]"] == f"{FILE}:13 (scene)"
    assert notes["drops: 16"] == "default"
    assert "canned_food" not in text


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


numbers = st.floats(-10, 10, allow_nan=False).map(lambda x: round(x, 3))
triples = st.lists(numbers, min_size=3, max_size=3)
spans = st.lists(st.floats(0.1, 80).map(lambda x: round(x, 3)), min_size=2, max_size=2).map(sorted)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "obj_pos": triples,
    "obj_rot": triples,
    "obj_scale": st.floats(1e-6, 1e6),
    "camera_elevation": st.one_of(numbers, spans),
    "camera_radius": spans,
    "camera_azimuth_rand_max": st.one_of(st.floats(0, 180), spans),
    "character_pos_rand_max": st.lists(st.floats(0, 2), min_size=3, max_size=3),
    "character_z": st.one_of(st.none(), numbers),
    "blender_file_name": st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60),
    "same_obj_state": st.booleans(),
    "render_width": st.integers(32, 4096).map(lambda n: 2 * n),
    "static_objects": st.dictionaries(
        st.from_regex(r"[a-z#:.'-]{1,6}", fullmatch=True).filter(lambda name: name not in (".", "..")),
        st.fixed_dictionaries({"name": st.just("a.obj"), "pos": triples}),
    ),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scene=st.fixed_dictionaries({}, optional=VALUES),
    entry=st.fixed_dictionaries({}, optional=VALUES),
    cli=st.fixed_dictionaries({}, optional={k: v for k, v in VALUES.items() if k != "static_objects"}),
)
def test_any_settings_survive_printing(
    scene: dict[str, Any], entry: dict[str, Any], cli: dict[str, Any], tmp_path: Path
) -> None:
    """Whatever is set where: the printed file gives the same final settings, and the highest layer's value is in them."""
    pipeline = dumps({"object_config": "things.yaml", "scenes": {"s": scene}})
    project(tmp_path, pipeline, dumps({"dataset": "D", "objects": {"mug": {"scene": "s", **entry}}}))
    argv = [word for key, value in cli.items() for word in ("--set", f"scenes.s.{key}={dumps(value)}")]
    first = resolve(run(tmp_path, *argv), "mug")
    (tmp_path / "printed.yaml").write_text(print_config(run(tmp_path, *argv)), encoding="utf-8")
    second = resolve(load("printed", (), Places(tmp_path, tmp_path)), "mug")
    assert second == first.model_copy(update={"sources": second.sources})
    for key, kind in (("obj_pos", tuple), ("same_obj_state", bool), ("blender_file_name", str), ("render_width", int)):
        for layer, place in ((cli, "command line"), (entry, "object entry"), (scene, "scene")):
            if key in layer:
                assert getattr(first, key) == kind(layer[key])
                assert first.sources[key].kind == place
                break


trees = st.recursive(
    st.integers(0, 9), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=8
)
layers = st.lists(st.dictionaries(st.sampled_from("abc"), trees, max_size=3), max_size=4)


@given(layers)
def test_merge_keeps_the_highest_word_and_its_origin(data: list[dict[str, Any]]) -> None:
    stack = [Layer("pipeline file", tree, file=str(i)) for i, tree in enumerate(data)]
    merged = merge(stack)
    assert {path for path, _ in leaves(merged.data)} == set(merged.sources)
    for path, value in leaves(merged.data):
        said: Any = data[int(merged.sources[path].file)]
        for name in path:
            said = said[name]
        assert said == value
    if data:  # the topmost layer is in there whole
        for path, value in leaves(data[-1]):
            found: Any = merged.data
            for name in path:
                found = found[name]
            assert found == value or (value == {} and isinstance(found, dict))


def test_yaml_is_1_2_and_lines_count_from_one() -> None:
    data, lines = parse_yaml("a: 010\nb: {c: 1e3, d: off}\ne:\n- 1\n- {f: ~}\n")
    assert data == {"a": 10, "b": {"c": 1000.0, "d": "off"}, "e": [1, {"f": None}]}
    assert type(data["a"]) is int and type(data["b"]["c"]) is float
    assert (lines["a",], lines["b", "d"], lines["e",], lines["e", "1", "f"]) == (1, 2, 3, 5)


def test_yaml_merge_keys_keep_their_value() -> None:
    data, _ = parse_yaml("base: &x {a: 1, b: 2}\nmore:\n  <<: *x\n  b: 3\n")
    assert data["more"] == {"a": 1, "b": 3}
