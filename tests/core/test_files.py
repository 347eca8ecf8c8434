# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are whole or absent, also after a kill; leftovers go, and only leftovers."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from grail_addon.core import files
from grail_addon.core.files import (
    TEMP_MARK,
    atomic_path,
    mark_writer,
    read_json,
    remove_leftovers,
    remove_own_temps,
    remove_stale_temps,
    sha256_file,
    write_bytes,
    write_first,
    write_json,
    write_text,
    write_together,
)

ROOT = Path(__file__).resolve().parents[2]


def temps(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.name.startswith(TEMP_MARK)]


def test_whole_after_success(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "frame.png"
    with atomic_path(target) as temp:
        assert temp.parent == target.parent and temp.suffix == ".png" and temp != target
        temp.write_bytes(b"half")
        assert not target.exists()
        temp.write_bytes(b"whole")
    assert target.read_bytes() == b"whole" and not temps(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="hard links as POSIX has them")
def test_whoever_reads_the_old_file_keeps_it(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    write_bytes(target, b"old")
    os.link(target, tmp_path / "as_an_open_reader_holds_it")
    write_bytes(target, b"new")
    assert target.read_bytes() == b"new" and (tmp_path / "as_an_open_reader_holds_it").read_bytes() == b"old"


def test_old_file_stays_after_an_error(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    write_bytes(target, b"old")
    with pytest.raises(RuntimeError, match="boom"), atomic_path(target) as temp:
        temp.write_bytes(b"half")
        raise RuntimeError("boom")
    assert target.read_bytes() == b"old" and not temps(tmp_path)
    with pytest.raises(FileNotFoundError), atomic_path(target):
        pass  # nothing was written, so there is nothing to rename
    assert target.read_bytes() == b"old"


@pytest.mark.skipif(os.name == "nt", reason="asks the descriptor by fcntl")
def test_synced_through_a_writable_descriptor_before_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to sync what is open for reading only."""
    import fcntl

    seen = []

    def sync(descriptor: int) -> None:
        mode = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
        seen.append((mode, (tmp_path / ("a", "b")[len(seen)]).exists(), os.fstat(descriptor).st_size))

    monkeypatch.setattr(files.os, "fsync", sync)
    write_bytes(tmp_path / "a", b"12345")
    with atomic_path(tmp_path / "b") as temp:
        temp.write_bytes(b"123456")
    assert seen == [(os.O_WRONLY, False, 5), (os.O_RDWR, False, 6)]


def test_a_folder_that_goes_meanwhile_is_made_again(tmp_path: Path) -> None:
    for _ in range(2):
        write_bytes(tmp_path / "new/folder/a", b"1")
        assert (tmp_path / "new/folder/a").read_bytes() == b"1"
        shutil.rmtree(tmp_path / "new")


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_files_that_belong_together_get_their_names_when_all_are_safe(
    tmp_path: Path, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = {tmp_path / "a/1": b"one", tmp_path / "b/c/2": b"two", tmp_path / "3": b"three"}
    monkeypatch.setattr(files.sys, "platform", system)
    real, seen = files._sync, []

    def sync(paths: list[Path]) -> None:
        seen.append((sorted(path.read_bytes() for path in paths), [path.exists() for path in contents]))
        real(paths)

    monkeypatch.setattr(files, "_sync", sync)
    write_together(contents)
    assert seen == [(sorted(contents.values()), [False] * 3)]
    assert {path: path.read_bytes() for path in contents} == contents and not temps(tmp_path)


def test_of_files_that_belong_together_none_is_there_after_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError):
        write_together({tmp_path / "a": b"one", tmp_path / "file/b": b"two"})
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_of_many_first_writers_one_does_and_nobody_sees_half_of_it(tmp_path: Path) -> None:
    target, bodies = tmp_path / "new/state.json", [bytes([65 + n]) * 200000 for n in range(8)]
    go, seen = threading.Barrier(len(bodies)), []

    def write(body: bytes) -> None:
        go.wait()
        write_first(target, body)
        seen.append(target.read_bytes())

    threads = [threading.Thread(target=write, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == len(bodies) and len(set(seen)) == 1 and seen[0] in bodies and not temps(tmp_path)


def test_many_writers_of_one_file(tmp_path: Path) -> None:
    target, bodies = tmp_path / "state.json", [bytes([65 + n]) * 20000 for n in range(8)]
    go = threading.Barrier(len(bodies))

    def write(body: bytes) -> None:
        go.wait()
        for _ in range(5):
            write_bytes(target, body)

    threads = [threading.Thread(target=write, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target.read_bytes() in bodies and not temps(tmp_path)


def test_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"b": [1, 2.5, None], "a": "Tür"})
    assert path.read_text(encoding="utf-8") == '{\n  "a": "Tür",\n  "b": [\n    1,\n    2.5,\n    null\n  ]\n}\n'
    assert read_json(path) == {"a": "Tür", "b": [1, 2.5, None]}
    for bad in (float("nan"), float("-inf")):
        with pytest.raises(ValueError, match="not JSON compliant"):
            write_json(path, {"a": bad})
    assert read_json(path)["a"] == "Tür" and not temps(tmp_path)


def test_text_keeps_its_newlines(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "ä\r\nb\n")
    assert (tmp_path / "a.txt").read_bytes() == "ä\r\nb\n".encode()


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    assert sha256_file(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


KILLED = """
import os, signal, sys
from pathlib import Path
from grail_addon.core.files import atomic_path
with atomic_path(Path(sys.argv[1])) as temp:
    temp.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_killed_in_the_middle(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "frame.png"
    target.parent.mkdir()
    target.write_bytes(b"old")
    child = subprocess.run([sys.executable, "-c", KILLED, str(target)], cwd=ROOT, check=False)
    assert child.returncode == -signal.SIGKILL
    assert target.read_bytes() == b"old" and len(temps(tmp_path)) == 1
    assert remove_stale_temps(tmp_path) == 1
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [target]


@pytest.mark.skipif(os.name == "nt", reason="no liveness probe there: leftovers stay")
def test_only_leftovers_of_dead_processes_of_this_machine_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()

    def leave(pid: int, machine: str) -> Path:
        """What process `pid` of a machine has while it writes."""
        with monkeypatch.context() as patch:
            patch.setattr(platform, "node", lambda: machine)
            patch.setattr(files.os, "getpid", lambda: pid)
            patch.setattr(files.Path, "unlink", lambda *_, **__: None)
            with pytest.raises(KeyboardInterrupt), atomic_path(tmp_path / f"{machine}-{pid}.json") as temp:
                temp.write_text("half")
                raise KeyboardInterrupt
        return temp

    here = platform.node()
    gone = leave(dead.pid, here)
    living, elsewhere = leave(os.getppid(), here), leave(dead.pid, f"{here}-2")
    reborn = leave(os.getpid(), here)  # of a process before this one with the same number
    others = [tmp_path / name for name in ("frame.png", ".part-", ".part-x-y-z.json", "not.part-1-a")]
    for path in others:
        path.touch()
    with atomic_path(tmp_path / "open.json") as own:
        own.write_text("half")
        assert remove_stale_temps(tmp_path) == 2 and not gone.exists() and not reborn.exists()
        assert all(p.exists() for p in (living, elsewhere, own, *others))
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "mine.json") as temp:
        temp.write_text("half")
        remove_own_temps()
        assert not temp.exists() and all(p.exists() for p in (living, elsewhere, *others))


def test_a_folder_that_is_gone_keeps_no_other_temp(tmp_path: Path) -> None:
    lost = tmp_path / "lost"
    lost.mkdir()
    with (
        pytest.raises(OSError, match="lost"), atomic_path(lost / "a.json") as first, pytest.raises(FileNotFoundError),
        atomic_path(tmp_path / "b.json") as second,
    ):  # fmt: skip
        for temp in (first, second):
            temp.write_text("half")
        first.unlink()
        lost.rmdir()
        lost.touch()
        remove_own_temps()
        assert not second.exists()


def test_no_folder_no_leftovers(tmp_path: Path) -> None:
    assert remove_stale_temps(tmp_path / "none") == 0 and not (tmp_path / "none").exists()


LEFT = """
import os, signal, sys
from pathlib import Path
from grail_addon.core.files import atomic_path, mark_writer
folder = Path(sys.argv[1])
with mark_writer(folder), atomic_path(folder / "deep" / "a.png") as temp:
    temp.write_bytes(b"half")
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="no liveness probe there: leftovers stay")
def test_a_folder_is_searched_only_where_somebody_died_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[Path] = []
    real = files.remove_stale_temps
    monkeypatch.setattr(
        files, "remove_stale_temps", lambda folder, before: searches.append(folder) or real(folder, before)
    )

    def child(how: str) -> None:
        subprocess.run([sys.executable, "-c", LEFT, str(tmp_path), how], check=False, cwd=ROOT)

    assert remove_leftovers(tmp_path, time.time()) == 0 and len(searches) == 1, "nobody ever left word"
    child("ends")
    assert remove_leftovers(tmp_path, time.time()) == 0 and len(searches) == 1, "it took its word back"
    child("killed")
    assert temps(tmp_path / "deep")
    assert remove_leftovers(tmp_path, time.time()) == 1 and len(searches) == 2
    assert remove_leftovers(tmp_path, time.time()) == 0 and len(searches) == 2
    with mark_writer(tmp_path):
        assert remove_leftovers(tmp_path, time.time()) == 0 and len(searches) == 2, "it lives"


def test_what_another_machine_left_goes_after_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "node", lambda: "elsewhere")
    with mark_writer(tmp_path), atomic_path(tmp_path / "a.png") as temp, monkeypatch.context() as patch:
        temp.write_bytes(b"half")
        patch.setattr(platform, "node", lambda: "here")
        assert remove_leftovers(tmp_path, time.time()) == 0 and temp.exists()
        assert remove_leftovers(tmp_path, time.time() + files.DAY + 10) == 1 and not temp.exists()
        temp.touch()
