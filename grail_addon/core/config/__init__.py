# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed configuration: YAML files and the command line become one validated `RunConfig`.

Start at `load.load` (argv -> `Request`) and `resolve.resolve` (request, category -> `ResolvedObject`).
"""
