# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in a real headless Chromium, opened from disk: no console message, filters, keys, decisions, pictures."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from grail_addon.core.clock import SystemClock
from grail_addon.core.layout import ResultsLayout
from grail_addon.pipeline.progress import RunProgress, StatusFile
from grail_addon.pipeline.records.decisions import read_decisions
from grail_addon.report.build import build_report
from grail_addon.steps.events import Done, Ended, Failed, Note, Planned
from tests.report.browser import CHROMIUM, DRIVER, browser, console_errors, requested
from tests.report.results_of_boxes import write_sample
from tests.waiting import until

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs Chromium and its driver")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("report") / "my results"  # a blank in the path must not hurt
    made = write_sample(folder)
    build_report(folder)
    return folder, made


@pytest.fixture(scope="module")
def window(
    results: tuple[Path, list[dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[webdriver.Chrome]:
    folder = tmp_path_factory.mktemp("browser")
    (folder / "downloads").mkdir()
    with browser(folder / "profile", folder / "downloads") as driver:
        driver.downloads = folder / "downloads"
        yield driver


@pytest.fixture
def page(window: webdriver.Chrome, results: tuple[Path, list[dict[str, Any]]]) -> Iterator[webdriver.Chrome]:
    """The page as a newcomer sees it; whatever the test did, the console has to be silent."""
    window.get("about:blank")
    window.get((results[0] / "report/index.html").as_uri())
    window.execute_script("localStorage.clear()")
    window.refresh()
    console_errors(window)
    yield window
    keep(window, "last")
    assert console_errors(window) == []


def keep(driver: webdriver.Chrome, name: str) -> None:
    """Leave a picture of the window where REPORT_SHOTS says, for somebody to look at."""
    if folder := os.environ.get("REPORT_SHOTS"):
        driver.save_screenshot(str(Path(folder) / f"{name}.png"))


def shown(driver: webdriver.Chrome) -> list[str]:
    return [c.get_attribute("data-id") for c in driver.find_elements(By.CSS_SELECTOR, ".card:not([hidden])")]


def press(driver: webdriver.Chrome, *keys: str) -> None:
    for key in keys:
        webdriver.ActionChains(driver).send_keys(key).perform()


def chip(driver: webdriver.Chrome, name: str) -> Any:
    return driver.find_element(By.CSS_SELECTOR, f'#verdicts button[data-verdict="{name}"]')


def open_card(driver: webdriver.Chrome, video_id: str) -> None:
    card = driver.find_element(By.CSS_SELECTOR, f'.card[data-id="{video_id}"]')
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", card)
    card.click()


def current(driver: webdriver.Chrome) -> str:
    return driver.find_element(By.CSS_SELECTOR, ".card.at").get_attribute("data-id")


def test_all_variants_are_there_with_their_verdicts(page: webdriver.Chrome, results) -> None:
    made = results[1]
    assert sorted(shown(page)) == sorted(m["video_id"] for m in made)
    for manifest in made:
        card = page.find_element(By.CSS_SELECTOR, f'.card[data-id="{manifest["video_id"]}"]')
        assert card.find_element(By.CSS_SELECTOR, ".badge").text == manifest["verdict"]
        if manifest["reasons"]:
            assert manifest["reasons"][0] in card.find_element(By.CSS_SELECTOR, ".why").get_attribute("textContent")
    assert "15 variants of 5 objects" in page.find_element(By.ID, "summary").text
    keep(page, "grid")


def test_a_clips_verdict_is_on_its_card_and_in_a_filter(page: webdriver.Chrome, results) -> None:
    (only,) = (m["video_id"] for m in results[1] if m.get("video"))
    assert page.find_element(By.CSS_SELECTOR, f'.card[data-id="{only}"] .badge.suspect').text == "video suspect"
    chip(page, "video").click()
    until(lambda: shown(page) == [only])
    keep(page, "video_filter")
    open_card(page, only)
    until(lambda: page.find_elements(By.CSS_SELECTOR, "dialog .badge.suspect"))
    assert "background moves by up to 1.1 px" in page.find_element(By.CSS_SELECTOR, "dialog").text
    summary = page.find_element(By.XPATH, "//summary[text()='What was measured']")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", summary)
    summary.click()
    until(lambda: "scene moved\n0.62" in page.find_element(By.CSS_SELECTOR, "dialog").text)
    assert "The vision model: The person lifts the drill." in page.find_element(By.CSS_SELECTOR, "dialog").text
    keep(page, "video_detail")


def test_manifests_that_cannot_be_used_are_named(page: webdriver.Chrome) -> None:
    text = page.find_element(By.ID, "problems").text
    assert "broken.json cannot be read" in text and "short.json lacks" in text
    assert "settle.json" not in text


def test_pictures_load_and_nothing_leaves_the_disk(page: webdriver.Chrome) -> None:
    requested(page)
    page.refresh()
    broken = """return [...document.querySelectorAll('.card img')].filter(i => !(i.complete && i.naturalWidth > 100)).map(i => i.src)"""
    for card in page.find_elements(By.CSS_SELECTOR, ".card"):
        page.execute_script("arguments[0].scrollIntoView()", card)
    until(lambda: not page.execute_script(broken))
    press(page, Keys.ENTER)
    until(lambda: not page.execute_script(broken.replace(".card img", "dialog img")))
    asked = requested(page)
    assert len(asked) > 15
    assert {url.split(":", 1)[0] for url in asked} <= {"file", "data", "blob"}


@pytest.mark.parametrize("verdict", ["pass", "warn", "fail"])
def test_verdict_filter(page: webdriver.Chrome, results, verdict: str) -> None:
    wanted = sorted(m["video_id"] for m in results[1] if m["verdict"] == verdict)
    assert chip(page, verdict).find_element(By.TAG_NAME, "b").text == str(len(wanted))
    chip(page, verdict).click()
    assert sorted(shown(page)) == wanted and wanted


def test_object_task_and_text_filters_combine(page: webdriver.Chrome, results) -> None:
    made = results[1]
    Select(page.find_element(By.ID, "object")).select_by_value("ComAsset/drill")
    assert sorted(shown(page)) == sorted(m["video_id"] for m in made if m["category"] == "drill")
    page.find_element(By.ID, "search").send_keys("DESK LAMP")
    lamp = [m["video_id"] for m in made if any("desk lamp" in r for r in m["reasons"])]
    assert shown(page) == lamp and len(lamp) == 1
    Select(page.find_element(By.ID, "task")).select_by_value("sitting")
    assert shown(page) == []
    assert page.find_element(By.ID, "empty").is_displayed()
    page.find_element(By.ID, "reset").click()
    assert len(shown(page)) == len(made)


def test_order_by_verdict_has_the_worst_first(page: webdriver.Chrome, results) -> None:
    Select(page.find_element(By.ID, "order")).select_by_value("verdict")
    verdict = {m["video_id"]: m["verdict"] for m in results[1]}
    ranks = [["fail", "warn", "pass"].index(verdict[video_id]) for video_id in shown(page)]
    assert ranks == sorted(ranks) and len(set(ranks)) == 3


def test_detail_shows_pictures_numbers_joints_and_reasons(page: webdriver.Chrome, results) -> None:
    manifest = next(m for m in results[1] if any("foot is outside the frame by" in r for r in m["reasons"]))
    open_card(page, manifest["video_id"])
    dialog = page.find_element(By.ID, "detail")
    assert [f.text for f in dialog.find_elements(By.CSS_SELECTOR, "figcaption b")] == [
        "frame",
        "joints",
        "depth",
        "masks",
    ]
    assert len(dialog.find_elements(By.CSS_SELECTOR, "figure svg circle")) == len(manifest["overlay"]["joints"])
    assert [li.text for li in dialog.find_elements(By.CSS_SELECTOR, ".reasons li")] == manifest["reasons"]
    assert len(dialog.find_elements(By.CSS_SELECTOR, "details table tr")) == len(manifest["measurements"])
    red = {cell.get_attribute("textContent") for cell in dialog.find_elements(By.CSS_SELECTOR, "td.num.fail")}
    assert red == {
        f"{c['value']:.0f} px" if c["unit"] == "px" else f"{c['value'] * 100:.0f} %"
        for c in manifest["measurements"]
        if c["level"] == "fail"
    }
    keep(page, "detail-fail")


def test_joints_are_drawn_where_the_frame_has_them(page: webdriver.Chrome, results) -> None:
    manifest = next(m for m in results[1] if m["verdict"] == "pass")
    open_card(page, manifest["video_id"])
    until(lambda: page.execute_script("return document.querySelector('dialog figure img').naturalWidth > 0"))
    circle = page.find_element(By.CSS_SELECTOR, "figure svg circle")
    name = circle.find_element(By.TAG_NAME, "title").get_attribute("textContent").split(":")[0].replace(" ", "_")
    image = circle.find_element(By.XPATH, "./ancestor::*[contains(@class,'pane')]//*[local-name()='img']").rect
    width, height = manifest["frame_size"]
    u, v = manifest["overlay"]["joints"][name]["px"]
    box = page.execute_script(
        "const r = arguments[0].getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]", circle
    )
    left, top = page.execute_script(
        "const r = arguments[0].closest('.pane').querySelector('img').getBoundingClientRect(); return [r.x, r.y]",
        circle,
    )
    assert box[0] - left == pytest.approx(u / width * image["width"], abs=1.5)
    assert box[1] - top == pytest.approx(v / height * image["height"], abs=1.5)


def test_settling_scale_prompt_cost_and_video_are_shown(page: webdriver.Chrome, results) -> None:
    manifest = next(m for m in results[1] if "video" in m)
    open_card(page, manifest["video_id"])
    dialog = page.find_element(By.ID, "detail")
    titles = [h.text for h in dialog.find_elements(By.CSS_SELECTOR, ".left h3")]
    assert titles == ["Video", "Settling", "Scale", "Prompt", "Cost"]
    assert manifest["prompt"]["text"] in dialog.text
    plots = dialog.find_elements(By.CSS_SELECTOR, ".plots img")
    assert len(plots) == 4  # stillness, height, angle, scale
    video = dialog.find_element(By.TAG_NAME, "video")
    until(lambda: page.execute_script("return arguments[0].readyState >= 2 && arguments[0].videoWidth > 0", video))
    over = dialog.find_element(By.CSS_SELECTOR, ".diff")
    assert not over.is_displayed()
    dialog.find_element(By.CSS_SELECTOR, ".clip button").click()
    assert over.is_displayed() and over.value_of_css_property("mix-blend-mode") == "difference"
    until(lambda: page.execute_script("return !arguments[0].seeking", video))
    keep(page, "detail-video")


def test_keys_move_open_decide_and_the_saved_file_is_read_back(page: webdriver.Chrome, results, window) -> None:
    order = shown(page)
    assert current(page) == order[0]
    press(page, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    assert current(page) == order[1]
    press(page, "a")
    press(page, Keys.ENTER)
    assert page.find_element(By.ID, "detail").get_attribute("open") is not None
    press(page, Keys.ARROW_RIGHT, "r")
    assert page.find_element(By.CSS_SELECTOR, "#detail .head .badge.reject").text == "rejected"
    press(page, Keys.ARROW_RIGHT, "a", "c", Keys.ESCAPE)
    assert page.find_element(By.ID, "detail").get_attribute("open") is None
    until(lambda: page.current_url.endswith("#"))  # the dialog's close event comes a moment later
    assert chip(page, "approve").text.split() == ["approved", "1"]
    card = page.find_element(By.CSS_SELECTOR, f'.card[data-id="{order[1]}"]')
    verdict, human = card.find_elements(By.CSS_SELECTOR, ".badge")
    assert verdict.rect["x"] + verdict.rect["width"] < human.rect["x"], "the decision must not cover the verdict"
    assert chip(page, "reject").text.split() == ["rejected", "1"]
    page.refresh()  # decisions that are not saved yet outlive a reload
    save = page.find_element(By.ID, "save")
    assert save.text == "Save 2 decisions"
    save.click()
    path = window.downloads / "decisions.json"
    until(path.is_file)
    read = read_decisions(path)
    assert {video_id: d.decision for video_id, d in read.items()} == {order[1]: "approve", order[2]: "reject"}
    keep(page, "decided")


def test_variant_that_was_not_rendered_cannot_be_approved(page: webdriver.Chrome, results) -> None:
    failed = next(m for m in results[1] if m["status"] == "failed")
    open_card(page, failed["video_id"])
    press(page, "a")
    assert page.find_element(By.ID, "save").get_attribute("disabled") is not None
    assert failed["reasons"][0] in page.find_element(By.ID, "detail").text


def test_keys_do_not_act_while_typing(page: webdriver.Chrome) -> None:
    page.find_element(By.ID, "search").send_keys("ar")
    assert page.find_element(By.ID, "save").get_attribute("disabled") is not None


def test_a_link_opens_one_variant(page: webdriver.Chrome, results) -> None:
    video_id = results[1][3]["video_id"]
    page.get("about:blank")
    page.get((results[0] / "report/index.html").as_uri() + "#" + video_id.replace("/", "%2F"))
    assert page.find_element(By.CSS_SELECTOR, "#detail h2").text == video_id.rsplit("/", 1)[-1]


def test_light_and_dark_and_a_narrow_window(page: webdriver.Chrome) -> None:
    def colour() -> str:
        return page.execute_script("return getComputedStyle(document.body).backgroundColor")

    first = colour()
    page.find_element(By.ID, "theme").click()
    assert colour() != first
    keep(page, "grid-dark")
    press(page, Keys.ENTER)
    keep(page, "detail-dark")
    press(page, Keys.ESCAPE)
    page.set_window_size(500, 900)
    try:
        wide = page.execute_script("return document.documentElement.scrollWidth - innerWidth")
        keep(page, "narrow")
    finally:
        page.set_window_size(1500, 1000)
    assert wide <= 0


def test_names_from_manifests_are_never_taken_for_html(tmp_path: Path, window: webdriver.Chrome) -> None:
    evil = '</script><img src=x onerror="document.title=1">'
    manifest = {
        "step": "render", "status": "failed", "video_id": evil, "dataset": "d", "category": "<b>c</b>", "task": "manipulation",
        "seed": 1, "verdict": "fail", "reasons": [evil], "files": {}, "measurements": [],
    }  # fmt: skip
    folder = tmp_path / "generation/manifests"
    folder.mkdir(parents=True)
    (folder / "evil.json").write_text(json.dumps(manifest))
    window.get(build_report(tmp_path).as_uri())
    assert window.find_element(By.CSS_SELECTOR, ".card .why").text == evil
    assert window.find_elements(By.CSS_SELECTOR, ".card b, .card .text img") == []
    assert console_errors(window) == []


def test_a_thousand_variants_load_only_the_pictures_in_view(tmp_path: Path, results, window: webdriver.Chrome) -> None:
    base = [m for m in results[1] if m["files"]]
    Image.new("RGB", (64, 36), "teal").save(tmp_path / "small.png")
    picture = (tmp_path / "small.png").read_bytes()
    for number in range(1000):
        source = base[number % len(base)]
        video_id = f"{source['dataset']}/{source['category']}/kid_many_rand{number:05d}"
        frame = tmp_path / "generation/asset_renders" / f"{video_id}.png"
        manifest = {**source, "video_id": video_id, "seed": number, "settle": None, "video": None}
        manifest["files"] = {"frame": {"path": frame.relative_to(tmp_path).as_posix(), "sha256": ""}}
        frame.parent.mkdir(parents=True, exist_ok=True)
        frame.write_bytes(picture)
        path = tmp_path / "generation/manifests" / f"{video_id}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(manifest))
    page = build_report(tmp_path)
    window.get("about:blank")
    requested(window)
    window.get(page.as_uri())
    assert len(shown(window)) == 1000
    until(lambda: window.execute_script("return document.querySelector('.card img').naturalWidth > 0"))
    asked = [url for url in requested(window) if url.endswith(".webp")]
    assert 4 <= len(asked) <= 200
    chip(window, "fail").click()
    fails = sum(base[n % len(base)]["verdict"] == "fail" for n in range(1000))
    assert len(shown(window)) == fails
    press(window, Keys.END)
    last = window.find_elements(By.CSS_SELECTOR, ".card:not([hidden]) img")[-1]
    until(lambda: window.execute_script("return arguments[0].naturalWidth > 0", last))
    keep(window, "thousand")
    assert not window.execute_script("return document.querySelector('script[src]')"), "numbers are not loaded yet"
    press(window, Keys.ENTER)
    until(lambda: "Numbers and thresholds" in window.find_element(By.ID, "detail").text)
    assert window.find_element(By.CSS_SELECTOR, "#detail h2").text == shown(window)[0].rsplit("/", 1)[-1]
    assert console_errors(window) == []


def test_the_last_run_is_told_by_worker_node_object_and_reason(tmp_path: Path, window: webdriver.Chrome) -> None:
    write_sample(tmp_path)
    progress = RunProgress(SystemClock())
    status = StatusFile(ResultsLayout(tmp_path), progress)
    status.event(Planned(data={"items": 9, "objects": 2}))
    status.event(Note(message="auto: 2 workers: 1 makes 0.5 frames a second.", data={"auto": 2}))
    status.event(Note(message="something else"))
    for number in range(6):
        where = {"worker": str(number % 2), "node": f"gpu{number % 2:02d}"}
        status.event(Done(item=f"render A/mug/{number}", obj="A/mug", seconds=2.5, data=where))
    for number in range(3):
        message = f"no placement fits in {number + 20} tries <b>"
        status.event(Failed(item=f"render A/bowl/{number}", obj="A/bowl", message=message, data={"worker": "1", "node": "gpu01"}))  # fmt: skip
    status.event(Ended())
    window.get(build_report(tmp_path).as_uri())
    box = window.find_element(By.ID, "run")
    assert box.find_element(By.TAG_NAME, "summary").text.startswith("Last run: 6 done, 0 up to date, 3 failed of 9 in ")
    box.find_element(By.TAG_NAME, "summary").click()
    keep(window, "run")
    assert "3 × no placement fits in N tries <b> such as render A/bowl/0" in box.text
    assert "Workers\nauto: 2 workers: 1 makes 0.5 frames a second." in box.text and "something else" not in box.text
    tables = [[[c.text for c in row.find_elements(By.CSS_SELECTOR, "th, td")] for row in table.find_elements(By.TAG_NAME, "tr")]
              for table in box.find_elements(By.TAG_NAME, "table")]  # fmt: skip
    assert tables == [
        [["Worker", "Node", "Done", "Up to date", "Failed", "Seconds an item"], ["0", "gpu00", "3", "0", "0", "2.5"], ["1", "gpu01", "3", "0", "3", "2.5"]],
        [["Node", "Done", "Up to date", "Failed", "Seconds an item"], ["gpu00", "3", "0", "0", "2.5"], ["gpu01", "3", "0", "3", "2.5"]],
        [["Object", "Done", "Up to date", "Failed", "Seconds an item"], ["A/bowl", "0", "0", "3", ""], ["A/mug", "6", "0", "0", "2.5"]],
    ]  # fmt: skip
    assert console_errors(window) == []


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder whose report is there, so that building it again makes no picture."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    build_report(folder)
    return folder


@pytest.mark.parametrize("status", ["", "[]", "{}", '{"total": 3}', '{"total": {}, "objects": {}, "reasons": [1]}'])
def test_a_status_of_another_form_is_left_out(sample: Path, status: str, window: webdriver.Chrome) -> None:
    (sample / "status.json").write_text(status)
    window.get(build_report(sample).as_uri())
    assert shown(window) and not window.find_element(By.ID, "run").is_displayed()
    assert console_errors(window) == []
