# SPDX-License-Identifier: GPL-3.0-or-later
"""One request done by several worker processes: a dealer deals units of work, engines place the workers."""
