# SPDX-License-Identifier: GPL-3.0-or-later
"""Shards together are the whole, none does what another does, and none looks at another's files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grail_addon.core.config.request import Shard
from grail_addon.core.plan.items import caching_hasher
from grail_addon.core.plan.shards import part_of
from tests.plan_project import jobs_of, make_project

counts = st.lists(st.integers(0, 7), max_size=6)


@given(counts, st.integers(1, 9))
def test_shards(sizes: list[int], count: int) -> None:
    """Together they are the whole, no frame twice, each a run of the whole, as even as objects or frames allow."""
    frames = {str(n): [(n, frame) for frame in range(size)] for n, size in enumerate(sizes)}
    parts = [part_of(frames, Shard(count, index)) for index in range(count)]
    dealt = [frame for part in parts for own in part.values() for frame in own]
    assert dealt == [frame for own in frames.values() for frame in own]  # so disjoint, complete and contiguous
    bare = [name for part in parts for name, own in part.items() if not own]
    assert sorted(bare) == sorted(name for name, own in frames.items() if not own), "objects only to settle: once"
    if len(frames) >= count:
        assert [name for part in parts for name in part] == list(frames), "no object is in two shards"
        lengths = [len(part) for part in parts]
    else:
        lengths = [sum(map(len, part.values())) for part in parts]
    assert max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_no_shard_reads_another_ones_objects(tmp_path: Path, count: int) -> None:
    folder = make_project(tmp_path)
    whole: list[str] = []
    for index in range(count):
        read: list[Path] = []
        known = caching_hasher()

        def hasher(path: Path, read: list[Path] = read, known: object = known) -> str:
            read.append(path)
            return str(known(path))  # type: ignore[operator]

        shard = ("--num_job_chunks", str(count), "--job_chunk_idx", str(index))
        jobs = jobs_of(folder, *shard, hasher=hasher)
        mine = {job.obj.category for job in jobs.ready}
        things = folder / "data/Things"
        assert {path.relative_to(things).parts[0] for path in read if path.is_relative_to(things)} == mine
        whole += [str(item.vid) for job in jobs.ready for item in job.renders]
    assert whole == [str(item.vid) for job in jobs_of(folder).ready for item in job.renders]
