# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests, states and decisions: what is written to disk about items, and read back."""
