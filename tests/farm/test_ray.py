# SPDX-License-Identifier: GPL-3.0-or-later
"""The Ray engine on a cluster that it starts itself, and on one of two nodes: the same results, whatever is killed (a worker,
an actor, a node, the head), and a stop.

Each run is a process of its own, as Ray ends its process group with it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grail_addon.core.clock import SystemClock
from grail_addon.core.errors import InputError
from grail_addon.core.files import TEMP_MARK
from grail_addon.drivers.farm.run import FarmRun
from grail_addon.pipeline.session import Session
from tests.farm.farm_project import ROOT, calls, is_alive, request_of
from tests.plan_project import make_project
from tests.waiting import until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray")

RUN = """
import json, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.farm.farm_project import ray_run
for line in ray_run(Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), sys.argv[5]):
    print("EVENT", line, flush=True)
os._exit(0)
"""

CLUSTER = """
import os, sys
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
node = cluster.add_node(num_cpus=1)
pid = lambda node, name: node.all_processes[name][0].process.pid
print("CLUSTER", cluster.address, pid(node, "raylet"), pid(cluster.head_node, "gcs_server"), flush=True)
sys.stdin.read()
cluster.shutdown()
"""


@dataclass(frozen=True)
class TwoNodes:
    """A cluster of two nodes of one core. node, head: process ids of the second node's daemon and of the head's server."""

    address: str
    node: int
    head: int


@pytest.fixture
def two_nodes() -> Iterator[TwoNodes]:
    # a dead node and a dead head are noticed within seconds; by Ray's own defaults it takes up to a minute;
    # one that is dead refuses at once, one on a busy machine may take long to answer
    checks = {"initial_delay_ms": 0, "period_ms": 500, "timeout_ms": 10_000, "failure_threshold": 3}
    env = {
        **os.environ,
        "RAY_gcs_rpc_server_reconnect_timeout_s": "5",
        **{f"RAY_health_check_{name}": str(value) for name, value in checks.items()},
    }
    process = subprocess.Popen(
        [sys.executable, "-c", CLUSTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, start_new_session=True, env=env,
    )  # fmt: skip
    assert process.stdout is not None and process.stdin is not None
    words = next(line for line in process.stdout if line.startswith("CLUSTER")).split()
    try:
        yield TwoNodes(words[1], int(words[2]), int(words[3]))
    finally:
        process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def test_without_ray_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match="Ray is not installed for this Python"):
        FarmRun(Session(request_of(folder, farm__engine="ray"), by_workers=True), SystemClock())


def ray_run(
    folder: Path,
    slow: float = 0.0,
    seeds: int = 2,
    meanwhile: Callable[[subprocess.Popen[str]], None] | None = None,
    address: str = "",
) -> list[dict[str, Any]]:
    """Events of a run by two actors, as JSON. meanwhile: is given the dealer's process. address: of a cluster."""
    log = folder / "dealer.txt"
    with log.open("w") as out:
        dealer = subprocess.Popen(
            [sys.executable, "-c", RUN, str(ROOT), str(folder), str(slow), str(seeds), address],
            stdout=out, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            env={**os.environ, "RAY_gcs_rpc_server_reconnect_timeout_s": "5"},
        )  # fmt: skip
        try:
            if meanwhile is not None:
                meanwhile(dealer)
            dealer.wait(300)
        finally:
            dealer.kill()
            dealer.wait()
    return [json.loads(line[6:]) for line in log.read_text().splitlines() if line.startswith("EVENT ")]


def descendants(pid: int) -> list[int]:
    """Processes that a process started, and they again, before it."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [found for child in map(int, text.split()) for found in [*descendants(child), child]]


def rendering(folder: Path) -> list[int]:
    return [pid for pid, call in calls(folder) if call.startswith("render")]


@needs_ray
def test_actors_make_the_whole_and_a_killed_worker_costs_one_try(folder: Path) -> None:
    (folder / "deadly").write_text("render render Things/mug/kid_stage_rand00002")
    events = ray_run(folder)
    assert events[-1]["data"] == {"done": 9, "skipped": 0, "failed": 0}
    assert [event for event in events if "was ended by SIGKILL at mug" in event.get("message", "")]
    assert [call for _, call in calls(folder)].count("settle Things/mug") == 1
    assert not any(TEMP_MARK in path.name for path in folder.rglob("*")), "what the dead one was writing is gone"


@needs_ray
def test_a_killed_actor_costs_one_try_and_its_worker_leaves(folder: Path) -> None:
    killed: list[int] = []

    def kill_an_actor(dealer: subprocess.Popen[str]) -> None:
        until(lambda: rendering(folder))
        killed.append(rendering(folder)[0])
        parent = int(Path(f"/proc/{killed[0]}/stat").read_text().rpartition(")")[2].split()[1])
        assert b"ray::" in Path(f"/proc/{parent}/cmdline").read_bytes()
        os.kill(parent, signal.SIGKILL)

    events = ray_run(folder, slow=0.5, meanwhile=kill_an_actor)
    counts = events[-1]["data"]
    assert counts["failed"] == 0 and counts["done"] + counts["skipped"] == 9
    assert counts["skipped"] <= 1, "the worker may end its frame before it leaves, and nobody hears of it"
    assert [event for event in events if "lost its actor" in event.get("message", "")]
    assert not is_alive(killed[0])


@needs_ray
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_workers_leave_with_their_dealer(folder: Path, number: signal.Signals) -> None:
    def end(dealer: subprocess.Popen[str]) -> None:
        until(lambda: rendering(folder))
        dealer.send_signal(number)

    ray_run(folder, slow=0.3, seeds=50, meanwhile=end)
    pids = {pid for pid, _ in calls(folder)}
    until(lambda: not any(is_alive(pid) for pid in pids))
    assert not any(TEMP_MARK in path.name for path in folder.rglob("*"))


@needs_ray
def test_a_node_that_dies_costs_a_try_and_the_other_makes_the_rest(folder: Path, two_nodes: TwoNodes) -> None:
    def kill_the_node(dealer: subprocess.Popen[str]) -> None:
        until(lambda: len({pid for pid in rendering(folder) if is_alive(pid)}) == 2)
        for pid in [*descendants(two_nodes.node), two_nodes.node]:  # as when a machine loses its power
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    events = ray_run(folder, slow=0.8, seeds=4, meanwhile=kill_the_node, address=two_nodes.address)
    counts = events[-1]["data"]
    assert counts["failed"] == 0 and counts["done"] + counts["skipped"] == 15
    assert counts["skipped"] <= 1, "its worker may end its frame before it leaves, and nobody hears of it"
    assert [event for event in events if "lost its actor" in event.get("message", "")]
    assert {event["data"]["node"] for event in events if event["kind"] == "done"}, "each item names its node"
    until(lambda: not any(is_alive(pid) for pid, _ in calls(folder)))


@needs_ray
def test_when_the_head_dies_nothing_is_lost_and_the_same_command_goes_on(folder: Path, two_nodes: TwoNodes) -> None:
    def kill_the_head(dealer: subprocess.Popen[str]) -> None:
        until(lambda: rendering(folder))
        os.kill(two_nodes.head, signal.SIGKILL)

    ray_run(folder, slow=0.5, seeds=4, meanwhile=kill_the_head, address=two_nodes.address)
    until(lambda: not any(is_alive(pid) for pid, _ in calls(folder)))
    made = {call for _, call in calls(folder) if call.startswith("settle")}
    counts = ray_run(folder, seeds=4)[-1]["data"]
    assert counts["failed"] == 0 and counts["done"] + counts["skipped"] == 15 and counts["skipped"] >= len(made) - 1
    assert not any(TEMP_MARK in path.name for path in folder.rglob("*"))
