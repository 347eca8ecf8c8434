# SPDX-License-Identifier: GPL-3.0-or-later
"""The person: import, rig, pose, named parts of the body."""
