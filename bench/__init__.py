# SPDX-License-Identifier: GPL-3.0-or-later
"""Timings of the pipeline, each beside what it is compared with, measured in one run."""
