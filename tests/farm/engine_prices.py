# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engines themselves cost, without any work in the workers:

    python -m tests.farm.engine_prices [--events 2000 --tasks 40]

Ray: what an event and a call take between a worker and the dealer, beside a worker that is a child process. SLURM: what an
array's task takes on its own daemons, two nodes of one core each. Ray and the daemons are started here, each where it is
installed; what is not is said.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from statistics import median

from grail_addon.core.config.farm import FarmConfig
from grail_addon.drivers.blocking import drain
from grail_addon.drivers.farm import slurm
from grail_addon.drivers.farm.link import Inbox, Link, ProcessLink
from grail_addon.drivers.farm.ray_engine import RayWorkers
from grail_addon.drivers.farm.slurm import SlurmArray
from grail_addon.drivers.farm.units import Unit
from tests.farm.slurm_daemons import TASK, Daemons, can_run

WORKER = """
import json, os, sys
line = json.dumps({"say": "event", "unit": "mug", "event": {"kind": "note", "message": "x" * 200}}).encode() + b"\\n"
for order in sys.stdin.buffer:
    order = json.loads(order)
    if order["do"] == "close":
        break
    for _ in range(order.get("count", 0)):
        os.write(1, line)
    os.write(1, b'{"say": "unit_end", "unit": "mug"}\\n')
os.write(1, b'{"say": "closed"}\\n')
"""
COMMAND = [sys.executable, "-c", WORKER]
CALLS = 100


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def link_prices(name: str, start: Callable[[Inbox], Link], events: int) -> None:
    """Print what a start, an event and a call with its answer take. start: gives a worker that says to the inbox."""
    inbox: Inbox = SimpleQueue()

    def until_done() -> int:
        count = 0
        while inbox.get(timeout=120)[1]["say"] != "unit_end":
            count += 1
        return count

    began = time.monotonic()
    link = start(inbox)
    link.send({"do": "unit"})
    until_done()
    started = time.monotonic() - began
    wall, cpu = time.monotonic(), time.process_time()
    link.send({"do": "unit", "count": events})
    assert until_done() == events
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    answers = []
    for _ in range(CALLS):
        sent = time.monotonic()
        link.send({"do": "unit"})
        until_done()
        answers.append(time.monotonic() - sent)
    link.send({"do": "close"})
    link.wait(10.0)
    say(
        f"{name}: start {started:.1f} s; an event {1e3 * wall / events:.3f} ms, of them {1e3 * cpu / events:.3f} of the dealer's "
        f"processor; an order and its answer {1e3 * median(answers):.2f} ms"
    )


def slurm_prices(folder: Path, tasks: int) -> None:
    """Print what a task of an array takes: an empty script, and one of the engine with a worker that has nothing to do."""
    daemons = Daemons(folder)
    os.environ["SLURM_CONF"] = str(daemons.config)
    try:
        began = time.monotonic()
        daemons.start()
        say(f"SLURM: start of its daemons {time.monotonic() - began:.1f} s")
        script = folder / "empty.sh"
        script.write_text("#!/bin/bash\n#SBATCH --output=/dev/null\n#SBATCH --mem=100M\ntrue\n")
        began = time.monotonic()
        subprocess.run(["sbatch", f"--array=0-{tasks - 1}", str(script)], check=True, capture_output=True)
        while subprocess.run(["squeue", "--noheader"], check=True, capture_output=True).stdout.strip():
            time.sleep(0.3)
        took = time.monotonic() - began
        say(f"SLURM: {tasks} empty tasks on two nodes {took:.1f} s, {2 * took / tasks:.2f} s of a node each")
        slurm.LOOK_SECONDS = 0.3
        units = [Unit(f"o{number}", f"o{number}", None, ()) for number in range(tasks)]
        farm = FarmConfig(engine="slurm", workers=2, chunks=tasks, slurm=TASK)  # type: ignore[arg-type]
        array = SlurmArray({"do": "request"}, units, farm, 2, COMMAND, folder / "farm")
        began, cpu = time.monotonic(), time.process_time()
        drain(array.steps(), lambda event: None)
        took, cpu = time.monotonic() - began, time.process_time() - cpu
        say(
            f"SLURM: {tasks} tasks of the engine without work {took:.1f} s, {2 * took / tasks:.2f} s of a node each, "
            f"{1e3 * cpu / tasks:.1f} ms of the engine's processor each"
        )
    finally:
        daemons.stop()


def main() -> int:
    """Measure what can be measured here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--tasks", type=int, default=40)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        link_prices("a child process", lambda inbox: ProcessLink("0", COMMAND, inbox, folder / "log"), args.events)
        if can_run():
            slurm_prices(folder, args.tasks)
        else:
            say("SLURM: not measured, its daemons are not installed or may not be started")
        if importlib.util.find_spec("ray") is not None:
            workers = RayWorkers(FarmConfig(engine="ray", cpus_per_worker=0.5), COMMAND, folder / "logs", False)
            link_prices("Ray", lambda inbox: workers(0, inbox), args.events)
            sys.stdout.flush()
            os._exit(0)  # Ray's own end may kill the whole process group
        say("Ray: not measured, it is not installed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
