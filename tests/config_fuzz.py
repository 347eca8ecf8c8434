# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd configurations and command lines, each made from a seed: `python -m tests.config_fuzz [CASES] [FIRST_SEED]`.

Every case has to end in exit code 0 or 2 within `LIMIT_S`, say what is wrong in lines that begin with `error: ` and hold
no control character, and write nothing.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from grail_addon.cli import main as cli
from grail_addon.cli.flags import FLAGS
from grail_addon.core.config.describe import nested
from grail_addon.core.config.run import RunConfig
from tests.plan_project import OBJECTS, PIPELINE, make_project
from tests.ui.speed import lateness

LIMIT_S = 2.0
"""On an idle machine; more where `lateness` says that this one is busy or slow."""
HANG_S = 60.0
PIPELINE_FILE, OBJECTS_FILE = "configs/gen_2dhoi/run.yaml", "configs/gen_2dhoi/things.yaml"

LONG = "x" * 300
ODD_TEXTS = (
    "", " ", ".", "..", "/", "//", "~", "~nouser", "~nouser/a", "a\0b", "a\nb", "\x1b[31mred", "\u202eabc", "\ud800", LONG, LONG * 20, "a/" * 2500,
    "yes", "null", "true", "--", "-", "--dry_run", "=", "a=b=c", "{}", "[", "]", "{a: 1", "- a", "!!python/object:os.system x", "!x 1", "&a [*a]",
    "*a", "<<: 1", "%YAML 9.9", "1e999", "-1e308", "1e308", "1e-320", ".nan", ".inf", "-.inf", "9" * 5000, "0x" + "f" * 5000, "0b1", "0o9", "1_000", "010",
    "2001-01-01", "2001-02-30", "2001-01-01T25:00:00Z", "[1, 2", "[1, 2]", "1,2", "5,1", "0,0", "99999999,1", "[" * 300, "[" * 300 + "]" * 300, "{a: " * 60 + "1" + "}" * 60,
    "data", "data/Things/mug/model.obj", "data/Things/mug/model.obj/below", "configs", "/dev/null", "/dev/null/x", "/proc/self/mem", "/var/../etc/passwd", "nul", "con",
    "mug", "mug,mug", "mug,", ",", "kid", "stage", "http://", "https://x y", "\u00e4\u00f6\u00fc", "\U0001f600", "\u2028", "'", '"', "\\", "a\\b", "C:\\x", "#", "a #b", ": ", "a: b", "?", "? a\n: b", "---\na\n---\nb", "...", "\t", "\ufeff",
)  # fmt: skip
ODD_VALUES = (
    None, True, False, 0, -1, 1, 2**63, -(2**63), 2**70, 10**400, 0.0, -0.0, 0.1, 1e308, -1e308, 1e-300, 1e300, float("inf"), float("nan"), 90, -90, 361,
    [], [[]], [0], [0, 0], [1, 2, 3], [1e300] * 3, [1e308, -1e308, 0], [3, 2, 1], [0, 0, 0, 0], ["a"], [None], [[1, 2], [3, 4]], list(range(1000)), [float("nan")] * 3,
    {}, {"a": 1}, {"": 1}, {"a": {"b": {}}}, {"\x1b[2J": 1}, {"a\nb": {"c\td": []}}, {LONG: LONG}, {"fail_below": 90}, {"fail_below": 1, "warn_below": 0}, {"fail_above": None},
)  # fmt: skip
ODD_LINES = (
    "%YAML 9.9\n---\na: 1\n", "%TAG ! tag:x,2000:\n---\n", "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
    "".join(f"k{i}: &k{i} [{', '.join([f'*k{i - 1}'] * 9) if i else 'x, x'}]\n" for i in range(12)), "? [a, b]\n: 1\n", "? {a: 1}\n: 1\n", "1: 2\n", "null: 1\n", "true: 1\n", "a: !!binary AAAA\n", "a: !!set {b}\n", "a: !!python/name:os.system\n",
    "a: " + "[" * 400 + "]" * 400 + "\n", "a:\n" + "".join(" " * i + "- \n" for i in range(1, 300)), "character: kid\ncharacter: kid\n", "\tcharacter: kid\n", "a: 'open\n", "a: |2\n x\n", "a: *nothing\n", "<<: *x\n", "- a\n- b\n", "just text\n", "\x00", "\x07: 1\n",
    "\"\\x1b[31m\": 1\n", "\"a\\nb\": 1\n", "\"\\0\": 1\n", f"{LONG * 10}: 1\n", "seed: " + "9" * 5000 + "\n", "a: 1e" + "9" * 50 + "\n", "a: 2001-99-99\n", "&x a: *x\n", "a: &a {b: *a}\n", "a: &a [*a]\n", "---\na: 1\n---\nb: 2\n", "...\n", "\u2028", "\ufeff",
)  # fmt: skip


@dataclass
class Case:
    """Texts of the two files (None: the file is a folder; bytes: written as they are), arguments, what was done."""

    pipeline: bytes
    objects: bytes
    argv: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)


def key_paths(model: type[BaseModel], prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """All key paths of a model, names of scenes, objects and statics filled in."""
    names = {"scenes": "stage", "objects": "mug", "static_objects": "board", "tasks": "sitting"}
    for name, info in model.model_fields.items():
        yield (*prefix, name)
        kind, inner = nested(info.annotation)
        if inner is not None:
            yield from key_paths(inner, (*prefix, name, names[name]) if kind == "map" else (*prefix, name))


KEYS = sorted(set(key_paths(RunConfig)))
SECTIONS = {top: [path for path in KEYS if path[0] == top] for top, *_ in KEYS}


def _odd(rng: random.Random) -> Any:
    return rng.choice(ODD_VALUES) if rng.random() < 0.6 else rng.choice(ODD_TEXTS)


def _as_yaml(value: Any) -> str:
    text = json.dumps(value, allow_nan=True, default=str)
    return text.replace("NaN", ".nan").replace("-Infinity", "-.inf").replace("Infinity", ".inf")


def _block(path: Sequence[str], value: str) -> str:
    """A pipeline file that sets one key; merged by hand, as a key may stand once."""
    lines = [f"{'  ' * depth}{json.dumps(name)}:" for depth, name in enumerate(path)]
    lines[-1] += f" {value}"
    return "\n".join(lines) + "\n"


def _set_key(case: Case, rng: random.Random) -> None:
    path, value = rng.choice(SECTIONS[rng.choice([*SECTIONS, "scenes", "objects"])]), _odd(rng)
    if path[0] == "gate" and len(path) > 3 and rng.random() < 0.5:
        path = path[:2]
    if rng.random() < 0.5:
        case.argv += ["--set", f"{'.'.join(path)}={_as_yaml(value) if rng.random() < 0.7 else value}"]
        return
    top = path[0]
    kept = [part for part in PIPELINE.split("\n") if not part.startswith(f"{top}:")]
    if top in ("scenes",):
        kept = kept[: [p.startswith("scenes") for p in PIPELINE.split("\n")].index(True)]
    case.pipeline = ("\n".join(kept) + "\n" + _block(path, _as_yaml(value))).encode("utf-8", "surrogatepass")


def _odd_flag(case: Case, rng: random.Random) -> None:
    flag = rng.choice(FLAGS)
    text = rng.choice(ODD_TEXTS)
    if flag.name == "set":
        text = f"{rng.choice(ODD_TEXTS)}={rng.choice(ODD_TEXTS)}"
    if flag.kind == "switch":
        case.argv += [f"--{flag.name}"] + ([text] if rng.random() < 0.3 else [])
    else:
        case.argv += [f"--{flag.name}={text}"] if rng.random() < 0.5 else [f"--{flag.name}", text]


def _odd_word(case: Case, rng: random.Random) -> None:
    case.argv.insert(
        rng.randrange(len(case.argv) + 1), rng.choice((*ODD_TEXTS, "--unknown", "--set", "-x", "--Config"))
    )


def _odd_line(case: Case, rng: random.Random) -> None:
    line = rng.choice(ODD_LINES).encode()
    case.pipeline = rng.choice((line + case.pipeline, case.pipeline + line, line))


def _spoil_bytes(case: Case, rng: random.Random) -> None:
    data = bytearray(case.pipeline if rng.random() < 0.6 else case.objects)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data) or 1)
        if rng.random() < 0.4:
            del data[at : at + rng.randint(1, 20)]
        else:
            data[at:at] = rng.choice(
                (
                    b"{",
                    b"}",
                    b"[",
                    b":",
                    b"\n",
                    b"  ",
                    b"\x00",
                    b"\xff",
                    b"&a ",
                    b"*a",
                    b"!!x ",
                    b"- ",
                    b"#",
                    b"'",
                    b'"',
                    b"\t",
                )
            )
    if rng.random() < 0.6:
        case.pipeline = bytes(data)
    else:
        case.objects = bytes(data)


def _odd_object(case: Case, rng: random.Random) -> None:
    name, keys = (
        rng.choice((*ODD_TEXTS, "mug", "bowl")),
        rng.choice([p[2:] for p in KEYS if p[0] == "objects" and len(p) > 2]),
    )
    case.objects = (OBJECTS if rng.random() < 0.5 else "dataset: Things\nobjects:\n").encode()
    entry = f"  {json.dumps(name)}: {{{json.dumps(keys[0])}: {_as_yaml(_odd(rng))}}}\n"
    case.objects += entry.encode("utf-8", "surrogatepass")


STEPS = (_set_key, _set_key, _set_key, _odd_flag, _odd_flag, _odd_word, _odd_line, _spoil_bytes, _odd_object)


def make_case(seed: int) -> Case:
    """The case of a seed."""
    rng = random.Random(seed)
    case = Case(PIPELINE.encode(), OBJECTS.encode())
    for step in rng.choices(STEPS, k=rng.choice((1, 1, 1, 2, 3))):
        step(case, rng)
        case.steps.append(step.__name__)
    stop = rng.choice(("--dry_run", "--dry_run", "--print_config", "--estimate"))
    case.argv = ["--config", "run", *case.argv] if rng.random() < 0.9 else case.argv
    case.argv.insert(0, stop)
    return case


def _snapshot(folder: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*")}


def faults_of(case: Case, folder: Path, tries: int = 3) -> list[str]:
    """What is wrong with how the command line took the case; `folder`: a project, the working directory. tries: as other
    programs only make it slower, the fastest of so many counts."""
    (folder / PIPELINE_FILE).write_bytes(case.pipeline)
    (folder / OBJECTS_FILE).write_bytes(case.objects)
    before, out, err = _snapshot(folder), io.StringIO(), io.StringIO()
    start = time.monotonic()
    code: Any = None
    signal.setitimer(signal.ITIMER_REAL, HANG_S)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.main(case.argv, folder)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        code = f"{type(error).__name__}: {error}"[:200]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    seconds = time.monotonic() - start
    found = [] if code in (0, 2) else [f"ended with {code}"]
    lines = err.getvalue().splitlines()
    if code == 2:
        found += [
            f"an odd line: {line[:200]!r}"
            for line in err.getvalue().split("\n")[:-1]
            if not line.startswith(("error: ", "Nothing was done"))
        ]
        found += [] if lines else ["says nothing"]
    found += [f"not printable: {line[:200]!r}" for line in lines if not line.isprintable()]
    found += ["wrote something"] if _snapshot(folder) != before else []
    if not found and seconds > LIMIT_S and seconds > LIMIT_S * lateness():
        return faults_of(case, folder, tries - 1) if tries > 1 else [f"took {seconds:.1f} s"]
    return found


@contextlib.contextmanager
def fuzz_project(folder: Path) -> Iterator[Path]:
    """A project in `folder` that is the working directory meanwhile."""
    make_project(folder)
    back = Path.cwd()
    os.chdir(folder)

    def stop(*_: object) -> None:
        raise TimeoutError("too slow")

    before = signal.signal(signal.SIGALRM, stop)
    try:
        yield folder
    finally:
        signal.signal(signal.SIGALRM, before)
        os.chdir(back)


def main(cases: int, first: int) -> int:
    """Try the cases `first` ... `first + cases - 1`; prints what failed and how long the slowest took."""
    kinds: Counter[str] = Counter()
    failed = 0
    with tempfile.TemporaryDirectory() as name, fuzz_project(Path(name)) as folder:
        for seed in range(first, first + cases):
            case = make_case(seed)
            faults = faults_of(case, folder)
            if faults:
                failed += 1
                kinds[faults[0][:70]] += 1
                print(f"seed {seed}: {'; '.join(faults)} ({', '.join(case.steps)}) {str(case.argv)[:300]}", flush=True)
    print(f"{cases} cases, {failed} failed")
    for kind, count in kinds.most_common():
        print(f"{count:6}  {kind}")
    return 1 if failed else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(numbers + [2000, 0][len(numbers) :])))
