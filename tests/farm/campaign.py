# SPDX-License-Identifier: GPL-3.0-or-later
"""A campaign of runs in which something is killed at a random time: a worker, the dealer, a stop by signal.

    python -m tests.farm.campaign OUT [--runs 20] [--seed 0] [--engine local|slurm|ray] [--daemons]

SLURM's commands are stand-ins, or with --daemons its own, against a controller and two nodes that are started here.

After each run that was killed, the same command runs once more, and then everything has to be there: every item made,
none lost, nothing half-written that a manifest vouches for, no temporary file, no process left after a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from grail_addon.core.files import TEMP_MARK
from tests.farm import slurm_standin
from tests.farm.farm_project import ROOT, calls, is_alive, request_of, session_of
from tests.farm.slurm_daemons import Daemons
from tests.plan_project import make_project

KINDS = ("worker", "worker", "dealer", "dealer terminated", "worker terminated")
SEEDS = 6
DEALER = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.farm import slurm_standin
from tests.farm.farm_project import campaign_run
print(json.dumps(campaign_run(Path(sys.argv[2]), sys.argv[3])))
"""


@dataclass(frozen=True)
class Outcome:
    """kind: what was killed; after: seconds from the first worker's start; faults: what is wrong at the end."""

    kind: str
    after: float
    faults: tuple[str, ...]


def one_run(folder: Path, engine: str, rng: random.Random) -> Outcome:
    """A run with one kill, a run to the end, and a look at what is there."""
    make_project(folder)
    kind, after = rng.choice(KINDS), rng.uniform(0.0, 3.5)
    dealer = _start(folder, engine)
    while dealer.poll() is None and not calls(folder):
        time.sleep(0.02)
    time.sleep(after)
    _kill(kind, dealer, folder, rng)
    dealer.communicate(timeout=300)
    if dealer.returncode != 0:
        faults = _left_processes(folder)
        again = _start(folder, engine)
        again.communicate(timeout=300)
        faults += [] if again.returncode == 0 else [f"the second run ended with {again.returncode}"]
    else:
        faults = []
    return Outcome(kind, after, tuple([*faults, *_left_processes(folder), *_faults(folder)]))


def _start(folder: Path, engine: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", DEALER, str(ROOT), str(folder), engine]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _kill(kind: str, dealer: subprocess.Popen[str], folder: Path, rng: random.Random) -> None:
    pids = sorted({pid for pid, _ in calls(folder) if is_alive(pid)})
    number = signal.SIGTERM if kind.endswith("terminated") else signal.SIGKILL
    if kind.startswith("dealer"):
        dealer.send_signal(number)
    elif pids:
        os.kill(rng.choice(pids), number)


def _left_processes(folder: Path) -> list[str]:
    end = time.monotonic() + 60.0
    pids = {pid for pid, _ in calls(folder)}
    while time.monotonic() < end and any(is_alive(pid) for pid in pids):
        time.sleep(0.1)
    return [f"process {pid} is left" for pid in pids if is_alive(pid)]


def _faults(folder: Path) -> list[str]:
    """What is wrong with the results; they are read by the pipeline's own eyes, each file in full."""
    plan = session_of(request_of(folder, rendering__num_rand_scenes=SEEDS, skip_done=True), verify=True).plan()
    found = [str(item) for item in plan.items if item.verb != "skips"]
    found += [f"{len(plan.items)} items"] if len(plan.items) != 3 * (SEEDS + 1) else []
    return found + [f"{path.name} is left" for path in folder.rglob(f"{TEMP_MARK}*")]


def on_cluster(folder: Path) -> None:
    """Have the stand-ins of SLURM's commands on PATH."""
    for name in ("sbatch", "squeue", "scancel"):
        script = folder / "bin" / name
        script.parent.mkdir(parents=True, exist_ok=True)
        source = Path(slurm_standin.__file__)
        script.write_text(f"#!{sys.executable}\n{source.read_text().replace('__file__', repr(str(source)))}")
        script.chmod(0o755)
    os.environ["PATH"] = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    os.environ["SLURM_STANDIN"] = str(folder / "slurm")


def campaign(out: Path, runs: int, seed: int, engine: str) -> list[Outcome]:
    """That many runs, each in a folder of its own, which goes where nothing was wrong."""
    outcomes = []
    for number in range(runs):
        folder = out / f"{engine}-{seed}-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        outcome = one_run(folder, engine, random.Random(f"{seed}-{number}"))
        outcomes.append(outcome)
        print(
            f"{number:3} {outcome.kind:18} after {outcome.after:.1f} s: {'; '.join(outcome.faults) or 'all there'}",
            flush=True,
        )
        if not outcome.faults:
            shutil.rmtree(folder)
    return outcomes


def _start_daemons(stack: ExitStack) -> None:
    daemons = Daemons(Path(stack.enter_context(tempfile.TemporaryDirectory())))
    stack.callback(daemons.stop)
    daemons.start()
    os.environ["SLURM_CONF"] = str(daemons.config)


def main() -> int:
    """Run a campaign; 1 where something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", default="local")
    parser.add_argument("--daemons", action="store_true")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        if arguments.daemons:
            _start_daemons(stack)
        elif arguments.engine == "slurm":
            on_cluster(arguments.out.resolve())
        outcomes = campaign(arguments.out.resolve(), arguments.runs, arguments.seed, arguments.engine)
    bad = [outcome for outcome in outcomes if outcome.faults]
    print(json.dumps({"runs": len(outcomes), "kinds": Counter(o.kind for o in outcomes), "with faults": len(bad)}))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
