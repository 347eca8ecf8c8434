# SPDX-License-Identifier: GPL-3.0-or-later
"""`sbatch`, `squeue` and `scancel` for job arrays on this machine, so far as the engine uses them.

Called as one of these names (links to this file on PATH). SLURM_STANDIN: folder for its state. Refuses what the real
ones would not take in these places.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

STATE = Path(os.environ.get("SLURM_STANDIN", "/nowhere"))


def numbers(text: str) -> list[int]:
    found = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        found += range(int(low), int(high or low) + 1)
    return found


def sbatch(arguments: list[str]) -> str:
    parsable, array, script = arguments
    if array.startswith("--dependency="):
        return after(array.removeprefix("--dependency=afterany:"), Path(script))
    assert parsable == "--parsable"
    match = re.fullmatch(r"--array=([\d,-]+)%(\d+)", array)
    assert match, array
    text = Path(script).read_text()
    assert text.startswith("#!"), "sbatch: error: This does not look like a batch script."
    options = dict(re.findall(r"^#SBATCH --([a-z-]+)(?:=(.*))?$", text, re.M))
    assert {"output", "time", "cpus-per-task", "mem", "requeue"} <= set(options), options
    STATE.mkdir(parents=True, exist_ok=True)
    job = str(100 + len(list(STATE.glob("*.script"))))
    (STATE / f"{job}.script").write_text(text)
    for number in numbers(match[1]):
        (STATE / f"{job}_{number}.active").touch()
    (STATE / "submissions.txt").open("a").write(f"{job} {array}\n")
    subprocess.Popen(
        [sys.executable, __file__, "run", job, match[1], match[2], options["output"]],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    return f"{job};cluster\n"


def after(job: str, script: Path) -> str:
    """A job of one task that runs once all tasks of another have ended."""
    own = f"{job}.after"
    (STATE / own).write_text(script.read_text())
    subprocess.Popen(
        [sys.executable, __file__, "run_after", job, str(STATE / own)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    return "900;cluster\n"


def run_after(job: str, script: str) -> None:
    while list(STATE.glob(f"{job}_*.active")):
        time.sleep(0.02)
    subprocess.run(["bash", script], check=True)


def run(job: str, array: str, most: str, output: str) -> None:
    """Runs the tasks of a job, `most` at a time."""
    running: dict[int, subprocess.Popen[bytes]] = {}
    waiting = numbers(array)
    while waiting or running:
        while waiting and len(running) < int(most) and not (STATE / f"{job}.cancelled").exists():
            number = waiting.pop(0)
            log = output.replace("%A", job).replace("%a", str(number))
            with Path(log).open("ab") as sink:
                environment = {**os.environ, "SLURM_ARRAY_TASK_ID": str(number), "SLURM_JOB_ID": job}
                running[number] = subprocess.Popen(
                    ["bash", str(STATE / f"{job}.script")],
                    stdout=sink,
                    stderr=sink,
                    env=environment,
                    start_new_session=True,
                )
            (STATE / f"{job}_{number}.pid").write_text(str(running[number].pid))
        if (STATE / f"{job}.cancelled").exists():
            for number in waiting:
                (STATE / f"{job}_{number}.active").unlink()
            waiting = []
        for number in [n for n, process in running.items() if process.poll() is not None]:
            del running[number]
            (STATE / f"{job}_{number}.active").unlink()
        time.sleep(0.02)


def squeue(arguments: list[str]) -> str:
    header, array, jobs, form = arguments
    assert (header, array, form) == ("--noheader", "--array", "--format=%K")
    job = jobs.removeprefix("--jobs=")
    if not (STATE / f"{job}.script").exists():
        sys.exit("slurm_load_jobs error: Invalid job id specified")
    return "".join(f"{path.stem.rpartition('_')[2]}\n" for path in STATE.glob(f"{job}_*.active"))


def scancel(arguments: list[str]) -> str:
    *options, job = arguments
    number = signal.SIGTERM
    if options:
        assert options == ["--signal=INT", "--full"]
        number = signal.SIGINT
    else:
        (STATE / f"{job}.cancelled").touch()
    for path in STATE.glob(f"{job}_*.active"):
        pid = path.with_suffix(".pid")
        if pid.exists():
            os.kill(int(pid.read_text()), number)
    return ""


if __name__ == "__main__":
    name = Path(sys.argv[0]).name
    if name in ("sbatch", "squeue", "scancel"):
        sys.stdout.write({"sbatch": sbatch, "squeue": squeue, "scancel": scancel}[name](sys.argv[1:]))
    else:
        {"run": run, "run_after": run_after}[sys.argv[1]](*sys.argv[2:])
