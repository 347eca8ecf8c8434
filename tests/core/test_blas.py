# SPDX-License-Identifier: GPL-3.0-or-later
"""numpy's products in one thread while frames are made: the same numbers, and no thread that spins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grail_addon.core import blas

ROOT = Path(__file__).resolve().parents[2]
WASTE = """
import time, numpy as np
from grail_addon.core.blas import OneThread
points, turn = np.random.default_rng(1).random((80000, 3)), np.eye(3)

def others():  # processor seconds of all threads but this one
    return time.process_time() - time.thread_time()

def asleep():  # threads spin after they are made and after their last product; until they do not
    before = others()
    for _ in range(100):
        time.sleep(0.1)
        now = others()
        if now - before < 0.001:
            return
        before = now

def wasted():
    asleep()
    before = others()
    for _ in range(10):
        points @ turn
        time.sleep(0.02)
    return others() - before

one = OneThread()
alone = [wasted() for _ in range(5)]
one.restore()
print(min(alone), max(wasted() for _ in range(5)))
"""


def wasted() -> tuple[float, float]:
    """Processor seconds of other threads beside ten small products: in one thread, and in many. The best of five for one
    thread and the worst for many, so that a busy machine changes neither."""
    said = subprocess.run([sys.executable, "-c", WASTE], cwd=ROOT, capture_output=True, check=True, text=True)
    one, many = said.stdout.split()
    return float(one), float(many)


@pytest.fixture
def many() -> int:
    count = blas.threads()
    if count is None or count < 2:
        pytest.skip("numpy uses no OpenBLAS here, or has one core")
    return count


def test_one_thread_until_it_is_put_back(many: int) -> None:
    one = blas.OneThread()
    try:
        assert blas.threads() == 1
    finally:
        one.restore()
    assert blas.threads() == many
    one.restore()
    assert blas.threads() == many


def test_the_numbers_are_the_same(many: int) -> None:
    rng = np.random.default_rng(1)
    points = [rng.normal(size=(count, 3)) for count in (1, 7, 1000, 83123)]
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    before = [p @ turn.T for p in points]
    one = blas.OneThread()
    try:
        assert all(np.array_equal(p @ turn.T, b) for p, b in zip(points, before, strict=True))
    finally:
        one.restore()


def test_no_thread_spins_after_a_product(many: int) -> None:
    one, shared = wasted()
    assert 10 * one < shared


def test_without_openblas_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "NAMES", ())
    assert blas.threads() is None
    blas.OneThread().restore()
