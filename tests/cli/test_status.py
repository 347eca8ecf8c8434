# SPDX-License-Identifier: GPL-3.0-or-later
"""`--status`, `--report` and `--verify` on the command line."""

from __future__ import annotations

import json
import os
import time

import pytest

from grail_addon.cli import arguments
from grail_addon.cli import main as cli
from grail_addon.core.errors import UserError
from grail_addon.core.files import read_json, write_json
from grail_addon.drivers.farm import local
from tests.cli.test_cli import MUG, Front, front, lines_of
from tests.ui.speed import least_seconds, slowness

__all__ = ["front"]


def status(front: Front, *argv: str) -> int:
    front._capfd.readouterr()
    code = cli.main(["--status", *argv], front.folder)
    front.out, front.err = front._capfd.readouterr()
    return code


def test_status_of_a_run_that_has_ended(front: Front) -> None:
    front.faults["render", "render Things/mug/kid_stage_rand00001"] = UserError("no placement fits after 200 tries.")
    assert front("--category", "mug,jar") == 1
    assert status(front, "out") == 0 and not front.err
    lines = lines_of(front)
    assert least_seconds(lambda: status(front, "out")) < 1.0 * slowness()
    assert lines[0].startswith("Ended after ") and lines[0].endswith(": 5 done, 0 up to date, 1 failed of 6.")
    assert lines[1] == "object with failures done up to date failed s an item"
    assert lines[2].startswith("Things/mug 2 0 1 ")
    assert lines[-1] == "1 x no placement fits after N tries. (such as render Things/mug/kid_stage_rand00001)"


def test_status_of_a_run_that_goes_on_or_is_dead(front: Front) -> None:
    assert front(*MUG) == 0
    path = front.folder / "out/status.json"
    said = read_json(path)
    write_json(path, {**said, "ended": False, "time": time.time(), "started": time.time() - 4000, "left_seconds": 90.0})
    assert status(front, "out") == 0
    assert front.out.startswith("Running for 1 h 6 min on ") and "about 1 min left" in front.out
    write_json(path, {**said, "ended": False, "time": time.time() - 600, "started": time.time() - 4000})
    assert status(front, "out") == 0 and "Nothing was heard for 10 min; it may be dead." in front.out


def test_what_auto_chose_is_said_and_kept(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(arguments, "cores", lambda: (0, 1))
    monkeypatch.setattr(local, "cores", lambda: (0, 1))
    said = "auto: 1 worker: the 2 cores and no GPU of this machine have room for no more."
    assert front(*MUG, "--workers", "auto", "--log_json", "log.jsonl") == 0 and said in lines_of(front)
    logged = [json.loads(line) for line in (front.folder / "log.jsonl").read_text().splitlines()]
    assert [event["data"]["auto"] for event in logged if event.get("message") == said] == [1]
    assert status(front, "out") == 0 and said in lines_of(front)
    assert front(*MUG, "--workers", "1") == 0 and said not in lines_of(front)


def test_status_where_there_is_none(front: Front) -> None:
    assert status(front, "nowhere") == 2
    assert "error: command line --status: no run is known in nowhere" in front.err


def test_the_report_alone(front: Front) -> None:
    assert front("--report") == 0
    page = front.folder / "out/report/index.html"
    assert front.out == f"report: {page}\n" and page.is_file() and not front.workshops


@pytest.mark.parametrize("flag", [(), ("--verify",)])
def test_verify_reads_what_looks_untouched(front: Front, flag: tuple[str, ...]) -> None:
    assert front(*MUG) == 0
    frame = front.folder / "out/generation/asset_renders/Things/mug/kid_stage_rand00001.png"
    manifest = front.folder / "out/generation/manifests/Things/mug/kid_stage_rand00001.json"
    said = read_json(manifest)
    stat = frame.stat()
    old = stat.st_mtime_ns - 5_000_000_007
    data = bytearray(frame.read_bytes())
    os.utime(frame, ns=(old, old))
    said["files"]["frame"]["stat"] = [stat.st_size, old, stat.st_ino]
    write_json(manifest, said)
    data[-1] ^= 1
    with frame.open("r+b") as file:
        file.write(data)
    os.utime(frame, ns=(old, old))
    assert front(*MUG, "--skip_done", "--dry_run", *flag) == 0
    verb = "runs" if flag else "skips"
    assert any(line.startswith(f"{verb} render Things/mug/kid_stage_rand00001: ") for line in lines_of(front))
