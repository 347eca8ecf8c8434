# SPDX-License-Identifier: GPL-3.0-or-later
"""How an object rests: settings, supports, results, and the statics that judge a pose."""
