# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate: measures a frame, judges it, and says why in words; and what a person decided about it."""
