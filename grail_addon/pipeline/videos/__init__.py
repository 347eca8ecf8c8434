# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 4 of a run: prompts and clips of the frames that may be sent."""
