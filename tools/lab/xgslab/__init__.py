# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab: build a kernel's root in memory, boot it, run one command in it."""
