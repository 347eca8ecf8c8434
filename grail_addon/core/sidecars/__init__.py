# SPDX-License-Identifier: GPL-3.0-or-later
"""The files beside a frame, as GRAIL's output contract describes them, and the proof of them."""
