# SPDX-License-Identifier: GPL-3.0-or-later
"""The starter person `kid`: a dressed, rigged adult-proportioned figure 1.320 m tall, made from CC0 data.

Geometry is plain numpy (`data` .. `hair`), so it is the same in every Blender; only `materials`, `rig` and `build`
touch bpy. The garments are the body: under the cloth there is nothing.
"""
