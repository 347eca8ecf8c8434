# SPDX-License-Identifier: GPL-3.0-or-later
"""A signal while C code keeps the interpreter, as importers do: the process beside the run ends it, and only then.

The child locks a lock twice without letting the interpreter go: neither handlers nor threads of Python run any more.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from grail_addon.core.files import TEMP_MARK
from tests.cli.children import child_of, rest_of
from tests.waiting import until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as POSIX sends them")

CHILD = """
import ctypes, os, signal, sys, threading, time, types
from pathlib import Path
from grail_addon.cli.interrupt import Interrupt
from grail_addon.cli.leave import end_process
from grail_addon.core.files import atomic_path, mark_writer

folder, grace = Path(sys.argv[1]), float(sys.argv[2])
say = lambda text: os.write(1, (text + "\\n").encode())

def stuck():
    say("stuck")
    lock, libc = (ctypes.c_char * 64)(), ctypes.PyDLL(None)
    libc.pthread_mutex_init(lock, None)
    libc.pthread_mutex_lock(lock)
    libc.pthread_mutex_lock(lock)

signal.signal(signal.SIGCHLD, lambda *_: None)
signal.signal(signal.SIGUSR1, lambda *_: None)
watch = Interrupt(lambda: say("asked"), lambda: (say("gave up"), end_process(131)), 1, "stopped", 130, grace)
with watch, mark_writer(folder):
    {body}
say("left")
sys.exit(7)
"""
STUCK = """sys.modules["bpy"] = types.SimpleNamespace(app=types.SimpleNamespace(tempdir=str(folder / "blender_x")))
    (folder / "blender_x").mkdir()
    (folder / "blender_x" / "packed.png").touch()
    watch.before_long()
    with atomic_path(folder / "done.bin") as temp: temp.write_bytes(b"whole")
    with atomic_path(folder / "half.bin") as temp:
        temp.write_bytes(b"half")
        stuck()"""
UNGUARDED = "stuck()"
ENDS = """watch.before_long()
    say("stuck")
    watch.asked.wait(600)"""
ENDS_UNASKED = """watch.before_long()
    os.kill(os.getpid(), signal.SIGUSR1)
    import subprocess; subprocess.run(["true"])
    say("stuck")
    ctypes.PyDLL(None).pause()
    time.sleep(4 * grace)"""


def child(body: str, folder: Path, grace: float = 0.3) -> AbstractContextManager[subprocess.Popen[str]]:
    return child_of(CHILD.replace("{body}", body), str(folder), str(grace), says="stuck")


def guards_of(folder: Path) -> list[str]:
    """Command lines of processes beside a run that a test has started there and that still live."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"GUARD_TEST={folder}".encode() in entry.read_bytes():
                found.append((entry.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def wait_until_it_sleeps(process: subprocess.Popen[str]) -> None:
    """Until its main thread is in the call that it has said it would make, and sleeps there."""
    state = Path(f"/proc/{process.pid}/task/{process.pid}/stat")
    if not state.is_file():
        time.sleep(2.0)  # no Linux
        return
    seen: list[tuple[str, ...]] = []

    def is_still() -> bool:
        words = state.read_text().rpartition(")")[2].split()
        seen.append((words[0], *words[11:13]))  # state, processor time of the program and of the system
        return len(seen) >= 10 and set(seen[-10:]) == {("S", *words[11:13])}

    until(is_still, "its call")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_call_that_keeps_the_interpreter_is_ended(
    tmp_path: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUARD_TEST", str(tmp_path))
    with child(STUCK, tmp_path) as process:
        wait_until_it_sleeps(process)
        process.send_signal(number)
        assert rest_of(process) == ["stopped"], "neither the thread of Python nor a handler ran"
        assert process.returncode == (130 if sys.platform == "linux" else -signal.SIGKILL)
    left = sorted(p.name for p in tmp_path.rglob("*") if p.is_file())
    assert left == ["done.bin"], "what was whole stays, what was half goes, and so does the word of the process itself"
    assert not (tmp_path / "blender_x").exists(), "nor does Blender's folder for this session stay"
    until(lambda: not guards_of(tmp_path), "the guard's end")


def test_the_second_signal_does_not_wait_for_the_grace(tmp_path: Path) -> None:
    with child(STUCK, tmp_path, grace=500) as process:
        wait_until_it_sleeps(process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert rest_of(process) == ["stopped"]


def test_what_this_test_ends_does_not_end_by_itself(tmp_path: Path) -> None:
    with child(UNGUARDED, tmp_path) as process:
        wait_until_it_sleeps(process)
        process.send_signal(signal.SIGTERM)
        time.sleep(1.5)
        assert process.poll() is None, "without a guard nothing reaches it: the lock keeps handlers and threads away"


def test_who_acknowledges_in_time_ends_as_it_likes(tmp_path: Path) -> None:
    with child(ENDS, tmp_path, grace=500) as process:
        process.send_signal(signal.SIGTERM)
        assert rest_of(process) == ["asked", "left"] and process.returncode == 7


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGCHLD])
def test_other_signals_ask_for_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with child(ENDS_UNASKED, tmp_path) as process:
        wait_until_it_sleeps(process)
        process.send_signal(number)
        assert rest_of(process) == ["left"] and process.returncode == 7


def test_the_guard_ends_with_a_run_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUARD_TEST", str(tmp_path))
    with child(STUCK, tmp_path) as process:
        assert len(guards_of(tmp_path)) == 2, "the child and its guard"
        process.kill()
        process.wait()
        until(lambda: not guards_of(tmp_path), "the guard's end")
    assert any(TEMP_MARK in p.name for p in tmp_path.rglob("*")), "the next run removes it, as after any sudden death"
