# SPDX-License-Identifier: GPL-3.0-or-later
"""What mesh files say of themselves, read without Blender: which further files they name, and whether they are whole."""
