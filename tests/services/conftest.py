# SPDX-License-Identifier: GPL-3.0-or-later
"""A sandbox on free ports, and everything a run needs to talk to it over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grail_addon.core.clock import SystemClock
from grail_addon.core.ledger.store import Ledger
from grail_addon.core.tables import read_table
from grail_addon.core.video.prices import Prices
from grail_addon.core.video.request import ModelTable
from grail_addon.sandbox.movie import MovieOptions
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import SandboxOptions, SandboxState
from grail_addon.services.kling import VideoService, open_service
from grail_addon.services.purchase import ClipPlan, PurchaseContext
from tests.services.paid_helpers import (
    ACCESS,
    API_KEY,
    OPENAI,
    ROOT,
    SECRET,
    MakePlan,
    QuickClock,
    key_secrets,
    pair_secrets,
    playable,
)


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    options = SandboxOptions(
        api_keys={API_KEY}, key_pairs={ACCESS: SECRET}, openai_keys={OPENAI}, slots=50,
        queue_seconds=0.0, work_seconds=0.0, movie=MovieOptions(shrink=8),
    )  # fmt: skip
    with SandboxServer(SandboxState(options)) as server:
        yield server


@pytest.fixture(scope="session")
def models() -> ModelTable:
    return read_table(ROOT / "configs/kling_models.yaml", ModelTable)


@pytest.fixture(scope="session")
def prices() -> Prices:
    return read_table(ROOT / "configs/prices.yaml", Prices)


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conditioning frame with texture everywhere, 640 x 360."""
    path = tmp_path_factory.mktemp("frame") / "frame.png"
    coarse = np.random.default_rng(3).integers(30, 220, (23, 40, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((640, 360), Image.Resampling.BICUBIC).save(path)
    return path


@pytest.fixture(params=["legacy", "new"])
def service(request: pytest.FixtureRequest, sandbox: SandboxServer, models: ModelTable) -> Iterator[VideoService]:
    """The client of each generation: legacy with a key pair, new style with an API key."""
    secrets = pair_secrets() if request.param == "legacy" else key_secrets()
    client = open_service(models, "kling-v2-5-turbo", sandbox.url, secrets, SystemClock())
    assert client.generation == request.param
    yield client
    client.close()


@pytest.fixture
def context(service: VideoService, models: ModelTable, prices: Prices, tmp_path: Path) -> Iterator[PurchaseContext]:
    clock = QuickClock()
    with Ledger(tmp_path / "results" / "ledger.sqlite3", clock) as ledger:
        yield PurchaseContext(ledger, service, models, prices, clock, playable, slots=50, absent_after=0.0)


@pytest.fixture
def make_plan(picture: Path, tmp_path: Path) -> MakePlan:
    def make(name: str = "a", **changes: object) -> ClipPlan:
        values: dict[str, object] = {
            "video_id": f"D/cat/kid_room_rand0000{name}", "fingerprint": f"fp-{name}", "clip": 0, "frame": picture,
            "prompts": ("The person lifts the object. The camera is fixed.",), "model": "kling-v2-5-turbo", "mode": "pro",
            "duration": 5, "output": tmp_path / "results" / f"{name}.mp4", "purchases": tmp_path / "results" / "purchases",
        }  # fmt: skip
        return ClipPlan(**{**values, **changes})  # type: ignore[arg-type]

    return make
