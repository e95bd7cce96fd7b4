# SPDX-License-Identifier: GPL-2.0-or-later
"""Where things are."""

import os
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]
REPO = BENCH.parents[1]
LAB = REPO / "tools" / "lab"
CASES = BENCH / "cases"
PEERS = BENCH / "peers.toml"
FLOWGEN = BENCH / "flowgen"
BUILD = REPO / "build" / "bench"
RESULTS = BUILD / "results.jsonl"
HEADER = BUILD / "header.json"

sys.path.insert(1, str(LAB))


def show(path):
    """A path as short as it can be said."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
