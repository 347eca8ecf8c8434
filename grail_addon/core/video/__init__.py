# SPDX-License-Identifier: GPL-3.0-or-later
"""Image-to-video requests: models, prices, prompts, and the verdict on a clip."""
