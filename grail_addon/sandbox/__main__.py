# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m grail_addon.sandbox`: starts the sandbox and says how to point a run at it."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from .movie import MovieOptions
from .server import SandboxServer
from .state import SandboxOptions, SandboxState


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted. With --env_out the settings are also written to a file for --env_file."""
    parser = argparse.ArgumentParser(prog="python -m grail_addon.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one (default 8765)")
    parser.add_argument("--slots", type=int, default=5, help="tasks at once (default 5)")
    parser.add_argument("--work_seconds", type=float, default=3.0, help="how long a task takes (default 3)")
    parser.add_argument("--shrink", type=int, default=1, help="divide the size of the videos, for speed (default 1)")
    parser.add_argument("--env_out", type=Path, help="write keys and addresses to this file, for --env_file")
    args = parser.parse_args(argv)
    options = SandboxOptions(slots=args.slots, work_seconds=args.work_seconds, movie=MovieOptions(shrink=args.shrink))
    with SandboxServer(SandboxState(options), args.port) as server:
        lines = [
            "KLING_API_KEY=sandbox-key",
            "OPENAI_API_KEY=sandbox-key",
            f"OPENAI_BASE_URL={server.url}/v1",
        ]
        if args.env_out is not None:
            args.env_out.write_text("\n".join(lines) + "\n", encoding="utf-8")
        sys.stdout.write(f"Sandbox at {server.url} (video.kling_host). Nothing here costs money. Keys:\n  ")
        sys.stdout.write("\n  ".join(lines) + "\nStop with Ctrl+C.\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
