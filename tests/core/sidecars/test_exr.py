# SPDX-License-Identifier: GPL-3.0-or-later
"""Our EXR files against the OpenEXR library, both ways."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grail_addon.core.sidecars.exr import exr_bytes, read_exr

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 40))


def random_plane(shape: tuple[int, int], seed: int, smooth: bool) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if smooth:  # compresses; noise does not, and is then stored as it is
        return np.round(np.add.outer(np.arange(shape[0]), np.arange(shape[1])) * 0.25, 1).astype(np.float32)
    return rng.normal(scale=1e3, size=shape).astype(np.float32)


@given(
    shape=SHAPES,
    seed=st.integers(0, 2**32 - 1),
    smooth=st.booleans(),
    names=st.sets(st.text("ABZ.xy", min_size=1), min_size=1, max_size=3),
)
def test_what_we_write_the_library_reads_and_so_do_we(
    tmp_path_factory: pytest.TempPathFactory, shape: tuple[int, int], seed: int, smooth: bool, names: set[str]
) -> None:
    path = tmp_path_factory.mktemp("exr") / "a.exr"
    planes = {name: random_plane(shape, seed + n, smooth) for n, name in enumerate(sorted(names))}
    path.write_bytes(exr_bytes(planes))
    theirs = OpenEXR.File(str(path), separate_channels=True).channels()
    ours = read_exr(path)
    assert set(theirs) == set(ours) == names
    for name, plane in planes.items():
        assert np.array_equal(theirs[name].pixels, plane)
        assert np.array_equal(ours[name], plane)


@pytest.mark.parametrize(
    ("low", "high", "least", "most"), [(1.0, 3.0, 0.5, 0.7), (2.5, 2.5, 0.0, 0.02), (0, 0, 0.0, 0.02)]
)
def test_a_slope_and_one_value_everywhere_are_read_by_the_library(
    tmp_path: Path, low: float, high: float, least: float, most: float
) -> None:
    """The low bytes of a slope's depths are noise and stored, beside high ones that are compressed."""
    plane = np.linspace(low, high, 90 * 160, dtype=np.float32).reshape(90, 160)
    data = exr_bytes({"Z": plane})
    assert least * plane.nbytes <= len(data) < most * plane.nbytes
    (tmp_path / "a.exr").write_bytes(data)
    assert np.array_equal(OpenEXR.File(str(tmp_path / "a.exr"), separate_channels=True).channels()["Z"].pixels, plane)
    assert np.array_equal(read_exr(tmp_path / "a.exr")["Z"], plane)


@pytest.mark.parametrize("compression", ["NO_COMPRESSION", "ZIPS_COMPRESSION", "ZIP_COMPRESSION"])
@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint32])
@pytest.mark.parametrize("smooth", [True, False])
def test_what_the_library_writes_we_read(tmp_path: Path, compression: str, dtype: type, smooth: bool) -> None:
    plane = np.abs(random_plane((37, 23), 5, smooth)).astype(dtype)
    other = random_plane((37, 23), 6, smooth)
    header = {"compression": getattr(OpenEXR, compression), "type": OpenEXR.scanlineimage}
    channels = {"View Layer.Depth.Z": plane, "View Layer.Object Index.X": other, "A" * 60: other}
    OpenEXR.File(header, channels).write(str(tmp_path / "a.exr"))
    found = read_exr(tmp_path / "a.exr")
    assert set(found) == set(channels)
    assert np.array_equal(found["View Layer.Depth.Z"], plane.astype(np.float32))
    assert np.array_equal(found["View Layer.Object Index.X"], other)


def test_what_cannot_be_read_is_said_with_the_file(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.exr", tmp_path / "bad.exr"
    plane = random_plane((20, 20), 1, smooth=True)
    good.write_bytes(exr_bytes({"Z": plane}))
    OpenEXR.File({"compression": OpenEXR.PIZ_COMPRESSION, "type": OpenEXR.scanlineimage}, {"Z": plane}).write(
        str(tmp_path / "piz.exr")
    )
    for content, words in (
        (b"", "bad.exr"),
        (b"\x89PNG" + good.read_bytes(), "does not begin"),
        (good.read_bytes()[:-30], "bad.exr"),
        ((tmp_path / "piz.exr").read_bytes(), "compression"),
    ):
        bad.write_bytes(content)
        with pytest.raises(ValueError, match=words) as caught:
            read_exr(bad)
        assert "bad.exr" in str(caught.value)


def test_channels_of_different_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="different sizes"):
        (tmp_path / "a.exr").write_bytes(
            exr_bytes({"A": np.zeros((2, 3), np.float32), "B": np.zeros((3, 2), np.float32)})
        )
