# SPDX-License-Identifier: GPL-2.0-or-later
"""Where things are: the repository, its build folder, the user's cache."""

import os
from pathlib import Path

LAB = Path(__file__).resolve().parents[1]
REPO = LAB.parents[1]
BUILD = REPO / "build"


def cache():
    if "XGS_CACHE" in os.environ:
        return Path(os.environ["XGS_CACHE"]).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).absolute() / "xgs"
