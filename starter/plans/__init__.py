# SPDX-License-Identifier: GPL-3.0-or-later
"""Floor plans: what stands round the place where something happens. A plan is a mapping of object names to their parts.

All indoor plans share one zone, so that each task's cameras see a furnished room whatever the plan: the zone
-1.8 < x < 3, -4.5 < y < 1.3 is kept free, walls stand at x = LEFT and y = BACK, and the sides of the camera are open.
"""
