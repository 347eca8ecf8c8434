# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of `make demo`: has the sandbox make videos of the frames that are there, as the real service would.

    python tools/sandbox_demo.py RESULTS [flags of run_batch.py ...]

Starts the sandbox on a free port, runs step 4 against it, says where the videos are, and stops it. Costs nothing.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from grail_addon.sandbox.server import SandboxServer  # noqa: E402
from grail_addon.sandbox.state import SandboxOptions, SandboxState  # noqa: E402


def main(results: str, *flags: str) -> int:
    """Make the videos; returns the exit code of the run."""
    with (
        SandboxServer(SandboxState(SandboxOptions(work_seconds=2.0))) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        keys = Path(folder) / "sandbox.env"
        keys.write_text(
            f"KLING_API_KEY=sandbox-key\nOPENAI_API_KEY=sandbox-key\nOPENAI_BASE_URL={server.url}/v1\n",
            encoding="utf-8",
        )
        command = [
            sys.executable, str(ROOT / "run_batch.py"), "--", *flags, "--results_dir", results,
            "--skip_step1", "--skip_step2", "--skip_step3", "--env_file", str(keys), "--yes",
            "--set", f"video.kling_host={server.url}", "--set", "video.kling_mode=std", "--set", "video.poll_seconds=1",
        ]  # fmt: skip
        code = subprocess.run(command, check=False).returncode
    videos = sorted((Path(results) / "generation" / "videos_kling").rglob("*.mp4"))
    print("\nVideos, made by the sandbox on this machine and marked so (a real run needs a Kling key):")
    print("\n".join(f"  {video}" for video in videos) or "  none: no frame passed the gate, see the report")
    return code


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
