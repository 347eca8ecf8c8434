# SPDX-License-Identifier: GPL-3.0-or-later
"""Stairs, kerbs and slopes made to measure: drawn from named streams, within the ranges of building codes."""
