# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders and frames: device, camera, passes, pilot, probe views."""
