# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers that say odd things, say nothing, refuse, or die in odd ways; dealers that die in the middle of a word. Every item is
told of, nobody waits for ever, and no process stays."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from grail_addon.core.config.portable import to_portable
from grail_addon.drivers.blocking import drain
from grail_addon.drivers.farm import lines, link
from grail_addon.drivers.farm.dealer import Dealer
from grail_addon.drivers.farm.lines import lines_of, message_of
from grail_addon.drivers.farm.link import Inbox, ProcessLink
from grail_addon.drivers.farm.units import Unit
from grail_addon.steps.events import Event
from tests.farm.farm_project import calls, drained, farm_of, is_alive, request_of, worker_command
from tests.plan_project import make_project
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

UNITS = [Unit(name, name, (1, 1), (f"render Things/{name}/v1",)) for name in ("mug", "bowl")]
SPEAK = """
import json, os, sys, time
def say(**message): os.write(1, json.dumps(message).encode() + b"\\n")
def unit(order):
    key = f"render Things/{order['category']}/v1"
    say(say="event", unit=order["id"], event={"kind": "done", "item": key, "step": "render", "obj": "Things/x"})
    say(say="unit_end", unit=order["id"])
for line in sys.stdin.buffer:
    order = json.loads(line)
    if order["do"] == "close": break
"""
WORK = 'if order["do"] == "request": say(say="ready")\n    else: unit(order)'


def run(tmp_path: Path, body: str, workers: int = 1, tries: int = 2) -> tuple[list[Event], list[ProcessLink]]:
    """A dealer over workers that do `body` for each message."""
    links: list[ProcessLink] = []

    def start(slot: int, inbox: Inbox) -> ProcessLink:
        command = [sys.executable, "-c", f"{SPEAK}    {body}\n"]
        links.append(ProcessLink(str(slot), command, inbox, tmp_path / f"log-{slot}"))
        return links[-1]

    events: list[Event] = []
    drain(Dealer({"do": "request"}, UNITS, start, workers, tries).steps(), events.append)
    assert {event.item for event in events if event.kind in ("done", "fail")} == {key for u in UNITS for key in u.items}
    until(lambda: not any(is_alive(each.pid) for each in links))
    return events, links


def kinds(events: list[Event]) -> list[str]:
    return [event.kind for event in events if event.kind in ("done", "fail")]


STRAY = {
    "numbers and words of JSON": b'5\n"x"\n[]\ntrue\nnull\n{}\n-1e999\n',
    "objects of others": b'{"say": 7}\n{"say": "event"}\n{"say": "unit_end"}\n{"say": "gone"}\n{"say": "refused"}\n{"do": "unit"}\n',
    "events that are none": b'{"say": "event", "unit": "mug", "event": {}}\n{"say": "event", "unit": "mug", "event": 7}\n'
    b'{"say": "event", "unit": "mug", "event": {"kind": "odd"}}\n{"say": "event", "unit": "mug", "event": {"kind": "done", "x": 1}}\n',
    "bytes": b"\xff\xfe\x00\n\x1b[31mred\x1b[0m\n\x00\x00\x00\n",
    "deep": b"[" * 200_000 + b"\n",
    "long": b"{" * 3_000_000 + b"\n",
    "words that nobody knows": b'{"say": "hello"}\n{"say": ""}\n',
}  # fmt: skip


@pytest.mark.parametrize("stray", STRAY.values(), ids=STRAY)
def test_what_is_printed_among_the_messages_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stray: bytes
) -> None:
    monkeypatch.setattr(lines, "MAX_LINE", 1 << 20)
    (tmp_path / "stray").write_bytes(stray)
    body = f'data = open("{tmp_path}/stray", "rb").read()\n    while data: data = data[os.write(1, data):]\n    {WORK}'
    events, links = run(tmp_path, body)
    assert kinds(events) == ["done", "done"] and len(links) == 1


def test_lines_that_are_too_long_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE", 100)
    text = b"a\n" + b"b" * 1000 + b"\n" + b"c" * 99 + b"\n" + b"d" * 100 + b"\n" + b"e" * 250
    assert list(lines_of(io.BytesIO(text))) == [b"a\n", b"c" * 99 + b"\n"]
    assert message_of(b'{"say": "ready"}\n') == {"say": "ready"}


def test_one_that_closes_its_output_is_ended_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lives on, and nothing is ever heard of it again."""
    monkeypatch.setattr(link, "DEAF_SECONDS", 0.2)
    flag = tmp_path / "closed"
    body = f'if order["do"] == "unit" and not os.path.exists("{flag}"):\n'
    body += f'        open("{flag}", "w").close(); os.close(1); time.sleep(1000)\n    {WORK}'
    events, links = run(tmp_path, body)
    assert kinds(events) == ["done", "done"] and len(links) == 2
    assert [event.message for event in events if event.kind == "note"] == [
        "worker 0 was ended by SIGKILL at mug; it is dealt again (try 2 of 2)."
    ]


@pytest.mark.parametrize(
    ("number", "words"),
    [(signal.SIGSEGV, "SIGSEGV"), (signal.SIGKILL, "SIGKILL"), (40, "signal 40"), (signal.SIGRTMAX, "SIGRTMAX")],
)
def test_one_that_always_dies_is_given_up_with_the_reason(tmp_path: Path, number: int, words: str) -> None:
    body = f'if order["do"] == "request": say(say="ready")\n    elif order["id"] == "mug": os.kill(os.getpid(), {int(number)})\n    else: unit(order)'
    events, links = run(tmp_path, body)
    assert sorted(kinds(events)) == ["done", "fail"] and len(links) == 3
    (fail,) = [event for event in events if event.kind == "fail"]
    assert fail.item == "render Things/mug/v1" and fail.message == f"its worker was ended by {words}, 2 times."


@pytest.mark.parametrize("code", ["raise SystemExit(7)", "import no_such_library", "os.abort()", "os.close(1)", ""])
def test_one_that_dies_at_its_start_each_time_ends_the_run(tmp_path: Path, code: str) -> None:
    """A broken bpy, a missing library; also one that leaves without a word."""
    links: list[ProcessLink] = []

    def start(slot: int, inbox: Inbox) -> ProcessLink:
        links.append(ProcessLink(str(slot), [sys.executable, "-c", f"import os\n{code}"], inbox, tmp_path / "log"))
        return links[-1]

    events: list[Event] = []
    drain(Dealer({"do": "request"}, UNITS, start, 2, 3).steps(), events.append)
    assert kinds(events) == ["fail", "fail"] and len(links) <= 6
    assert {event.message for event in events if event.kind == "fail"} == {
        "no worker could be started; see logs/ in the results folder."
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_a_request_that_no_worker_can_read_ends_the_run(tmp_path: Path, workers: int) -> None:
    """A file was changed after the dealer had read it: each worker says so, and waits for something else to do."""
    body = 'if order["do"] == "request": say(say="refused", why="seed: should be a whole number.")'
    events, links = run(tmp_path, body, workers)
    assert kinds(events) == ["fail", "fail"] and len(links) <= workers
    fails = {event.message for event in events if event.kind == "fail"}
    assert fails == {"no worker can read the request: seed: should be a whole number."}


def test_a_request_that_one_node_cannot_read_is_done_by_the_others(tmp_path: Path) -> None:
    flag = tmp_path / "first"
    body = f'if order["do"] == "request" and not os.path.exists("{flag}"):\n'
    body += f'        open("{flag}", "w").close(); say(say="refused", why="no such folder.")\n    el{WORK}'
    events, _ = run(tmp_path, body, 2)
    assert kinds(events) == ["done", "done"]


def test_a_changed_configuration_is_told_by_real_workers(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    farm = farm_of(folder)
    (folder / "configs/gen_2dhoi/run.yaml").write_text("seed: x\n")
    events = drained(farm)
    fails = [event for event in events if event.kind == "fail"]
    assert len(fails) == 9 and events[-1].data["failed"] == 9
    assert all("seed: should be a whole number" in event.message for event in fails)


# ---------------------------------------------------------------- the worker's side


HALVES = {
    "half a request": b'{"do": "request", "conf', "half a number": b"12", "no object": b"[]\n", "no order": b"{}\n",
    "bytes": b"\xff\xfe\x00\n", "an order of another kind": b'{"do": 7}\n', "deep": b"[" * 200_000 + b"\n", "nothing": b"",
}  # fmt: skip


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
@pytest.mark.parametrize("before", [False, True], ids=["at once", "after a request"])
def test_a_dealer_that_dies_in_the_middle_of_a_word_leaves_no_worker(tmp_path: Path, half: bytes, before: bool) -> None:
    folder = make_project(tmp_path)
    first = json.dumps({"do": "request", **to_portable(request_of(folder))}).encode() + b"\n" if before else b""
    with (folder / "log").open("wb") as log:
        worker = subprocess.Popen(worker_command(folder), stdin=subprocess.PIPE, stdout=log, stderr=log)
        assert worker.stdin is not None
        worker.stdin.write(first + half)
        worker.stdin.close()
        assert worker.wait(PATIENCE) in (0, 130), "without work, and in the middle of it"
    assert "Traceback" not in (folder / "log").read_text(errors="replace")


def test_a_dealer_that_is_stopped_for_a_while_goes_on(tmp_path: Path) -> None:
    """Ctrl-Z and fg: the workers are in a session of their own."""
    folder = make_project(tmp_path)
    code = (
        "import sys\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[1])\n"
        "from tests.farm.farm_project import drained, farm_of\n"
        "print(drained(farm_of(Path(sys.argv[2]), 2, 1.0))[-1].data, flush=True)"
    )
    root = str(Path(__file__).resolve().parents[2])
    dealer = subprocess.Popen([sys.executable, "-c", code, root, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        until(lambda: any(call.startswith("render") for _, call in calls(folder)))
        dealer.send_signal(signal.SIGSTOP)
        until(lambda: Path(f"/proc/{dealer.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
        dealer.send_signal(signal.SIGCONT)
        out, _ = dealer.communicate(timeout=PATIENCE)
    finally:
        dealer.kill()
    assert "'done': 9, 'skipped': 0, 'failed': 0" in out


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT])
def test_a_closed_terminal_leaves_no_worker(tmp_path: Path, number: signal.Signals) -> None:
    from tests.farm.test_worker import DEALER, ROOT

    folder = make_project(tmp_path)
    dealer = subprocess.Popen([sys.executable, "-c", DEALER, str(ROOT), str(folder)], start_new_session=True)
    try:
        until(lambda: len({pid for pid, call in calls(folder) if call.startswith("render")}) == 2)
        pids = {pid for pid, _ in calls(folder)}
        dealer.send_signal(number)
        dealer.wait(PATIENCE)
        until(lambda: not any(is_alive(pid) for pid in pids))
    finally:
        dealer.kill()
        dealer.wait()


def test_sending_to_one_that_is_gone_is_no_error(tmp_path: Path) -> None:
    inbox: Inbox = SimpleQueue()
    made = ProcessLink("0", [sys.executable, "-c", ""], inbox, tmp_path / "log")
    assert inbox.get(timeout=PATIENCE)[1]["say"] == "gone"
    big: dict[str, Any] = {"do": "request", "text": "x" * (1 << 20)}
    for _ in range(3):
        made.send(big)
    made.stop()
    made.kill()
