# SPDX-License-Identifier: GPL-3.0-or-later
"""A local stand-in for the paid services: speaks their HTTP strictly, makes real but marked videos, costs nothing.

`python -m grail_addon.sandbox` starts it; tests start it in their own process with `SandboxServer`.
Its rules are written down on their own, not read from the client's tables, so that a mistake there shows.
"""
