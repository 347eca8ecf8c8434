# SPDX-License-Identifier: GPL-3.0-or-later
"""A session as a panel, a worker or a notebook uses it: no argv, nothing loaded before it is needed, data and no text."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.clock import Clock, SystemClock
from grail_addon.core.config.find import Places
from grail_addon.core.config.load import load
from grail_addon.core.config.overrides import Override
from grail_addon.core.config.request import Request, Shard
from grail_addon.core.errors import InputError
from grail_addon.core.layout import ResultsLayout
from grail_addon.drivers.blocking import drain
from grail_addon.pipeline.options import RunOptions
from grail_addon.pipeline.session import Session
from grail_addon.steps.events import Event
from grail_addon.steps.options import StageOptions
from tests.pipeline.fake_workshop import FakeWorkshop
from tests.plan_project import make_project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def request_of(folder: Path, keys: dict[str, Any] | None = None, place: str = "code") -> Request:
    overrides = [Override(key, value, place, "Samples") for key, value in (keys or {}).items()]  # type: ignore[arg-type]
    return load("run", overrides, Places(folder, folder))


class Shops:
    """Makes fake workshops and remembers what they were given."""

    def __init__(self) -> None:
        self.made: list[tuple[StageOptions, FakeWorkshop]] = []

    def __call__(self, options: StageOptions, layout: ResultsLayout, clock: Clock) -> FakeWorkshop:
        self.made.append((options, FakeWorkshop(options, layout, clock)))
        return self.made[-1][1]


def test_plan_then_run_then_plan(folder: Path) -> None:
    shops = Shops()
    session = Session(request_of(folder, {"category": "mug", "skip_done": True}), make_workshop=shops)
    plan = session.plan()
    assert [str(item) for item in plan.items][:2] == [
        "runs  settle Things/mug: not made yet",
        "runs  render Things/mug/kid_stage_rand00001: not made yet",
    ]
    assert not plan.missing and len(plan.jobs.ready) == 1 and not shops.made, "planning opens nothing"
    assert not (folder / "out").exists(), "and writes nothing"
    events: list[Event] = []
    drain(session.run(), events.append)
    assert events[-1].data == {"done": 3, "skipped": 0, "failed": 0} and (session.failed, session.pending) == (0, 0)
    ((options, shop),) = shops.made
    assert shop.calls[-1] == ("close", "")
    assert (options.seed, options.character, options.texture_dir) == (0, "kid", folder / "data/characters")
    assert {item.verb for item in session.plan().items} == {"skips"}


def test_planning_loads_no_blender(folder: Path) -> None:
    before = set(sys.modules)
    Session(request_of(folder)).plan()
    assert not {name for name in set(sys.modules) - before if name.split(".")[0] == "bpy" or ".stage." in name}


def test_a_workshop_may_serve_several_sessions(folder: Path) -> None:
    shops = Shops()
    shop = shops(None, ResultsLayout(folder / "out"), SystemClock())  # type: ignore[arg-type]
    for category in ("mug", "jar"):
        request = request_of(folder, {"category": category})
        drain(Session(request, make_workshop=lambda *_: shop, keep_open=True).run())
    assert shop.made("open") == ["Things/mug", "Things/jar"] and not shop.made("close")


def test_what_is_wrong_with_a_panels_value_names_the_panel(folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        request_of(folder, {"rendering.samples": "few"}, "panel")
    assert str(caught.value).startswith("panel Samples: rendering.samples: should be a whole number from 1 to 65536")
    request = request_of(folder, {"rendering.samples": 5}, "panel")
    assert str(request.sources["rendering.samples"]) == "panel (Samples)"


def test_overrides_win_over_each_other_in_order(folder: Path) -> None:
    overrides = [Override("seed", 1), Override(("seed",), 2), Override("objects.mug.obj_scale", 3)]
    request = load("run", overrides, Places(folder, folder))
    assert request.config.seed == 2 and request.settings["mug"].obj_scale == (3.0, 3.0, 3.0)
    assert list(request.settings) == ["mug", "bowl", "jar"] and len(request.settings) == 3
    with pytest.raises(KeyError):
        request.settings["cup"]


def test_a_shard_checks_its_own_objects(folder: Path) -> None:
    text = (folder / "configs/gen_2dhoi/things.yaml").read_text()
    (folder / "configs/gen_2dhoi/things.yaml").write_text(text.replace("jar: {scene: stage}", "jar: {scene: nowhere}"))
    places = Places(folder, folder)
    load("run", (), places, Shard(3, 0))
    for shard in (Shard(3, 2), Shard(9, 0), Shard()):
        with pytest.raises(InputError, match="nowhere"):
            load("run", (), places, shard)
    assert load("run", (), places, check_objects=False).settings["mug"].scene == "stage"


def test_without_paid_steps_there_is_no_quote(folder: Path) -> None:
    assert Session(request_of(folder)).quote() is None


def test_a_quote_needs_no_key_and_a_run_does(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KLING_API_KEY", "KLING_ACCESS_KEY", "KLING_SECRET_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for table in ("kling_models", "prices", "size_priors"):
        shutil.copy(ROOT / "configs" / f"{table}.yaml", folder / "configs")
    shops = Shops()
    session = Session(request_of(folder, {"skip_step4": False, "category": "mug"}), make_workshop=shops)
    found = session.quote()
    assert found is not None and (found.frames, found.clips, found.unmade) == (2, 2, 2) and found.to_buy.micro_usd > 0
    with pytest.raises(InputError, match="KLING_API_KEY"):
        drain(session.run())
    assert not shops.made and not (folder / "out").exists()


def test_resume_is_about_videos_alone(folder: Path) -> None:
    session = Session(request_of(folder, {"skip_step4": False}), RunOptions(resume=True))
    assert session.only_videos and not session.jobs.ready
