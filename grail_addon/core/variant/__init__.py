# SPDX-License-Identifier: GPL-3.0-or-later
"""What is random in a variant: camera, light and placement, drawn from named streams."""
