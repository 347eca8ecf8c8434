# SPDX-License-Identifier: GPL-3.0-or-later
"""The room: scene, supports, lights, and where things are placed in it."""
