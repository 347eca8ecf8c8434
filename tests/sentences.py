# SPDX-License-Identifier: GPL-3.0-or-later
"""All sentences that the window may have to show: read from the sources, as templates with {0}, {1}, ... for what is put in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "grail_addon"
ELSEWHERE = (
    "cli/", "drivers/farm/slurm", "drivers/farm/ray", "drivers/farm/run.py", "drivers/farm/crew_size.py", "drivers/window.py", "sandbox/", "report/", "core/terrain/", "core/tables.py", "core/yaml_text.py",
    "core/config/gate_table.py", "core/gate/stage.py", "core/ledger/place.py", "core/ledger/report.py", "core/plan/shards.py",
    "core/mesh_files/", "core/plan/opened.py", "core/plan/items.py", "pipeline/reporting.py", "services/dry_run.py",
)  # fmt: skip
"""Of the command line, other machines and files that this tree ships: no panel shows what they say. What is inside a damaged
file is told in the words of its reader, as a name is."""
SAYS = {"Problem", "problem", "UserError", "InputError", "LedgerError", "BudgetError", "TaskTakenError", "ConflictError",
        "StageLost", "StopStepError", "Misfit", "NotSent", "Says", "wrong", "_wrong"}  # fmt: skip
COLLECTS = {
    "stage/settle/outcome.py": ("_reasons", "COM_NOTES"),
    "core/settle/likelihood.py": ("words",),
    "core/video/verdict.py": (),
    "core/video/request.py": (),
    "core/video/scene_gate.py": (),
    "core/config/check.py": ("_unknown", "_message", "suggest"),
    "core/paths.py": ("path_fault", "folder_fault"),
    "core/plan/assets.py": ("_missing",),
    "pipeline/records/decisions.py": (),
    "services/connection.py": ("_vision_words",),
    "drivers/farm/link.py": ("_ended",),
    "core/errors.py": ("_DISK_WORDS",),
    "services/kling/errors.py": ("_ADVICE",),
    "services/vision.py": ("problem",),
    "core/video/review.py": ("with_review", "_faults"),
}
"""Files that gather sentences, and their functions and tables that hold nothing else."""
NOT_SHOWN = {
    "; looked in", "; looked in {0}", '--data_dir "{0}"', "(starter set)", "of the sandbox", "clip {0},", "segment {0},", "a name",
    "Or pass --skip_step2.", "which was open when it was saved", "the first by name with anything to see", "point belongs", "points belong",
    "The camera is locked on a tripod: no pan, no tilt, no zoom, no shake, no cut. The background does not move.",
    "A shard does not make frames and videos: its machine would stand idle while the service works.", "another id than ours", "not our id",
    "Pass --skip_step4, and make the videos afterwards: --skip_step1 --skip_step2 --skip_step3.", "is there now",
    "was changed since", "is missing", "the recorded ones do not match their hash", "{0} and {1} more",
}  # fmt: skip
"""What is found though no panel shows it: words of a prompt, of the log, of the command line's own flags, half a sentence."""
CONFIG = "core/config/"
"""What its validators raise becomes a problem's message."""

PUT_TOGETHER = {
    "a whole number", "a whole number from {0}", "a whole number from {0} to {1}", "a number", "a number from {0}", "a number from {0} to {1}",
    "a number more than {0}", "a text", "true or false", "one of {0}", "the object", "a path",
}  # fmt: skip
"""Of `core.config.describe`, which makes them of the keys' types and limits; and who a person runs into."""

Scope = Mapping[str, list[ast.expr]]


def templates() -> dict[str, str]:
    """Template -> the file that says it."""
    found = dict.fromkeys(PUT_TOGETHER, "")
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith(ELSEWHERE):
            for template in _of_file(ast.parse(path.read_text(encoding="utf-8")), name):
                found.setdefault(template, name)
    return found


def _of_file(tree: ast.Module, name: str) -> Iterator[str]:
    shared = _assigned(tree.body)
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        scope = {**shared, **_assigned(ast.walk(function))}
        for node in ast.walk(function):
            for said in _said(node, name):
                for parts in _variants(said, scope, ()):
                    yield from _texts(parts)
            for piece in _pieces(node, name, function.name):
                for parts in _variants(piece, scope, ()):
                    yield from _texts(parts)
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        is_table = name in COLLECTS and getattr(node.targets[0], "id", "") in COLLECTS[name]
        texts = (
            [part for part in ast.walk(node.value) if isinstance(part, (ast.Constant, ast.JoinedStr, ast.Name))]
            if is_table
            else []
        )
        calls = [said for part in ast.walk(node.value) for said in _said(part, name)]
        for said in [*texts, *calls]:
            for parts in _variants(said, shared, ()):
                yield from _texts(parts)


def _said(node: ast.AST, name: str) -> list[ast.expr]:
    """Arguments of a call that are sentences."""
    if not isinstance(node, ast.Call):
        return []
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called == "_missing":
        return node.args[:1]
    if called == "_give_up":
        return node.args[1:]
    if called == "Connection":
        return node.args[2:]
    if called in SAYS:
        return [*node.args[:2], *(word.value for word in node.keywords if word.arg in ("message", "fix"))]
    if called == "ValueError" and name.startswith(CONFIG):
        return node.args[:1]
    if called in ("append", "SceneJudgement") and name in COLLECTS:
        return [text for arg in node.args for text in (arg.elts if isinstance(arg, ast.Tuple) else [arg])]
    return []


def _pieces(node: ast.AST, name: str, function: str) -> list[ast.expr]:
    """What is put into a sentence where one of several texts is chosen, and texts that stand in a list or are returned."""
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, (ast.IfExp, ast.BoolOp, ast.Name)):
        return [node.value]
    if name in COLLECTS and function in COLLECTS[name]:
        if isinstance(node, (ast.Tuple, ast.Dict)):
            texts = node.elts if isinstance(node, ast.Tuple) else node.values
            return [text for text in texts if isinstance(text, (ast.Constant, ast.JoinedStr, ast.Name))]
        if isinstance(node, (ast.GeneratorExp, ast.ListComp)):
            return [node.elt]
        if isinstance(node, (ast.Return, ast.AugAssign)) and node.value is not None:
            return [node.value]
    return []


def _assigned(nodes: object) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:  # type: ignore[attr-defined]
        if not isinstance(node, (ast.Assign, ast.AugAssign)):
            continue
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(node.value)
            elif isinstance(target, ast.Tuple):
                for choice in (
                    [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
                ):
                    if isinstance(choice, ast.Tuple):
                        for name, value in zip(target.elts, choice.elts, strict=False):
                            if isinstance(name, ast.Name):
                                found.setdefault(name.id, []).append(value)
    return found


def _variants(node: ast.expr, scope: Scope, seen: tuple[str, ...]) -> list[list[str | None]]:
    """What an expression may be: texts, and None for what is only known when it runs."""
    if isinstance(node, ast.Constant):
        return [[node.value]] if isinstance(node.value, str) else [[None]]
    if isinstance(node, ast.JoinedStr):
        return [[str(part.value) if isinstance(part, ast.Constant) else None for part in node.values]]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _variants(node.left, scope, seen), _variants(node.right, scope, seen)
        return [a + b for a in left for b in right]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "strip":
        return _variants(node.func.value, scope, seen)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "redact":
        return _variants(node.args[0], scope, seen)
    if isinstance(node, ast.IfExp):
        return _variants(node.body, scope, seen) + _variants(node.orelse, scope, seen)
    if isinstance(node, ast.BoolOp):
        return [parts for value in node.values for parts in _variants(value, scope, seen)]
    if isinstance(node, ast.Name) and node.id not in seen:
        return [parts for value in scope.get(node.id, ()) for parts in _variants(value, scope, (*seen, node.id))]
    return [[None]]


def _texts(parts: list[str | None]) -> Iterator[str]:
    count, text = 0, ""
    for part in parts:
        if part is None:
            text, count = f"{text}{{{count}}}", count + 1
        else:
            text += part
    text = re.sub(r"(?<=\.) \{\d+\}$", "", text.strip())  # what follows is a sentence of its own
    if " " in text and sum(letter.isalpha() for letter in re.sub(r"\{\d+\}", "", text)) > 2 and text not in NOT_SHOWN:
        yield text
