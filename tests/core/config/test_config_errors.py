# SPDX-License-Identifier: GPL-3.0-or-later
"""Each thing that can be wrong is one line with file, line, key path and a close match; all at once; nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from grail_addon.cli.arguments import read_command_line
from grail_addon.core.errors import InputError
from tests.core.config.config_project import OBJECTS, PIPELINE, complaints, project, run

FILE = "configs/gen_2dhoi/run.yaml"
THINGS = "configs/gen_2dhoi/things.yaml"
LAST = PIPELINE.count("\n")


def swap(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


WRONG_PIPELINE = {
    "unknown key": (
        "  samples: 8",
        "  sampels: 8",
        f"{FILE}:5: rendering.sampels: unknown key `sampels`. Did you mean samples?",
    ),
    "key of another section": (
        "results_dir: out",
        "samples: 8",
        f"{FILE}:2: samples: unknown key `samples`. There is rendering.samples.",
    ),
    "scene key outside a scene": (
        "results_dir: out",
        "obj_pos: [0, 0, 0]",
        f"{FILE}:2: obj_pos: unknown key `obj_pos`. There is scenes.NAME.obj_pos and objects.NAME.obj_pos.",
    ),
    "text for a number": (
        "  width: 640",
        '  width: "640"',
        f'{FILE}:6: rendering.width: should be a whole number from 64 to 8192, not "640".',
    ),
    "fraction for a whole number": (
        "  width: 640",
        "  width: 640.5",
        f"{FILE}:6: rendering.width: should be a whole number from 64 to 8192, not 640.5.",
    ),
    "boolean for a number": (
        "  samples: 8",
        "  samples: true",
        f"{FILE}:5: rendering.samples: should be a whole number from 1 to 65536 or `auto`, not true.",
    ),
    "yes is no boolean": ("character: kid", "verbose: yes", f'{FILE}:1: verbose: should be true or false, not "yes".'),
    "number for a boolean": ("character: kid", "verbose: 1", f"{FILE}:1: verbose: should be true or false, not 1."),
    "out of range": (
        "  samples: 8",
        "  samples: 0",
        f"{FILE}:5: rendering.samples: should be a whole number from 1 to 65536 or `auto`, not 0.",
    ),
    "odd side": (
        "  width: 640",
        "  width: 641",
        f"{FILE}:6: rendering.width: should be even (video codecs need it): 640 or 642.",
    ),
    "seeds backwards": (
        "  num_rand_scenes: 2",
        "  num_rand_scenes: [5, 3]",
        f"{FILE}:8: rendering.num_rand_scenes: should be [first, last], but first seed 5 is more than last seed 3.",
    ),
    "seeds, three of them": (
        "  num_rand_scenes: 2",
        "  num_rand_scenes: [1, 2, 3]",
        f"{FILE}:8: rendering.num_rand_scenes: should be a whole number from 1, or [first, last] scene seed, up to 99999, "
        "not [1, 2, 3].",
    ),
    "not a number": (
        "    camera_radius: 3",
        "    camera_radius: .nan",
        f"{FILE}:12: scenes.stage.camera_radius: should be a number or [lo, hi], from 0.01 to 1000, not NaN.",
    ),
    "two numbers for three": (
        "    obj_pos: [0, 0, 0.6]",
        "    obj_pos: [0, 0]",
        f"{FILE}:11: scenes.stage.obj_pos: should be [x, y, z], three numbers, not [0, 0].",
    ),
    "range backwards": (
        "    camera_elevation: [10, 20]",
        "    camera_elevation: [20, 10]",
        f"{FILE}:13: scenes.stage.camera_elevation: should be [lowest, highest], but 20 is more than 10.",
    ),
    "camera overhead": (
        "    camera_elevation: [10, 20]",
        "    camera_elevation: [10, 95]",
        f"{FILE}:13: scenes.stage.camera_elevation: should be from -89 to 89, but is 95.",
    ),
    "negative spread": (
        "    camera_azimuth_rand_max: 25",
        "    camera_azimuth_rand_max: -25",
        f"{FILE}:15: scenes.corner.camera_azimuth_rand_max: should be 0 or more (it means plus or minus), but is -25; "
        "[lo, hi] gives a range.",
    ),
    "no scale": (
        "    camera_radius: 3",
        "    obj_scale: [1, 0, 1]",
        f"{FILE}:12: scenes.stage.obj_scale: should be more than 0 in each axis.",
    ),
    "one of several words": (
        "    camera_radius: 3",
        "    character_pos_mode: polr",
        f'{FILE}:12: scenes.stage.character_pos_mode: should be one of `absolute`, `polar`, not "polr".',
    ),
    "list for a section": (
        "character: kid",
        "simulation: [1]",
        f"{FILE}:1: simulation: should be keys and values, not [1].",
    ),
    "empty section": ("character: kid", "simulation:", f"{FILE}:1: simulation: should be keys and values, not null."),
    "number for a scene": (
        "    camera_azimuth_rand_max: 25",
        "    {}\n  hall: 3",
        f"{FILE}:16: scenes.hall: should be keys and values, not 3.",
    ),
    "scene name with a space": (
        "  corner:",
        "  the corner:",
        f"{FILE}:14: scenes.the corner: the name `the corner` should be a name without spaces and slashes.",
    ),
    "duration": (
        "character: kid",
        "video: {duration: 2}",
        f'{FILE}:1: video.duration: should be whole seconds from 3 to 15, such as "5", not 2.',
    ),
    "no prompt": (
        "character: kid",
        "video: {base_prompt: []}",
        f"{FILE}:1: video.base_prompt: should be a text, or a list of texts, not [].",
    ),
    "host": (
        "character: kid",
        "video: {kling_host: example.org}",
        f'{FILE}:1: video.kling_host: should be an address such as https://example.org, not "example.org".',
    ),
    "box": (
        "    camera_radius: 3",
        "    character_pos_box_include: [1, 0, -1, 2]",
        f"{FILE}:12: scenes.stage.character_pos_box_include: should be [x1, y1, x2, y2] with x1 < x2 and y1 < y2.",
    ),
    "key in a static object": (
        "    camera_radius: 3",
        "    static_objects: {table: {name: t.obj, position: [0, 0, 0]}}",
        f"{FILE}:12: scenes.stage.static_objects.table.position: unknown key `position`.",
    ),
    "limits crossed": (
        "character: kid",
        "gate: {hand_edge: {fail_below: 20, warn_below: 10}}",
        f"{FILE}:1: gate.hand_edge: fail_below (20) should not be more than warn_below (10).",
    ),
    "unknown task": (
        "character: kid",
        "gate: {tasks: {siting: {}}}",
        f"{FILE}:1: gate.tasks.siting: the name `siting` should be one of `manipulation`, `pickup_table`, "
        "`pickup_ground`, `sitting`, `terrain_stairs`.",
    ),
}


@pytest.mark.parametrize(("old", "new", "line"), WRONG_PIPELINE.values(), ids=WRONG_PIPELINE)
def test_one_wrong_key(old: str, new: str, line: str, tmp_path: Path) -> None:
    assert complaints(project(tmp_path, swap(PIPELINE, old, new))) == [line]


IMPOSSIBLE = {
    "polar without distance": (
        "    camera_radius: 3",
        "    {character_pos_mode: polar, character_azimuth: 180}",
        "scenes.stage.character_distance: is needed with `character_pos_mode: polar`.",
    ),
    "polar reaches the object": (
        "",
        "    {character_pos_mode: polar, character_azimuth: 0, character_distance: 0.5, character_distance_rand_max: 0.5}",
        "scenes.stage.character_distance_rand_max: lets the character reach the object: 0.5 m from a distance of 0.5 m. "
        "Keep it below `character_distance`.",
    ),
    "least more than most": (
        "",
        "    {obj_pos_rand_max: [0.1, 0.1, 0], obj_pos_rand_min: [0, 0.2, 0]}",
        "scenes.stage.obj_pos_rand_min: is more than `obj_pos_rand_max` in y: 0.2 > 0.1.",
    ),
    "least alone": (
        "",
        "    {character_rot_rand_min: [0, 0, -5]}",
        "scenes.stage.character_rot_rand_min: needs `character_rot_rand_max`. Give both, or only the maximum.",
    ),
    "negative most": (
        "",
        "    {obj_rot_rand_max: [0, 0, -5]}",
        "scenes.stage.obj_rot_rand_max: is negative in z. Give `obj_rot_rand_min` too, or a value from 0.",
    ),
    "hole without box": (
        "",
        "    {character_pos_box_exclude: [0, 0, 1, 1]}",
        "scenes.stage.character_pos_box_exclude: needs `character_pos_box_include`.",
    ),
    "hole as large as the box": (
        "",
        "    {character_pos_box_include: [0, 0, 1, 1], character_pos_box_exclude: [-1, 0, 1, 1]}",
        "scenes.stage.character_pos_box_exclude: covers all of `character_pos_box_include`: no place is left.",
    ),
    "static object without mesh": (
        "",
        "    {static_objects: {table: {pos: [0, 0, 0]}}}",
        "scenes.stage.static_objects.table.name: is needed: the mesh file.",
    ),
    "static object's least more than most": (
        "",
        "    {static_objects: {table: {name: t.obj, pos_rand_max: [0, 0, 1], pos_rand_min: [0, 0, 2]}}}",
        "scenes.stage.static_objects.table.pos_rand_min: is more than `pos_rand_max` in z: 2 > 1.",
    ),
}


@pytest.mark.parametrize(("_", "body", "line"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_impossible_combination_in_a_scene(_: str, body: str, line: str, tmp_path: Path) -> None:
    head = PIPELINE.split("  stage:")[0]
    text = f"{head}  stage:\n{body}\n  corner: {{}}\n"
    assert complaints(project(tmp_path, text)) == [f"{FILE}:11: {line}"]


def test_impossible_combination_across_two_files_points_at_the_later_word(tmp_path: Path) -> None:
    pipeline = swap(PIPELINE, "    camera_radius: 3", "    obj_pos_rand_max: [0.1, 0.1, 0.1]")
    objects = swap(OBJECTS, "    scene: stage", "    scene: stage\n    obj_pos_rand_min: [0.2, 0, 0]")
    assert complaints(project(tmp_path, pipeline, objects)) == [
        f"{THINGS}:6: objects.mug.obj_pos_rand_min: is more than `obj_pos_rand_max` in x: 0.2 > 0.1."
    ]


@pytest.mark.parametrize(
    ("video", "line"),
    [
        (
            "{num_video_segments: 2, seg_idx_for_tail_image: 2}",
            "video.seg_idx_for_tail_image: is segment 2, but the last one is 1. "
            "Segments count from 0; `video.num_video_segments` says how many there are.",
        ),
        ("{use_all_tail_images: true}", "video.use_all_tail_images: needs `rendering.render_start_end: true`."),
    ],
)
def test_impossible_combination_of_the_run(video: str, line: str, tmp_path: Path) -> None:
    assert complaints(project(tmp_path, f"{PIPELINE}video: {video}\n")) == [f"{FILE}:{LAST + 1}: {line}"]


WRONG_OBJECTS = {
    "unknown key": (
        "    obj_scale: 2",
        "    obj_scael: 2",
        f"{THINGS}:4: objects.mug.obj_scael: unknown key `obj_scael`. Did you mean obj_scale?",
    ),
    "unknown scene": (
        "    scene: stage",
        "    scene: stagge",
        f"{THINGS}:5: objects.mug.scene: scene `stagge` is not defined. Did you mean stage?",
    ),
    "strange scene": (
        "    scene: stage",
        "    scene: q",
        f"{THINGS}:5: objects.mug.scene: scene `q` is not defined. Scenes: stage, corner.",
    ),
    "no scene": (
        "    scene: stage",
        "    obj_opacity: 1",
        f"{THINGS}:3: objects.mug: names no scene. Give the object a `scene`, or use --scene NAME.",
    ),
    "no dataset": (
        "dataset: Things",
        "",
        "dataset: no dataset is given. Use --dataset NAME, or `dataset:` in the object config.",
    ),
    "wrong type": (
        "    obj_scale: 2",
        "    obj_scale: big",
        f'{THINGS}:4: objects.mug.obj_scale: should be a number or [x, y, z], more than 0, not "big".',
    ),
    "section of the pipeline": (
        "dataset: Things",
        "dataset: Things\nrendering: {}",
        f"{THINGS}:2: rendering: unknown key `rendering`.",
    ),
}


@pytest.mark.parametrize(("old", "new", "line"), WRONG_OBJECTS.values(), ids=WRONG_OBJECTS)
def test_wrong_object_config(old: str, new: str, line: str, tmp_path: Path) -> None:
    assert complaints(project(tmp_path, objects=swap(OBJECTS, old, new))) == [line]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", f'{FILE}:3: YAML: found duplicate key "a" with value "3" (original value: "1").'),
        ("a: [1\nb: 2\n", f"{FILE}:2: YAML: expected ',' or ']', but got ':'."),
        ("a: b: c\n", f"{FILE}:1: YAML: mapping values are not allowed here."),
        ("- a\n- b\n", f"{FILE}:1: should hold keys and values (`key: value`) at the top level."),
        ("a: 1\n---\nb: 2\n", f"{FILE}:2: YAML: but found another document."),
        ("x: *nowhere\n", f"{FILE}:1: YAML: found undefined alias 'nowhere'."),
        ("character: kid\n1: 2\n", f"{FILE}:2: Key 1 should be a text; quote it."),
        ("scenes:\n  2024: {}\n", f"{FILE}:2: scenes: Key 2024 should be a text; quote it."),
        (
            "character: 2024-01-01\n",
            f"{FILE}:1: character: cannot use a value of this kind (date); write a number, a quoted text, a list or keys.",
        ),
        (
            "character: !!python/name:os.system x\n",
            f"{FILE}:1: character: cannot use a value of this kind (TaggedScalar); write a number, a quoted text, a list "
            "or keys.",
        ),
        ("a: " + "[" * 30 + "]" * 30 + "\n", f"{FILE}:1: a.0.0...: is nested too deeply."),
    ],
)
def test_broken_yaml(text: str, line: str, tmp_path: Path) -> None:
    assert complaints(project(tmp_path, text)) == [line]


def test_not_a_text_file(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / FILE).write_bytes(b"character: \xff\xfe\n")
    assert complaints(tmp_path) == [f"{FILE}: is not a UTF-8 text file."]


def test_control_characters(tmp_path: Path) -> None:
    lines = complaints(project(tmp_path, 'character: "\x01"\n'))
    assert lines == [f"{FILE}: YAML: is not valid YAML."]


def test_empty_file_has_defaults_but_no_objects(tmp_path: Path) -> None:
    assert complaints(project(tmp_path, "# nothing\n")) == [
        "dataset: no dataset is given. Use --dataset NAME, or `dataset:` in the object config.",
        "objects: there are no objects to run. Name an object config with `object_config:` or --object_config.",
    ]


@pytest.mark.parametrize("key", ["object_config", "scene_config"])
def test_missing_file_is_named_where_it_was_asked_for(key: str, tmp_path: Path) -> None:
    text = swap(PIPELINE, "object_config: things.yaml", f"{key}: thing.yaml")
    lines = complaints(project(tmp_path, text))
    assert lines[0] == (
        f"{FILE}:3: {key}: file `thing.yaml` not found; looked in configs/gen_2dhoi/, ., configs/objects/. "
        "Did you mean things?"
    )


def test_missing_config_suggests_names(tmp_path: Path) -> None:
    project(tmp_path)
    with pytest.raises(InputError) as caught:
        read_command_line(["--config", "runn.yaml"], tmp_path, tmp_path)
    assert str(caught.value) == (
        "command line --config: file `runn.yaml` not found; looked in ., configs/gen_2dhoi/. Did you mean run?"
    )


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    pipeline = swap(PIPELINE, "  samples: 8", "  samples: none")
    pipeline = swap(pipeline, "    camera_azimuth_rand_max: 25", "    camera_azimut: 3")
    lines = complaints(
        project(tmp_path, pipeline, swap(OBJECTS, "    obj_scale: 2", "    obj_scale: -2")),
        *("--set", "seed=x", "--job_chunk_idx", "9"),
    )
    assert [line.split(" should")[0].split(": unknown")[0].split(": is ")[0] for line in lines] == [
        f"{FILE}:15: scenes.corner.camera_azimut",
        f"{FILE}:5: rendering.samples:",
        f"{THINGS}:4: objects.mug.obj_scale:",
        "command line --set: seed:",
        "command line --job_chunk_idx",
    ]


def test_only_selected_objects_have_to_be_possible(tmp_path: Path) -> None:
    project(tmp_path, objects=swap(OBJECTS, "    scene: stage", "    scene: nowhere"))
    assert run(tmp_path, "--category", "canned_food").categories == ("canned_food",)
    assert len(complaints(tmp_path)) == 1
