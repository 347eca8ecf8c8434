# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured on the stage: surfaces, contacts, regions, facts for the gate."""
