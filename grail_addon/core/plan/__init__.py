# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request will make, item by item, with fingerprints; and where its assets lie."""
