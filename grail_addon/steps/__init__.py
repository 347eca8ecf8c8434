# SPDX-License-Identifier: GPL-3.0-or-later
"""The seam between pipeline and fronts: effects, events, the Workshop port and its result records."""
