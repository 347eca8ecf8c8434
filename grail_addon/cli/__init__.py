# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line front: argv, tables on a terminal, Ctrl-C."""
