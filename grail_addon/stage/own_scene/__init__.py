# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene of the user's own, written as scene, object and character files that a run reads. The open file stays as it is."""
