# SPDX-License-Identifier: GPL-3.0-or-later
"""SLURM's own daemons on this machine, as plain processes: a controller and two nodes of one core each."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from tests.waiting import until

PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "squeue", "scancel")

CONFIG = """\
ClusterName=here
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={controller}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=10
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/controller.pid
SlurmdPidFile={folder}/%n.pid
SlurmdSpoolDir={folder}/spool-%n
SlurmctldLogFile={folder}/controller.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=1
ReturnToService=2
KillWait=3
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={first} CPUs=1 RealMemory=4000
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={second} CPUs=1 RealMemory=4000
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""

TASK = {"gres": "", "mem_gb": 1, "cpus": 1, "time": "00:05:00"}
"""What a task of the tests asks for, as `farm.slurm` has it."""


def can_run() -> bool:
    """Whether SLURM is installed, and we may start it."""
    return os.name == "posix" and os.geteuid() == 0 and all(map(shutil.which, PROGRAMS))


class Daemons:
    """Start with `start`, end with `stop`; SLURM_CONF has to name `config` for the commands."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.config = folder, folder / "slurm.conf"
        self._processes: list[subprocess.Popen[bytes]] = []
        controller, first, second = _free_ports(3)
        text = CONFIG.format(folder=folder, controller=controller, first=first, second=second)
        self.config.write_text(text)

    def start(self) -> None:
        """Start everything and wait until both nodes are idle."""
        folder = self._folder
        (folder / "state").mkdir()
        key = folder / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        own = {"key-file": key, "socket": folder / "munge.socket", "pid-file": folder / "munge.pid",
               "log-file": folder / "munge.log", "seed-file": folder / "munge.seed"}  # fmt: skip
        self._start("munged", "--foreground", "--force", *(f"--{name}={path}" for name, path in own.items()))
        until(lambda: (folder / "munge.socket").exists())
        self.start_controller()
        for name in ("n1", "n2"):
            (folder / f"spool-{name}").mkdir()
            self._start("slurmd", "-D", "-N", name, "-f", str(self.config))
        until(lambda: self._idle() == 2)

    def register(self) -> None:
        """Have the nodes tell the controller what they run, as they do by themselves every half hour."""
        for process in self._processes:
            if process.args[0] == "slurmd":  # type: ignore[index]
                process.send_signal(signal.SIGHUP)

    def start_controller(self) -> None:
        """Start the controller, or start it again."""
        self._controller = self._start("slurmctld", "-D", "-f", str(self.config))

    def stop_controller(self) -> None:
        """End the controller; its queue stays in its folder."""
        self._controller.terminate()
        self._controller.wait(30)

    def stop(self) -> None:
        """End all daemons, the last one first, and the steps that they hold."""
        for process in reversed(self._processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{command[0]}.out").open("ab") as out:
            process = subprocess.Popen(
                command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
            )
        self._processes.append(process)
        return process

    def _idle(self) -> int:
        env = {**os.environ, "SLURM_CONF": str(self.config)}
        command = ["sinfo", "--noheader", "--Node", "--states=idle", "--format=%N"]
        said = subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout
        return len(set(said.split()))


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [taken.getsockname()[1] for taken in sockets]
    for taken in sockets:
        taken.close()
    return ports
