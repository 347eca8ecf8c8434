# SPDX-License-Identifier: GPL-3.0-or-later
"""A robot from a MuJoCo XML file (MJCF): its tree of bodies, its shapes, and where both are in a joint state.

Sources: MuJoCo's XML reference and the chapter "Computation" of its documentation. Needs no MuJoCo.
"""
