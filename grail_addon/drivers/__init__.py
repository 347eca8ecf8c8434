# SPDX-License-Identifier: GPL-3.0-or-later
"""Who drains the steps and answers their effects: `blocking` at once, `window` in small slices from a timer."""
