# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs this checkout with Python, Blender's module, libraries and assets for a machine without network, to run bench.gpu there.

    python tools/gpu_bundle.py OUT [--cubin kernel_sm_90.cubin.zst]

OUT/part.* (each under 60 MiB) and OUT/unpack.sh come out; over there `sh unpack.sh FOLDER [arguments of bench.gpu]` unpacks
and measures. Needs `zstd` and `ldd`, Linux, and the `.venv` and assets of the checkout. A kernel for a card that Blender
brings none for: `ptxas -arch=sm_90 -O3` (of the PyPI wheel nvidia-cuda-nvcc-cu12) on the unpacked kernel_compute_75.ptx.zst,
packed again with zstd; else the driver builds it at first use.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PART_BYTES = 55 * 1024 * 1024
LIBRARIES = (
    "numpy", "numpy.libs", "PIL", "pillow.libs", "pydantic", "pydantic_core", "annotated_types", "typing_extensions.py",
    "typing_inspection", "yaml", "filelock", "rich", "pygments", "markdown_it", "mdurl", "tenacity", "dotenv", "requests",
    "urllib3", "certifi", "idna", "charset_normalizer", "pygal", "importlib_metadata", "lazy_importer", "lazy_importer.py", "zipp", "jinja2", "markupsafe",
)  # fmt: skip
"""What a run without paid steps and reports loads, as far as it is there."""
NOT_OF_BLENDER = (
    "datafiles/locale", "datafiles/fonts", "datafiles/studiolights/matcap", "datafiles/icons", "datafiles/assets",
    "scripts/addons_core/io_*", "scripts/addons_core/rigify", "scripts/addons_core/cycles/lib/kernel_gfx*",
    "scripts/addons_core/cycles/lib/kernel_rt_gfx*", "scripts/addons_core/cycles/lib/*oneapi*",
    "scripts/addons_core/cycles/source", "scripts/startup/bl_app_templates_system",
)  # fmt: skip
"""Below `bpy/VERSION`. The pictures of studiolights/world stay: without them frames are darker, silently."""
OF_GLIBC = re.compile(r"/(ld-linux[^/]*|lib(c|m|dl|rt|pthread|resolv|util|nsl|anl|mvec|BrokenLocale|thread_db))\.so")
OF_THE_DRIVER = re.compile(r"/lib(cuda|nvidia|nvoptix)[^/]*\.so")

UNPACK = """\
#!/bin/sh
# sh unpack.sh FOLDER [arguments of bench.gpu]: unpacks beside the parts' copy and measures; figures in FOLDER/figures
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1; shift
mkdir -p "$folder"; folder=$(cd "$folder" && pwd)
cat "$here"/part.* | "$here/zstd" -dc | tar -xf - -C "$folder"
export PYTHONHOME="$folder/python" PYTHONPATH="$folder/tree:$folder/libraries" HOME="$folder"
export LD_LIBRARY_PATH="$folder/system:${LD_LIBRARY_PATH:-}"
cd "$folder/tree"
exec "$folder/python/bin/python3.11" -m bench.gpu "$folder/figures" "$@"
"""


def copy(source: Path, target: Path, *without: str) -> None:
    """A file, or a folder less what matches and compiled files; links become what they point to."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", *without), dirs_exist_ok=True)
    else:
        shutil.copy(source, target)


def python(target: Path) -> None:
    """The interpreter with its standard library."""
    home, name = Path(sys.base_prefix), f"python{sys.version_info.major}.{sys.version_info.minor}"
    copy(home / "bin" / name, target / "bin" / name)
    copy(
        home / "lib" / name, target / "lib" / name, "test", "tests", "site-packages", "idlelib", "tkinter", "ensurepip"
    )
    (target / "lib" / name / "site-packages").mkdir()
    for library in (home / "lib").glob("libpython3.*.so*"):
        copy(library, target / "lib" / library.name)


def libraries(target: Path, cubin: Path | None) -> None:
    """Blender's module and what a run imports."""
    import numpy

    site = Path(numpy.__file__).resolve().parents[1]
    for name in LIBRARIES:
        if (site / name).exists():
            copy(site / name, target / name, "tests")
    copy(site / "bpy", target / "bpy")
    (series,) = (p for p in (target / "bpy").iterdir() if re.fullmatch(r"\d\.\d+", p.name))
    for pattern in NOT_OF_BLENDER:
        for path in series.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    kernels = series / "scripts" / "addons_core" / "cycles" / "lib"
    if cubin is not None:
        copy(cubin, kernels / cubin.name)


def needed(files: Iterable[Path], own: Path) -> Iterator[Path]:
    """Libraries of the system that the files load, without those of glibc and of the driver."""
    seen: set[str] = set()
    for file in files:
        said = subprocess.run(["ldd", str(file)], capture_output=True, text=True, check=False).stdout
        for path in re.findall(r"=> (/\S+)", said):
            if path in seen or path.startswith(str(own)) or OF_GLIBC.search(path) or OF_THE_DRIVER.search(path):
                continue
            seen.add(path)
            yield Path(path)


def tree(target: Path) -> None:
    """The files of this checkout that git knows, and the assets."""
    known = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, known.split("\0")):
        if not name.startswith(("tests/", "docs/")):
            copy(ROOT / name, target / name)
    copy((ROOT / "assets").resolve(), target / "assets")


def pack(folder: Path, out: Path) -> list[Path]:
    """The folder as parts in `out`."""
    archive = out / "all.tar.zst"
    command = f"tar -cf - -C '{folder}' . | zstd -q -T0 -3 -o '{archive}' -f"
    subprocess.run(["sh", "-c", command], check=True)
    parts = []
    with archive.open("rb") as source:
        while data := source.read(PART_BYTES):
            parts.append(out / f"part.{len(parts):02d}")
            parts[-1].write_bytes(data)
    archive.unlink()
    return parts


def main() -> None:
    """Build the bundle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--cubin", type=Path, help="a kernel to put beside Blender's own")
    asked = parser.parse_args()
    out = asked.out.resolve()
    folder = out / "bundle"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    python(folder / "python")
    libraries(folder / "libraries", asked.cubin)
    tree(folder / "tree")
    compiled = [p for p in folder.rglob("*.so*") if p.is_file()]
    for library in needed([*compiled, Path(sys.executable).resolve()], folder):
        copy(library, folder / "system" / library.name)
    zstd = shutil.which("zstd")
    if zstd is None:
        raise SystemExit("zstd is not there; install it and run this again.")
    parts = pack(folder, out)
    copy(Path(zstd), out / "zstd")
    (out / "unpack.sh").write_text(UNPACK, encoding="utf-8")
    size = sum(part.stat().st_size for part in parts) // 2**20
    print(f"{len(parts)} parts, {size} MiB in {out}; run there: sh unpack.sh FOLDER")


if __name__ == "__main__":
    main()
