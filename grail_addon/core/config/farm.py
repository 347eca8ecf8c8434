# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `farm`: one request done by several workers at the same time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from .base import Says, Section, Text, key

Workers = Annotated[int, Field(ge=1, le=4096)]


Texts = Annotated[tuple[Text, ...], Strict(False), Says("a list of texts")]


class SlurmConfig(Section):
    """What a task of the job array asks for; the rest is the cluster's default."""

    partition: str = key("", "Partition; empty = the default one.")
    account: str = key("", "Account to charge; empty = the default one.")
    time: Text = key("04:00:00", "Longest time of a task, as SLURM writes it.")
    cpus: int = key(4, "Processor cores of a task.", ge=1, le=4096)
    mem_gb: int = key(16, "Memory of a task.", "GB", ge=1, le=65536)
    gres: str = key("gpu:1", "Generic resources of a task; empty = none, for machines without GPU.")
    extra: Texts = key((), "More options, such as `--constraint=a100`, each on a line of its own.")
    setup: Texts = key((), "Shell lines before the worker starts, such as `module load blender`.")


class FarmConfig(Section):
    """Workers and where they run."""

    engine: Literal["none", "local", "slurm", "ray"] = key(
        "none",
        "`none`: this process makes everything; `local`: workers on this machine; `slurm`: a job array; "
        "`ray`: actors of a Ray cluster.",
    )
    workers: Workers | Literal["auto"] = key(
        "auto",
        "Workers at the same time; `auto`: on this machine begins with one and takes more while the first frames show "
        "that they make at least 10% more; elsewhere as many as have room on the GPUs of this machine, by their free "
        "memory and the cores, or one for 4 processor cores where there is none.",
    )
    tries: int = key(
        3, "How often work is given to a worker that dies of it. An item that fails is not tried again.", ge=1, le=100
    )
    chunks: int | None = key(
        None, "Tasks of the job array. Empty = 4 for each worker, at most one for each object.", ge=1, le=1000
    )
    gpus_per_worker: float = key(
        1.0, "GPUs that Ray sets aside for a worker; may be a part, so that several share a card.", ge=0, le=64
    )
    cpus_per_worker: float = key(1.0, "Processor cores that Ray sets aside for a worker.", ge=0, le=4096)
    ray_address: Text | None = key(None, "Address of a Ray cluster. Empty = one of its own on this machine.")
    ledger: Text | None = key(
        None,
        "Folder on a local disk for the ledger of step 4, for results on a file system without safe locks. Empty = in "
        "the results folder. Videos are then bought on this machine alone.",
    )
    slurm: SlurmConfig = key(SlurmConfig(), "What a task of the job array asks for.")
