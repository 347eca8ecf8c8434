# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged USD that only another process may read first: binary layers that are cut, whose unit is none, and packed archives."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from grail_addon.core.errors import UserError  # noqa: E402
from grail_addon.core.mesh_files import usd_binary  # noqa: E402
from tests.stage import import_samples as samples  # noqa: E402
from tests.stage.import_samples import import_object  # noqa: E402
from tests.stage.test_import_damaged import needs_usd, usda  # noqa: E402

pytestmark = [pytest.mark.bpy, pytest.mark.usefixtures("empty_file")]


def crate_with(data: bytes, name: str, number: float) -> bytes:
    """Binary USD with another value of a number of the layer, as a double outside the value words."""
    contents = struct.unpack_from("<q", data, 16)[0]
    for section in range(struct.unpack_from("<Q", data, contents)[0]):
        at = contents + 8 + 32 * section
        if data[at : at + 6] == b"FIELDS":
            break
    (start,) = struct.unpack_from("<q", data, at + 16)
    count, packed = struct.unpack_from("<QQ", data, start)
    words = usd_binary.binary_words(data)
    tokens = usd_binary._integers(usd_binary._unpacked(data[start + 16 : start + 16 + packed]), count)
    (length,) = struct.unpack_from("<Q", data, start + 16 + packed)
    values = usd_binary._unpacked(data[start + 24 + packed : start + 24 + packed + length])
    changed = np.frombuffer(values, "<u8").copy()
    changed[tokens == words.index(name)] = 9 << 48 | len(data)
    literals = len(changed.tobytes())
    run = bytes([0xF0]) + b"\xff" * ((literals - 15) // 255) + bytes([(literals - 15) % 255]) + changed.tobytes()
    section_data = data[start : start + 16 + packed] + struct.pack("<Q", len(run) + 1) + b"\0" + run
    new = bytearray(data + struct.pack("<d", number))
    struct.pack_into("<qq", new, at + 16, len(new), len(section_data))
    return bytes(new) + section_data


@needs_usd
def test_binary_usd_is_read_by_another_process_first(tmp_path: Path) -> None:
    samples.add_tetra("t")
    path = samples.export(tmp_path / "a.usdc")
    samples.fresh()
    assert len(import_object(path, bpy.context.scene.collection).mesh.faces) == 4
    for cut in (40, 200, len(path.read_bytes()) - 60):
        broken = tmp_path / f"cut{cut}.usdc"
        broken.write_bytes(path.read_bytes()[:cut])
        with pytest.raises(UserError, match=r"cannot be read as USD: \w"):
            import_object(broken, samples.fresh())


@needs_usd
def test_a_reading_process_that_dies_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grail_addon.stage.importers import trial

    samples.add_tetra("t")
    path = samples.export(tmp_path / "a.usdc")
    child = tmp_path / "child.py"
    monkeypatch.setattr(trial, "CHILD", child)
    child.write_text("import os\nos.abort()\n")
    with pytest.raises(UserError, match="reading it ended the reading process"):
        import_object(path, samples.fresh())
    child.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(trial, "SECONDS", 0.5)
    with pytest.raises(UserError, match="reading it does not end"):
        import_object(path, samples.fresh())


@needs_usd
@pytest.mark.parametrize("unit", [-1.0, 0.0, np.nan, np.inf])
@pytest.mark.parametrize("suffix", [".usdc", ".usdz", ".usd"])
def test_units_of_binary_usd(tmp_path: Path, suffix: str, unit: float) -> None:
    samples.add_tetra("t")
    whole = samples.export(tmp_path / "a.usdc").read_bytes()
    assert usd_binary.number_of(whole, "metersPerUnit") == 1.0
    layer, path = crate_with(whole, "metersPerUnit", unit), tmp_path / f"b{suffix}"
    path.write_bytes(layer)
    if suffix == ".usdz":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("b.usdc", layer)
    with pytest.raises(UserError, match=f"its metersPerUnit is {unit:g}"):
        import_object(path, samples.fresh())
    (tmp_path / "c.usdc").write_bytes(crate_with(whole, "metersPerUnit", 0.5))
    assert usd_binary.number_of((tmp_path / "c.usdc").read_bytes(), "metersPerUnit") == 0.5
    assert len(import_object(tmp_path / "c.usdc", samples.fresh()).mesh.faces) == 4, (
        "OpenUSD reads what was changed, too"
    )


@needs_usd
def test_a_packed_archive_is_refused_and_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.usdz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.usda", usda().decode() + "#" * 50_000_000)
    with pytest.raises(UserError, match=r"it is a compressed archive, and USD archives are not \(a.usda\)"):
        import_object(path, samples.fresh())
