# SPDX-License-Identifier: GPL-3.0-or-later
"""Drivers run the steps and answer their effects: `blocking` at once, `window` in small slices from a timer."""
