# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: one page that shows every frame with its verdict, and lets a person decide. Knows nothing of bpy."""
