# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pilot makes of a device's price per sample."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.bpy


def crop_seconds(samples: int, per_sample: float, fixed: float) -> float:
    """Of a render of an eighth of the frame."""
    return fixed + samples * per_sample / 8


@pytest.mark.parametrize(
    ("per_sample", "fixed", "is_long"),
    [(0.0086, 0.17, True), (0.0086, 1.2, True), (2.6, 1.5, False), (0.05, 0.2, False)],
    ids=["H100", "with loading", "2 cores", "small card"],
)
def test_only_a_cheap_device_is_asked_for_many_samples(per_sample: float, fixed: float, is_long: bool) -> None:
    from grail_addon.stage.render.samples import LADDER, LONG_LADDER, REFERENCE_SAMPLES, Price

    few, many = ((n, crop_seconds(n, per_sample, fixed)) for n in (LADDER[0], REFERENCE_SAMPLES))
    price = Price.of(few, many)
    assert price.per_sample == pytest.approx(per_sample) and price.fixed == pytest.approx(fixed)
    assert price.ladder == (LONG_LADDER if is_long else LADDER)


def test_loading_in_the_first_render_hides_no_cheap_device() -> None:
    from grail_addon.stage.render.samples import Price

    few = (4, crop_seconds(4, 0.0086, 0.17))
    with_loading = Price.of(few, (192, crop_seconds(192, 0.0086, 0.17) + 1.0))
    assert with_loading.may_be_lower
    slow = Price.of((4, crop_seconds(4, 2.6, 1.5)), (192, crop_seconds(192, 2.6, 1.5)))
    assert not slow.may_be_lower, "a second look at a slow device costs a minute and shows nothing"
