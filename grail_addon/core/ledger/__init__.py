# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of paid tasks: one SQLite file, safe for several processes and any crash."""
