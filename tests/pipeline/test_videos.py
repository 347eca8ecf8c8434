# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 4 of a run over real HTTP: what is sent, what is not, what is written, what it costs, and what comes after trouble."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grail_addon.cli.arguments import read_command_line
from grail_addon.cli.paid import agreed
from grail_addon.core.clock import SystemClock
from grail_addon.core.files import read_json, write_json
from grail_addon.core.layout import ObjectId, ResultsLayout, VideoId
from grail_addon.core.ledger.store import Ledger
from grail_addon.pipeline.session import Session
from grail_addon.sandbox.movie import MovieOptions
from grail_addon.sandbox.server import SandboxServer
from grail_addon.sandbox.state import Fault
from grail_addon.services.video_files import read_facts
from tests.pipeline.video_project import API_KEY, OPENAI, ROOT, STEP4, VideoProject
from tests.waiting import PATIENCE, until

CLIP = 210_000  # 5 s at 0.3 units of 0.14 dollars
BASE = ("--yes", "--set", "video.skip_prompt_refinement=true")


def committed(project: VideoProject) -> int:
    with Ledger(project.layout.ledger, SystemClock()) as ledger:
        return ledger.committed("sandbox")


def test_frames_become_videos_and_manifests_say_all(sandbox: SandboxServer, project: VideoProject) -> None:
    sandbox.state.judge["RefinedPrompt"] = [{"answer": {"prompt": "The kid lifts the mug."}}, {"refusal": "no"}]
    code, events = project.events("--yes")
    assert code == 0 and events[-1]["data"] == {"done": 2, "skipped": 0, "failed": 0, "pending": 0, "unsent": 0}
    first, second = map(project.manifest, project.vids)
    assert first["prompt"]["refined"] and first["prompt"]["text"].startswith(
        "The kid lifts the mug. The camera is locked"
    )
    assert not second["prompt"]["refined"] and "refuses" in second["prompt"]["notes"][0]
    sent = {task.order.prompt for task in sandbox.state.tasks.values()}
    assert sent == {first["prompt"]["text"], second["prompt"]["text"]}
    assert (project.layout.results_dir / first["prompt"]["file"]).read_text().strip() == first["prompt"]["text"]
    video = first["video"]
    (clip,) = video["clips"]
    file = project.layout.results_dir / clip["file"]
    assert (video["status"], video["vendor"], clip["sandbox"]) == ("done", "sandbox", True)
    assert clip["frames"] == 121 and clip["fps"] == 24 and read_facts(file).sandbox
    assert clip["verdict"] == "suspect" and "88 pixels" in clip["reasons"][0], "the sandbox was told to make small ones"
    assert clip["checks"][0]["camera_shift"] < 0.004 and "first_frame_match" in clip["checks"][0]
    assert clip["first_frame_psnr_db"] > 20
    assert len(clip["stillness_px"]) == len(clip["stillness_times"]) == 13 and clip["stillness_px"][0] == 0.0
    assert (
        max(clip["stillness_px"])
        < clip["stillness_limit_px"]
        == pytest.approx(0.004 * np.hypot(*clip["size"]), abs=0.01)
    )
    assert clip["stillness_times"] == pytest.approx([n * 10 / 24 for n in range(13)], abs=1e-3)
    (data,) = (project.layout.results_dir / "report/data").iterdir()
    assert (
        ".still0" in data.read_text() and len(list((project.layout.results_dir / "report").rglob("*.still0*.svg"))) == 2
    )
    assert first["cost"] == {"currency": "USD", "estimated": 0.21, "reserved": 0.0, "actual": 0.21}
    assert {e["path"] for e in events if e["kind"] == "done"} == {
        project.layout.video(vid).relative_to(project.layout.results_dir).as_posix() for vid in project.vids
    }


@pytest.mark.parametrize("generation", ["legacy", "new"])
def test_clips_of_two_segments_are_joined(sandbox: SandboxServer, project: VideoProject, generation: str) -> None:
    if generation == "legacy":
        project.use_pair()
    project.frame(project.vids[1], "fail")  # one frame is enough
    sandbox.state.options.movie = MovieOptions(shrink=2)  # a last frame that is large enough to be sent
    two = (*BASE, "--set", "video.base_prompt='lift it # put it down'", "--set", "video.num_video_segments=2")
    assert project.run(*two) == 0
    first = project.manifest(project.vids[0])
    (clip,) = first["video"]["clips"]
    tasks = sorted(sandbox.state.tasks.values(), key=lambda task: task.created)
    assert [task.order.generation for task in tasks] == [generation] * 2
    assert tasks[0].order.prompt.startswith("lift it") and tasks[1].order.prompt.startswith("put it down")
    assert tasks[0].order.image != tasks[1].order.image, "the second starts from the last frame of the first"
    assert len(clip["task_ids"]) == len(clip["checks"]) == 2 and first["cost"]["actual"] == 0.42
    assert clip["frames"] == 242 and clip["duration_s"] == pytest.approx(242 / 24, abs=1e-3)
    facts = read_facts(project.layout.results_dir / clip["file"])
    assert facts.frames == 242 and facts.sandbox
    times = clip["stillness_times"]
    assert len(times) == len(clip["stillness_px"]) == 26 and times[13] == pytest.approx(121 / 24, abs=1e-3)
    assert project.run(*two) == 0 and len(sandbox.state.tasks) == 2, "nothing is bought again"


def test_a_second_run_pays_nothing_and_fetches_what_was_lost(sandbox: SandboxServer, project: VideoProject) -> None:
    assert project.run(*BASE) == 0
    project.layout.video(project.vids[0]).unlink()
    before = project.manifest(project.vids[0])["video"]["clips"][0]
    assert project.run(*BASE) == 0
    assert len(sandbox.state.tasks) == 2 and committed(project) == 2 * CLIP
    assert project.layout.video(project.vids[0]).is_file()
    assert project.manifest(project.vids[0])["video"]["clips"][0] == before, "what was measured stays"


def test_explain_knows_what_the_sandbox_made(project: VideoProject, capsys: pytest.CaptureFixture[str]) -> None:
    def told() -> list[str]:
        capsys.readouterr()
        assert project.run(*BASE, "--explain") == 0
        return [line for line in capsys.readouterr().out.splitlines() if "video Things/mug" in line]

    first = told()
    assert len(first) == 2 and all("sends" in line for line in first)
    assert project.run(*BASE) == 0
    again = told()
    assert len(again) == 2 and all("made by the sandbox and up to date" in line for line in again)


def test_only_frames_that_may_be_sent_are_sent(sandbox: SandboxServer, project: VideoProject) -> None:
    first, second = project.vids
    project.frame(first, "fail")
    write_json(project.layout.manifest(second), {**project.manifest(second), "human": {"decision": "reject"}})
    code, events = project.events(*BASE)
    assert code == 0 and not sandbox.state.tasks
    assert [e["message"] for e in events if e["kind"] == "skip"] == [
        "not sent: the frame failed: left hand is outside the frame",
        "not sent: a person rejected it.",
    ]
    assert project.run(*BASE, "--send_failed") == 0 and len(sandbox.state.tasks) == 1
    assert "video" in project.manifest(first) and "video" not in project.manifest(second)
    project.layout.frame(first).write_bytes(project.layout.frame(second).read_bytes())
    code, events = project.events(*BASE, "--send_failed")
    assert code == 1 and "was changed since it was judged" in next(e["message"] for e in events if e["kind"] == "fail")
    assert len(sandbox.state.tasks) == 1


def test_one_bad_clip_costs_no_other(sandbox: SandboxServer, project: VideoProject) -> None:
    sandbox.state.faults.append(
        Fault("status", method="POST", path="/image-to-video", http=400, code=1301, message="no")
    )
    code, events = project.events(*BASE)
    assert code == 1 and sorted(e["kind"] for e in events if e["kind"] in ("done", "fail")) == ["done", "fail"]
    (failed,) = [vid for vid in project.vids if project.manifest(vid)["video"]["status"] == "failed"]
    assert project.manifest(failed)["video"]["clips"][0]["problem"]
    assert project.run(*BASE) == 1, "a refusal is not sent again by itself"
    assert project.run(*BASE, "--retry_failed") == 0 and project.manifest(failed)["video"]["status"] == "done"


def test_a_wrong_key_is_told_and_nothing_is_reserved(project: VideoProject) -> None:
    project.env.write_text(project.env.read_text().replace(API_KEY, "api-key-kling-another-one-0123456789"))
    code, events = project.events(*BASE)
    assert code == 1 and all("KLING" in e["message"] or "key" in e["message"] for e in events if e["kind"] == "fail")
    assert sum(e["kind"] == "fail" for e in events) == 2 and committed(project) == 0


def test_refused_before_anything_is_made(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str]
) -> None:
    def says(*argv: str) -> str:
        assert project.run(*argv) == 2
        return capsys.readouterr().err

    assert "nobody to ask" in says() and "--budget" in says()
    assert "no clips of 7 s" in says("--yes", "--set", "video.duration=7")
    assert "retired" in says("--yes", "--kling_model_name", "kling-v1-6")
    assert "2 parts" in says(
        "--yes", "--set", "video.base_prompt='lift # put down'", "--set", "video.num_video_segments=3"
    )
    project.env.write_text("")
    text = says("--yes")
    assert "KLING_API_KEY" in text and "--skip_step4" in text
    assert "OPENAI_API_KEY" in text and "video.skip_prompt_refinement=true" in text
    assert "--resume" in says("--resume", "--set", "skip_step4=true")
    assert not sandbox.state.requests and not project.layout.ledger.exists()


def test_estimate_counts_without_sending(
    sandbox: SandboxServer, project: VideoProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.env.write_text("")
    project.frame(project.vids[0], "fail")
    more = ("--set", "video.num_videos=3", "--set", "rendering.num_rand_scenes=4", "--set", "skip_step3=false")
    assert project.run("--estimate", *more) == 0
    text = capsys.readouterr().out
    assert "9 clips of 3 frames" in text and "$1.89" in text and "13.5 units" in text
    assert "2 frames are still to be made" in text and "1 frames are not sent" in text
    assert not sandbox.state.requests


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def session_of(project: VideoProject, *more: str) -> Session:
    return Session(read_command_line([*project.argv, *STEP4, *more], project.folder, project.folder)[0])


class LateClock(SystemClock):
    def time(self) -> float:
        return 1.81e9


@pytest.mark.parametrize(
    ("answer", "wanted"), [("y\n", True), ("Yes\n", True), ("\n", False), ("n\n", False), ("", False)]
)
def test_a_person_is_asked_with_the_sum(project: VideoProject, answer: str, wanted: bool) -> None:
    session, clock, out = session_of(project, "--budget", "5"), LateClock(), io.StringIO()
    assert agreed(session, False, clock, Terminal(answer), out) is wanted
    assert "Spend up to $0.42?" in out.getvalue() and "hard cap: $5.00" in out.getvalue()
    assert "days old" in out.getvalue(), "the table is old by that day"
    silent = io.StringIO()
    assert agreed(session, False, clock, io.StringIO(), silent), "a cap is enough where nobody is there"
    assert silent.getvalue() == ""


def test_costs_are_reported(project: VideoProject, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.run("--report_costs") == 0 and "Nothing was bought" in capsys.readouterr().out
    assert not project.layout.ledger.exists()
    assert project.run(*BASE) == 0
    capsys.readouterr()
    assert project.run("--report_costs") == 0
    text = capsys.readouterr().out
    assert "sandbox (not real money)" in text and "$0.42" in text


def test_dry_run_writes_requests_and_no_manifest(
    sandbox: SandboxServer, project: VideoProject, capfd: pytest.CaptureFixture[str]
) -> None:
    project.env.write_text("")
    before = [project.manifest(vid) for vid in project.vids]
    assert project.run("--video_model_api", "dry-run") == 0
    files = sorted(project.layout.results_dir.rglob("*_segment0.json"))
    assert len(files) == 2 and all(read_json(file)["cost"]["usd"] == 0.21 for file in files)
    assert [project.manifest(vid) for vid in project.vids] == before and not sandbox.state.requests
    assert not project.layout.prompt(project.vids[0]).exists() and "$0.21" in capfd.readouterr().out


def test_slow_tasks_are_left_and_fetched_later(sandbox: SandboxServer, project: VideoProject) -> None:
    sandbox.state.options.work_seconds = 3600.0
    sandbox.state.options.movie = MovieOptions()  # of full size
    code, events = project.events(*BASE, "--set", "video.wait_minutes=0")
    assert code == 1 and [e["verdict"] for e in events if e["kind"] == "skip"] == ["pending", "pending"]
    first = project.manifest(project.vids[0])
    assert first["video"]["status"] == "pending" and first["cost"]["reserved"] == 0.21
    third = VideoId(project.vids[0].obj, "kid", "stage", 3)
    project.frame(third)
    sandbox.state.advance(86400.0)
    posts = sum(n for route, n in sandbox.state.requests.items() if route.startswith("POST"))
    code, events = project.events("--resume", *BASE, "--set", "rendering.num_rand_scenes=3")
    assert code == 0 and [e["verdict"] for e in events if e["kind"] == "done"] == ["pass", "pass"]
    assert next(e["message"] for e in events if e["kind"] == "skip") == "not sent: nothing was sent for it so far."
    assert posts == sum(n for route, n in sandbox.state.requests.items() if route.startswith("POST"))
    assert "video" not in project.manifest(third)


def test_tasks_of_other_settings_are_told_of(sandbox: SandboxServer, project: VideoProject) -> None:
    sandbox.state.options.work_seconds = 3600.0
    assert project.run(*BASE, "--set", "video.wait_minutes=0") == 1
    sandbox.state.options.work_seconds = 0.0
    code, events = project.events(*BASE, "--set", "video.duration=10")
    notes = [e["message"] for e in events if e["kind"] == "note"]
    assert code == 0 and any("2 clips that were sent under other settings" in note for note in notes)


def test_start_and_end_frames(sandbox: SandboxServer, project: VideoProject) -> None:
    starts = [VideoId(vid.obj, "kid", "stage", vid.seed, "start") for vid in project.vids]
    for vid in starts:
        project.frame(vid)
        project.frame(VideoId(vid.obj, "kid", "stage", vid.seed, "end"))
    pro = ("--set", "rendering.render_start_end=true", "--set", "video.kling_mode=pro")
    assert project.run(*BASE, *pro) == 0 and len(sandbox.state.tasks) == 2
    assert project.layout.video(starts[0]).is_file()
    assert project.run(*BASE, *pro, "--set", "video.use_all_tail_images=true") == 0
    assert len(sandbox.state.tasks) == 6 and project.layout.video(starts[1], 1).is_file()
    project.frame(VideoId(starts[0].obj, "kid", "stage", 2, "end"), "fail")
    _, events = project.events(*BASE, *pro)
    assert "its end frame Things/mug/kid_stage_end00002 is not to be sent" in next(
        e["message"] for e in events if e["kind"] == "skip"
    )


CHILD = """
import sys
sys.path[:0] = [sys.argv[1]]
from pathlib import Path
from grail_addon.cli import main as cli
sys.exit(cli.main(sys.argv[3:], Path(sys.argv[2])))
"""


def child(project: VideoProject, *more: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", CHILD, str(ROOT), str(project.folder), *project.argv, *STEP4, *more]
    return subprocess.Popen(argv, cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_two_processes_keep_to_one_budget(sandbox: SandboxServer, tmp_path: Path) -> None:
    project = VideoProject(tmp_path, sandbox.url, seeds=6)
    more = ("--budget", "0.85", "--set", "video.skip_prompt_refinement=true", "--num_rand_scenes", "6",
            "--num_job_chunks", "2")  # fmt: skip
    both = [child(project, *more, "--job_chunk_idx", str(index)) for index in range(2)]
    outputs = [process.communicate(timeout=600)[0] for process in both]
    assert any(process.returncode == 1 for process in both) and any("budget" in text for text in outputs), outputs
    assert len(sandbox.state.tasks) == 4 and committed(project) == 4 * CLIP
    done = [vid for vid in project.vids if project.layout.video(vid).is_file()]
    assert len(done) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX sends them")
def test_killed_or_stopped_in_step_4_and_resumed(sandbox: SandboxServer, project: VideoProject) -> None:
    """kill -9 while both tasks run, then Ctrl-C while they run, then to the end: each clip is bought once, no key is written."""
    sandbox.state.options.work_seconds = 3600.0
    for blow in (signal.SIGKILL, signal.SIGINT):
        sandbox.state.requests.clear()
        process = child(project, *BASE, "--verbose", "--log_json", "run.jsonl")
        assert process.stdout is not None
        if blow == signal.SIGKILL:
            assert any("submitted" in line for line in process.stdout)
        # what never arrived would be in doubt for as long as the clock says; a run that finds both sent prints nothing
        # of them, and asks how they are
        until(lambda: len(sandbox.state.tasks) == 2 and sandbox.state.requests, "a request")
        process.send_signal(blow)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == (-signal.SIGKILL if blow == signal.SIGKILL else 130)
    sandbox.state.options.work_seconds = 0.0
    sandbox.state.advance(7200.0)
    code = project.run(*BASE)
    assert code == 0 and len(sandbox.state.tasks) == 2 and committed(project) == 2 * CLIP
    assert all(project.manifest(vid)["video"]["status"] == "done" for vid in project.vids)
    assert sandbox.state.leaked_keys == 0
    written = [p for p in project.folder.rglob("*") if p.is_file() and p != project.env]
    assert {"ledger.sqlite3", "run.jsonl", "index.html"} <= {p.name for p in written}
    for path in written:
        content = path.read_bytes()
        assert API_KEY.encode() not in content and OPENAI.encode() not in content, path


def test_keys_in_the_services_own_words_are_hidden(sandbox: SandboxServer, project: VideoProject) -> None:
    sandbox.state.faults.append(
        Fault("status", method="POST", path="/image-to-video", http=400, code=1201, message=f"you sent {API_KEY}")
    )
    code, events = project.events(*BASE)
    assert code == 1 and "you sent" in json.dumps(events) and API_KEY not in json.dumps(events)
    assert os.fsencode(API_KEY) not in project.layout.ledger.read_bytes()


def test_a_real_video_is_not_replaced_by_the_sandbox(sandbox: SandboxServer, project: VideoProject) -> None:
    first = project.vids[0]
    video = {"status": "done", "vendor": "kling", "fingerprint": "x", "clips": [{"file": "a.mp4", "sha256": "0"}]}
    write_json(project.layout.manifest(first), {**project.manifest(first), "video": video})
    _, events = project.events(*BASE)
    assert "real video" in next(e["message"] for e in events if e["kind"] == "skip")
    assert project.manifest(first)["video"] == video and len(sandbox.state.tasks) == 1


def test_the_demo_ends_with_videos_of_the_sandbox(project: VideoProject) -> None:
    project.layout = ResultsLayout(project.folder / "demo")
    project.frame(VideoId(ObjectId("ComAsset", "cordless_drill"), "kid", "indoor2-manipulation", 1))
    command = [sys.executable, str(ROOT / "tools/sandbox_demo.py"), str(project.layout.results_dir)]
    flags = ["--config", "manipulation.yaml", "--category", "cordless_drill", "--num_rand_scenes", "1"]
    done = subprocess.run([*command, *flags], cwd=project.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (video,) = project.layout.results_dir.rglob("videos_kling/**/*.mp4")
    assert str(video) in done.stdout and read_facts(video).sandbox


REVIEW = ("--set", "video.review_model=gpt-5.5")


def test_a_vision_model_looks_at_clips_where_it_is_asked_to(sandbox: SandboxServer, project: VideoProject) -> None:
    bad = {
        "person_in_view": True, "nobody_else": False, "one_still_shot": True, "object_same": True, "object_moved": True,
        "by_hand": True, "confidence": 0.9, "reason": f"A second person comes in, {OPENAI}.",
    }  # fmt: skip
    sandbox.state.judge["ClipReview"] = [{"answer": bad}]
    code, events = project.events(*BASE, *REVIEW)
    assert code == 0 and sandbox.state.requests["POST /v1/chat/completions"] == 2
    checks = [project.manifest(vid)["video"]["clips"][0] for vid in project.vids]
    assert sorted(clip["checks"][0]["review"] for clip in checks) == ["pass", "suspect"]
    (seen,) = (clip for clip in checks if clip["checks"][0]["review"] == "suspect")
    assert "The vision model says that somebody else comes into the picture." in " ".join(seen["reasons"])
    assert "A second person comes in" in " ".join(seen["checks"][0]["notes"])
    for path in project.layout.results_dir.rglob("*"):
        assert not path.is_file() or OPENAI.encode() not in path.read_bytes(), path
    assert OPENAI not in json.dumps(events)
    paid = sandbox.state.requests["POST /v1/chat/completions"]
    assert project.run(*BASE, *REVIEW) == 0 and sandbox.state.requests["POST /v1/chat/completions"] == paid


def test_a_look_at_clips_is_in_the_estimate_and_needs_a_key_and_a_price(
    project: VideoProject, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project.run("--estimate", *REVIEW) == 0
    text = capsys.readouterr().out
    assert "$0.42" in text and "looks at six frames of each: at most $0.54" in text
    out = io.StringIO()
    assert agreed(session_of(project, *REVIEW), False, SystemClock(), Terminal("y\n"), out)
    assert "Spend up to $0.96?" in out.getvalue()
    assert project.run(*BASE, "--set", "video.review_model=gpt-nobody") == 2
    assert "No price is known for gpt-nobody" in capsys.readouterr().err
    project.env.write_text(project.env.read_text().replace("OPENAI_API_KEY", "NOTHING"))
    assert project.run(*BASE, *REVIEW) == 2
    text = capsys.readouterr().err
    assert "OPENAI_API_KEY" in text and "video.review_model=null" in text
