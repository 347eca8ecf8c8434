# SPDX-License-Identifier: GPL-3.0-or-later
"""`no_rand_seed`: fresh variants for each results folder, the same ones for every run in it, and repeatable elsewhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.errors import UserError
from grail_addon.core.files import read_json
from grail_addon.drivers.blocking import drain
from grail_addon.pipeline.base_seed import keep_base_seed, with_base_seed
from grail_addon.pipeline.session import Session
from tests.pipeline.test_session import Shops, request_of
from tests.plan_project import make_project

FREE = {"rendering.no_rand_seed": True, "category": "mug", "skip_done": True}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def session(folder: Path, **keys: Any) -> Session:
    return Session(request_of(folder, {**FREE, **keys}), make_workshop=Shops())


def run(made: Session) -> int:
    drain(made.run(), lambda event: None)
    return made.request.config.seed


def test_each_folder_gets_its_own_and_keeps_it(folder: Path) -> None:
    first, other = run(session(folder)), run(session(folder, results_dir="other"))
    assert first != other
    assert read_json(folder / "out/base_seed.json") == {"seed": first}
    again = session(folder)
    assert again.request.config.seed == first
    assert all("up to date" in str(item) for item in again.plan().items)
    manifests = [read_json(p) for p in (folder / "out/generation/manifests").rglob("*_rand*.json")]
    assert manifests and all(m["plan_inputs"]["base_seed"] == first for m in manifests)


def test_the_number_repeats_a_run_elsewhere(folder: Path) -> None:
    first = session(folder)
    run(first)
    repeated = session(folder, results_dir="again", seed=first.request.config.seed)
    one, two = ([item.fingerprint for item in s.jobs.ready[0].renders] for s in (first, repeated))
    assert one == two and not (folder / "again/base_seed.json").exists()


def test_a_plan_alone_writes_nothing(folder: Path) -> None:
    session(folder).plan()
    assert not (folder / "out").exists()


def test_results_from_before_keep_their_seed(folder: Path) -> None:
    run(session(folder, **{"rendering.no_rand_seed": False}))
    later = session(folder)
    assert later.request.config.seed == 0
    assert all("up to date" in str(item) for item in later.plan().items)


def test_of_many_first_runs_one_decides(folder: Path) -> None:
    request = request_of(folder, FREE)
    drawn = [with_base_seed(request) for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        kept = list(pool.map(lambda one: keep_base_seed(request, one).config.seed, drawn))
    assert len(set(kept)) == 1 and kept[0] in {one.config.seed for one in drawn}


def test_a_session_that_was_second_plans_with_the_first_ones_seed(folder: Path) -> None:
    late = session(folder)
    _ = late.jobs
    first = run(session(folder))
    assert run(late) == first and late.jobs.ready[0].renders[0].inputs["base_seed"] == first


@pytest.mark.parametrize("text", ["", "{}", '{"seed": "1"}', '{"seed": true}', "[]"])
def test_a_damaged_record_is_said(folder: Path, text: str) -> None:
    (folder / "out").mkdir()
    (folder / "out/base_seed.json").write_text(text)
    with pytest.raises(UserError, match=r"base_seed\.json: this file should hold the base seed"):
        session(folder)
