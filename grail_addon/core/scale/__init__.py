# SPDX-License-Identifier: GPL-3.0-or-later
"""The scale probe's search, and how large things of a category usually are."""
