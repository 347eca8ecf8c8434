# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditioning frames with exact geometry for human-object-interaction video, and the videos made of them."""

__version__ = "0.1.0"
