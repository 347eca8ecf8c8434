# SPDX-License-Identifier: GPL-3.0-or-later
"""Who drains the steps: the blocking driver, the window driver."""
