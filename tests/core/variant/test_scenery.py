# SPDX-License-Identifier: GPL-3.0-or-later
"""What varies at which variety, each factor from a stream of its own, shared by the frames of a seed."""

from __future__ import annotations

import numpy as np
import pytest

from grail_addon.core.config.rendering import Variety
from grail_addon.core.config.scene import SceneSettings
from grail_addon.core.layout import ObjectId, VideoId
from grail_addon.core.variant import scenery
from grail_addon.core.variant.draw import draw_variant
from grail_addon.core.variant.scenery import FACTORS, draw_scenery, option_at

MUG = ObjectId("ComAsset", "mug")


def vid(seed: int, kind: str = "rand") -> VideoId:
    return VideoId(MUG, "kid", "stage", seed, kind)


def test_off_draws_nothing_low_less_than_high() -> None:
    assert set(draw_scenery(0, vid(1), "off").values()) == {0.0}
    low, high = draw_scenery(0, vid(1), "low"), draw_scenery(0, vid(1), "high")
    assert {f for f, n in low.items() if n} == {f for f, least in FACTORS.items() if least == "low"}
    assert all(high.values()) and {f: high[f] for f, n in low.items() if n} == {f: n for f, n in low.items() if n}


def test_a_new_factor_shifts_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    before = draw_scenery(7, vid(3), "high")
    monkeypatch.setattr(scenery, "FACTORS", {"ceiling": "low", **FACTORS})
    after = draw_scenery(7, vid(3), "high")
    assert {name: after[name] for name in before} == before and 0 < after["ceiling"] < 1


def test_start_and_end_frame_show_the_same_place_and_seeds_differ() -> None:
    start, end = (draw_scenery(0, vid(4, kind), "high") for kind in ("start", "end"))
    assert start == end != draw_scenery(0, vid(5), "high")


def test_every_option_is_chosen_about_equally_often() -> None:
    numbers = [draw_scenery(0, vid(seed), "high")["table"] for seed in range(600)]
    count = np.unique([option_at("abc", n) for n in numbers], return_counts=True)[1]
    assert len(count) == 3 and count.min() > 150
    assert option_at("abc", 0.0) == "a" and option_at("abc", np.nextafter(1.0, 0.0)) == "c"


@pytest.mark.parametrize("variety", ["off", "low", "high"])
def test_high_alone_changes_the_time_of_day(variety: Variety) -> None:
    lights = [draw_variant(0, vid(s), SceneSettings(scene_variety=variety)).light for s in range(200)]
    stops, kelvin = [light.window_stops for light in lights], [light.key_kelvin for light in lights]
    wide = variety == "high"
    assert (min(stops) < -1.2) == wide and (max(kelvin) > 6300 and min(kelvin) < 2900) == wide
    others = [draw_variant(0, vid(s), SceneSettings(scene_variety="off")).light for s in range(200)]
    assert [light.hdri for light in lights] == [light.hdri for light in others]
