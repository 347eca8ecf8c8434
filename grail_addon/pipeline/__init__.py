# SPDX-License-Identifier: GPL-3.0-or-later
"""What drives a plan: session, run, records on disk, probes, videos. No Blender is imported here."""
