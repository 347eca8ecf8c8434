# SPDX-License-Identifier: GPL-3.0-or-later
"""Building the report: files, caching, pictures, plots; without a browser."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from grail_addon.core.files import write_json
from grail_addon.report.build import build_report
from grail_addon.report.page import assemble
from grail_addon.report.pictures import contact_sheet, depth_preview, read_picture
from grail_addon.report.plots import scale_plot, settle_plots, stillness_plot, ticks
from tests.report.results_of_boxes import write_sample


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build") / "results"
    write_sample(folder)
    build_report(folder)
    return folder


def page_of(results: Path) -> dict:
    """The page's data, with all numbers of its variants, as its script puts them together."""
    text = (results / "report/index.html").read_text()
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found
    page = json.loads(found.group(1))
    more: dict[str, dict] = {}
    for path in (results / "report/data").glob("*.js"):
        call = re.fullmatch(r"receive\((.*)\);\n", path.read_text())
        assert call
        name, piece = json.loads(f"[{call.group(1)}]")
        assert path.name == f"{name}.js"
        more |= {variant["id"]: {**variant, "piece": name} for variant in piece["variants"]}
    assert {row["id"]: row["piece"] for row in page["variants"]} == {key: part["piece"] for key, part in more.items()}
    return {**page, "variants": [{**row, **more[row["id"]]} for row in page["variants"]]}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_building_twice_gives_the_same_bytes_and_makes_no_picture_anew(results: Path) -> None:
    before = snapshot(results / "report")
    times = {p: p.stat().st_mtime_ns for p in (results / "report/thumbs").rglob("*.webp")}
    build_report(results)
    assert snapshot(results / "report") == before
    assert {p: p.stat().st_mtime_ns for p in times} == times and times


def test_picture_is_made_anew_when_its_frame_changes(results: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(results, copy)
    variants = page_of(copy)["variants"]
    one, other = (v for v in variants if v["object"] == "ComAsset/can")
    path = copy / "generation/manifests" / f"{one['id']}.json"
    manifest = json.loads(path.read_text())
    frame = copy / manifest["files"]["frame"]["path"]
    Image.new("RGB", (384, 216), "red").save(frame)
    manifest["files"]["frame"]["sha256"] = "changed"
    write_json(path, manifest)
    kept = (copy / "report" / other["thumb"]).stat().st_mtime_ns
    build_report(copy)
    with Image.open(copy / "report" / one["thumb"]) as thumb:
        assert thumb.convert("RGB").getpixel((50, 50)) == pytest.approx((254, 0, 0), abs=3)
    assert (copy / "report" / other["thumb"]).stat().st_mtime_ns == kept


def test_every_file_the_page_names_is_there_by_a_relative_path(results: Path) -> None:
    names: set[str] = set()

    def gather(value: object) -> None:
        if isinstance(value, dict):
            for part in value.values():
                gather(part)
        elif isinstance(value, list):
            for part in value:
                gather(part)
        elif isinstance(value, str) and re.search(r"\.(webp|png|svg|mp4)$", value):
            names.add(value)

    for variant in page_of(results)["variants"]:
        gather({k: v for k, v in variant.items() if k not in ("settle", "reasons")})
    assert len(names) > 60
    assert all((results / "report" / name).is_file() for name in names if name.startswith(("..", "thumbs", "plots")))
    assert not [name for name in names if name.startswith("/") or ":" in name]


def test_page_and_plots_name_no_address_but_svg_name_spaces(results: Path) -> None:
    for path in [results / "report/index.html", *(results / "report/plots").rglob("*.svg")]:
        text = re.sub(r"<!--.*?-->", "", path.read_text(), flags=re.S)
        assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }


def test_contact_sheet_has_a_cell_for_each_variant(results: Path, tmp_path: Path) -> None:
    with Image.open(results / "report/contact_sheet.png") as sheet:
        colours = {c for _, c in sheet.convert("RGB").getcolors(1 << 20)}
    assert {(0x2F, 0x9E, 0x6B), (0xC9, 0x8A, 0x12), (0xD1, 0x48, 0x5A)} <= colours
    contact_sheet([("a", "pass", None)] * 7, tmp_path / "seven.png")
    with Image.open(tmp_path / "seven.png") as sheet:
        bars = np.all(np.asarray(sheet) == (0x2F, 0x9E, 0x6B), axis=2)
    starts = bars[:, 1:] & ~bars[:, :-1]
    # a verdict bar is 240 pixels wide and 3 high; letters are not
    assert sum(int(bars[y, x + 1 : x + 240].all()) for y, x in zip(*np.nonzero(starts), strict=True)) == 7 * 3


def test_empty_results_give_an_empty_page(tmp_path: Path) -> None:
    page = build_report(tmp_path)
    assert page.is_file() and page_of(tmp_path)["variants"] == []


def test_missing_and_broken_pictures_do_not_stop_the_report(results: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(results, copy, ignore=shutil.ignore_patterns("report"))
    frames = sorted((copy / "generation/asset_renders").rglob("*.png"))
    frames[0].unlink()
    frames[1].write_bytes(b"no picture")
    for mask in (copy / "generation/foundation_pose").rglob("*.png"):
        mask.write_bytes(b"no picture")
    next(iter((copy / "generation/depth_maps").rglob("*.png"))).write_bytes(b"no picture")
    build_report(copy)
    missing = [v["id"] for v in page_of(copy)["variants"] if v["thumb"] is None and v["status"] == "done"]
    assert len(missing) == 2


def test_depth_preview_goes_from_light_to_dark_and_tells_its_range(tmp_path: Path) -> None:
    depth = np.tile(np.linspace(1000, 5000, 200).astype(np.uint16), (20, 1))
    depth[:, :20] = 0
    Image.fromarray(depth).save(tmp_path / "d.png")
    picture, metres = depth_preview(read_picture(tmp_path / "d.png"))
    light = np.asarray(picture.convert("L"), dtype=int)[10]
    assert metres == pytest.approx((1.4, 5.0), abs=0.05)
    assert (np.diff(light[20:]) <= 1).all() and light[21] > 200 and light[-1] < 60
    assert (light[:20] == 128).all()
    Image.fromarray(depth * 0).save(tmp_path / "none.png")
    assert depth_preview(read_picture(tmp_path / "none.png"))[1] is None


@pytest.mark.parametrize(
    ("low", "high", "most", "wanted"),
    [(0, 1, 5, [0, 0.5, 1]), (0, 23, 5, [0, 10, 20, 30]), (0, 0, 5, None), (-3, 7, 5, [-5, 0, 5, 10]), (0, 0.061, 5, [0, 0.02, 0.04, 0.06, 0.08])],
)  # fmt: skip
def test_ticks_are_round_and_cover(low: float, high: float, most: int, wanted: list[float] | None) -> None:
    found = ticks(low, high, most)
    assert 2 <= len(found) <= most
    assert found[0] <= low and found[-1] >= high
    assert wanted is None or found == pytest.approx(wanted)


def test_plots_are_drawings_or_nothing() -> None:
    rows = np.zeros((30, 7))
    rows[:, 2], rows[:, 6] = np.linspace(0.2, 0.1, 30), 1.0
    drawn = [*settle_plots({"trajectory": rows.tolist(), "time_step": 0.02}).values()]
    drawn += [stillness_plot([0.1, 0.4, 0.2], None, 1.0), scale_plot([{"scale": [1, 1, 1]}, {"scale": 2.0}])]
    for svg in drawn:
        assert svg is not None
        assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert settle_plots({}) == {} and settle_plots({"trajectory": [[0] * 7]}) == {}
    assert stillness_plot([0.1], None, None) is None and scale_plot([{"scale": 1.0}]) is None


def test_data_cannot_end_the_script_element() -> None:
    page = assemble({"title": "</script><!-- /*SCRIPT*/"})
    assert page.count("</script>") == 2 and "<!--" not in page
    with pytest.raises(ValueError, match="JSON"):
        assemble({"x": float("nan")})
