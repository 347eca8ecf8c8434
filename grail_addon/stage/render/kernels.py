# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether Cycles' kernels for an NVIDIA card come with Blender, or its driver has to build them at first use.

A card runs the kernel of its own architecture alone, or one that its driver builds from portable code: seconds to minutes
in which nothing else happens. The driver keeps what it built.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Collection
from pathlib import Path

_MAJOR, _MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*, CUDA Driver API


def architectures() -> tuple[str, ...]:
    """Architectures of the NVIDIA cards that this process may use, such as `sm_90`; none without their driver."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return ()
    count = ctypes.c_int()
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
        return ()
    found = []
    for index in range(count.value):
        device, numbers = ctypes.c_int(), [ctypes.c_int(), ctypes.c_int()]
        if driver.cuDeviceGet(ctypes.byref(device), index):
            continue
        for number, what in zip(numbers, (_MAJOR, _MINOR), strict=True):
            driver.cuDeviceGetAttribute(ctypes.byref(number), what, device)
        found.append(f"sm_{numbers[0].value}{numbers[1].value}")
    return tuple(dict.fromkeys(found))


def note_on_kernels(cards: Collection[str], library: Path | None) -> str:
    """A sentence for the log where the driver has to build kernels for one of the cards, else empty.

    cards: their architectures; library: Cycles' folder of kernels, None where it is not known.
    """
    if library is None or not library.is_dir():
        return ""
    without = sorted(card for card in cards if not any(library.glob(f"kernel_{card}.cubin*")))
    if not without:
        return ""
    return (
        f"Blender brings no kernel for this card ({', '.join(without)}): the driver builds its kernels at first use. This takes "
        "seconds to minutes and happens once."
    )
