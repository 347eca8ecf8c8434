# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers as tasks of a SLURM job array. A task reads its units from a file and writes what happens into another, both
in the results folder, so nothing but `sbatch`, `squeue` and `scancel` is needed.

SLURM starts a task again whose node died, and no other; a task whose process died is sent again here.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ...core.config.farm import FarmConfig
from ...core.config.request import Shard
from ...core.errors import InputError, Problem
from ...core.files import read_json, write_json, write_text
from ...steps.effects import Offload, Pause, Steps, Wait, begin, offload
from ...steps.events import Event, Note
from .sent import whole_messages
from .slurm_script import report_script, task_script
from .tally import Tally
from .units import Unit

LOOK_SECONDS = 2.0
"""Between two looks at the files and the queue."""

ANSWER_SECONDS = 0.05
"""Between two questions whether SLURM has answered."""

LATE_LOOKS = 5
"""A task may be out of the queue before a network folder shows its last lines: so many looks are waited for them."""

CHUNKS_PER_WORKER = 4
MOST_REFUSALS = 300
"""How often SLURM may not take a task again, which is once in a look; its controller may be away for minutes."""

MOST_CHUNKS = 1000
"""SLURM's own limit of an array where nobody has raised it (MaxArraySize 1001)."""


@dataclass
class _Chunk:
    """Units of one task. job: where it runs now; read: bytes of its events that were read; at: the unit in progress;
    deaths: without a unit in progress; late: looks since it left the queue; stopped: it was asked to stop, as SLURM does
    before its time is over; told: how many items were told of when it was sent; unsent: how often SLURM did not take it."""

    number: int
    units: list[Unit]
    job: str = ""
    read: int = 0
    at: str = ""
    deaths: int = 0
    late: int = 0
    stopped: bool = False
    told: int = 0
    unsent: int = 0
    closed: bool = False


@dataclass(frozen=True)
class _Look:
    """lines: chunk -> new messages; active: (job, chunk) of tasks that wait or run; unknown: jobs that SLURM did not answer for."""

    lines: Mapping[int, list[Mapping[str, Any]]]
    active: frozenset[tuple[str, int]]
    unknown: frozenset[str]

    def may_run(self, chunk: _Chunk) -> bool:
        """Whether the task of a chunk waits or runs, so far as is known."""
        return chunk.job in self.unknown or (chunk.job, chunk.number) in self.active


@dataclass
class SlurmArray:
    """request: what tasks get first (`to_portable`). command: of a worker. folder: for scripts, units, events and logs.
    detach: leave once all is sent, with a job behind them that does `report`."""

    request: Mapping[str, Any]
    units: Sequence[Unit]
    farm: FarmConfig
    workers: int
    command: Sequence[str]
    folder: Path
    detach: bool = False
    report: Sequence[str] = ()
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self._tries: dict[str, int] = {}
        self._chunks = [_Chunk(n, units) for n, units in enumerate(chunks_of(self.units, self._wanted()))]

    def _wanted(self) -> int:
        return min(self.farm.chunks or CHUNKS_PER_WORKER * self.workers, MOST_CHUNKS)

    def steps(self) -> Steps[None]:
        """Do all units, or go on with those that an earlier run has sent. Closing it cancels the tasks."""
        with self._alone():
            is_sent = self._resumed()
            if not is_sent:
                yield from self._refuse_others()
            yield from self._steps(is_sent)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else follows what this folder has at SLURM: both would send a dead task again. InputError where somebody does."""
        lock = FileLock(self.folder / ".lock", blocking=False, thread_local=False)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            fix = "Let it end, or stop it; --status shows how far it is."
            raise InputError(Problem("Another process follows the tasks of this results folder.", fix)) from None
        except OSError:  # a file system without locks
            pass
        try:
            yield
        finally:
            lock.release()  # nothing happens where it is not held

    def _steps(self, is_sent: bool) -> Steps[None]:
        open_chunks = [chunk for chunk in self._chunks if chunk.units]
        finished = not open_chunks
        try:
            if not is_sent:
                yield from self._send(open_chunks)
                if self.detach and open_chunks:
                    yield from self._send_report()
            if self.detach:
                finished = True
                yield Note(message=f"Sent as {self._jobs()}; the same command follows it.")
                return
            while not all(chunk.closed for chunk in open_chunks):
                look = yield from self._looked(open_chunks)
                for chunk in open_chunks:
                    yield from self._heard(chunk, look)
                yield Wait(LOOK_SECONDS)
            finished = True
            (self.folder / "job.json").unlink(missing_ok=True)
        finally:
            if not finished:
                self._cancel()

    def _refuse_others(self) -> Steps[None]:
        """InputError where tasks of another request still wait or run: their units would be written over."""
        try:
            jobs = {str(job) for job in read_json(self.folder / "job.json")["jobs"] if job}
        except (OSError, ValueError, KeyError, TypeError):
            return
        for job in sorted(jobs):
            if (yield from offload(partial(_active, job), "squeue")):
                raise InputError(
                    Problem(
                        f"Tasks of another request are under way in this results folder (job {job} of SLURM).",
                        f"Follow them with the command that sent them, end them (scancel {job}), or name another --results_dir.",
                    )
                )

    def _jobs(self) -> str:
        jobs = sorted({chunk.job for chunk in self._chunks if chunk.job})
        return f"job {' and '.join(jobs)} of SLURM"

    # ---------------------------------------------------------------- sending

    def _resumed(self) -> bool:
        """Whether an earlier run has sent the same request, whose tasks are followed then."""
        try:
            job = read_json(self.folder / "job.json")
            same = job["request"] == json.loads(json.dumps(self.request)) and len(job["jobs"]) == len(self._chunks)
        except (OSError, ValueError, KeyError, TypeError):
            return False
        if same:
            for chunk in self._chunks:
                chunk.job = job["jobs"][chunk.number]
        return bool(same)

    def _send(self, chunks: Sequence[_Chunk]) -> Steps[None]:
        first = not any(chunk.job for chunk in self._chunks)
        for chunk in chunks:
            units = [json.dumps({"do": "unit", **unit.to_json()}) for unit in chunk.units]
            text = "\n".join([json.dumps(self.request), *units, json.dumps({"do": "close"})]) + "\n"
            yield Offload(lambda chunk=chunk, text=text: self._write(chunk, text, first))  # type: ignore[misc]
        script = self.folder / "task.sh"
        write_text(script, task_script(self.farm, self.command, self.folder))
        job = yield Offload(lambda: self._submit(script, [chunk.number for chunk in chunks]), "sbatch")
        for chunk in chunks:
            chunk.job, chunk.late, chunk.at = job, 0, ""
            chunk.stopped, chunk.told = False, len(self.tally.told)
        write_json(self.folder / "job.json", {"request": self.request, "jobs": [chunk.job for chunk in self._chunks]})
        yield Note(message=f"{len(chunks)} tasks sent to SLURM as job {job}.")

    def _send_report(self) -> Steps[None]:
        """Have the report built after the tasks; where SLURM does not take that, whoever comes back builds it."""
        script = self.folder / "report.sh"
        write_text(script, report_script(self.farm, self.report, self.folder))
        after = f"--dependency=afterany:{self._chunks[0].job}"
        try:
            job = yield from offload(lambda: _slurm(["sbatch", "--parsable", after, str(script)]).strip(), "sbatch")
            yield Note(message=f"The report follows as job {job.split(';')[0]}.")
        except InputError as error:
            yield Note(message=f"No job for the report: {error} The same command without --detach builds it.")

    def _write(self, chunk: _Chunk, text: str, first: bool) -> None:
        write_text(self.folder / f"units-{chunk.number}.jsonl", text)
        if first:
            self._events(chunk).unlink(missing_ok=True)

    def _events(self, chunk: _Chunk) -> Path:
        return self.folder / f"events-{chunk.number}.jsonl"

    def _submit(self, script: Path, numbers: Sequence[int]) -> str:
        array = f"--array={_ranges(numbers)}%{self.workers}"
        return _slurm(["sbatch", "--parsable", array, str(script)]).strip().split(";")[0]

    # ---------------------------------------------------------------- following

    def _looked(self, chunks: Sequence[_Chunk]) -> Steps[_Look]:
        """A look that may be stopped: SLURM may take long to answer, or not answer."""
        future = yield from begin(lambda: self._look(chunks))
        yield Pause("queue")
        while not future.done():
            yield Wait(ANSWER_SECONDS)
        return future.result()

    def _look(self, chunks: Sequence[_Chunk]) -> _Look:
        answers = {job: _active(job) for job in sorted({chunk.job for chunk in chunks})}
        active = frozenset(pair for pairs in answers.values() for pair in pairs or ())
        unknown = frozenset(job for job, pairs in answers.items() if pairs is None)
        # after the queue: what a task wrote before it left is there then
        return _Look({chunk.number: self._new_lines(chunk) for chunk in chunks if not chunk.closed}, active, unknown)

    def _new_lines(self, chunk: _Chunk) -> list[Mapping[str, Any]]:
        try:
            with self._events(chunk).open("rb") as file:
                file.seek(chunk.read)
                data = file.read()
        except OSError:  # not there yet, or a file server that does not answer
            return []
        messages, size = whole_messages(data)
        chunk.read += size
        return messages

    def _heard(self, chunk: _Chunk, look: _Look) -> Steps[None]:
        if chunk.closed:
            return
        lines = look.lines[chunk.number]
        for message in lines:
            yield from self._said(chunk, message)
        if chunk.unsent:
            yield from self._send_again(chunk)
            return
        if chunk.closed or look.may_run(chunk):
            chunk.late = 0
            return
        chunk.late = 0 if lines else chunk.late + 1
        if chunk.late > LATE_LOOKS:
            yield from self._died(chunk)

    def _said(self, chunk: _Chunk, message: Mapping[str, Any]) -> Iterator[Event]:
        say = message.get("say")
        if say == "event":
            chunk.at = str(message["unit"])
            where = {"worker": str(chunk.number), "node": str(message.get("node", ""))}
            event = self.tally.passed(message["event"], chunk.at, where)
            if event is not None:
                yield event
        elif say == "unit_end":
            chunk.at = ""
            chunk.units = [unit for unit in chunk.units if unit.id != message["unit"]]
        elif say == "refused":
            yield Note(message=f"task {chunk.number}: {message['why']}")
        elif say == "stopped":
            chunk.stopped = True
        elif say == "closed":
            chunk.closed = True
            for unit in chunk.units:  # only where the task could not read its request
                yield from self.tally.given_up(unit, "its task refused the request.")

    def _died(self, chunk: _Chunk) -> Steps[None]:
        """Send a chunk again without what has ended; give up the unit that its tasks died at too often."""
        unit = next((unit for unit in chunk.units if unit.id == chunk.at), None)
        where = f"at {unit.id}" if unit is not None else "before it began"
        if chunk.stopped and len(self.tally.told) > chunk.told:
            where = "as its time was over"  # which is nobody's fault, as long as something was made in it
        elif unit is None:
            chunk.deaths += 1
            if chunk.deaths >= self.farm.tries:
                for left in chunk.units:
                    yield from self.tally.given_up(left, f"its task ended {where}, {chunk.deaths} times; see farm/.")
                chunk.units = []
        else:
            self._tries[unit.id] = self._tries.get(unit.id, 0) + 1
            if self._tries[unit.id] >= self.farm.tries:
                yield from self.tally.given_up(unit, f"its task ended in it, {self.farm.tries} times; see farm/.")
                chunk.units.remove(unit)
        if not chunk.units:
            chunk.closed = True
            return
        yield Note(message=f"task {chunk.number} ended {where}; it is sent again.")
        yield from self._send_again(chunk)

    def _send_again(self, chunk: _Chunk) -> Steps[None]:
        """Send a chunk once more; where SLURM does not take it now, the next look tries again, up to MOST_REFUSALS times."""
        try:
            yield from self._send([chunk])
            chunk.unsent = 0
        except InputError as error:
            chunk.unsent += 1
            if chunk.unsent == 1:
                yield Note(message=f"task {chunk.number} is not taken: {error} It is tried again.")
            if chunk.unsent >= MOST_REFUSALS:
                for unit in chunk.units:
                    yield from self.tally.given_up(unit, f"its task could not be sent again: {error}")
                chunk.units, chunk.closed = [], True

    def _cancel(self) -> None:
        """Ask all tasks to stop after their frame, which SLURM's own end of a job does, too, after its KillWait."""
        for job in sorted({chunk.job for chunk in self._chunks if chunk.job and not chunk.closed}):
            for command in (["scancel", "--signal=INT", "--full", job], ["scancel", job]):
                with suppress(OSError):
                    subprocess.run(command, check=False, capture_output=True)
        (self.folder / "job.json").unlink(missing_ok=True)


def chunks_of(units: Sequence[Unit], wanted: int) -> list[list[Unit]]:
    """Units as at most `wanted` lists, in order; an object is in one of them."""
    whole: list[list[Unit]] = []
    for unit in units:
        if whole and whole[-1][0].category == unit.category:
            whole[-1].append(unit)
        else:
            whole.append([unit])
    count = min(wanted, len(whole))
    parts = [whole[Shard(count, index).cut(len(whole))] for index in range(count)]
    return [[unit for units in part for unit in units] for part in parts]


def check_slurm() -> None:
    """Raise InputError where SLURM's commands are not there."""
    missing = [name for name in ("sbatch", "squeue", "scancel") if shutil.which(name) is None]
    if missing:
        fix = "Run it where jobs are submitted, or use --engine local."
        raise InputError(Problem(f"SLURM's {' and '.join(missing)} not found.", fix, key_path="farm.engine"))


def _slurm(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(list(command), check=False, capture_output=True, text=True)
    except OSError as error:
        raise InputError(Problem(f"{command[0]} cannot be started: {error.strerror}.", key_path="farm.slurm")) from None
    if done.returncode != 0:
        said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise InputError(Problem(f"{command[0]}: {said}", "See section farm.slurm.", key_path="farm.slurm"))
    return done.stdout


def _active(job: str) -> list[tuple[str, int]] | None:
    """(job, task) of what waits or runs of a job; empty for one that SLURM has forgotten, None where SLURM does not answer."""
    command = ["squeue", "--noheader", "--array", f"--jobs={job}", "--format=%K"]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except OSError:
        return None
    if done.returncode == 0:
        return [(job, int(word)) for word in re.findall(r"^\d+$", done.stdout, re.M)]
    return [] if "Invalid job id" in done.stderr else None


def _ranges(numbers: Sequence[int]) -> str:
    """`0-3,7` for 0, 1, 2, 3, 7."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ",".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
