# SPDX-License-Identifier: GPL-3.0-or-later
"""The little project with workers whose workshop is a fake: real processes, real messages, no Blender."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from grail_addon.cli.interrupt import Interrupt
from grail_addon.cli.leave import end_process
from grail_addon.core.clock import SystemClock
from grail_addon.core.config.find import Places
from grail_addon.core.config.load import load
from grail_addon.core.config.overrides import Override
from grail_addon.core.config.request import Request
from grail_addon.core.files import mark_writer, remove_leftovers
from grail_addon.drivers.blocking import Cancelled, drain
from grail_addon.drivers.farm import run as farm_run
from grail_addon.drivers.farm import slurm
from grail_addon.drivers.farm.link import Inbox, ProcessLink
from grail_addon.drivers.farm.run import FarmRun
from grail_addon.pipeline.options import RunOptions
from grail_addon.pipeline.session import Session
from grail_addon.steps.events import Event

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import errno, fcntl, os, signal, sys, time, types
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tests.pipeline.fake_workshop import FakeWorkshop
from grail_addon.core.files import atomic_path
folder, slow = Path(sys.argv[2]), float(sys.argv[3])

class Shop(FakeWorkshop):
    def __init__(self, *args):
        super().__init__(*args)
        say("workshop")

    def _call(self, method, key):
        super()._call(method, key)
        say(f"{method} {key}")
        deadly = folder / "deadly"
        if deadly.exists() and deadly.read_text() == f"{method} {key}":
            with atomic_path(folder / "out/half.png") as temp:
                temp.write_bytes(b"half")
                deadly.unlink()
                os.kill(os.getpid(), signal.SIGKILL)
        if method == "render":
            if (folder / "full").exists():
                raise OSError(errno.ENOSPC, "No space left on device")
            time.sleep(slow)
            use_card()

def use_card():
    card = folder / "card"
    if card.exists():  # one worker at a time has it, for as many seconds as it says
        with card.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            time.sleep(float(file.read()))

def say(text):
    with (folder / "calls.txt").open("a") as file:
        file.write(f"{os.getpid()} {text}\\n")

workshop = types.ModuleType("workshop")
workshop.StageWorkshop = Shop
sys.modules["grail_addon.stage.workshop"] = workshop
from grail_addon.cli.main import main
sys.exit(main(["--worker"], folder))
"""


def request_of(folder: Path, **keys: Any) -> Request:
    """The project's request. keys: of the configuration, with __ for dots."""
    overrides = [Override(name.replace("__", "."), value) for name, value in keys.items()]
    return load("run", overrides, Places(folder, folder))


def worker_command(folder: Path, slow: float = 0.0) -> list[str]:
    """slow: seconds that each frame takes."""
    return [sys.executable, "-c", WORKER, str(ROOT), str(folder), str(slow)]


def farm_of(folder: Path, workers: int = 2, slow: float = 0.0, **keys: Any) -> FarmRun:
    """A run of the project by that many workers."""
    session = Session(request_of(folder, farm__workers=workers, **keys), by_workers=True)

    def start(slot: int, inbox: Inbox) -> ProcessLink:
        return ProcessLink(str(slot), worker_command(folder, slow), inbox, folder / f"worker-{slot}.log")

    return FarmRun(session, SystemClock(), start)


def drained(run: FarmRun) -> list[Event]:
    events: list[Event] = []
    drain(run.run(), events.append)
    return events


def calls(folder: Path) -> list[tuple[int, str]]:
    """(process, call) of all workshops, in order."""
    text = (folder / "calls.txt").read_text() if (folder / "calls.txt").is_file() else ""
    return [(int(pid), call) for pid, _, call in (line.partition(" ") for line in text.splitlines())]


def is_alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def session_of(request: Request, verify: bool = False) -> Session:
    """A session that looks at the project's results."""
    return Session(request, RunOptions(verify=verify))


def campaign_run(folder: Path, engine: str) -> dict[str, Any]:
    """A run by two workers, as the command line has it: first what dead processes left goes, and signals ask to stop."""
    clock = SystemClock()
    keys: dict[str, Any] = {"farm__engine": engine, "farm__workers": 2, "rendering__num_rand_scenes": 6}
    if "SLURM_CONF" in os.environ:  # real daemons, on nodes without cards
        from tests.farm.slurm_daemons import TASK

        keys["farm__slurm"] = TASK
    session = Session(request_of(folder, **keys), by_workers=True)
    results = session.layout.results_dir
    remove_leftovers(results, clock.time())
    events: list[Event] = []
    with mark_writer(results), Interrupt(lambda: None, lambda: end_process(130)) as interrupt:
        slurm.LOOK_SECONDS = 0.1
        farm_run.worker_command = lambda _: worker_command(folder, 0.1)
        drain(FarmRun(session, clock).run(), events.append, is_cancelled=interrupt.asked.is_set)
    return dict(events[-1].data)


def ray_run(folder: Path, slow: float, seeds: int, address: str = "") -> Iterator[str]:
    """Events of a run by two actors, each as JSON; a SIGTERM stops it. address: of a cluster, empty for one of its own."""
    farm_run.worker_command = lambda _: worker_command(folder, slow)
    keys = {
        "farm__engine": "ray",
        "farm__workers": 2,
        "farm__cpus_per_worker": 1.0 if address else 0.5,  # one worker on each of a cluster's nodes of one core
        "farm__ray_address": address or None,
        "rendering__num_rand_scenes": seeds,
        "skip_done": True,
    }
    run = FarmRun(Session(request_of(folder, **keys), by_workers=True), SystemClock())
    events: list[Event] = []
    with Interrupt(lambda: None, lambda: end_process(130)) as interrupt, suppress(Cancelled):
        drain(run.run(), events.append, is_cancelled=interrupt.asked.is_set)
    yield from (json.dumps(event.to_json()) for event in events)
