# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands outside: house fronts, hedges, trees, street furniture."""
