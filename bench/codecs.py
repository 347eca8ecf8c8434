# SPDX-License-Identifier: GPL-3.0-or-later
"""What a depth map costs to write and to read back, and how large it is, by how it is packed.

    python -m bench.codecs RESULTS

RESULTS: a results folder; of its 32-bit depth maps the first one counts. Processor milliseconds, the least of five.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
from PIL import Image

from grail_addon.core.png import grey_png
from grail_addon.core.sidecars import exr
from grail_addon.core.sidecars.write import read_depth_png

Row = tuple[str, Callable[[], bytes], Callable[[Path], object]]


def least(work: Callable[[], object]) -> float:
    """Milliseconds of the quickest of five."""
    found = []
    for _ in range(5):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return 1000.0 * min(found)


def rows(depth: exr.Channel) -> list[Row]:
    """Name, what packs and what reads."""
    millimetres = np.rint(np.clip(depth.astype(np.float64) * 1000.0, 0, 65535)).astype(np.uint16)

    def pillow(level: int) -> bytes:
        data = io.BytesIO()
        Image.fromarray(millimetres).save(data, "PNG", compress_level=level)
        return data.getvalue()

    def deflated(level: int) -> bytes:
        with mock.patch.object(exr, "_deflated", lambda split, _: zlib.compress(split.tobytes(), level)):
            return exr.exr_bytes({"Z": depth})

    ours: list[Row] = [("PNG, ours", lambda: grey_png(millimetres), read_depth_png)]
    ours += [(f"PNG, Pillow, level {n}", lambda n=n: pillow(n), read_depth_png) for n in (6, 4, 1)]  # type: ignore[misc]
    ours += [("EXR, ours", lambda: exr.exr_bytes({"Z": depth}), exr.read_exr)]
    return ours + [(f"EXR, level {n}", lambda n=n: deflated(n), exr.read_exr) for n in (4, 1, 0)]  # type: ignore[misc]


def main() -> None:
    """Print the table."""
    found = sorted(Path(sys.argv[1]).rglob("depth_maps/**/*.exr"))
    if not found:
        raise SystemExit(f"There is no depth map in {sys.argv[1]}.")
    depth = exr.read_exr(found[0])["Z"]
    print("| packed as | write, ms | read, ms | kB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, pack, read in rows(depth):
            path = Path(folder) / "depth"
            path.write_bytes(pack())
            size = path.stat().st_size / 1000.0
            print(f"| {name} | {least(pack):.1f} | {least(lambda read=read, path=path: read(path)):.1f} | {size:.0f} |")


if __name__ == "__main__":
    main()
